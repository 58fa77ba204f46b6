"""T6: warm pools are a cost."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from simulator import Scenario, preset, simulate
from simulator.levers.lever import STATES
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.levers.training.warm_pools import WarmPools
from simulator.usage.tables import Usage
from tests.accounts import account_with, prices

MONTH = 730 / 720
HOUR = 3600


def usage_of(*jobs: dict[str, Any]) -> Usage:
    return account_with(training_jobs=jobs).usage


def test_a_warm_pool_costs_more_than_none() -> None:
    account = account_with(training_jobs=[{"training_seconds": 10 * HOUR}])
    result = simulate(account, Scenario((WarmPools(),)), prices())
    # 10 h × 5 % = 0.5 h retained at ml.g5.2xlarge's training price, $1.515 in us-east-1, a month of 730 h.
    assert result.saving_usd == pytest.approx(-0.5 * 1.515 * MONTH)


def test_retained_time_is_at_most_six_hours_per_job_and_instance() -> None:
    usage = usage_of({"training_seconds": 100 * HOUR, "instance_count": 2})
    after = WarmPools(retained_ratio=0.3).apply(usage).training
    assert after.warm_pool_hours == pytest.approx([12 * MONTH])


def test_a_resized_job_keeps_instances_of_the_smaller_type() -> None:
    usage = usage_of({"training_seconds": 10 * HOUR})
    t = usage.training
    resized = dataclasses.replace(t, resized_hours=t.billable_hours, billable_hours=0 * t.billable_hours)
    after = WarmPools().apply(dataclasses.replace(usage, training=resized)).training
    assert after.resized_warm_pool_hours == pytest.approx([0.5 * MONTH])
    assert after.warm_pool_hours == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"training_seconds": HOUR, "warm_pool_enabled": True}, "Already keeps"),
        ({"training_seconds": HOUR, "billable_seconds": 600, "spot_enabled": True}, "cannot be combined"),
        ({"training_seconds": HOUR, "status": "Failed"}, "Did not complete"),
    ],
)
def test_refusals(row: dict[str, Any], words: str) -> None:
    found = WarmPools().verdicts(usage_of(row))
    assert STATES[int(found.state[0])] == "not_applicable"
    assert words in found.sentence(0)


def test_a_job_this_plan_moves_to_spot_gets_no_warm_pool() -> None:
    usage = ManagedSpot().apply(usage_of({"training_seconds": 600}))
    found = WarmPools().verdicts(usage)
    assert found.sentence(0) == "Runs on spot, which cannot be combined with a warm pool."


def test_spot_and_warm_pools_exclude_each_other() -> None:
    assert "warm_pools" in ManagedSpot.excludes
    assert "managed_spot" in WarmPools.excludes


@pytest.mark.parametrize("name", ["no_regret", "report_plan"])
def test_no_plan_has_warm_pools_by_default(name: str) -> None:
    assert preset(name).setting("warm_pools") is None


def test_own_pools_tell_the_retained_share() -> None:
    pool = {"training_seconds": 1000, "warm_pool_seconds": 200, "warm_pool_enabled": True}
    assert WarmPools.history(usage_of(*[pool] * 3))["retained_ratio"][0] == pytest.approx(0.2)
    assert WarmPools.history(usage_of(*[pool] * 2)) == {}
