"""What each Savings Plan covers of each charge: the hour-by-hour settlement, averaged over when a resource ran."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.engine.state import State
from simulator.plans.settlement import Allocation, eligible_groups
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import price_usage

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cover:
    """One plan on one meter, per resource: share of the on-demand value covered, and the discount on that share."""

    allocation: Allocation
    share: Array
    discount_ratio: Array


def coverage(state: State, book: PriceBook) -> dict[tuple[str, str], list[Cover]]:
    """Covers by (table, meter), in the order the plans were settled; meters no plan may cover are absent."""
    allocations = state.settlement.allocations
    if not allocations:
        return {}
    listed = price_usage(state.usage, book)
    groups = eligible_groups(listed, state.usage, [a.plan for a in allocations])
    labels = iter(groups.labels)
    found = {}
    for block in listed.blocks:
        if block.meter.eligible:
            rows = np.arange(len(state.usage.table(block.table)))
            of = next(labels) if groups.labels else np.zeros(len(rows), np.int64)
            profile = state.usage.table(block.table).profile
            covers = []
            for allocation, discounts in zip(allocations, groups.discounts, strict=True):
                hourly = np.divide(
                    allocation.covered_usd, groups.eligible_usd,
                    out=np.zeros_like(groups.eligible_usd), where=groups.eligible_usd > 0,
                )  # fmt: skip
                average = np.array([profile.average(group) for group in hourly])
                covers.append(Cover(allocation, average[of, rows], discounts[of]))
            found[block.table, block.meter.name] = covers
    return found
