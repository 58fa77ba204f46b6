"""Which levers of a scenario change its bill: what does not act costs and earns nothing.

*Leaving out* a lever is the bill without it less the bill with it, everything else chosen anew. Levers that can be left
out without a cent of difference are dropped one after the other, last applied first, each time on what is left: of two
levers that do the same one stays. What stays *acts*: effort, payback, credit and confidence count it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result, remembered, simulate
from simulator.levers.lever import Lever

CENT = 0.005


@remembered
def leaving_out_usd(result: Result) -> Mapping[str, float]:
    """Per lever that is on, dollars per month by which the bill is higher without it (negative: it loses money)."""
    return {x.id: without(result, x) - result.outcome.total_usd for x in result.scenario.ordered()}


@remembered
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
        return beside(result, result.scenario.only(ids)).outcome.total_usd

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
    if lever.table and not _decides_modes(result, lever) and not _touches(result, lever):
        return result.outcome.total_usd
    rest = tuple(x for x in result.scenario.levers if x.id != lever.id)
    return beside(result, replace(result.scenario, levers=rest)).outcome.total_usd


def beside(result: Result, scenario: Scenario) -> Result:
    """Another scenario on the same account and prices; what it has in common with this one is not worked out again."""
    return simulate(result.account, scenario, result.book, baseline=result.baseline, like=result)


def _decides_modes(result: Result, lever: Lever) -> bool:
    """Whether serving modes may be chosen differently without it, even if it changes nothing beside those chosen."""
    return lever.mode or (bool(result.modes.cost_usd) and lever.table == "endpoints")


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
