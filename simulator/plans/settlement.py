"""Savings Plans settled hour by hour on the eligible usage that remains.

A plan commits to dollars per hour at plan rates. In each hour it covers eligible usage, highest saving
percentage first, until the commitment is used up; the rest is on demand; what is unused is lost in that hour.
Source: Savings Plans user guide, "How Savings Plans apply to your usage"; rules.md#savings-plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.plans.rates import Groups, Plan, one_group, rate_groups, rated
from simulator.pricing.charges import Block, Charges
from simulator.usage.tables import Usage

__all__ = [
    "Allocation", "Groups", "Plan", "Settlement", "allocate", "allocated", "best_commitment",
    "best_commitments", "eligible_groups", "eligible_usd_per_hour", "settle",
]  # fmt: skip
Array = NDArray[np.float64]


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
    def discount_ratio(self) -> float:
        """Discount realised on what was covered; the plan's own where nothing was."""
        covered = self.covered_usd.sum(axis=0).mean()
        return float(1 - self.used_usd.mean() / covered) if covered else self.plan.discount_ratio

    @property
    def unused_usd(self) -> float:
        """Commitment lost in hours that could not use it."""
        committed = self.plan.commitment_by_hour(self.used_usd.shape[-1])
        return float((committed - self.used_usd).mean() * self.period_hours)

    @property
    def net_saving_usd(self) -> float:
        """On-demand value covered less the commitment."""
        covered = self.covered_usd.sum(axis=0).mean()
        return float((covered - self.plan.commitment_usd_per_hour) * self.period_hours)


def allocate(
    eligible_usd: Array, discounts: Array, commitment: Array | float, rates_usd: Array | None = None
) -> tuple[Array, Array]:
    """Cover eligible usage hour by hour: (on-demand value covered (..., groups, hours), used (..., hours)).

    `eligible_usd` is on-demand value per hour (..., groups, hours); `discounts` one ratio per group, applied
    highest first, ties by the lowest of `rates_usd` (plan rates per group); `commitment` in dollars per hour at
    plan rates, a number or (..., 1, 1).
    """
    order = np.lexsort((np.zeros(len(discounts)) if rates_usd is None else rates_usd, -discounts))
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
    the hour's eligible usage at plan rates (newsvendor). rules.md#sizing-a-plan. Several optima: the smallest.
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


def allocated(groups: Groups, plans: Sequence[Plan], period_hours: float) -> list[Allocation]:
    """The plans one after the other, each on what the ones before it left open."""
    made = []
    open_usd = groups.eligible_usd
    for plan, discounts, rates in zip(plans, groups.discounts, groups.rates_usd, strict=False):
        covered, used = allocate(open_usd, discounts, plan.commitment_by_hour(open_usd.shape[-1]), rates)
        made.append(Allocation(plan, covered, used, open_usd, period_hours))
        open_usd = open_usd - covered
    return made


def eligible_groups(
    charges: Charges, usage: Usage, plans: Sequence[Plan], eligible_usd: Array | None = None
) -> Groups:
    """Eligible usage per hour by what the plans give it: one group unless the price book has plan rates."""
    if rated(charges, plans):
        return rate_groups(charges, usage, plans)
    return one_group(eligible_usd_per_hour(charges, usage) if eligible_usd is None else eligible_usd, plans)


def settle(
    charges: Charges, usage: Usage, plans: Sequence[Plan], *, eligible_usd: Array | None = None
) -> tuple[Charges, Settlement]:
    """Charges at effective (amortized) cost under the plans, and how they were settled.

    Covered usage costs its plan rate; the commitment no hour could use is a charge of its own. `eligible_usd`
    is the eligible usage per hour where it is known already.
    """
    if not plans:
        return charges, Settlement()
    groups = eligible_groups(charges, usage, plans, eligible_usd)
    allocations = allocated(groups, plans, usage.period_hours)
    saved = np.zeros_like(groups.eligible_usd)
    for allocation, discounts in zip(allocations, groups.discounts, strict=True):
        saved += allocation.covered_usd * discounts[:, None]
    share = np.divide(saved, groups.eligible_usd, out=np.zeros_like(saved), where=groups.eligible_usd > 0)
    settlement = Settlement(tuple(allocations))
    blocks = _effective(charges, usage, groups, share)
    return Charges(blocks, unused_commitment_usd=settlement.unused_usd), settlement


def _effective(charges: Charges, usage: Usage, groups: Groups, share: Array) -> tuple[Block, ...]:
    """Blocks at effective cost: each resource is covered as its group is in the hours in which it ran."""
    tables = {b.table for b in charges.blocks if b.meter.eligible}
    left = {t: np.array([1 - usage.table(t).profile.average(s) for s in share]) for t in tables}
    blocks, labels = [], iter(groups.labels)
    for block in charges.blocks:
        if block.meter.eligible:
            of = next(labels) if groups.labels else 0
            kept = left[block.table][of, np.arange(block.cost_usd.shape[-1])]
            blocks.append(replace(block, cost_usd=block.cost_usd * kept))
        else:
            blocks.append(block)
    return tuple(blocks)


def eligible_usd_per_hour(charges: Charges, usage: Usage, table: str | None = None) -> Array:
    """On-demand value of eligible usage in each hour of the window, in dollars per hour of the period."""
    hours = round(usage.window_hours)
    total = np.zeros(hours)
    for name in dict.fromkeys(b.table for b in charges.blocks if b.meter.eligible):
        if table in (None, name):
            eligible = [b.known_usd for b in charges.blocks if b.table == name and b.meter.eligible]
            total += usage.table(name).profile.spread(np.sum(eligible, axis=0))
    return total * (hours / usage.period_hours)
