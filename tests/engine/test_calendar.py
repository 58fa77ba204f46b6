"""Time is dated: plans, prices, launches and starts on their day; every value by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Account, PriceBook, project, simulate
from simulator.engine.calendar import first_month, month_start, parts_of
from simulator.engine.planning import Planning
from simulator.engine.roadmap import starts
from simulator.engine.scenario import Scenario, everything
from simulator.levers import lever
from simulator.pricing.files import OwnText
from simulator.risk.bills import assess
from tests.accounts import PRICES, account_with, prices, traffic

G5 = 1.515  # ml.g5.2xlarge in us-east-1, USD per hour
BUSY: dict[str, Any] = {
    "endpoints": [{"endpoint_name": "busy", "instance_count": 2}],
    "endpoint_traffic": traffic("busy", [100] * 720),
}


def held(end: str, *, payment: str = "no_upfront", start: str = "2026-03-01") -> Account:
    """Two busy ml.g5.2xlarge, and a plan of 2 USD per hour."""
    plan = {
        "plan_id": "p", "hourly_commitment_usd": 2.0, "start": datetime.fromisoformat(start).replace(tzinfo=UTC),
        "end": datetime.fromisoformat(end).replace(tzinfo=UTC), "term_years": 1, "payment": payment,
    }  # fmt: skip
    return account_with(**BUSY, commitments=[plan])


def test_first_month_is_whole_and_lies_after_window_and_prices() -> None:
    assert first_month(date(2026, 10, 31), date(2026, 11, 24)) == date(2026, 12, 1)
    assert first_month(date(2026, 11, 1), date(2026, 10, 1)) == date(2026, 11, 1)


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.lists(st.dates(date(2026, 1, 1), date(2030, 1, 1))))
def test_parts_of_a_month_make_one_month(day: date, changes: list[date]) -> None:
    parts = parts_of(day.replace(day=1), changes)
    assert sum(p.share for p in parts) == pytest.approx(1)
    assert all(p.share > 0 for p in parts)
    inside = {c for c in changes if day.replace(day=1) < c < month_start(day.replace(day=1), 2)}
    assert inside <= {p.day for p in parts}


def test_existing_plan_ends_on_its_day_and_usage_is_on_demand_from_then() -> None:
    # until then 2 USD/h cover 2.50 of 3.03 USD/h at the assumed 20 %: 2 + 0.53 = 2.53; then 3.03 USD/h.
    months = project(simulate(held("2027-01-17"), Scenario(), prices()), 3)
    before, after = (2.0 + 2 * G5 - 2.0 / 0.8) * 730, 2 * G5 * 730
    assert [m.month_start for m in months] == ["2026-12-01", "2027-01-01", "2027-02-01"]
    assert months[0].baseline_usd == pytest.approx(before)
    assert months[1].baseline_usd == pytest.approx(before * 16 / 31 + after * 15 / 31)
    assert months[2].baseline_usd == pytest.approx(after)
    assert months[2].scenario_usd == pytest.approx(after)


def test_plan_that_ends_with_the_last_second_of_a_day_covers_that_day() -> None:
    months = project(simulate(held("2026-12-31T23:59:59"), Scenario(), prices()), 2)
    assert months[0].baseline_usd == pytest.approx((2.0 + 2 * G5 - 2.0 / 0.8) * 730)
    assert months[1].baseline_usd == pytest.approx(2 * G5 * 730)


def test_upfront_paid_long_ago_is_no_cash_today() -> None:
    # all upfront (27 % assumed): only what the plan leaves open is paid, 3.03 - 2 / 0.73 USD/h
    months = project(simulate(held("2027-03-01", payment="all_upfront"), Scenario(), prices()), 1)
    open_usd = (2 * G5 - 2.0 / 0.73) * 730
    assert months[0].baseline_cash_usd == pytest.approx(open_usd)
    assert months[0].baseline_usd == pytest.approx(open_usd + 2.0 * 730)


def test_new_plan_of_one_year_ends_after_twelve_of_thirty_six_months() -> None:
    plan = lever("savings_plan").create({"term_years": 1, "payment": "all_upfront"})
    scenario = Scenario(
        (plan,), start_months={"savings_plan": 1}, planning=Planning(engineering_usd_per_hour=0)
    )
    months = project(simulate(account_with(**BUSY), scenario, prices()), 36)
    demand = 2 * G5 * 730
    assert [round(m.scenario_usd, 2) for m in months] == [round(demand * 0.73, 2)] * 12 + [
        round(demand, 2)
    ] * 24
    assert months[0].scenario_cash_usd == pytest.approx(demand * 0.73 * 12)
    assert months[1].scenario_cash_usd == pytest.approx(0, abs=1e-6)
    assert months[12].scenario_cash_usd == pytest.approx(demand)


def test_price_known_in_advance_applies_from_its_day() -> None:
    own = OwnText(
        "component,item,region,usd,unit,effective_from\n"
        "hosting,ml.g5.2xlarge,us-east-1,2.0,instance_hour,2026-01-01\n"
        "hosting,ml.g5.2xlarge,us-east-1,3.0,instance_hour,2027-01-11\n"
    )
    result = simulate(account_with(**BUSY), Scenario(), PriceBook.load(PRICES, own=own))
    months = project(result, 3)
    assert [m.baseline_usd for m in months] == pytest.approx(
        [4 * 730, 4 * 730 * 10 / 31 + 6 * 730 * 21 / 31, 6 * 730]
    )


def test_endpoint_created_in_the_future_counts_from_its_day() -> None:
    # two ml.g5.12xlarge at 7.09 USD per hour: 10,351.40 in each full month from the launch, 0 before
    new = {
        "endpoint_name": "chatbot", "instance_type": "ml.g5.12xlarge", "instance_count": 2,
        "created_at": datetime(2027, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    with_new = account_with(endpoints=[*BUSY["endpoints"], new], endpoint_traffic=BUSY["endpoint_traffic"])
    result = simulate(with_new, Scenario(), prices())
    now = 2 * G5 * 730
    assert result.baseline.total_usd == pytest.approx(now)
    assert [m.baseline_usd for m in project(result, 3)] == pytest.approx(
        [now, now + 10351.40, now + 10351.40]
    )
    drawn = assess(result, 3, draws=10).months
    assert drawn.p50_usd == pytest.approx([now, now + 10351.40, now + 10351.40])


def test_levers_start_as_the_team_finishes_them() -> None:
    # phase 1 work first: with 4 hours a month a lever of 4 hours starts in month 1, the next one a month later
    ids = ["stop_idle_endpoints", "savings_plan"]
    account = account_with(
        endpoints=[{"endpoint_name": "idle"}, *BUSY["endpoints"]],
        endpoint_traffic=[*traffic("idle", [0] * 720), *BUSY["endpoint_traffic"]],
    )
    scenario = replace(everything().only(ids), planning=Planning(team_hours_per_month=1.0))
    result = simulate(account, scenario, prices())
    stop, plan = (result.scenario.setting(i) for i in ids)
    assert stop is not None
    assert plan is not None
    assert starts(result)["stop_idle_endpoints"] == stop.effort_hours
    assert starts(result)["savings_plan"] == stop.effort_hours + plan.effort_hours
    months = project(result, 3)
    assert months[0].scenario_usd == pytest.approx(months[0].baseline_usd)


def test_stated_start_months_stand() -> None:
    scenario = replace(
        everything().only(["stop_idle_endpoints"]),
        start_months={"stop_idle_endpoints": 5}, planning=Planning(team_hours_per_month=1.0),
    )  # fmt: skip
    account = account_with(endpoints=[{"endpoint_name": "i"}], endpoint_traffic=traffic("i", [0] * 720))
    assert starts(simulate(account, scenario, prices())) == {"stop_idle_endpoints": 5}
