"""Managed spot as the bill prices it: what an hour on spot costs, over an hour on demand.

A bill counts the hours in which a spot job ran and prices them below on demand; SageMaker's own record has fewer
billable seconds at the on-demand price. Both are the same dollars: the billable seconds of a job are its hours times
this ratio. Source: SageMaker developer guide, managed spot training (savings = 1 - billable / training seconds).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from simulator.pricing.book import PriceBook
from simulator.sources.bills.engines.engine import plain

AS_ON_DEMAND_RATIO = 0.97
"""From here on the bill counts reduced hours at the on-demand price already."""
Place = tuple[str, str]


def spot_ratios(lines: pd.DataFrame, as_of: date) -> Mapping[Place, float]:
    """(instance type, region) → price on spot over on demand: the bill's own where it has both, else the book's."""
    spot = _rates(lines, "training_spot")
    if not spot:
        return {}
    own = _rates(lines, "training")
    listed = _listed([p for p in spot if p not in own], as_of) | own
    found = {p: usd / listed[p] for p, usd in spot.items() if listed.get(p)}
    return {p: ratio for p, ratio in found.items() if ratio < AS_ON_DEMAND_RATIO}


def _rates(lines: pd.DataFrame, meter: str) -> dict[Place, float]:
    chosen = (lines["meter"] == meter) & (lines["line_type"] == "Usage") & lines["usd"]
    chosen &= (lines["quantity"] > 0) & (lines["unblended_usd"] > 0)
    if not chosen.any():
        return {}
    rows = plain(lines.loc[chosen, ["instance_type", "region", "quantity", "unblended_usd"]])
    sums = rows.groupby(["instance_type", "region"])[["unblended_usd", "quantity"]].sum()
    rate = sums["unblended_usd"] / sums["quantity"]
    kinds, regions = (rate.index.get_level_values(n).astype(str) for n in ("instance_type", "region"))
    return dict(zip(zip(kinds, regions, strict=True), rate.astype(float), strict=True))


def _listed(places: Sequence[Place], as_of: date) -> dict[Place, float]:
    """On-demand prices of the book; what it does not price is absent."""
    if not places:
        return {}
    types, regions = (tuple(sorted({p[i] for p in places})) for i in (0, 1))
    usd = PriceBook.load(as_of).table("training", types, regions).usd
    found = {p: float(usd[types.index(p[0]), regions.index(p[1])]) for p in places}
    return {p: price for p, price in found.items() if price > 0}
