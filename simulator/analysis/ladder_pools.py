"""Usage that other commitments cover: nodes of HyperPod clusters and EC2 accelerators, by type and region.

A pool is the on-demand dollars per hour of one type in one region, spread evenly over the hours of each month: clusters
and accelerators are metered by the window, not by the hour. Commitments of a pool are nodes reserved by a training plan
(HyperPod) or by Capacity Blocks (EC2), for at most six months at a time, in whole nodes; and Compute Savings Plans
(EC2), which do not cover reserved nodes. Only what has a price: AWS's feed, or own prices. Bedrock's reserved tier and
provisioned throughput are sized by the busiest minute, which no bill tells: they stay levers. Source:
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
class Pool:
    """One type in one region. `offers` are (name, discount against on demand, whether in whole nodes)."""

    name: str
    usd_per_hour: tuple[float, ...]
    node_usd_per_hour: float
    offers: tuple[tuple[str, float, bool], ...]

    def rungs(self, ask: Ask, offset: int) -> list[Rung]:
        """Every purchase whose term ends within the months; reserved nodes follow one another without a gap."""
        made = []
        for name, discount, in_nodes in self.offers:
            term = min(RESERVED_MONTHS, ask.every_months) if in_nodes else PLANS[name.partition(":")[2]]
            every = term if in_nodes else ask.every_months
            unit = self.node_usd_per_hour if in_nodes else 0.0
            starts = range(1, ask.months - term + 2, every)
            made += [Rung(name, discount, s, term, offset, unit) for s in starts]
        return made


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
    items = [(what.reserved_by, kind, what.reserved_by, True)]
    if what.under_plans:
        items += [
            ("compute_savings_plan", f"ec2:{kind}#{o}", f"compute_savings_plan:{o}", False) for o in PLANS
        ]
    found = [(name, prices.usd(component, item, region), nodes) for component, item, name, nodes in items]
    offers = [(name, 1 - usd / node, nodes) for name, usd, nodes in found if usd is not None and usd < node]
    name = f"{what.title} {kind} in {region}"
    return Pool(name, tuple(usd_per_hour.tolist()), node, tuple(offers)) if offers else None
