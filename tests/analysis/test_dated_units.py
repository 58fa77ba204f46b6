"""Unit costs by month and owner: they add up to each month's bill; dates, growth and idleness are respected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Scenario, preset, project, simulate
from simulator.analysis.dated_savings import spread
from simulator.analysis.dated_units import dated_units
from simulator.analysis.unit_costs import CALLS, by_owner, unit_costs
from simulator.demand import from_dict
from simulator.engine.planning import Planning
from simulator.engine.simulate import Result
from tests.accounts import account_with, prices, traffic
from tests.engine.test_invariants import account, book, samples, scenarios


def adds_up(result: Result, months: int) -> None:
    rows = dated_units(result, months)
    for month in project(result, months):
        now = rows[rows["month"] == month.month]
        for side, bill in (("before", month.baseline_usd), ("after", month.scenario_usd)):
            in_units = (now[f"{side}_unit_billed_usd"] * now["volume"]).sum()
            assert in_units + now[f"{side}_outside_usd"].sum() == pytest.approx(bill, abs=0.005)
            assert now[f"{side}_cost_usd"].sum() == pytest.approx(bill, abs=0.005)
            assert np.isfinite(now.loc[now["volume"] > 0, f"{side}_unit_billed_usd"]).all()
            assert now.loc[now["volume"].isna(), f"{side}_unit_billed_usd"].isna().all()


@settings(max_examples=8, deadline=None)
@given(samples, scenarios(most=3), st.floats(-0.3, 1.0))
def test_units_times_volumes_are_the_bill_of_every_month(
    name: str, scenario: Scenario, growth: float
) -> None:
    grows = replace(scenario, planning=Planning(training_growth=growth, traffic_growth=growth))
    adds_up(simulate(account(name), grows, book()), 4)


def test_a_plan_that_ends_and_levers_that_ramp_add_up() -> None:
    adds_up(simulate(account("team"), preset("balanced"), book()), 6)


def test_the_month_without_dates_is_that_of_the_run_rate() -> None:
    result = simulate(account("report"), Scenario(), book())
    first = dated_units(result, 1)
    whole = by_owner(unit_costs(result)).set_index(["owner", "unit"])["before_unit_billed_usd"].dropna()
    mine = first.set_index(["owner", "unit"])["before_unit_billed_usd"].dropna()
    assert mine.sort_index().to_dict() == pytest.approx(whole.sort_index().to_dict())


def test_growth_of_traffic_dilutes_an_instance_only_where_the_bill_does_not_grow_with_it() -> None:
    """Instances grow with traffic here, calls too: the unit cost stays 1,105.95 / 7.3 = 151.50."""
    given_ = account_with(endpoints=[{"endpoint_name": "a"}], endpoint_traffic=traffic("a", [10.0] * 720))
    grows = Scenario(planning=Planning(traffic_growth=1.0))
    rows = dated_units(simulate(given_, grows, prices()), 13)
    calls = rows[rows["unit"] == CALLS].set_index("month")
    assert calls.loc[13, "volume"] == pytest.approx(2 * 7.3)
    assert calls["before_unit_billed_usd"].to_numpy() == pytest.approx(np.full(13, 151.5))


def test_a_planned_endpoint_has_a_unit_cost_from_its_launch() -> None:
    planned = from_dict(
        {
            "workload": "realtime_endpoint",
            "name": "chat",
            "start": "2027-03-16",
            "owner": "web",
            "calls": 1_000_000,
        }
    )
    result = simulate(account("report"), Scenario(workloads=(planned,)), book())
    rows = dated_units(result, 8)
    mine = rows[(rows["owner"] == "web") & (rows["unit"] == CALLS)].set_index("month_start")
    assert mine.index.min() == "2027-03-01"
    volume = mine["volume"].to_dict()
    assert volume["2027-03-01"] == pytest.approx(volume["2027-04-01"] * 16 / 31)
    assert planned.start == date(2027, 3, 16)


def test_the_range_holds_the_figure_and_only_what_levers_move_has_one() -> None:
    result = simulate(account("team"), preset("balanced"), book())
    rows = dated_units(result, 2, spread(result, 100)).dropna(subset=["volume"])
    assert (rows["after_unit_p10_usd"] <= rows["after_unit_billed_usd"] + 1e-9).all()
    assert (rows["after_unit_p90_usd"] >= rows["after_unit_billed_usd"] - 1e-9).all()
    assert (rows["after_unit_p10_usd"] < rows["after_unit_p90_usd"]).any()
    with pytest.raises(ValueError, match="1 to 60"):
        dated_units(result, 0)
