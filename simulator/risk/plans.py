"""What Savings Plans save per draw, on hours grouped by similar usage: draws scale a table's hours alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plans.rates import rated
from simulator.plans.settlement import Plan, eligible_groups
from simulator.risk.tables import TableCosts
from simulator.units import HOURS_PER_MONTH

Array = NDArray[np.float64]
GROUPS = 24
DRAWS_AT_ONCE = 256
PRODUCT_DRAWS = 2_048
"""So few that the product is worked out by this thread: others would wait for more of it, at full speed."""


def saved_usd(
    scales: Array, tables: Sequence[TableCosts], plans: Sequence[Plan], discounts: Sequence[Array]
) -> Array:
    """What the plans save in a month per draw (draws,). `scales` (draws, tables) grow each table; `discounts` are
    those of the plans, a number or one per draw."""
    ratio = np.stack([_ratio(t) for t in tables], axis=1) * scales
    if any(rated(t.charges, plans) for t in tables):
        return _saved_by_type(ratio, tables, plans, discounts)
    return _saved(ratio, _hour_groups(np.array([t.hourly_usd for t in tables])), plans, discounts)


def _saved(ratio: Array, hours: Array, plans: Sequence[Plan], discounts: Sequence[Array]) -> Array:
    """What the plans save in a month per draw (draws,); single precision, in dollars per hour."""
    most = [p.commitment_usd_per_hour / (1 - d) for p, d in zip(plans, discounts, strict=True)]
    full = _used_in_full(ratio.min(axis=0) @ hours, plans, discounts, most)
    saved: Array = np.zeros(len(ratio))
    for plan, covered in zip(plans[:full], most, strict=False):
        saved = saved + covered - plan.commitment_usd_per_hour
    if full < len(plans):
        taken = np.asarray(sum(most[:full]), np.float32).reshape(-1, 1)
        for start in range(0, len(ratio), PRODUCT_DRAWS):
            block = slice(start, start + PRODUCT_DRAWS)
            open_usd = ratio[block].astype(np.float32) @ hours.astype(np.float32) - _draws_of(taken, block)
            for plan, covered in zip(plans[full:], most[full:], strict=True):
                used = np.minimum(open_usd, _draws_of(covered, block).astype(np.float32)[:, None])
                saved[block] = saved[block] + used.mean(axis=1) - plan.commitment_usd_per_hour
                open_usd = open_usd - used
    return saved * HOURS_PER_MONTH


def _used_in_full(
    least_usd: Array, plans: Sequence[Plan], discounts: Sequence[Array], most: Sequence[Array]
) -> int:
    """How many of the plans, from the first on, even the least usage of every hour uses in full."""
    for n, (plan, discount) in enumerate(zip(plans, discounts, strict=True)):
        if not (least_usd * (1 - discount.max()) >= plan.commitment_usd_per_hour).all():
            return n
        least_usd = least_usd - most[n].max()
    return len(plans)


def _draws_of(values: Any, block: slice) -> Any:
    return values if len(values) == 1 else values[block]


def _saved_by_type(
    ratio: Array, tables: Sequence[TableCosts], plans: Sequence[Plan], drawn_discounts: Sequence[Array]
) -> Array:
    """As `_saved`, where the price book has rates: each type at its own discount, highest first. A draw scales
    its table's types alike; only assumed discounts are drawn."""
    parts = [eligible_groups(t.charges, t.usage, plans) for t in tables]
    hours = _hour_groups(np.concatenate([p.eligible_usd for p in parts]))
    table = np.repeat(np.arange(len(parts)), [len(p.eligible_usd) for p in parts])
    discounts, rates = (
        np.concatenate([getattr(p, name) for p in parts], axis=1) for name in ("discounts", "rates_usd")
    )
    saved: Array = np.zeros(len(ratio))
    for start in range(0, len(ratio), DRAWS_AT_ONCE):
        block = slice(start, start + DRAWS_AT_ONCE)
        open_usd = ratio[block][:, table, None] * hours
        for n, plan in enumerate(plans):
            assumed = _draws_of(drawn_discounts[n], block)
            of = np.where(np.isinf(rates[n]), assumed[:, None], discounts[n])
            covered = _covered(open_usd, np.broadcast_to(of, open_usd.shape[:2]), plan)
            saved[block] += covered.sum(axis=1).mean(axis=1) - plan.commitment_usd_per_hour
            open_usd = open_usd - covered
    return saved * HOURS_PER_MONTH


def _covered(open_usd: Array, discounts: Array, plan: Plan) -> Array:
    """On-demand value covered (draws, groups, hours) with discounts (draws, groups), highest first in each draw."""
    order = np.argsort(-discounts, axis=1, kind="stable")
    rate = 1 - np.take_along_axis(discounts, order, axis=1)[:, :, None]
    value = np.take_along_axis(open_usd, order[:, :, None], axis=1) * rate
    before = np.cumsum(value, axis=1) - value
    covered = np.clip(plan.commitment_usd_per_hour - before, 0.0, value) / rate
    return np.take_along_axis(covered, np.argsort(order, axis=1)[:, :, None], axis=1)


def _ratio(costs: TableCosts) -> Array:
    base = costs.hourly_usd.mean() * HOURS_PER_MONTH
    return costs.eligible_usd / base if base > 0 else np.zeros_like(costs.eligible_usd)


def _hour_groups(hourly_usd: Array) -> Array:
    """Hours of similar total usage averaged together: (tables, groups). Means are exact, extremes are softened."""
    order = np.argsort(hourly_usd.sum(axis=0), kind="stable")
    count = next(n for n in range(min(GROUPS, len(order)), 0, -1) if len(order) % n == 0)
    return hourly_usd[:, order].reshape(len(hourly_usd), count, -1).mean(axis=2)
