"""T3: failed training jobs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.levers.lever import STATES
from simulator.levers.training.failed_jobs import FailedJobs
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.usage.tables import Usage
from tests.accounts import account_with

MONTH = 730 / 720


def usage_of(*jobs: dict[str, Any]) -> Usage:
    return account_with(training_jobs=jobs).usage


def failed(reason: str = "", **more: Any) -> dict[str, Any]:
    return {"status": "Failed", "training_seconds": 3600, "failure_reason": reason} | more


@pytest.mark.parametrize(
    ("reason", "left_hours"),
    [
        ("AlgorithmError: ExecuteUserScriptError: exit code 1", 0.4),
        ("ClientError: Data download failed", 0.4),
        ("CapacityError: Unable to provision requested ML compute capacity", 0.7),
        ("InternalServerError: We encountered an internal error. Please try again.", 1.0),
        ("", 0.4),
        ("MaxWaitTimeExceeded", 0.4),
    ],
)
def test_each_class_of_failure_keeps_what_cannot_be_prevented(reason: str, left_hours: float) -> None:
    after = FailedJobs().apply(usage_of(failed(reason))).training
    assert after.billable_hours == pytest.approx([left_hours * MONTH])


def test_eight_failed_of_nine_jobs_of_the_seed_report() -> None:
    jobs = [failed(training_seconds=468, instance_type="ml.g5.12xlarge")] * 8
    usage = usage_of(*jobs, {"training_seconds": 468, "instance_type": "ml.g5.12xlarge"})
    after = FailedJobs().apply(usage).training
    # 8 × 0.13 h × 40 % + 0.13 h = 0.546 h of 1.17 h.
    assert after.billable_hours.sum() == pytest.approx(0.546 * MONTH)


def test_completed_and_stopped_jobs_are_left_alone() -> None:
    usage = usage_of({"training_seconds": 3600}, {"training_seconds": 3600, "status": "Stopped"})
    assert FailedJobs().verdicts(usage).counts()["not_applicable"] == 2


def test_a_failure_that_was_never_billed_saves_nothing() -> None:
    usage = usage_of(failed(training_seconds=0))
    verdicts = FailedJobs().verdicts(usage)
    assert verdicts.sentence(0) == "Failed before anything was billed."


def test_unknown_billed_time_is_a_question_not_a_zero() -> None:
    usage = usage_of(failed(training_seconds=None))
    assert STATES[int(FailedJobs().verdicts(usage).state[0])] == "unknown"
    assert np.isnan(FailedJobs().apply(usage).training.billable_hours).all()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("AlgorithmError: x", "a retry only repeats it"),
        ("InternalServerError: x", "RetryStrategy (1 to 30 attempts)"),
        ("CapacityError: x", "another type or region"),
        ("ClientError: x", "before it starts"),
        ("", "read FailureReason"),
    ],
)
def test_the_sentence_tells_the_cure(reason: str, words: str) -> None:
    assert words in FailedJobs().verdicts(usage_of(failed(reason))).sentence(0)


def test_prevented_hours_are_not_discounted_again_by_spot() -> None:
    usage = usage_of(failed("AlgorithmError: x"))
    both = ManagedSpot().apply(FailedJobs().apply(usage)).training
    spot = ManagedSpot().apply(usage).training
    assert both.spot_hours == pytest.approx(0.4 * spot.spot_hours)
    assert both.billable_hours == pytest.approx([0.0])


def test_failed_spot_jobs_lose_hours_that_were_billed_on_spot() -> None:
    usage = usage_of(failed("AlgorithmError: x", spot_enabled=True, billable_seconds=1800))
    assert FailedJobs().apply(usage).training.spot_hours == pytest.approx([0.5 * 0.4 * MONTH])


def test_volume_of_a_failed_job_shrinks_with_its_hours() -> None:
    usage = usage_of(failed("AlgorithmError: x", volume_gb=100, instance_type="ml.p3.2xlarge"))
    # 100 GB × 1 h / 730 h × 40 % left.
    assert FailedJobs().apply(usage).training.volume_gb_month == pytest.approx([100 / 730 * MONTH * 0.4])
