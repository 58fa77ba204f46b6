"""The pipeline: usage → levers → charges → commitments → result, readable top to bottom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.account import Account, keeping
from simulator.engine.applying import apply_lever
from simulator.engine.modes import Modes, weigh_modes
from simulator.engine.modes_under_plans import under_plans
from simulator.engine.scenario import Scenario
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.levers.lever import Lever
from simulator.plans.settlement import (
    Plan,
    Settlement,
    allocated,
    best_commitment,
    eligible_groups,
    eligible_usd_per_hour,
    settle,
)
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import Charges, price_usage
from simulator.snapshot.snapshot import Snapshot
from simulator.units import HOURS_PER_MONTH
from simulator.usage.rows import changed_rows
from simulator.usage.tables import Usage

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Step:
    """One lever applied: the usage it found and the usage it left."""

    lever: Lever
    before: Usage
    after: Usage

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """Rows of the lever's table that it changed."""
        return changed_rows(self.before.table(self.lever.table), self.after.table(self.lever.table))


@dataclass(frozen=True, eq=False)
class State:
    """A month under some levers: usage, charges at effective cost, and how commitments settled."""

    usage: Usage
    charges: Charges
    settlement: Settlement

    @property
    def total_usd(self) -> float:
        """The month's recurring bill."""
        return float(self.charges.total_usd())


@dataclass(frozen=True, eq=False)
class Result:
    """One scenario on one account: the month before, the month after, and every step between.

    `prepared` is the usage the first lever found: resources to keep are marked, serving modes are chosen.
    """

    account: Account
    scenario: Scenario
    book: PriceBook
    baseline: State
    outcome: State
    steps: tuple[Step, ...]
    prepared: Usage
    modes: Modes

    @property
    def saving_usd(self) -> float:
        """Monthly saving at run rate; negative when the scenario costs more."""
        return self.baseline.total_usd - self.outcome.total_usd

    @property
    def saving_ratio(self) -> float:
        """Saving over baseline; NaN without a baseline."""
        return self.saving_usd / self.baseline.total_usd if self.baseline.total_usd else float("nan")

    def touched_by(self, table: str, row: int) -> list[str]:
        """Ids of the levers that changed this resource's usage, in order."""
        return [s.lever.id for s in self.steps if s.lever.table == table and s.changed[row]]


def simulate(
    account: Account | Snapshot,
    scenario: Scenario,
    book: PriceBook,
    *,
    baseline: State | None = None,
    like: Result | None = None,
) -> Result:
    """Run a scenario on an account (or a snapshot of one). Levers go by stage, then id; commitments come last.

    `like` is the same scenario on the same account on another day: what did not change is taken from it. The account's
    billed rates are laid over the prices of `book` (`Account.book`).
    """
    if isinstance(account, Snapshot):
        account = Account.open(account)
    account = account.planned(scenario.workloads)
    book = account.book(book)
    usage = keeping(account.usage, scenario.keep)
    baseline = baseline or state(usage, book, account.plans)
    levers = scenario.ordered()
    if like is not None and (like.book is not book or usage.endpoints is not like.baseline.usage.endpoints):
        modes = weigh_modes(usage, levers, book)
    else:
        modes = like.modes if like else weigh_modes(usage, levers, book)
    first = _run(account, scenario, book, baseline, usage, modes, like)
    settled = _settled_modes(first)
    if settled is None:
        return first
    second = _again(first, replace(modes, settled=settled), usage)
    return second if second.outcome.total_usd < first.outcome.total_usd else first


def _run(
    account: Account,
    scenario: Scenario,
    book: PriceBook,
    baseline: State,
    usage: Usage,
    modes: Modes,
    like: Result | None = None,
) -> Result:
    """The levers, prices and plans on usage with its serving modes chosen."""
    levers = scenario.ordered()
    if like is not None and modes is like.modes:
        prepared = replace(usage, endpoints=like.prepared.endpoints)
    else:
        prepared = modes.choose(usage, [x.id for x in levers])
    known = like.steps if like is not None and like.book is book else ()
    steps = apply_levers(prepared, levers, book, known)
    remaining = steps[-1].after if steps else prepared
    outcome = state(remaining, book, account.plans, new_plan=savings_plan_of(levers))
    return Result(account, scenario, book, baseline, outcome, steps, prepared, modes)


