"""Prices that fall with the quantity of a region, over all resources of a bill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.pricing.known import is_used, known_only, known_sum
from simulator.pricing.price import PriceTable
from simulator.pricing.tiers import tiered_usd
from simulator.units import HOURS_PER_MONTH
from simulator.usage.tables import Meter, Table, Usage

Array = NDArray[np.float64]


class Steps:
    """Prices that fall with a region's total quantity: every resource of a bill pays the average.

    The bill may come in parts, the steps run over the resources of all of them. They begin anew each month: the
    quantity of a window of several months climbs them once a month.
    """

    def __init__(self, parts: Sequence[Usage], name: str) -> None:
        self.tables = [p.table(name) for p in parts]
        self.months = max(1, round(parts[0].period_hours / HOURS_PER_MONTH))
        self.known: dict[tuple[str, str], dict[int, Array]] = {}

    def averages(self, meter: Meter, prices: PriceTable) -> dict[int, Array]:
        """Average price per unit of a meter by region code, where it has steps."""
        if meter.by or not prices.tiers:
            return {}
        key = meter.price, meter.item
        if key not in self.known:
            self.known[key] = dict(self._averages(meter, prices))
        return self.known[key]

    def _averages(self, meter: Meter, prices: PriceTable) -> Iterator[tuple[int, Array]]:
        quantities = [_together(t, meter) for t in self.tables]
        used = np.concatenate([t.region for t in self.tables])
        for code in (np.bincount(used + 1).nonzero()[0] - 1).tolist():  # a table spans few of all regions
            if (0, code) in prices.tiers:
                bounds, usd = prices.tiers[0, code]
                parts = zip(quantities, self.tables, strict=True)
                total = np.asarray(sum(known_sum(q, t.region == code) for q, t in parts))
                average = tiered_usd(total, bounds * self.months, usd) / np.where(total > 0, total, 1.0)
                yield code, np.where(total > 0, average, usd[0])


def _together(table: Table, meter: Meter) -> Array:
    """The meter's quantity with that of the table's others of the same price: steps run over all of them.

    Bytes in STANDARD and the 8 KB of names that archives keep there climb the same steps. Source: S3 pricing page.
    """
    quantity: Array = getattr(table, meter.name)
    for other, more in table.meters():
        if other.name != meter.name and (other.price, other.item, other.by) == (meter.price, meter.item, ""):
            quantity = quantity + known_only(more) if is_used(more) else quantity
    return quantity
