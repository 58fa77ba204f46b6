"""T5: early stopping of tuning trials."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.levers.lever import STATES
from simulator.levers.training.early_stopping import EarlyStopping
from simulator.usage.tables import Usage
from tests.accounts import account_with

MONTH = 730 / 720
HOUR = 3600


def usage_of(*jobs: dict[str, Any]) -> Usage:
    return account_with(training_jobs=jobs).usage


def trial(tuning_job: str = "hpo", hours: float = 1.0, status: str = "Completed") -> dict[str, Any]:
    return {"tuning_job": tuning_job, "training_seconds": hours * HOUR, "status": status}


def test_trials_lose_the_stopped_share_and_the_trials_left_out() -> None:
    usage = usage_of(trial(), {"training_seconds": HOUR})
    after = EarlyStopping(stopped_ratio=0.2, fewer_trials_ratio=0.25).apply(usage).training
    assert after.billable_hours == pytest.approx([0.8 * 0.75 * MONTH, MONTH])


def test_without_a_tuning_job_it_saves_nothing() -> None:
    usage = usage_of({"training_seconds": HOUR}, {"training_seconds": HOUR, "status": "Failed"})
    verdicts = EarlyStopping().verdicts(usage)
    assert verdicts.counts() == {"applies": 0, "not_applicable": 2, "unknown": 0}
    assert EarlyStopping().apply(usage).training.billable_hours == pytest.approx([MONTH, MONTH])


def test_hyperband_stops_trials_itself() -> None:
    verdicts = EarlyStopping.create({"strategy": "hyperband"}).verdicts(usage_of(trial()))
    assert STATES[int(verdicts.state[0])] == "not_applicable"
    assert "must be Off" in verdicts.sentence(0)


def test_a_tuning_job_that_stopped_trials_has_the_lever_already() -> None:
    usage = usage_of(trial("old", 2.0), trial("old", 0.5, "Stopped"), trial("new", 2.0))
    verdicts = EarlyStopping().verdicts(usage)
    assert verdicts.applies.tolist() == [False, False, True]
    assert "already stopped trials" in verdicts.sentence(0)


def test_failed_trials_are_left_to_failed_jobs() -> None:
    verdicts = EarlyStopping().verdicts(usage_of(trial(status="Failed")))
    assert verdicts.sentence(0) == "Did not run to its end."


def test_own_stopped_trials_tell_the_share() -> None:
    # Mean completed trial 2 h; three stopped after 1 h saved 3 h of the 5 × 2 h = 10 h all would have taken.
    usage = usage_of(trial(hours=2), trial(hours=2), *[trial(hours=1, status="Stopped")] * 3)
    value, sentence = EarlyStopping.history(usage)["stopped_ratio"]
    assert value == pytest.approx(0.3)
    assert sentence.startswith("3 of")


def test_two_stopped_trials_tell_nothing() -> None:
    usage = usage_of(trial(hours=2), *[trial(hours=1, status="Stopped")] * 2)
    assert EarlyStopping.history(usage) == {}
    assert not EarlyStopping().evidence(usage)[0].holds.any()


def test_twenty_trials_of_ten_minutes_cost_three_hours_and_twenty_minutes() -> None:
    """Oracle sm-hpo-20x10min: × $0.23 = $0.77."""
    usage = account_with(training_jobs=[trial(hours=1 / 6)] * 20).window_usage
    assert usage.training.billable_hours.sum() * 0.23 == pytest.approx(0.77, abs=0.005)
