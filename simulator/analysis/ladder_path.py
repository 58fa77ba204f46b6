"""A ladder month by month: what it covers beside the demand that may come; what exists already, and renewals.

All in on-demand dollars per hour: a commitment c at discount d covers c / (1 - d).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.engine.calendar import month_start
from simulator.plans.ladder import Ladder
from simulator.plans.ladder_demand import Demand, Rung
from simulator.plans.settlement import Plan


@dataclass(frozen=True)
class LadderMonth:
    """One month. `low`, `middle` and `high` are P10, P50 and P90 of its mean eligible usage; `fallen` is that of demand
    lower by the fall; `covered` is what existing plans and the ladder can cover, `covered_on_history` what existing
    plans and a plan sized on history can."""

    month_start: str
    low_usd_per_hour: float
    middle_usd_per_hour: float
    high_usd_per_hour: float
    fallen_usd_per_hour: float
    existing_usd_per_hour: float
    covered_usd_per_hour: float
    covered_on_history_usd_per_hour: float


@dataclass(frozen=True)
class Held:
    """A Savings Plan that is bought already; `ends_on` is the first day on which it is no longer in force."""

    plan_id: str
    offer: str
    commitment_usd_per_hour: float
    ends_on: str


def path(
    first: date, demand: Demand, ladder: Ladder, on_history: Ladder, fall_ratio: float, months: int
) -> tuple[LadderMonth, ...]:
    """Every month of the usage that SageMaker's plans cover: the demand's first `months`."""
    mean = demand.hourly_usd[:months].mean(axis=1)
    low, middle, high = np.quantile(demand.factors[:, :months], (0.1, 0.5, 0.9), axis=0) * mean
    existing = demand.existing_usd[:months]
    bought, usual = (existing + capacity(made, len(mean)) for made in (ladder, on_history))
    columns = (low, middle, high, mean * (1 - fall_ratio), existing, bought, usual)
    rows = np.stack(columns, axis=1).tolist()
    return tuple(LadderMonth(month_start(first, n).isoformat(), *row) for n, row in enumerate(rows, start=1))


def capacity(made: Ladder, months: int) -> np.ndarray:
    """What the bought plans cover in each of the first months."""
    total = np.zeros(months)
    for rung, commitment in made.bought:
        if rung.offset > 0:
            continue
        total[rung.start_month - 1 : rung.start_month - 1 + rung.months] += commitment / (
            1 - rung.discount_ratio
        )
    return total


def held(plans: Sequence[Plan]) -> tuple[Held, ...]:
    """Plans of the account, the first to end first; an end that is not known is empty and comes last."""
    made = [
        Held(p.plan_id, p.offer, p.commitment_usd_per_hour, p.end.isoformat() if p.end else "") for p in plans
    ]
    return tuple(sorted(made, key=lambda h: (not h.ends_on, h.ends_on, h.plan_id)))


def renewals(first: date, bought: Sequence[tuple[Rung, float]], plans: Sequence[Plan]) -> Mapping[int, str]:
    """Per purchase (its place in `bought`): what ends in the month before it or in its own, so that it takes its place.

    A plan of the account is named by its id, an earlier purchase by its date."""
    made = {}
    for n, (rung, _) in enumerate(bought):
        start = month_start(first, rung.start_month)
        before = month_start(first, rung.start_month - 1)
        own = plans if rung.offset == 0 else ()
        ended = [p.plan_id for p in own if p.end and before < p.end <= start]
        ended += [
            f"the purchase of {month_start(first, r.start_month).isoformat()}"
            for r, _ in bought
            if r.offset == rung.offset and r.start_month + r.months == rung.start_month
        ]
        if ended:
            made[n] = ", ".join(dict.fromkeys(ended))
    return made
