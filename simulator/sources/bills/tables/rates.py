"""What a bill states per unit → the billed_rates table of a snapshot.

A line's dollars over its quantity are the price that the account was billed. Discounts as lines of their own (EDP,
private rates, bundled) stand beside the lines at list: their share of the service's usage in the month is the
negotiated discount, and the contracted price is the billed one less that share. Credits, refunds and tax are not
prices and stay out. Covered usage states the on-demand price (CUR); where an export bills it at 0 it states none.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from simulator.aws.price_keys import PriceKey, price_key
from simulator.aws.usage_types import DISCOUNTS, service_of
from simulator.sources.bills.engines.engine import plain

RATED_LINES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
KEYED = ["product", "meter", "item", "usage_type", "instance_type", "model", "tier", "scope", "per_unit"]
PRICED = ["component", "item", "variant", "unit", "units"]
KEY = ["account_id", "component", "item", "region", "variant", "unit", "month"]
LINE = [
    *("account_id", "line_type", "product", "product_name", "usage_type", "region", "meter", "instance_type"),
    *("item", "model", "tier", "scope", "per_unit", "unit", "period", "first", "last", "rows"),
    *("quantity", "unblended_usd"),
]
MOST_DISCOUNT_RATIO = 0.9
"""Above this the lines are no price discount but a settlement of something else."""


def billed_rates(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per account, price key and month: billed (list) and contracted price per unit, quantity, lines."""
    rows = plain(lines.loc[lines["usd"], LINE])
    month = rows["period"].fillna(rows["first"]).to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    names = zip(rows["product"], rows["product_name"], rows["usage_type"], strict=True)
    rows = rows.assign(month=month, service=[service_of(p, n, u) for p, n, u in names])
    used = rows[rows["line_type"].isin(RATED_LINES) & (rows["quantity"] > 0) & (rows["unblended_usd"] >= 0)]
    used = used[(used["line_type"] == "Usage") | (used["unblended_usd"] > 0)]
    if used.empty:
        return pd.DataFrame()
    keys = [_key(line) for line in used[KEYED].to_dict("records")]
    priced = used.drop(columns=["item", "unit"]).assign(
        **{name: [key[i] for key in keys] for i, name in enumerate(PRICED)}
    )
    out = _summed(priced[(priced["component"] != "") & (priced["region"] != "")])
    discount = discount_ratios(rows, used)
    ratio = [discount.get(place, 0.0) for place in zip(out["service"], out["month"], strict=True)]
    out["contracted_unit_price_usd"] = out["list_unit_price_usd"] * (1.0 - np.array(ratio, float))
    return out.drop(columns=["usd", "month", "service"])


def discount_ratios(rows: pd.DataFrame, used: pd.DataFrame) -> dict[Hashable, float]:
    """Negotiated discount by service and month: discount lines over the usage they stand beside."""
    full = used.groupby(["service", "month"])["unblended_usd"].sum()
    lines = rows[rows["line_type"].isin(DISCOUNTS)]
    off = -lines.groupby(["service", "month"])["unblended_usd"].sum()
    ratio = (off / full[full > 0]).dropna()
    named = ratio[(ratio > 0) & (ratio <= MOST_DISCOUNT_RATIO)].drop("", level="service", errors="ignore")
    return {place: float(value) for place, value in named.items()}


def _key(line: Mapping[Hashable, object]) -> PriceKey:
    words = {name: str(line[name]) for name in KEYED if name not in ("meter", "per_unit")}
    return price_key(str(line["meter"]), **words, per_unit=float(str(line["per_unit"])))


def _summed(priced: pd.DataFrame) -> pd.DataFrame:
    units = priced["quantity"] * priced["units"]
    groups = priced.assign(quantity=units).groupby([*KEY, "service"], as_index=False, dropna=False)
    out = groups.agg(
        quantity=("quantity", "sum"),
        usd=("unblended_usd", "sum"),
        lines=("rows", "sum"),
        period_start=("first", "min"),
        period_end=("last", "max"),
    )
    out = out[(out["usd"] > 0) & (out["quantity"] > 0)].reset_index(drop=True)
    out["list_unit_price_usd"] = out["usd"] / out["quantity"]
    out["period_start"] = out["month"]
    least = out["period_start"] + pd.Timedelta(hours=1)
    out["period_end"] = out["period_end"].dt.ceil("s").where(out["period_end"] > least, least)
    return out
