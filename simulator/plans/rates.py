"""Which discount a Savings Plan gives each resource: the book's rate where it has one, else the plan's assumption.

Resources that get the same discounts from all plans in question form a group; plans are settled on groups × hours.
A rate row makes the discount 1 − rate / on-demand price of that type. Without rates there is one group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simulator.pricing.charges import Block, Charges
from simulator.usage.tables import Usage

Array = NDArray[np.float64]
DISCOUNT_DIGITS, RATE_DIGITS = 6, 9
HIGHEST_DISCOUNT = 0.999


@dataclass(frozen=True)
class Plan:
    """One commitment: dollars per hour at plan rates, the discount of the usage it covers, and when it runs.

    `hours` are the first and the last (exclusive) hour of a period in which it runs; None: in all of them.
    """

    plan_id: str
    commitment_usd_per_hour: float
    discount_ratio: float
    offer: str = "1y_no_upfront"
    existing: bool = False
    start: date | None = None
    end: date | None = None
    hours: tuple[int, int] | None = None

    def commitment_by_hour(self, count: int) -> Array | float:
        """Dollars per hour in each hour of a period; a number where it runs in all of them."""
        if self.hours is None:
            return self.commitment_usd_per_hour
        hour = np.arange(count)
        return np.where((hour >= self.hours[0]) & (hour < self.hours[1]), self.commitment_usd_per_hour, 0.0)

    def in_force(self, day: date) -> bool:
        """Whether it covers usage on a day: from its start up to, not with, its end; unknown ends are open."""
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, eq=False)
class Groups:
    """Eligible on-demand dollars per hour (groups, hours); per plan and group the discount and the plan rate.

    The rate decides between equal discounts only; it is infinite where the discount is assumed. `labels` holds,
    for each eligible block in order, the group of each of its resources.
    """

    eligible_usd: Array
    discounts: Array
    rates_usd: Array
    labels: tuple[NDArray[np.int64], ...] = ()

    def keys(self) -> list[tuple[float, ...]]:
        """Each group's discounts and rates: the same group has the same key in other charges."""
        return [tuple(column) for column in np.concatenate([self.discounts, self.rates_usd]).T.tolist()]


def rated(charges: Charges, plans: Sequence[Plan]) -> bool:
    """Whether the book has a plan rate for any charge under any of these plans' offers."""
    offers = {p.offer for p in plans}
    return any(offers & b.plan_rates_usd.keys() for b in charges.blocks)


def one_group(hourly_usd: Array, plans: Sequence[Plan]) -> Groups:
    """All eligible usage in one group, at the plans' assumed discounts."""
    discounts = np.array([[p.discount_ratio] for p in plans]).reshape(len(plans), 1)
    return Groups(hourly_usd[None, :], discounts, np.full(discounts.shape, np.inf))


def rate_groups(charges: Charges, usage: Usage, plans: Sequence[Plan]) -> Groups:
    """Eligible usage grouped by what the plans give it."""
    blocks = [b for b in charges.blocks if b.meter.eligible]
    columns = [_terms(b, plans) for b in blocks]
    keys, label = np.unique(np.concatenate(columns), axis=0, return_inverse=True)
    ends = np.cumsum([len(c) for c in columns])[:-1]
    labels = tuple(np.split(label.ravel(), ends))
    hours = round(usage.window_hours)
    eligible = np.zeros((len(keys), hours))
    for block, of in zip(blocks, labels, strict=True):
        profile = usage.table(block.table).profile
        for group in np.unique(of):
            eligible[group] += profile.spread(np.where(of == group, block.known_usd, 0.0))
    plans_count = len(plans)
    terms = keys.T
    return Groups(eligible * (hours / usage.period_hours), terms[:plans_count], terms[plans_count:], labels)


def _terms(block: Block, plans: Sequence[Plan]) -> Array:
    """(resources, 2 × plans): the discount under each plan, then the plan rate under each."""
    rows = block.quantity.shape[-1]
    discounts, rates = [], []
    for plan in plans:
        rate = block.plan_rates_usd.get(plan.offer, np.full(rows, np.nan))
        with np.errstate(invalid="ignore", divide="ignore"):
            discount = np.clip(1 - rate / block.unit_price_usd, 0.0, HIGHEST_DISCOUNT)
        known = np.isfinite(discount)
        discounts.append(np.where(known, discount, plan.discount_ratio).round(DISCOUNT_DIGITS))
        rates.append(np.where(known, rate, np.inf).round(RATE_DIGITS))
    return np.stack([*discounts, *rates], axis=1)
