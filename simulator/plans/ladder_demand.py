"""What a ladder is chosen from: possible purchases, and the usage a new commitment could still cover."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.units import HOURS_PER_MONTH

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rung:
    """One possible purchase: an offer at its discount, in force for `months` from `start_month` (1 = the first).

    `offset` is the place of its pool's first month in the demand: a purchase covers its own pool only. With `unit_usd`
    above 0 it is bought in whole units (nodes), each covering so many on-demand dollars per hour.
    """

    offer: str
    discount_ratio: float
    start_month: int
    months: int
    offset: int = 0
    unit_usd: float = 0.0

    def active(self, month: int) -> bool:
        """Whether it is in force in a month of the demand."""
        first = self.offset + self.start_month
        return first <= month < first + self.months


@dataclass(frozen=True, eq=False)
class Demand:
    """Eligible usage at on-demand prices in dollars per hour: shape (months, hours) × factors (draws, months).

    Pools of usage that other commitments cover follow one another, each with all its months. Inside a pool an hour's
    dollar is covered once, by whatever is in force: what is reserved is not under a plan as well. `existing_usd`
    (months,) is what plans already bought cover, in on-demand dollars per hour. `hours` of a month.
    """

    hourly_usd: Array
    factors: Array
    existing_usd: Array
    hours: float = HOURS_PER_MONTH

    @property
    def ordered(self) -> Array:
        """Each month's hours from the lowest to the highest."""
        return self._sorted[0]

    @cached_property
    def _sorted(self) -> tuple[Array, Array]:
        """Hours of each month in order, and the sum from each place on."""
        ordered = np.sort(self.hourly_usd, axis=1)
        above = np.cumsum(ordered[:, ::-1], axis=1)[:, ::-1]
        return ordered, np.concatenate([above, np.zeros((len(ordered), 1))], axis=1)

    def at(self, factor: float) -> Demand:
        """The same months with certain demand: every hour times `factor`."""
        return replace(self, factors=np.full((1, len(self.hourly_usd)), factor))

    def open_of(self, month: int, capacity_usd: Array | float) -> tuple[Array, Array]:
        """Usage left on demand in a month (0 = the first) and its slope in the capacity, both per draw and dollars an
        hour; `capacity_usd` is a number, one per draw, or (draws, columns)."""
        ordered, above = self._sorted[0][month], self._sorted[1][month]
        factor = self.factors[:, month].reshape(-1, *([1] * (np.ndim(capacity_usd) - 1)))
        level = self.existing_usd[month] + capacity_usd
        place = np.searchsorted(ordered, level / np.maximum(factor, 1e-12), side="right")
        count = len(ordered)
        left = (count - place) / count
        return np.where(factor > 0, factor * above[place] / count - left * level, 0.0), np.where(
            factor > 0, -left, 0.0
        )

    def reached(self, month: int, capacity_usd: float) -> float:
        """Share of hours and draws in which a month's open usage is above a capacity."""
        ordered = self._sorted[0][month]
        level = (self.existing_usd[month] + capacity_usd) / np.maximum(self.factors[:, month], 1e-12)
        return float(1 - np.searchsorted(ordered, level, side="right").mean() / len(ordered))

    def open_usd(self, capacity_usd: Array) -> tuple[Array, Array]:
        """As `open_of`, for the capacity of each month: (draws, months)."""
        made = [self.open_of(m, float(c)) for m, c in enumerate(capacity_usd)]
        return np.stack([o for o, _ in made], axis=1), np.stack([s for _, s in made], axis=1)

    @cached_property
    def highest_usd(self) -> Array:
        """The most a month could cover with new capacity."""
        top = self.hourly_usd.max(axis=1) * self.factors.max(axis=0)
        return np.maximum(top - self.existing_usd, 0.0)
