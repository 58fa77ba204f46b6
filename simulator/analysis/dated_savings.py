"""What is saved in which month, by lever, by owner and by component. Every part adds up to the month's saving.

A month's saving is baseline − scenario without one-off costs. Per lever it is the *marginal* saving in the order of
application, with each lever as far as its start and ramp have brought it: the steps telescope, so they add up exactly.
Ranges come from draws: an owner's and a component's dollars in a usage table vary as the table's total does, a lever's
saving as what leaving it out would change. Months have 730 hours, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.applying import apply_lever
from simulator.engine.calendar import Calendar, calendar_of, month_start
from simulator.engine.roadmap import share_of
from simulator.engine.simulate import Result
from simulator.engine.state import State, state
from simulator.risk.bills import Bills
from simulator.usage.blend import blend, grown
from simulator.usage.tables import COMPONENTS, TABLES

Array = NDArray[np.float64]
Amounts = dict[str, float]
NO_OWNER = "no owner"
CENT = 0.005


@dataclass(frozen=True)
class DatedMonth:
    """One month's dollars by component and by owner on both sides, and its saving by lever."""

    month: int
    start: str
    component: dict[str, tuple[float, float]]
    owner: dict[str, tuple[float, float]]
    lever: Amounts

    @property
    def saving_usd(self) -> float:
        """Baseline less scenario."""
        return sum(b - s for b, s in self.component.values())


def dated_savings(result: Result, months: int = 12) -> list[DatedMonth]:
    """The months of `project`, split. Raises ValueError unless 1 <= months <= 60."""
    if not 1 <= months <= 60:
        raise ValueError(f"months: expected 1 to 60, not {months}")
    dated, steps = calendar_of(result), _Steps(result)
    made = []
    for month in range(1, months + 1):
        sides: list[tuple[Amounts, Amounts]] = []
        lever: Amounts = {x.id: 0.0 for x in result.scenario.ordered()}
        for outcome in (False, True):
            component, owner = dict.fromkeys(COMPONENTS, 0.0), Amounts()
            for part in dated.parts(month):
                there = (dated.outcome if outcome else dated.baseline)(month, part.day)
                _add(component, _components(there), part.share)
                _add(owner, owners_usd(there), part.share)
            sides.append((component, owner))
        for part in dated.parts(month):
            _add(lever, steps.of(dated, month, part.day), part.share)
        names = sorted({*sides[0][1], *sides[1][1]})
        made.append(
            DatedMonth(
                month,
                month_start(dated.first, month).isoformat(),
                {c: (sides[0][0][c], sides[1][0][c]) for c in COMPONENTS},
                {o: (sides[0][1].get(o, 0.0), sides[1][1].get(o, 0.0)) for o in names},
                lever,
            )
        )
    return made


def owners_usd(there: State) -> Amounts:
    """Recurring dollars per owner; what has none, and commitment nobody used, is `no owner`'s."""
    total: Amounts = {NO_OWNER: float(there.charges.unused_commitment_usd)}
    for name in TABLES:
        _add(total, _owners_of(there, name), 1.0)
    return total


def _owners_of(there: State, name: str) -> Amounts:
    table = there.usage.table(name)
    cost = there.charges.by_resource(name, len(table))
    owners, place = np.unique(table.owner.astype(str), return_inverse=True)
    sums = np.bincount(place, cost, len(owners)).astype(float) if len(owners) else np.zeros(0)
    return {str(o) or NO_OWNER: float(v) for o, v in zip(owners, sums, strict=True)}


class _Steps:
    """Marginal savings of a day, each combination of shares, prices and plans worked out once."""

    def __init__(self, result: Result) -> None:
        self.result, self.known = result, dict[tuple[Any, ...], Amounts]()

    def of(self, dated: Calendar, month: int, day: Any) -> Amounts:
        """Savings of the levers on a day of a month, in dollars per month."""
        levers = self.result.scenario.ordered()
        shares = tuple(share_of(self.result, x, month) for x in levers)
        growth = self.result.scenario.planning.growth(month)
        plans, own = dated.plans_on(day, new=True), dated.plans_on(day, new=False)
        world, book = dated.result_on(day), dated.book_on(day)
        key = (id(world), shares, tuple(growth.values()), plans, own, id(book))
        if key not in self.known:
            totals = [dated.baseline(month, day).total_usd]
            usage = world.prepared
            for lever, share in zip(levers, shares, strict=True):
                if lever.table and share > 0:
                    usage = blend(usage, apply_lever(lever, usage, world.book), lever.table, share)
                    totals.append(state(grown(usage, growth), book, own).total_usd)
                else:
                    totals.append(totals[-1])
            last = next((n for n, x in enumerate(levers) if not x.table), len(levers) - 1)
            if levers:
                totals[last + 1 :] = [dated.outcome(month, day).total_usd] * (len(levers) - last)
            gains = np.subtract(totals[:-1], totals[1:])
            self.known[key] = {x.id: float(g) for x, g in zip(levers, gains, strict=True)}
        return self.known[key]


@dataclass(frozen=True, eq=False)
class Spread:
    """Draws relative to their median: per usage table its cost, per owner a mix of these by the scenario's dollars, per
    lever what leaving it out changes."""

    table: Mapping[str, Array]
    owner: Mapping[str, Array]
    lever: Mapping[str, Array]


def spread(result: Result, draws: int, seed: int = 0) -> Spread:
    """The relative draws; an array of ones where nothing is at stake."""
    work = Bills(result, draws, seed, "pert")
    levers = result.scenario.ordered()
    full = {x.id: 1.0 for x in levers}
    whole = {t: work.tables.table(t, full).cost_usd for t in TABLES}
    made = {}
    for lever in levers:
        if lever.table:
            less = work.tables.table(lever.table, {i: s for i, s in full.items() if i != lever.id}).cost_usd
            made[lever.id] = _relative(less - whole[lever.table])
    tables = {t: _relative(c) for t, c in whole.items()}
    return Spread(tables, _mixed(result.outcome, tables), made)


def _mixed(there: State, tables: Mapping[str, Array]) -> dict[str, Array]:
    """Each owner's draws: the tables' by the owner's dollars in them; unused commitment stays as it is."""
    total: dict[str, Array] = {}
    for name, ratios in tables.items():
        for owner, usd in _owners_of(there, name).items():
            total[owner] = total.get(owner, 0.0) + usd * ratios
    unused = there.charges.unused_commitment_usd
    total[NO_OWNER] = total.get(NO_OWNER, np.zeros(1)) + unused
    return {owner: _relative(draws) for owner, draws in total.items()}


def _relative(values: Array) -> Array:
    middle = float(np.median(values))
    return np.ones_like(values) if abs(middle) < CENT else values / middle


def _components(there: State) -> Amounts:
    return {c: float(v) for c, v in there.charges.by_component().items()}


def _add(total: Amounts, more: Mapping[str, float], share: float) -> None:
    for name, usd in more.items():
        total[name] = total.get(name, 0.0) + usd * share
