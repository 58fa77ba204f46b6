"""T7: consolidate jobs."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.levers.lever import STATES
from simulator.levers.training.consolidate_jobs import ConsolidateJobs
from simulator.usage.tables import Usage
from tests.accounts import account_with

MONTH = 730 / 720
PHASES = {"training_seconds": 600, "download_seconds": 100, "upload_seconds": 20}
JOB = {"owner": "ads", "instance_count": 2} | PHASES


def usage_of(*jobs: dict[str, Any]) -> Usage:
    return account_with(training_jobs=[{"job_name": f"ctr-daily-{i}"} | j for i, j in enumerate(jobs)]).usage


def test_nine_like_jobs_become_three_and_six_downloads_and_uploads_go() -> None:
    usage = usage_of(*[JOB] * 9)
    after = ConsolidateJobs(jobs_per_run=4, mergeable_ratio=1.0).apply(usage).training
    saved_hours = usage.training.billable_hours.sum() - after.billable_hours.sum()
    # (9 − ⌈9/4⌉) × 120 s × 2 instances = 6 × 240 s = 0.4 h.
    assert saved_hours == pytest.approx(0.4 * MONTH)


def test_only_the_mergeable_share_is_saved() -> None:
    # Two jobs become one: half the starts go, 30 % mergeable; 120 s of 600 s: 1 − 0.2 × 0.5 × 0.3.
    after = ConsolidateJobs(jobs_per_run=2, mergeable_ratio=0.3).apply(usage_of(JOB, JOB)).training
    assert after.billable_hours == pytest.approx([600 * 2 / 3600 * MONTH * 0.97] * 2)


def test_one_job_per_run_changes_nothing() -> None:
    after = ConsolidateJobs(jobs_per_run=1).apply(usage_of(JOB, JOB)).training
    assert after.billable_hours == pytest.approx([600 * 2 / 3600 * MONTH] * 2)


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({"owner": ""}, "unknown", "owner is unknown"),
        ({"owner": "search"}, "not_applicable", "No other completed job"),
        ({"instance_type": "ml.g5.xlarge"}, "not_applicable", "No other completed job"),
        ({"job_name": "ranking-7"}, "not_applicable", "No other completed job"),
        ({"tuning_job": "hpo"}, "not_applicable", "trial of a tuning job"),
        ({"status": "Failed"}, "not_applicable", "Did not complete"),
        ({"upload_seconds": None}, "unknown", "download and upload times"),
        ({}, "applies", "One of several like jobs"),
    ],
)
def test_verdict(change: dict[str, Any], state: str, words: str) -> None:
    found = ConsolidateJobs().verdicts(usage_of(JOB | change, JOB, JOB))
    assert STATES[int(found.state[0])] == state
    assert words in found.sentence(0)
