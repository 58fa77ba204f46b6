"""Savings with dates: each table adds up to the projection to the cent; fiscal years; ranges."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings

from simulator import Scenario, preset, project, simulate
from simulator.engine.simulate import Result
from simulator.reports.dated import BY, dated_tables, fiscal_year
from tests.engine.test_invariants import account, book, samples, scenarios


def adds_up(result: Result, months: int) -> None:
    rows = project(result, months)
    before, after = (round(sum(getattr(m, n) for m in rows), 2) for n in ("baseline_usd", "scenario_usd"))
    tables = dated_tables(result, months)
    for what in BY:
        for per in ("month", "year"):
            table = tables[f"savings_by_{what}_and_{per}"]
            assert round(table["saving_usd"].sum(), 2) == pytest.approx(before - after, abs=0.001)
            if what != "lever":
                assert round(table["baseline_usd"].sum(), 2) == pytest.approx(before, abs=0.001)
                assert round(table["scenario_usd"].sum(), 2) == pytest.approx(after, abs=0.001)
        monthly = tables[f"savings_by_{what}_and_month"].groupby("month")["saving_usd"].sum()
        for m in rows:
            if what != "lever" or result.scenario.levers:
                cells = max(len(tables[f"savings_by_{what}_and_month"]), 1)
                assert monthly[m.month] == pytest.approx(m.baseline_usd - m.scenario_usd, abs=0.01 * cells)


@settings(max_examples=10, deadline=None)
@given(samples, scenarios(most=4))
def test_every_dated_table_adds_up_to_the_projection_to_the_cent(name: str, scenario: Scenario) -> None:
    adds_up(simulate(account(name), scenario, book()), 14)


@pytest.mark.parametrize("name", ["balanced", "report_plan"])
def test_presets_with_ramps_and_a_plan_that_ends_add_up(name: str) -> None:
    adds_up(simulate(account("team"), preset(name), book()), 30)


def test_a_lever_saves_nothing_before_its_start_month() -> None:
    scenario = Scenario.from_dict(
        {"levers": {"stop_idle_endpoints": {}}, "start_months": {"stop_idle_endpoints": 4}}
    )
    table = dated_tables(simulate(account("team"), scenario, book()), 6)["savings_by_lever_and_month"]
    saved = table.set_index("month")["saving_usd"]
    assert (saved[:3] == 0).all()
    assert saved[6] > 0


def test_the_fiscal_year_is_named_after_the_year_it_ends_in() -> None:
    assert fiscal_year(date(2026, 12, 1)) == 2026
    assert fiscal_year(date(2026, 12, 1), 7) == 2027
    assert fiscal_year(date(2026, 6, 1), 7) == 2026
    with pytest.raises(ValueError, match="1 to 12"):
        fiscal_year(date(2026, 6, 1), 13)


def test_ranges_are_ordered_and_levers_have_one_of_their_own() -> None:
    result = simulate(account("team"), preset("balanced"), book())
    tables = dated_tables(result, 3, draws=200)
    for what, side in (("lever", "saving"), ("owner", "scenario"), ("component", "scenario")):
        table = tables[f"savings_by_{what}_and_month"]
        assert (table[f"{side}_p10_usd"] <= table[f"{side}_p50_usd"] + 0.01).all()
        assert (table[f"{side}_p50_usd"] <= table[f"{side}_p90_usd"] + 0.01).all()
        assert (table[f"{side}_p10_usd"] < table[f"{side}_p90_usd"] - 1).any()
