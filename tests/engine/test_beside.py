"""A scenario worked out beside another, taking over what both have in common, is the same as one worked out alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, PriceBook, load_sample, simulate
from simulator.demand import from_dict
from simulator.engine.acting import beside
from simulator.engine.calendar import calendar_of
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result
from simulator.levers import all_levers
from simulator.levers.commitments.savings_plan import SavingsPlan
from tests.accounts import prices

LEVERS = sorted(all_levers())
SIZES = st.sampled_from([0.3, 1.0])
PLANNED = tuple(
    from_dict({"workload": kind, "name": kind, "start": start})
    for kind, start in (
        ("bedrock_application", "2027-01-01"),
        ("training_programme", "2027-02-15"),
        ("realtime_endpoint", "2027-03-01"),
        ("knowledge_base", "2027-04-01"),
    )
)
"""What only Bedrock, only training and only endpoints know, and Bedrock again."""
SOME = st.sets(st.sampled_from(LEVERS), max_size=len(LEVERS))


@cache
def account() -> Account:
    return Account.open(load_sample("team"))


@cache
def book() -> PriceBook:
    return prices()


def scenario(ids: set[str], kept: bool, assume: set[str], plan_size: float = 1.0) -> Scenario:
    name = str(account().usage.training.resource_id[0])
    levers = tuple(
        SavingsPlan(size_ratio=plan_size) if i == SavingsPlan.id else all_levers()[i]() for i in sorted(ids)
    )
    return Scenario(levers, keep=frozenset([name] if kept else []), assume=frozenset(assume & ids))


def same(one: Result, other: Result) -> None:
    assert one.scenario == other.scenario
    for a, b in ((one.outcome, other.outcome), (one.baseline, other.baseline)):
        assert abs(a.total_usd - b.total_usd) < 1e-6
        assert len(a.charges.blocks) == len(b.charges.blocks)
        for x, y in zip(a.charges.blocks, b.charges.blocks, strict=True):
            assert (x.table, x.meter) == (y.table, y.meter)
            np.testing.assert_allclose(x.cost_usd, y.cost_usd, rtol=1e-9, atol=1e-9)
        assert len(a.settlement.allocations) == len(b.settlement.allocations)
        for p, q in zip(a.settlement.allocations, b.settlement.allocations, strict=True):
            assert p.plan.plan_id == q.plan.plan_id
            np.testing.assert_allclose(p.used_usd, q.used_usd, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(one.prepared.endpoints.mode_choice, other.prepared.endpoints.mode_choice)
    assert [s.lever for s in one.steps] == [s.lever for s in other.steps]


@settings(max_examples=25, deadline=None)
@given(SOME, SOME, st.booleans(), st.booleans(), SOME, SIZES, SIZES)
def test_a_scenario_beside_another_is_the_same_as_alone(
    first: set[str],
    then: set[str],
    kept: bool,
    kept_then: bool,
    assume: set[str],
    size: float,
    size_then: float,
) -> None:
    known = simulate(account(), scenario(first, kept, set(), size), book())
    wanted = scenario(then, kept_then, assume, size_then)
    same(beside(known, wanted), simulate(account(), wanted, book()))


@settings(max_examples=15, deadline=None)
@given(SOME, st.data())
def test_a_chain_of_switches_does_not_drift(first: set[str], data: st.DataObject) -> None:
    ids = set(first)
    result = simulate(account(), scenario(ids, False, set()), book())
    for _ in range(4):
        ids ^= {data.draw(st.sampled_from(LEVERS))}
        result = beside(result, scenario(ids, False, set()))
    same(result, simulate(account(), scenario(ids, False, set()), book()))


@settings(max_examples=6, deadline=None)
@given(SOME, SIZES)
def test_a_day_beside_the_days_before_it_is_the_same_as_alone(ids: set[str], size: float) -> None:
    wanted = replace(scenario(ids, False, set(), size), workloads=PLANNED)
    through = calendar_of(simulate(account(), wanted, book()))
    for workload in PLANNED:
        alone = Account.open(account().snapshot).planned(PLANNED).on(workload.start)
        same(through.result_on(workload.start), simulate(alone, wanted, book()))
