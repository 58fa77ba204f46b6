"""A month worked out beside others under the same prices is the same as one worked out alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, PriceBook, load_sample
from simulator.engine.state import State, state
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.plans.settlement import Plan
from simulator.usage.tables import TABLES, Table, Usage
from tests.accounts import prices

SOME = st.sets(st.sampled_from(tuple(TABLES)), min_size=1)
PLANS = st.sampled_from([(), (Plan("held", 1.0, 0.2, "1y_no_upfront", existing=True),)])
NEW = st.sampled_from([None, SavingsPlan(size_ratio=0.3), SavingsPlan(size_ratio=1.0)])


@cache
def usage() -> Usage:
    return Account.open(load_sample("team")).usage


@cache
def book() -> PriceBook:
    return prices()


def quiet(names: set[str]) -> Usage:
    """The team's usage with only these tables in use, the same objects each time."""
    return usage().with_tables(**{t: nothing(t) for t in TABLES if t not in names})


@cache
def nothing(name: str) -> Table:
    table = usage().table(name)
    return replace(table, **{m.name: getattr(table, m.name) * 0.0 for m, _ in table.meters()})


def figures(month: State) -> list[object]:
    blocks = [(b.table, b.meter.name, float(b.total_usd)) for b in month.charges.blocks]
    covered = [
        (a.plan, float(a.used_usd.sum()), float(a.covered_usd.sum())) for a in month.settlement.allocations
    ]
    return [month.total_usd, month.charges.unused_commitment_usd, blocks, covered]


@settings(max_examples=200)
@given(SOME, SOME, PLANS, PLANS, NEW, NEW)
def test_what_is_taken_over_changes_no_figure(
    then: set[str],
    now: set[str],
    plans_then: tuple[Plan, ...],
    plans_now: tuple[Plan, ...],
    new_then: SavingsPlan | None,
    new_now: SavingsPlan | None,
) -> None:
    before = state(quiet(then), book(), plans_then, new_plan=new_then)
    beside = state(quiet(now), book(), plans_now, new_plan=new_now, known=[before])
    assert figures(beside) == figures(state(quiet(now), book(), plans_now, new_plan=new_now))


def test_plans_are_settled_once_where_all_they_may_cover_is_the_same() -> None:
    plans = (Plan("held", 1.0, 0.2, "1y_no_upfront", existing=True),)
    before = state(usage(), book(), plans)
    after = state(quiet(set(TABLES) - {"bedrock"}), book(), plans, known=[before])
    assert after.settlement is before.settlement
    assert before.total_usd - after.total_usd == pytest.approx(before.listed.total_usd(table="bedrock"))
