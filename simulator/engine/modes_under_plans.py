"""Serving modes chosen on the bill that follows: what a Savings Plan covers costs less than on demand.

The choice at on-demand prices is bettered one endpoint at a time, each change judged on the hourly usage that all else
leaves: an endpoint's eligible dollars count evenly over the hours. The caller works out the whole bill both ways and
keeps the lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.modes import AS_IT_IS, Modes
from simulator.plans.settlement import Plan, best_commitments
from simulator.units import HOURS_PER_MONTH

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
MOST_TRIED = 24
CENT = 0.005


def under_plans(
    modes: Modes, hourly_usd: Array, plans: Sequence[Plan], size_ratio: float | None
) -> Codes | None:
    """A choice that should cost less under the plans; None where plans change none.

    `hourly_usd` is the eligible usage per hour under the choice on demand; the last of the plans is new, and sized
    anew (times `size_ratio`), unless that is None.
    """
    ids = [i for i, cost in modes.cost_usd.items() if np.isfinite(cost).any()]
    if len(ids) < 2 or not plans:
        return None
    now = modes.cheapest(ids)
    deepest = max(p.discount_ratio for p in plans)
    ratios = (1 - deepest, 0.0) if any(p.existing for p in plans) else (1 - deepest,)
    open_rows = np.flatnonzero(np.any([modes.cheapest(ids, r) != now for r in ratios], axis=0))
    if not len(open_rows):
        return None
    names = (AS_IT_IS, *ids)
    cost = np.array([modes.usd(i)[open_rows] for i in names])
    may = np.array([modes.eligible_usd[i][open_rows] for i in names]) / HOURS_PER_MONTH
    codes = modes.codes(ids)
    place = np.argmax(codes[:, None] == now[open_rows], axis=0)
    best = _descend(cost, may, place, hourly_usd, plans, size_ratio)
    if (best == place).all():
        return None
    chosen = now.copy()
    chosen[open_rows] = codes[best]
    return chosen


def _descend(
    cost: Array, may: Array, place: Codes, hourly_usd: Array, plans: Sequence[Plan], size_ratio: float | None
) -> Codes:
    """Change the endpoint that gains most, until none gains; costs and eligible dollars are (modes, endpoints)."""
    rows = np.arange(len(place))
    stake = np.abs(np.where(np.isfinite(cost), may, 0.0)).max(axis=0)
    tried = np.argsort(-stake, kind="stable")[:MOST_TRIED]
    for _ in range(len(tried)):
        mode, row = np.nonzero(np.isfinite(cost[:, tried]))
        row = tried[row]
        shift = may[mode, row] - may[place[row], row]
        more = cost[mode, row] - cost[place[row], row]
        hourly = np.maximum(hourly_usd[None, :] + shift[:, None], 0.0)
        bill = more + _plan_usd(hourly, plans, size_ratio)
        here = _plan_usd(hourly_usd[None, :], plans, size_ratio)[0]
        k = int(np.argmin(bill))
        if bill[k] > here - CENT:
            break
        hourly_usd, place = hourly[k], np.where(rows == row[k], mode[k], place)
    return place


def _plan_usd(hourly_usd: Array, plans: Sequence[Plan], size_ratio: float | None) -> Array:
    """What plans add to the on-demand bill (a saving is negative), per line of hours."""
    added = np.zeros(len(hourly_usd))
    for plan in plans:
        rate = 1 - plan.discount_ratio
        if size_ratio is None or plan.existing:
            size: Any = plan.commitment_usd_per_hour
        else:
            size = best_commitments(hourly_usd, plan.discount_ratio) * size_ratio
        size = np.broadcast_to(size, len(hourly_usd))
        covered = np.minimum(hourly_usd, size[:, None] / rate)
        added += (size - covered.mean(axis=1)) * HOURS_PER_MONTH
        hourly_usd = hourly_usd - covered
    return added
