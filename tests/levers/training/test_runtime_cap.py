"""T4: cap of the running time."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.levers.lever import STATES
from simulator.levers.training.runtime_cap import RuntimeCap
from simulator.usage.tables import Usage
from tests.accounts import account_with

MONTH = 730 / 720
HOUR = 3600


def usage_of(*jobs: dict[str, Any]) -> Usage:
    return account_with(training_jobs=jobs).usage


def job(hours: float, status: str = "Failed", **more: Any) -> dict[str, Any]:
    return {"status": status, "training_seconds": hours * HOUR} | more


def test_hours_beyond_the_cap_of_jobs_without_a_model_are_saved() -> None:
    usage = usage_of(job(40), job(30, "Stopped"), job(10))
    after = RuntimeCap(cap_hours=24.0).apply(usage).training
    assert after.billable_hours == pytest.approx([24 * MONTH, 24 * MONTH, 10 * MONTH])


def test_a_failed_spot_job_is_cut_in_proportion_to_its_running_time() -> None:
    usage = usage_of(job(40, spot_enabled=True, billable_seconds=10 * HOUR))
    after = RuntimeCap(cap_hours=20.0).apply(usage).training
    assert after.spot_hours == pytest.approx([5 * MONTH])


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        (job(40, "Completed"), "not_applicable", "kill this good run"),
        (job(10), "not_applicable", "no longer than 24 hours"),
        (job(40, tuning_job="hpo"), "not_applicable", "early stopping"),
        (job(40, "InProgress"), "not_applicable", "Still runs"),
        ({"status": "Failed", "billable_seconds": 40 * HOUR}, "unknown", "running time is unknown"),
        (job(40), "applies", "without a model"),
    ],
)
def test_verdict(row: dict[str, Any], state: str, words: str) -> None:
    found = RuntimeCap().verdicts(usage_of(row))
    assert STATES[int(found.state[0])] == state
    assert words in found.sentence(0)


def test_the_cap_comes_from_twenty_completed_jobs() -> None:
    jobs = [job(float(h), "Completed") for h in range(1, 22)]
    # 99 % quantile of 1 … 21 hours, linear: 1 + 0.99 × 20 = 20.8 → 21 whole hours.
    assert RuntimeCap.history(usage_of(*jobs))["cap_hours"][0] == 21.0
    assert RuntimeCap.history(usage_of(*jobs[:19])) == {}


def test_evidence_fails_when_the_cap_would_have_killed_a_completed_job() -> None:
    enough, harmless = RuntimeCap(cap_hours=5.0).evidence(usage_of(job(6, "Completed"), job(8)))
    assert not enough.holds.any()
    assert not harmless.holds.any()


def test_more_than_28_days_is_refused() -> None:
    with pytest.raises(ValueError, match=r"runtime_cap.cap_hours: expected 0.25 to 672 hours"):
        RuntimeCap.create({"cap_hours": 673})
