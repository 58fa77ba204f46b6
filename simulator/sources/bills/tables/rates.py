"""What a bill states per unit → the billed_rates table of a snapshot.

A line's dollars over its quantity are the price that the account was billed. Discounts as lines of their own (EDP,
private rates, bundled) stand beside the lines at list, or net costs beside the unblended ones: their share of the
service's usage in the month is the negotiated discount, and the contracted price is the billed one less that share.
Credits, refunds and tax are not prices and stay out. Covered usage states the on-demand price (CUR); where an export
bills it at 0 it states none.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.aws.price_keys import INSTANCE_PRICES, PriceKey, price_key
from simulator.aws.usage_types import DISCOUNTS, service_of
from simulator.sources.bills.engines.engine import plain

RATED_LINES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
KEYED = ["product", "meter", "item", "usage_type", "instance_type", "model", "tier", "scope", "per_unit"]
PRICED = ["component", "item", "variant", "unit", "units"]
KEY = ["account_id", "component", "item", "region", "variant", "unit", "month"]
NAMED = ["product", "product_name", "usage_type"]
COVERED, PLAN_PRICES = "SavingsPlanCoveredUsage", "savings_plan"
PLAN_LINE = [
    *("account_id", "region", "meter", "instance_type", "period", "first", "last", "rows", "quantity"),
]
LEAST_NET_RATIO, MOST_DISCOUNT_RATIO = 0.0005, 0.9
"""Net costs that differ by less are rounded; discounts above the other are a settlement of something else."""


def billed_rates(lines: pd.DataFrame, discount: Mapping[Hashable, float] | None = None) -> pd.DataFrame:
    """One row per account, price key and month: billed (list) and contracted price per unit, quantity, lines.

    `discount` are the ratios of `discount_ratios`, where they are known already.
    """
    used = lines[_rated(lines)]
    if used.empty:
        return pd.DataFrame()
    priced = _priced(used)
    if priced.empty:
        return pd.DataFrame()
    out = _summed(priced)
    discount = discount_ratios(lines) if discount is None else discount
    ratio = [discount.get(place, 0.0) for place in zip(out["service"], out["month"], strict=True)]
    out["contracted_unit_price_usd"] = out["list_unit_price_usd"] * (1.0 - np.array(ratio, float))
    return out.drop(columns=["usd", "month", "service"])


def _rated(lines: pd.DataFrame) -> pd.Series:
    """Lines of usage that state a price: of covered usage only where the export bills it at its on-demand cost."""
    paid = lines["unblended_usd"] > 0
    free = (lines["unblended_usd"] == 0) & (lines["line_type"] == "Usage")
    return lines["line_type"].isin(RATED_LINES) & lines["usd"] & (lines["quantity"] > 0) & (paid | free)


def _priced(used: pd.DataFrame) -> pd.DataFrame:
    """Lines with their price key and service. Lines are many and kinds few: each kind is looked at once."""
    code, kinds = _by_kind(used, KEYED)
    keys = [_key(kind) for kind in kinds.to_dict("records")]
    service, names = _by_kind(used, NAMED)
    of_service = pd.Categorical([service_of(*row) for row in names.itertuples(index=False, name=None)]).take(
        service
    )
    told = {name: pd.Categorical([k[i] for k in keys]).take(code) for i, name in enumerate(PRICED[:-1])}
    columns = ["account_id", "region", "quantity", "unblended_usd", "rows", "first", "last"]
    out = used[columns].assign(**told, service=of_service, month=_months(used))
    out["quantity"] *= np.array([k[-1] for k in keys], float)[code]
    return out[(out["component"] != "") & (out["region"] != "")]


def _by_kind(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[NDArray[Any], pd.DataFrame]:
    """The place of each row's kind among the kinds, and the kinds."""
    code: NDArray[Any] = (
        frame.groupby(list(columns), sort=False, dropna=False, observed=True).ngroup().to_numpy()
    )
    return code, plain(frame.iloc[np.unique(code, return_index=True)[1]][list(columns)])


def plan_rates(lines: pd.DataFrame, offers: Sequence[str]) -> pd.DataFrame:
    """What covered usage cost per hour under the account's plans, as rates of their offers (term and payment).

    A bill does not tell which plan covered a line by its offer: with several offers each has the mean rate.
    """
    if not offers:
        return pd.DataFrame()
    chosen = (
        (lines["line_type"] == COVERED)
        & lines["usd"]
        & (lines["quantity"] > 0)
        & lines["amortized_usd"].notna()
    )
    chosen &= lines["meter"].isin(list(INSTANCE_PRICES)) & (lines["amortized_rows"] == lines["rows"])
    rows = plain(lines.loc[chosen, [*PLAN_LINE, "amortized_usd"]])
    if rows.empty:
        return pd.DataFrame()
    rows["item"] = rows["meter"].map(INSTANCE_PRICES) + ":" + rows["instance_type"]
    rows["month"] = _months(rows)
    sums = rows.groupby(["account_id", "item", "region", "month"], as_index=False).agg(
        quantity=("quantity", "sum"),
        usd=("amortized_usd", "sum"),
        lines=("rows", "sum"),
        last=("last", "max"),
    )
    sums = sums[(sums["usd"] > 0) & (sums["region"] != "")]
    out = sums.assign(
        component=PLAN_PRICES,
        unit="instance_hour",
        effective_unit_price_usd=sums["usd"] / sums["quantity"],
        period_start=sums["month"],
        period_end=sums["last"].dt.ceil("s"),
    ).drop(columns=["usd", "month", "last"])
    return pd.concat([out.assign(variant=offer) for offer in offers], ignore_index=True)


