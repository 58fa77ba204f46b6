"""What a ladder is chosen from: usage month by month with its draws, and every purchase that may be made.

Demand is the scenario's, month by month (levers at their shares, growth, launches), times a draw: usage drifts by a
yearly change drawn from a PERT between -fall and +rise around the plan. Plans already bought are used first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.ladder_ask import Ask
from simulator.analysis.ladder_pools import Pool
from simulator.analysis.plan_sizing import assumed, open_groups
from simulator.aws.plan_offers import TERMS, offer
from simulator.engine.calendar import Calendar
from simulator.engine.simulate import Result
from simulator.plans.ladder_demand import Demand, Rung
from simulator.plans.settlement import Plan, best_commitments, eligible_usd_per_hour
from simulator.pricing.charges import price_usage
from simulator.risk.draws import quantile, uniforms
from simulator.usage.blend import grown

Array = NDArray[np.float64]


def possible(result: Result, ask: Ask, pools: Sequence[Pool] = ()) -> list[Rung]:
    """Every purchase whose term ends within the months: later months are nobody's plan."""
    made = []
    for term in TERMS:
        name = offer(term, ask.payment)
        discount = discount_of(result, name)
        last = ask.months - 12 * term + 1
        made += [Rung(name, discount, s, 12 * term) for s in range(1, last + 1, ask.every_months)]
    for place, pool in enumerate(pools, start=1):
        made += pool.rungs(ask, place * ask.months)
    return made


def discount_of(result: Result, name: str) -> float:
    """The offer's discount: where the book has rates per type, the mean over all eligible usage by value."""
    hourly, discounts = open_groups(result, assumed(result, name))
    value = hourly.sum(axis=1)
    return (
        float(value @ discounts / value.sum()) if value.sum() > 0 else float(np.max(discounts, initial=0.0))
    )


def demand_of(result: Result, dated: Calendar, ask: Ask, pools: Sequence[Pool] = ()) -> Demand:
    """Eligible usage per hour of each month, what existing plans cover of it, and the draws; then the pools' months."""
    hourly = np.stack([_hourly(dated, m) for m in range(1, ask.months + 1)])
    existing = np.array([_existing(result, dated, m) for m in range(1, ask.months + 1)])
    flat = [np.repeat(np.array(p.usd_per_hour)[:, None], hourly.shape[1], axis=1) for p in pools]
    return Demand(
        np.vstack([hourly, *flat]), np.tile(drift(ask), (1, 1 + len(pools))),
        np.append(existing, np.zeros(ask.months * len(pools))),
    )  # fmt: skip


def drift(ask: Ask) -> Array:
    """Demand over the plan's (draws, months): a yearly change that is drawn once per draw, at work from month 1."""
    luck = uniforms("ladder.demand_drift", ask.draws, ask.seed)
    change = quantile(luck, -ask.fall_ratio, 0.0, ask.rise_ratio)
    return (1 + change)[:, None] ** (np.arange(1, ask.months + 1) / 12)[None, :]


def _hourly(dated: Calendar, month: int) -> Array:
    """A month's eligible usage at on-demand prices; days that differ count by their share."""
    growth = dated.result.scenario.planning.growth(month)
    parts = []
    for part in dated.parts(month):
        usage = grown(dated.usage(month, part.day), growth)
        parts.append(part.share * eligible_usd_per_hour(price_usage(usage, dated.book_on(part.day)), usage))
    return np.sum(parts, axis=0)


def _existing(result: Result, dated: Calendar, month: int) -> float:
    """On-demand dollars per hour that plans already bought cover, by the days they are in force."""
    realised = {a.plan.plan_id: a.discount_ratio for a in result.outcome.settlement.allocations}
    return sum(
        part.share * _capacity(p, realised)
        for part in dated.parts(month)
        for p in dated.plans_on(part.day, new=False)
    )


def _capacity(plan: Plan, realised: dict[str, float]) -> float:
    return plan.commitment_usd_per_hour / (1 - min(realised.get(plan.plan_id, plan.discount_ratio), 0.99))


def on_history(
    result: Result, dated: Calendar, ask: Ask, pools: Sequence[Pool] = ()
) -> tuple[list[Rung], Array]:
    """What others do: the best commitment on today's usage, of one year, renewed as long as the months go; of a pool
    all of its first month, by the offer with the largest discount."""
    name = offer(1, ask.payment)
    discount = discount_of(result, name)
    usage = result.baseline.usage
    hourly = eligible_usd_per_hour(price_usage(usage, result.book), usage)
    left = np.maximum(hourly - _existing(result, dated, 1), 0.0)
    rungs = [Rung(name, discount, s, 12) for s in range(1, ask.months - 10, 12)] or [
        Rung(name, discount, 1, ask.months)
    ]
    sizes = [float(best_commitments(left, discount))] * len(rungs)
    for place, pool in enumerate(pools, start=1):
        for rung in pool.renewed(ask, place * ask.months):
            rungs.append(rung)
            sizes.append(whole_usd(pool.usd_per_hour[0], rung.unit_usd) * (1 - rung.discount_ratio))
    return rungs, np.array(sizes)


def whole_usd(usd_per_hour: float, unit_usd: float) -> float:
    """So many on-demand dollars per hour, up to whole units."""
    return float(np.ceil(usd_per_hour / unit_usd - 1e-9)) * unit_usd if unit_usd > 0 else usd_per_hour
