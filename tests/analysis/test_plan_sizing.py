"""Sizing Savings Plans: by hand, against brute force, and history against residual."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Result, simulate
from simulator.analysis.answer import answer
from simulator.analysis.plan_sizing import (
    assumed,
    commitment_for_coverage,
    commitment_for_utilization,
    curve,
    history_against_residual,
    measure,
    offers,
    open_groups,
    sized,
    worst_month,
)
from simulator.engine.planning import Planning
from simulator.engine.scenario import everything
from simulator.plans.settlement import best_commitment, best_commitments
from tests.accounts import account_with, prices, sample_account, traffic

HALVES = np.array([10.0] * 12 + [2.0] * 12)


@pytest.fixture(scope="module")
def result() -> Result:
    scenario = everything().only(["stop_idle_endpoints", "managed_spot", "savings_plan"])
    return simulate(sample_account("team"), scenario, prices())


def test_two_level_day_worked_by_hand() -> None:
    # U is 7.0 and 1.4 dollars an hour at plan rates; committing 1.4 covers 2.0 on demand in every hour
    plan = sized(HALVES, "1y_no_upfront", 0.3, 1.4)
    assert plan.net_saving_usd == pytest.approx((2.0 - 1.4) * 730)
    assert plan.utilization_ratio == pytest.approx(1.0)
    assert plan.coverage_ratio == pytest.approx(2.0 / 6.0)
    full = sized(HALVES, "1y_no_upfront", 0.3, 7.0)
    assert full.utilization_ratio == pytest.approx((7.0 + 1.4) / 2 / 7.0)
    assert full.net_saving_usd == pytest.approx((6.0 - 7.0) * 730)


def test_regret_when_usage_falls_by_half() -> None:
    # 5 and 1 dollars on demand remain; a commitment of 1.4 uses 1.4 and 0.7
    plan = sized(HALVES, "1y_no_upfront", 0.3, 1.4)
    assert plan.regret_usd[0.5] == pytest.approx(((2.0 + 1.0) / 2 - 1.4) * 730)


def test_upfront_payment_breaks_even_by_cash() -> None:
    # 10 on demand in every hour, 50 % off, all upfront for a year: pay 5 x 8760, save 10 x 730 a month in cash
    plan = sized(np.full(24, 10.0), "1y_all_upfront", 0.5, 5.0)
    assert plan.upfront_usd == pytest.approx(5 * 8760)
    assert plan.break_even_month == 6


profiles = st.lists(st.floats(0.01, 100), min_size=6, max_size=60)


@given(profiles, st.floats(0.05, 0.64))
def test_best_commitment_of_a_profile_is_never_beaten(usage: list[float], discount: float) -> None:
    hourly = np.array(usage)
    best = float(best_commitments(hourly, discount))
    grid = np.linspace(0, hourly.max(), 500)
    ours = measure(hourly, discount, np.array([best]))[0][0]
    assert ours >= measure(hourly, discount, grid)[0].max() - 1e-6
    assert best == pytest.approx(best_commitment(hourly[None, :], np.array([discount])))


@given(profiles, st.floats(0.05, 0.6), st.floats(0.05, 0.95))
def test_targets_are_reached_and_no_further(usage: list[float], discount: float, target: float) -> None:
    hourly = np.array(usage)
    for coverage in (commitment_for_coverage(hourly, discount, target),):
        assert measure(hourly, discount, np.array([coverage]))[2][0] == pytest.approx(target, abs=1e-6)
    used = commitment_for_utilization(hourly, discount, target)
    assert measure(hourly, discount, np.array([max(used, 1e-12)]))[1][0] >= target - 1e-6


def test_curve_holds_the_best_commitment_at_its_top() -> None:
    points = curve(HALVES, 0.3, points=701)
    top = points["commitment_usd_per_hour"][np.argmax(points["net_saving_usd"])]
    assert top == pytest.approx(1.4, abs=0.01)


def test_impossible_targets_are_refused() -> None:
    with pytest.raises(ValueError, match="ratio"):
        commitment_for_coverage(HALVES, 0.3, 1.5)


def test_sizing_on_what_remains_is_never_worse_than_on_history(result: Result) -> None:
    compared = history_against_residual(result)
    assert compared.difference_usd >= -0.005
    assert compared.on_residual.commitment_usd_per_hour < compared.on_history.commitment_usd_per_hour


def test_a_longer_or_dearer_offer_saves_more_for_the_same_hours(result: Result) -> None:
    saving = {o.offer: o.net_saving_usd for o in offers(result)}
    assert saving["3y_all_upfront"] > saving["1y_all_upfront"] > saving["1y_no_upfront"] > 0


def test_plan_in_the_result_is_the_best_one_of_its_offer(result: Result) -> None:
    new = next(a for a in result.outcome.settlement.allocations if not a.plan.existing)
    best = next(o for o in offers(result) if o.offer == "1y_no_upfront")
    assert new.plan.commitment_usd_per_hour == pytest.approx(best.commitment_usd_per_hour)
    assert new.net_saving_usd == pytest.approx(best.net_saving_usd)


def test_worst_month_is_the_first_with_all_levers_at_work(result: Result) -> None:
    """Levers take usage away as they ramp up: the plan saves least when they are done, as it does at full effect."""
    new = next(a for a in result.outcome.settlement.allocations if not a.plan.existing)
    size = new.plan.commitment_usd_per_hour * 1.3
    early = replace(
        result, scenario=replace(result.scenario, start_months={"savings_plan": 1, "managed_spot": 4})
    )
    levers = [x for x in early.scenario.ordered() if x.table]
    done = next(m for m in range(1, 60) if all(early.scenario.share(x, m) == 1 for x in levers))
    hourly, discounts = open_groups(early, assumed(early, new.plan.offer))
    month, saving = worst_month(early, new.plan.offer, size)
    assert month == done == 4
    assert saving == pytest.approx(sized(hourly, new.plan.offer, discounts, size).net_saving_usd)


def test_falling_traffic_makes_the_last_month_the_worst(result: Result) -> None:
    falling = replace(result.scenario.only(["savings_plan"]), planning=Planning(traffic_growth=-0.5))
    shrinking = simulate(result.account, falling, result.book)
    start = shrinking.scenario.start_month(falling.levers[0])
    assert worst_month(shrinking, "1y_no_upfront", 60.0, months=9)[0] == start + 8


def test_a_plan_that_nothing_uses_has_no_effective_rate_and_one_that_covers_all_has_its_discount() -> None:
    """Two idle ml.g5.2xlarge under 2.00 USD/h at 20 % off: all of the plan is used (2.00 / 0.8 = 2.50 of 3.03 USD/h,
    82.5 %), so 0.825 x 20 % = 16.5 % is saved; once they are stopped, nothing is."""
    account = account_with(
        endpoints=[{"endpoint_name": "e", "instance_count": 2}], endpoint_traffic=traffic("e", [0] * 720),
        commitments=[{"plan_id": "p", "hourly_commitment_usd": 2.0, "start": "2026-06-01T00:00:00Z",
                      "end": "2027-06-01T00:00:00Z", "term_years": 1, "payment": "no_upfront"}],
    )  # fmt: skip
    kept, stopped = (
        answer(simulate(account, everything().only(ids), prices()))["commitments"][0][
            "effective_savings_ratio"
        ]
        for ids in ([], ["stop_idle_endpoints"])
    )
    assert kept == pytest.approx(2.5 / 3.03 * 0.2)
    assert stopped is None
