"""Months: growth, start, ramp, one-off costs, cash and worth; expected values by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from simulator import Account, Result, project, simulate
from simulator.analysis.projection import payment_usd, worth
from simulator.engine.planning import Planning
from simulator.engine.scenario import Scenario, everything
from simulator.plans.settlement import Plan
from tests.accounts import account_with, prices, traffic

FREE_WORK = Planning(engineering_usd_per_hour=0.0)


def idle_endpoint() -> Account:
    """One ml.g5.2xlarge nobody calls: 1.515 x 730 = 1,105.95 a month."""
    return account_with(endpoints=[{"endpoint_name": "idle"}], endpoint_traffic=traffic("idle", [0] * 720))


def stopping(planning: Planning = FREE_WORK, **more: object) -> Result:
    scenario = replace(everything().only(["stop_idle_endpoints"]), planning=planning, **more)  # type: ignore[arg-type]
    return simulate(idle_endpoint(), scenario, prices())


def test_lever_works_from_its_start_month_on() -> None:
    months = project(stopping(start_months={"stop_idle_endpoints": 3}), 4)
    assert [round(m.scenario_usd, 2) for m in months] == [1105.95, 1105.95, 0.0, 0.0]
    assert months[-1].cumulative_saving_usd == pytest.approx(2 * 1105.95)


def test_ramp_rises_evenly_to_full_effect() -> None:
    months = project(
        stopping(start_months={"stop_idle_endpoints": 1}, ramp_months={"stop_idle_endpoints": 3}), 5
    )
    assert [round(m.scenario_usd / 1105.95, 4) for m in months] == [0.75, 0.5, 0.25, 0.0, 0.0]


def test_growth_compounds_monthly_from_the_second_month() -> None:
    grown = Scenario(planning=Planning(traffic_growth=0.21))
    months = project(simulate(idle_endpoint(), grown, prices()), 13)
    assert months[0].baseline_usd == pytest.approx(1105.95)
    assert months[6].baseline_usd == pytest.approx(1105.95 * 1.1)
    assert months[12].baseline_usd == pytest.approx(1105.95 * 1.21)


def test_work_is_paid_in_the_month_a_lever_starts() -> None:
    result = stopping(Planning(engineering_usd_per_hour=100.0), start_months={"stop_idle_endpoints": 2})
    months = project(result, 3)
    hours = result.scenario.levers[0].effort_hours
    assert [m.once_usd for m in months] == [0.0, hours * 100.0, 0.0]


def test_calendar_months_have_their_own_hours() -> None:
    months = project(simulate(idle_endpoint(), Scenario(), prices()), 3, first=date(2027, 1, 1))
    assert [round(m.baseline_usd, 2) for m in months] == [round(1.515 * h, 2) for h in (744, 672, 744)]


def test_payback_and_present_value_by_hand() -> None:
    result = stopping(Planning(engineering_usd_per_hour=1000.0, interest_ratio=0.1))
    months = project(result, 3)
    cost = result.scenario.levers[0].effort_hours * 1000.0
    value = worth(months, 0.1)
    flows = [1105.95 - cost, 1105.95, 1105.95]
    assert value.once_usd == pytest.approx(cost)
    assert value.net_present_value_usd == pytest.approx(
        sum(f / 1.1 ** (m / 12) for m, f in enumerate(flows, 1))
    )
    assert value.payback_month == 2
    never = worth(months[:1], 0.1)
    assert never.payback_month is None


def test_a_plan_is_paid_as_its_offer_says_for_its_term() -> None:
    whole = 2.0 * 8760
    for offer, first, later in (
        ("1y_no_upfront", whole / 12, whole / 12),
        ("1y_partial_upfront", whole / 2 + whole / 24, whole / 24),
        ("1y_all_upfront", whole, 0.0),
    ):
        plan = Plan("p", 2.0, 0.3, offer)
        assert payment_usd(plan, 0) == pytest.approx(first)
        assert payment_usd(plan, 5) == pytest.approx(later)
        assert payment_usd(plan, 12) == 0.0
        assert sum(payment_usd(plan, m) for m in range(12)) == pytest.approx(whole)


def test_cash_and_amortized_agree_over_the_term() -> None:
    steady = account_with(
        endpoints=[{"endpoint_name": "busy", "instance_count": 4}],
        endpoint_traffic=traffic("busy", [100] * 720),
    )
    plan = everything().only(["savings_plan"]).levers[0]
    chosen = type(plan).create({"term_years": 1, "payment": "all_upfront"})
    scenario = Scenario((chosen,), start_months={"savings_plan": 1}, planning=FREE_WORK)
    months = project(simulate(steady, scenario, prices()), 12)
    assert sum(m.scenario_cash_usd for m in months) == pytest.approx(
        sum(m.scenario_usd for m in months), rel=1e-6
    )
    assert months[0].scenario_cash_usd > 10 * months[1].scenario_cash_usd


def test_more_than_sixty_months_are_refused() -> None:
    with pytest.raises(ValueError, match="months"):
        project(simulate(idle_endpoint(), Scenario(), prices()), 61)
