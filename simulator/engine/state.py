"""A month under some levers: what its usage costs, and what Savings Plans make of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

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
from simulator.pricing.charges import Block, Charges, price_usage
from simulator.units import HOURS_PER_MONTH
from simulator.usage.tables import TABLES, Usage

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class State:
    """A month under some levers: usage, charges at effective cost, how plans settled; `listed`: before they did.

    `asked` are the plans it was settled with and the one it was to size.
    """

    usage: Usage
    charges: Charges
    settlement: Settlement
    listed: Charges
    asked: tuple[tuple[Plan, ...], SavingsPlan | None] = ((), None)

    @cached_property
    def total_usd(self) -> float:
        """The month's recurring bill."""
        return float(self.charges.total_usd())


def state(
    usage: Usage,
    book: PriceBook,
    plans: tuple[Plan, ...],
    *,
    new_plan: SavingsPlan | None = None,
    known: Sequence[State] = (),
) -> State:
    """Price a month of usage and settle the plans on it; a new plan is sized on what existing ones leave.

    `known` are states under the same prices: charges of tables that are the very same are taken from them, and how
    plans settled where all they may cover is the same.
    """
    listed, asked = price_usage(usage, book, [(s.usage, s.listed) for s in known]), (plans, new_plan)
    if new_plan is None and not plans:
        return State(usage, listed, Settlement(), listed)
    for other in known:
        covered = _covered(other.listed) | _covered(listed)
        if other.asked == asked and all(other.usage.table(t) is usage.table(t) for t in covered):
            blocks = tuple(_beside(other.charges, listed, covered))
            charges = Charges(blocks, unused_commitment_usd=other.charges.unused_commitment_usd)
            return State(usage, charges, other.settlement, listed, asked)
    hourly = eligible_usd_per_hour(listed, usage)
    if new_plan is not None:
        plans = (*plans, sized_plan(new_plan, listed, usage, plans, hourly))
    charges, settlement = settle(listed, usage, plans, eligible_usd=hourly)
    return State(usage, charges, settlement, listed, asked)


def _covered(charges: Charges) -> set[str]:
    """Tables of which a plan may cover something."""
    return {b.table for b in charges.blocks if b.meter.eligible}


def _beside(settled: Charges, listed: Charges, covered: set[str]) -> Iterator[Block]:
    """The blocks of the tables that plans cover as they were settled, those of the others as they are listed."""
    for name in TABLES:
        yield from (b for b in (settled if name in covered else listed).blocks if b.table == name)


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
