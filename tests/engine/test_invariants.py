"""rules.md#combining-levers: what holds for every mix of levers."""

from __future__ import annotations

import functools
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, PriceBook, Scenario, attribute, load_sample, project, simulate
from simulator.analysis.attribution import waterfall
from simulator.engine.calendar import calendar_of
from simulator.engine.state import state
from simulator.levers import all_levers
from simulator.levers.lever import Lever
from simulator.reports.tables import lever_table, rounded_to_total, savings_table
from tests.accounts import prices


@functools.cache
def account(name: str) -> Account:
    return Account.open(load_sample(name))


@functools.cache
def book() -> PriceBook:
    return prices()


@st.composite
def settings_of(draw: st.DrawFn, kind: type[Lever]) -> Lever:
    values: dict[str, Any] = {}
    for name, p in kind.params().items():
        if p.choices:
            values[name] = draw(st.sampled_from(p.choices))
        elif p.integer:
            values[name] = draw(st.integers(int(p.minimum), int(p.maximum)))
        else:
            values[name] = draw(st.floats(p.minimum, p.maximum))
    return kind.create(values)


@st.composite
def scenarios(draw: st.DrawFn, most: int = 6) -> Scenario:
    kinds = draw(
        st.lists(st.sampled_from(list(all_levers().values())), max_size=most, unique_by=lambda x: x.id)
    )
    return Scenario(tuple(draw(settings_of(kind)) for kind in kinds))


samples = st.sampled_from(["team", "report"])


@pytest.mark.parametrize("name", ["team", "report"])
def test_every_lever_off_is_the_baseline_to_the_cent(name: str) -> None:
    result = simulate(account(name), Scenario(), book())
    assert result.outcome.total_usd == result.baseline.total_usd
    assert result.saving_usd == 0


@settings(max_examples=40)
@given(samples, scenarios())
def test_no_charge_is_ever_negative(name: str, scenario: Scenario) -> None:
    result = simulate(account(name), scenario, book())
    for block in result.outcome.charges.blocks:
        assert not (block.known_usd < -1e-9).any(), block.meter.name
    assert result.outcome.charges.unused_commitment_usd >= -1e-9


@settings(max_examples=25)
@given(samples, scenarios(), st.randoms())
def test_the_order_on_the_screen_never_matters(name: str, scenario: Scenario, random: Any) -> None:
    shuffled = list(scenario.levers)
    random.shuffle(shuffled)
    one = simulate(account(name), scenario, book()).outcome.total_usd
    other = simulate(account(name), Scenario(tuple(shuffled)), book()).outcome.total_usd
    assert one == other


@settings(max_examples=15)
@given(samples, scenarios(most=4))
def test_attributed_savings_add_up_to_the_total_to_the_cent(name: str, scenario: Scenario) -> None:
    result = simulate(account(name), scenario, book())
    total = sum(c.attributed_usd for c in attribute(result))
    assert total == pytest.approx(result.saving_usd, abs=0.005)
    assert sum(usd for _, usd in waterfall(result)) == pytest.approx(result.saving_usd, abs=0.005)
    if scenario.levers:
        shown = lever_table(result)["saving_attributed_usd"].sum()
        assert round(shown, 2) == round(savings_table(result)["saving_usd"].iloc[-1], 2)


@settings(max_examples=15)
@given(samples, scenarios(most=4))
def test_months_end_where_the_levers_at_full_effect_meet_the_plans_then_in_force(
    name: str, scenario: Scenario
) -> None:
    result = simulate(account(name), scenario, book())
    months = project(result, 12)
    dated, day = calendar_of(result), date.fromisoformat(months[-1].month_start)
    full = state(dated.result_on(day).outcome.usage, result.book, dated.plans_on(day, new=True))
    assert months[-1].scenario_usd == pytest.approx(full.total_usd)
    assert months[-1].cumulative_saving_usd == pytest.approx(
        sum(m.baseline_usd - m.scenario_usd - m.once_usd for m in months)
    )


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_rounded_parts_add_up_to_the_rounded_total(values: list[float]) -> None:
    rounded = rounded_to_total(values, sum(values))
    assert round(sum(rounded), 2) == pytest.approx(round(sum(values), 2), abs=0.001)
    assert all(abs(a - b) <= 0.0101 for a, b in zip(rounded, values, strict=True))


def test_alone_is_what_the_lever_saves_with_nothing_else_on() -> None:
    team = account("team")
    kinds = [x() for x in all_levers().values()][:6]
    result = simulate(team, Scenario(tuple(kinds)), book())
    for credit in attribute(result):
        alone = simulate(team, result.scenario.only([credit.lever_id]), book())
        assert credit.alone_usd == pytest.approx(alone.saving_usd, abs=0.005)
    assert np.isfinite(result.saving_usd)