def _again(first: Result, modes: Modes, usage: Usage) -> Result:
    """The result with other serving modes: endpoints anew, every other table as it was."""
    prepared = modes.choose(usage, [x.id for x in first.scenario.levers])
    steps: list[Step] = []
    for known in first.steps:
        before, table = steps[-1].after if steps else prepared, known.lever.table
        if table in ("", "endpoints"):
            after = apply_lever(known.lever, before, first.book)
        else:
            kept: Any = {table: known.after.table(table)}
            after = replace(before, **kept)
        steps.append(Step(known.lever, before, after))
    new_plan = savings_plan_of(first.scenario.levers)
    outcome = state(steps[-1].after, first.book, first.account.plans, new_plan=new_plan)
    return replace(first, outcome=outcome, steps=tuple(steps), prepared=prepared, modes=modes)


def _settled_modes(result: Result) -> NDArray[np.int64] | None:
    """Serving modes that should be cheaper under the plans than those chosen on demand, if any."""
    allocations = result.outcome.settlement.allocations
    if not allocations or len(result.modes.cost_usd) < 2:
        return None
    new = savings_plan_of(result.scenario.levers)
    hourly = allocations[0].eligible_usd.sum(axis=0)
    plans = [replace(a.plan, discount_ratio=a.discount_ratio) for a in allocations]
    return under_plans(result.modes, hourly, plans, new.size_ratio if new else None)


def apply_levers(
    usage: Usage, levers: Iterable[Lever], book: PriceBook, known: Sequence[Step] = ()
) -> tuple[Step, ...]:
    """Each lever sees the usage the ones before it left.

    A lever reads and rewrites one table (decision 1): where a known step of it found the very same table, what it left
    is taken over.
    """
    done = {s.lever: s for s in known}
    steps: list[Step] = []
    for lever in levers:
        before, table = steps[-1].after if steps else usage, lever.table
        old = done.get(lever)
        if old is not None and table and old.before.table(table) is before.table(table):
            kept: Any = {table: old.after.table(table)}
            steps.append(Step(lever, before, replace(before, **kept)))
        else:
            steps.append(Step(lever, before, apply_lever(lever, before, book)))
    return tuple(steps)


def state(
    usage: Usage, book: PriceBook, plans: tuple[Plan, ...], *, new_plan: SavingsPlan | None = None
) -> State:
    """Price a month of usage and settle the plans on it; a new plan is sized on what existing ones leave."""
    charges = price_usage(usage, book)
    if new_plan is None and not plans:
        return State(usage, charges, Settlement())
    hourly = eligible_usd_per_hour(charges, usage)
    if new_plan is not None:
        plans = (*plans, sized_plan(new_plan, charges, usage, plans, hourly))
    charges, settlement = settle(charges, usage, plans, eligible_usd=hourly)
    return State(usage, charges, settlement)


def sized_plan(
    setting: SavingsPlan, charges: Charges, usage: Usage, plans: tuple[Plan, ...], hourly_usd: Array
) -> Plan:
    """The plan a setting asks for: its share of the best commitment on the hours existing plans leave open."""
    plan = Plan("new plan", 0.0, setting.discount_ratio, setting.offer)
    groups = eligible_groups(charges, usage, (*plans, plan), hourly_usd)
    open_usd = groups.eligible_usd
    for allocation in allocated(groups, plans, HOURS_PER_MONTH):
        open_usd = open_usd - allocation.covered_usd
    best = best_commitment(open_usd, groups.discounts[-1])
    return replace(plan, commitment_usd_per_hour=best * setting.size_ratio)


def savings_plan_of(levers: Iterable[Lever]) -> SavingsPlan | None:
    """The new Savings Plan of a set of levers, if it has one."""
    return next((x for x in levers if isinstance(x, SavingsPlan)), None)
