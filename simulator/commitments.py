"""Savings Plans settled hour by hour on the eligible usage that remains.

A plan commits to dollars per hour at plan rates. In each hour it covers eligible usage, highest saving
percentage first, until the commitment is used up; the rest is on demand; what is unused is lost in that hour.
Source: Savings Plans user guide, "How Savings Plans apply to your usage"; DOMAIN section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.charges import Charges
from simulator.usage.tables import Usage

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """One commitment: dollars per hour at plan rates, and the discount of the usage it covers."""

    plan_id: str
    commitment_usd_per_hour: float
    discount_ratio: float
    offer: str = "1y_no_upfront"
    existing: bool = False


@dataclass(frozen=True)
class Allocation:
    """One plan over the hours of a period: arrays (groups, hours) and (hours,), in dollars per hour."""

    plan: Plan
    covered_usd: Array
    used_usd: Array
    eligible_usd: Array
    period_hours: float

    @property
    def utilization_ratio(self) -> float:
        """Commitment used over committed."""
        committed = self.plan.commitment_usd_per_hour
        return float(self.used_usd.mean() / committed) if committed else float("nan")

    @property
    def coverage_ratio(self) -> float:
        """On-demand value covered over on-demand value eligible."""
        eligible = self.eligible_usd.sum()
        return float(self.covered_usd.sum() / eligible) if eligible else float("nan")

    @property
    def unused_usd(self) -> float:
        """Commitment lost in hours that could not use it."""
        return float((self.plan.commitment_usd_per_hour - self.used_usd).mean() * self.period_hours)

    @property
    def net_saving_usd(self) -> float:
        """On-demand value covered less the commitment."""
        covered = self.covered_usd.sum(axis=0).mean()
        return float((covered - self.plan.commitment_usd_per_hour) * self.period_hours)


def allocate(eligible_usd: Array, discounts: Array, commitment: Array | float) -> tuple[Array, Array]:
    """Cover eligible usage hour by hour: (on-demand value covered (..., groups, hours), used (..., hours)).

    `eligible_usd` is on-demand value per hour (..., groups, hours); `discounts` one ratio per group, applied
    highest first; `commitment` in dollars per hour at plan rates, a number or (..., 1, 1).
    """
    order = np.argsort(-discounts, kind="stable")
    rate = (1 - discounts)[:, None]
    value = (eligible_usd * rate)[..., order, :]
    before = np.cumsum(value, axis=-2) - value
    used = np.clip(commitment - before, 0.0, value)
    back = np.argsort(order)
    used = used[..., back, :]
    return used / rate, used.sum(axis=-2)


def best_commitment(eligible_usd: Array, discounts: Array) -> float:
    """The commitment (dollars per hour) with the lowest cost over these hours, in closed form.

    A marginal dollar of commitment pays while mean over hours of 1{c < U_h}/(1 − d_h(c)) exceeds 1, where
    d_h(c) is the discount of the usage at stack position c. With one discount d that is the d-quantile of U,
    the hour's eligible usage at plan rates (newsvendor). DOMAIN 5.4. Several optima: the smallest.
    """
    order = np.argsort(-discounts, kind="stable")
    rate = (1 - discounts)[order]
    tops = np.cumsum(eligible_usd[order] * rate[:, None], axis=0)
    if not tops.size or tops[-1].max() <= 0:
        return 0.0
    gain = 1 / rate
    drop = gain - np.append(gain[1:], 0.0)
    level = tops.ravel()
    sort = np.argsort(level, kind="stable")
    lost = np.cumsum(np.repeat(drop, tops.shape[1])[sort])
    remaining = gain[0] - lost / tops.shape[1]
    return float(level[sort][np.argmax(remaining <= 1 + 1e-12)])


def best_commitments(eligible_usd: Array, discount: float) -> Array:
    """Best commitment of many profiles (..., hours) at one discount: the discount-quantile of usage at plan rates."""
    value = eligible_usd * (1 - discount)
    place = max(int(np.ceil(value.shape[-1] * discount - 1e-9)), 1) - 1
    return np.partition(value, place, axis=-1)[..., place]


@dataclass(frozen=True)
class Settlement:
    """What the plans did to a month: allocations in the order they were applied."""

    allocations: tuple[Allocation, ...] = ()

    @property
    def unused_usd(self) -> float:
        """Commitment lost in the period, all plans."""
        return sum(a.unused_usd for a in self.allocations)


def allocated(eligible_usd: Array, plans: Sequence[Plan], period_hours: float) -> list[Allocation]:
    """The plans one after the other, each on what the ones before it left open (groups, hours)."""
    made = []
    for plan in plans:
        covered, used = allocate(eligible_usd, np.array([plan.discount_ratio]), plan.commitment_usd_per_hour)
        made.append(Allocation(plan, covered, used, eligible_usd, period_hours))
        eligible_usd = eligible_usd - covered
    return made


def settle(
    charges: Charges, usage: Usage, plans: Sequence[Plan], *, eligible_usd: Array | None = None
) -> tuple[Charges, Settlement]:
    """Charges at effective (amortized) cost under the plans, and how they were settled.

    Covered usage costs its plan rate; the commitment no hour could use is a charge of its own. `eligible_usd`
    is the eligible usage per hour where it is known already.
    """
    if not plans:
        return charges, Settlement()
    eligible = (
        eligible_usd_per_hour(charges, usage)[None, :] if eligible_usd is None else eligible_usd[None, :]
    )
    allocations = allocated(eligible, plans, usage.period_hours)
    saved = sum((a.covered_usd * a.plan.discount_ratio for a in allocations), start=np.zeros_like(eligible))
    share = np.divide(saved, eligible, out=np.zeros_like(saved), where=eligible > 0)[0]
    tables = {b.table for b in charges.blocks if b.meter.eligible}
    left = {t: 1 - usage.table(t).profile.average(share) for t in tables}
    blocks = tuple(
        replace(b, cost_usd=b.cost_usd * left[b.table]) if b.meter.eligible else b for b in charges.blocks
    )
    settlement = Settlement(tuple(allocations))
    return Charges(blocks, unused_commitment_usd=settlement.unused_usd), settlement


def eligible_usd_per_hour(charges: Charges, usage: Usage, table: str | None = None) -> Array:
    """On-demand value of eligible usage in each hour of the window, in dollars per hour of the period."""
    hours = round(usage.window_hours)
    total = np.zeros(hours)
    for name in dict.fromkeys(b.table for b in charges.blocks if b.meter.eligible):
        if table in (None, name):
            eligible = [b.known_usd for b in charges.blocks if b.table == name and b.meter.eligible]
            total += usage.table(name).profile.spread(np.sum(eligible, axis=0))
    return total * (hours / usage.period_hours)
