"""Usage that other commitments cover: nodes of HyperPod clusters and EC2 accelerators, by type and region.

A pool is the on-demand dollars per hour of one type in one region, spread evenly over the hours of each month: clusters
and accelerators are metered by the window, not by the hour. Commitments of a pool are nodes reserved by a training plan
(HyperPod) or by Capacity Blocks (EC2), for at most six months at a time, in whole nodes; and Compute Savings Plans
(EC2), which do not cover reserved nodes. Only what has a price: AWS's feed, or own prices. Source:
rules.md#training-plans; EC2 user guide, ec2-capacity-blocks; Savings Plans user guide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.analysis.ladder_ask import Ask
from simulator.analysis.serving_costs import Prices
from simulator.engine.calendar import Calendar
from simulator.plans.ladder_demand import Rung
from simulator.usage.blend import grown
from simulator.usage.tables import Usage

RESERVED_MONTHS = 6
"""Training plans and Capacity Blocks last at most 182 days."""
PLANS = {"1y_no_upfront": 12, "3y_no_upfront": 36}
HOW = "Whole nodes are reserved for at most six months, at today's price also later."
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Kind:
    """What runs, the price it has on demand, what reserves it, and whether a Compute Savings Plan covers it."""

    title: str
    on_demand: str
    reserved_by: str
    under_plans: bool


KINDS = {
    "cluster_hours": Kind("HyperPod", "training", "training_plan", under_plans=False),
    "ec2_hours": Kind("EC2", "ec2", "capacity_block", under_plans=True),
}


@dataclass(frozen=True)
class Offer:
    """What may be bought for a pool. `discount_ratio` is against on demand, when all that is bought is used.

    With `unit_usd` above 0 it is bought in whole units (nodes, model units), each covering so many on-demand dollars
    per hour, for `term_months` at a time or, where `up_to` says so, for fewer; one follows another without a gap.
    """

    name: str
    discount_ratio: float
    term_months: int
    unit_usd: float = 0.0
    up_to: bool = False

    def least_usd(self, usd_per_hour: float) -> float:
        """The least that so many on-demand dollars per hour cost with it, what it does not carry on demand."""
        if self.unit_usd <= 0:
            return usd_per_hour * (1 - self.discount_ratio)
        units = np.floor(usd_per_hour / self.unit_usd) + np.array([0.0, 1.0])
        carried = units * self.unit_usd
        return float((carried * (1 - self.discount_ratio) + np.maximum(usd_per_hour - carried, 0.0)).min())

    def months(self, ask: Ask) -> int:
        """How long one purchase is in force: whole terms, as many as fit between two dates to buy on."""
        if self.unit_usd <= 0:
            return self.term_months
        if self.up_to:
            return min(self.term_months, ask.every_months)
        return self.term_months * max(ask.every_months // self.term_months, 1)

    def rungs(self, ask: Ask, offset: int) -> list[Rung]:
        """Every purchase whose term ends within the months."""
        months = self.months(ask)
        every = months if self.unit_usd > 0 else ask.every_months
        starts = range(1, ask.months - months + 2, every)
        return [Rung(self.name, self.discount_ratio, s, months, offset, self.unit_usd) for s in starts]


@dataclass(frozen=True)
class Pool:
    """Usage that its offers cover, in on-demand dollars per hour of each month. `how` says in words what is taken for
    granted."""

    name: str
    usd_per_hour: tuple[float, ...]
    offers: tuple[Offer, ...]
    how: str

    def rungs(self, ask: Ask, offset: int) -> list[Rung]:
        """Every purchase that may be made for it."""
        return [rung for offer in self.offers for rung in offer.rungs(ask, offset)]

    def renewed(self, ask: Ask, offset: int) -> list[Rung]:
        """The offer with the largest discount, bought in the first month and each time it ends."""
        best = max(self.offers, key=lambda o: o.discount_ratio)
        found = best.rungs(ask, offset)
        return [rung for rung in found if (rung.start_month - 1) % rung.months == 0]


def pools_of(dated: Calendar, ask: Ask) -> tuple[Pool, ...]:
    """Every type and region with on-demand hours in some month and a commitment that is cheaper than on demand."""
    prices = Prices(dated.book_on(dated.first))
    hourly: dict[Key, np.ndarray] = {}
    for month in range(1, ask.months + 1):
        growth = dated.result.scenario.planning.growth(month)
        for part in dated.parts(month):
            usage = grown(dated.usage(month, part.day), growth)
            for key, hours in _hours(usage).items():
                usd = Prices(dated.book_on(part.day)).usd(KINDS[key[0]].on_demand, *key[1:])
                if usd is not None:
                    row = hourly.setdefault(key, np.zeros(ask.months))
                    row[month - 1] += part.share * usd * hours / usage.period_hours
    made = (_pool(key, row, prices) for key, row in sorted(hourly.items()))
    return tuple(pool for pool in made if pool is not None)


def _hours(usage: Usage) -> dict[Key, float]:
    t, catalog = usage.compute, usage.catalog
    made: dict[Key, float] = {}
    for meter in KINDS:
        hours = np.asarray(getattr(t, meter), float)
        for row in np.flatnonzero((hours > 0) & (t.instance_type >= 0)):
            key = (meter, catalog.instance_types[t.instance_type[row]], catalog.regions[t.region[row]])
            made[key] = made.get(key, 0.0) + float(hours[row])
    return made


def _pool(key: Key, usd_per_hour: np.ndarray, prices: Prices) -> Pool | None:
    meter, kind, region = key
    what = KINDS[meter]
    node = prices.usd(what.on_demand, kind, region)
    if node is None or not node > 0:
        return None
    reserved = prices.usd(what.reserved_by, kind, region)
    offers = []
    if reserved is not None and reserved < node:
        offers.append(Offer(what.reserved_by, 1 - reserved / node, RESERVED_MONTHS, node, up_to=True))
    for term, months in PLANS.items() if what.under_plans else ():
        usd = prices.usd("compute_savings_plan", f"ec2:{kind}#{term}", region)
        if usd is not None and usd < node:
            offers.append(Offer(f"compute_savings_plan:{term}", 1 - usd / node, months))
    name = f"{what.title} {kind} in {region}"
    return Pool(name, tuple(usd_per_hour.tolist()), tuple(offers), HOW) if offers else None
