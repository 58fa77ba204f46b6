"""Which levers of a scenario change its bill: what does not act costs and earns nothing.

*Leaving out* a lever is the bill without it less the bill with it, everything else chosen anew. Levers that can be left
out without a cent of difference are dropped one after the other, last applied first, each time on what is left: of two
levers that do the same one stays. What stays *acts*: effort, payback, credit and confidence count it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from simulator.engine.applying import apply_lever
from simulator.engine.simulate import Result, savings_plan_of, simulate, state
from simulator.levers.lever import Lever
from simulator.usage.tables import Usage

CENT = 0.005
REMEMBERED = 8
PLAN_TABLES = ("training", "endpoints", "compute")


@lru_cache(maxsize=REMEMBERED)
def leaving_out_usd(result: Result) -> Mapping[str, float]:
    """Per lever that is on, dollars per month by which the bill is higher without it (negative: it loses money)."""
    return {x.id: without(result, x) - result.outcome.total_usd for x in result.scenario.ordered()}


@lru_cache(maxsize=REMEMBERED)
def acting_ids(result: Result) -> frozenset[str]:
    """Levers that change the bill of this scenario."""
    silent = [x for x in result.scenario.ordered() if abs(leaving_out_usd(result)[x.id]) < CENT]
    if len(silent) < 2:
        gone = {x.id for x in silent}
        return frozenset(x.id for x in result.scenario.levers if x.id not in gone)
    return _dropped(result, silent)


def _dropped(result: Result, silent: list[Lever]) -> frozenset[str]:
    """Drop the silent levers together where that changes nothing, else one by one."""

    def bill(ids: frozenset[str]) -> float:
        part = result.scenario.only(ids)
        return simulate(result.account, part, result.book, baseline=result.baseline).outcome.total_usd

    everyone = frozenset(x.id for x in result.scenario.levers)
    rest = everyone - {x.id for x in silent}
    if abs(bill(rest) - result.outcome.total_usd) < CENT:
        return rest
    kept = everyone
    for lever in reversed(silent):
        if abs(bill(kept - {lever.id}) - result.outcome.total_usd) < CENT:
            kept -= {lever.id}
    return kept


def acting(result: Result) -> tuple[Lever, ...]:
    """The levers that act, in their order."""
    return tuple(x for x in result.scenario.ordered() if x.id in acting_ids(result))


def without(result: Result, lever: Lever) -> float:
    """The bill of the scenario without one of its levers."""
    rest = tuple(x for x in result.scenario.levers if x.id != lever.id)
    if not lever.table or decides_modes(result, lever):
        scenario = replace(result.scenario, levers=rest)
        return simulate(result.account, scenario, result.book, baseline=result.baseline).outcome.total_usd
    if not _touches(result, lever):
        return result.outcome.total_usd
    return _rest_of_the_way(result, lever)


def decides_modes(result: Result, lever: Lever) -> bool:
    """Whether serving modes may be chosen differently without it: they see endpoints, and what plans cover."""
    return lever.mode or (bool(result.modes.cost_usd) and lever.table in PLAN_TABLES)


def _touches(result: Result, lever: Lever) -> bool:
    """Whether it changes a column, a meter or one that a later lever reads."""
    step = next(s for s in result.steps if s.lever.id == lever.id)
    before, after = vars(step.before.table(lever.table)), vars(step.after.table(lever.table))
    return any(_differ(before[n], after[n]) for n in before)


def _differ(old: object, new: object) -> bool:
    if old is new:
        return False
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray) and old.dtype.kind in "fiub":
        return not np.array_equal(old, new, equal_nan=old.dtype.kind == "f")
    return True


def _rest_of_the_way(result: Result, lever: Lever) -> float:
    """The later levers of the same table on what this one found; other tables as they are."""
    place = next(n for n, s in enumerate(result.steps) if s.lever.id == lever.id)
    usage = result.steps[place].before
    for step in result.steps[place + 1 :]:
        if step.lever.table == lever.table:
            usage = apply_lever(step.lever, usage, result.book)
    mixed: Usage = replace(result.outcome.usage, **{lever.table: usage.table(lever.table)})  # type: ignore[arg-type]
    plan = savings_plan_of(result.scenario.levers)
    return state(mixed, result.book, result.account.plans, new_plan=plan).total_usd