def _months(rows: pd.DataFrame) -> NDArray[np.datetime64]:
    first = rows["period"].fillna(rows["first"])
    return first.to_numpy().astype("datetime64[M]").astype("datetime64[s]")


def discount_ratios(lines: pd.DataFrame) -> dict[Hashable, float]:
    """Negotiated discount by service and month, of what the lines of usage bill.

    Discount lines of a service are its own. Those of a product that bills no usage (an agreement's discount on the
    whole bill) are of all usage of the month. Without discount lines, net costs beside the unblended ones tell.
    """
    off = lines[lines["line_type"].isin(DISCOUNTS) & lines["usd"]]
    net = (
        lines["net_unblended_usd"].notna() if "net_unblended_usd" in lines else pd.Series(False, lines.index)
    )
    if off.empty and not net.any():
        return {}
    used = _serviced(
        lines[lines["line_type"].isin(RATED_LINES) & lines["usd"] & (lines["unblended_usd"] > 0)]
    )
    if off.empty:
        plain_usage = used[(used["line_type"] == "Usage") & used["net_unblended_usd"].notna()]
        sums = plain_usage.groupby(["service", "month"], observed=True)[
            ["unblended_usd", "net_unblended_usd"]
        ].sum()
        return _reasonable(1.0 - sums["net_unblended_usd"] / sums["unblended_usd"], LEAST_NET_RATIO)
    if used.empty:
        return {}
    off = _serviced(off)
    whole = (off["service"] == "") & ~off["product"].isin(used["product"].unique())
    full = used.groupby(["service", "month"], observed=True)["unblended_usd"].sum()
    own = -off[~whole].groupby(["service", "month"], observed=True)["unblended_usd"].sum()
    every = -off[whole].groupby("month")["unblended_usd"].sum() / used.groupby("month")["unblended_usd"].sum()
    ratio = (own / full).reindex(full.index).fillna(0.0)
    ratio += (
        full.index.get_level_values("month")
        .map(every.to_dict())
        .to_series(index=full.index)
        .fillna(0.0)
        .astype(float)
    )
    return _reasonable(ratio, 0.0)


def contracted(rows: pd.DataFrame, service: str, discount: Mapping[Hashable, float]) -> pd.Series:
    """Dollars of lines of one service, less its negotiated discount of the month."""
    if not discount:
        return rows["unblended_usd"]
    code, months = pd.factorize(_months(rows))
    ratio = [discount.get((service, month), 0.0) for month in pd.to_datetime(months)]
    return rows["unblended_usd"] * (1.0 - np.array(ratio)[code])


def _serviced(rows: pd.DataFrame) -> pd.DataFrame:
    columns = [
        *NAMED,
        "line_type",
        "unblended_usd",
        *(["net_unblended_usd"] if "net_unblended_usd" in rows else []),
    ]
    code, names = _by_kind(rows, NAMED)
    service = np.array([service_of(*row) for row in names.itertuples(index=False, name=None)], object)
    return rows[columns].assign(service=service[code], month=_months(rows))


def _reasonable(ratio: pd.Series, above: float) -> dict[Hashable, float]:
    named = ratio[(ratio > above) & (ratio <= MOST_DISCOUNT_RATIO)].drop("", level="service", errors="ignore")
    return {place: float(value) for place, value in named.items()}


def _key(line: Mapping[Hashable, object]) -> PriceKey:
    words = {name: str(line[name]) for name in KEYED if name not in ("meter", "per_unit")}
    return price_key(str(line["meter"]), **words, per_unit=float(str(line["per_unit"])))


def _summed(priced: pd.DataFrame) -> pd.DataFrame:
    groups = priced.groupby([*KEY, "service"], as_index=False, observed=True)
    out = plain(
        groups.agg(
            quantity=("quantity", "sum"),
            usd=("unblended_usd", "sum"),
            lines=("rows", "sum"),
            period_end=("last", "max"),
        )
    )
    out = out[(out["usd"] > 0) & (out["quantity"] > 0)].reset_index(drop=True)
    out["list_unit_price_usd"] = out["usd"] / out["quantity"]
    out["period_start"] = out["month"]
    least = out["period_start"] + pd.Timedelta(hours=1)
    out["period_end"] = out["period_end"].dt.ceil("s").where(out["period_end"] > least, least)
    return out
