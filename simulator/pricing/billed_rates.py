"""The account's own rates: what its bill states per unit, laid over the list prices of the book.

Order of belief: own prices → the billed rate of the newest period → AWS's list → a rule. A rate is the contracted
unit price (private rates in it, Savings Plans not: those are settled apart), else the list price of the bill, else the
effective one. The gap between contracted and list prices is the account's negotiated discount per service.
Source: FOCUS 1.2, ContractedUnitPrice and ListUnitPrice.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from simulator.pricing.files import COLUMNS, UNLISTED
from simulator.pricing.tiers import tiered_usd
from simulator.words import is_known

GRADE = "billed"
SAME_RATIO = 0.001
"""Rates closer than this are one rate: bills round to ten digits, exports to fewer."""
PLACE = ["component", "item", "region"]
PUBLISHED = ("official", "api")
BESIDE = {"cloudwatch": "cloudwatch", "vector_store": "opensearch", "file_system": "file systems"}
"""Components that another service than SageMaker, Bedrock and S3 bills."""
PLAN_RATES = "savings_plan"
"""Rates of Savings Plans are no negotiated discount."""


def service_of(component: str) -> str:
    """The AWS service that a price component is billed by: discounts are negotiated per service."""
    if component.startswith("bedrock"):
        return "bedrock"
    if component.startswith("storage"):
        return "s3"
    return BESIDE.get(component, "sagemaker")


def newest_rates(table: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """One row per price key: the newest period begun by the date, quantity-weighted over accounts and lines.

    Columns: those of a price file, `list_usd` (NaN: not stated) and `quantity`.
    """
    frame = table.assign(usd=_rate(table), weight=table["quantity"].astype(float).fillna(1.0).clip(lower=0))
    started = pd.to_datetime(frame["period_start"], utc=True)
    frame = frame[frame["usd"].notna() & (started <= pd.Timestamp(as_of, tz="UTC"))]
    variant = frame["variant"].fillna("").astype(str)
    item = frame["item"].astype(str) + ("#" + variant).where(variant != "", "")
    frame = frame.assign(
        item=item, component=frame["component"].astype(str), region=frame["region"].astype(str)
    )
    newest = frame["period_start"] == frame.groupby(PLACE)["period_start"].transform("max")
    rows = [_row(key, group) for key, group in frame[newest].groupby(PLACE, sort=True)]
    return pd.DataFrame(rows, columns=[*COLUMNS, "list_usd", "quantity"])


def _rate(table: pd.DataFrame) -> pd.Series[float]:
    contracted = table["contracted_unit_price_usd"].astype(float)
    listed = contracted.fillna(table["list_unit_price_usd"].astype(float))
    return listed.fillna(table["effective_unit_price_usd"].astype(float))


def _row(key: tuple[Hashable, ...], group: pd.DataFrame) -> dict[str, object]:
    weight = group["weight"] if group["weight"].sum() > 0 else pd.Series(1.0, group.index)
    usd = float((group["usd"] * weight).sum() / weight.sum())
    start, end = (pd.to_datetime(group[c], utc=True) for c in ("period_start", "period_end"))
    lines = group["lines"].astype(float).sum()
    since, until = start.min().date().isoformat(), end.max().date().isoformat()
    note = f"billed from {since} to before {until}" + (f", {lines:,.0f} lines" if lines > 0 else "")
    listed = group["list_unit_price_usd"].astype(float)
    list_usd = float((listed * weight).sum() / weight.sum()) if listed.notna().all() else np.nan
    last = (end.max() - pd.Timedelta(days=1)).date().isoformat()
    values = (
        *key,
        0.0,
        np.inf,
        usd,
        str(group["unit"].iloc[0]),
        1.0,
        since,
        "",
        last,
        GRADE,
        "own-bill",
        note,
    )
    return {**dict(zip(COLUMNS, values, strict=True)), "list_usd": list_usd, "quantity": float(weight.sum())}


def laid_over(rows: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """The book's rows in force with the billed rates in the place of list prices; own prices stay.

    `list_usd` of a billed row is the bill's list price, NaN elsewhere. A rate in another unit than the book's is
    left out: it prices something else.
    """
    own = rows[rows["grade"] == "own"]
    everywhere = set(zip(*(own.loc[own["region"] == "*", c] for c in PLACE[:2]), strict=True))
    here = set(zip(*(own[c] for c in PLACE), strict=True))
    listed: dict[Any, Any] = rows.groupby("component")["unit"].unique().to_dict()
    units = {**UNLISTED, **listed}
    places = list(zip(rates["component"], rates["item"], rates["region"], strict=True))
    fits = [
        (c, i) not in everywhere and (c, i, r) not in here and unit in units.get(c, ())
        for (c, i, r), unit in zip(places, rates["unit"], strict=True)
    ]
    kept = _in_tiers(rates[np.array(fits, bool)], rows)
    replaced = pd.MultiIndex.from_frame(rows[PLACE]).isin(pd.MultiIndex.from_frame(kept[PLACE]))
    return pd.concat([rows[~replaced], kept[[*COLUMNS, "list_usd"]]], ignore_index=True)


def _in_tiers(rates: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rates, those of prices that fall with quantity as tiers of the list's form.

    A bill's dollars over its quantity are the mean over the tiers that the quantity reached. The list's tiers are
    scaled so that this quantity costs what was billed; more or less of it climbs the same steps as on the bill.
    """
    stepped = rows[(rows["grade"] != "own") & rows.duplicated(PLACE, keep=False)]
    places = pd.MultiIndex.from_frame(stepped[PLACE])
    made: list[dict[Hashable, Any]] = []
    for row in rates.to_dict("records"):
        steps = stepped[places == (row["component"], row["item"], row["region"])].sort_values("tier_from")
        made += [row] if steps.empty else _scaled(row, steps)
    return pd.DataFrame(made, columns=rates.columns)


def _scaled(row: dict[Hashable, Any], steps: pd.DataFrame) -> list[dict[Hashable, Any]]:
    bounds, prices = steps["tier_from"].to_numpy(float), (steps["usd"] / steps["per"]).to_numpy(float)
    mean = float(tiered_usd(np.array(row["quantity"]), bounds, prices)) / row["quantity"]
    note = f"{row['note']}; {row['usd']:.6g} on average over {row['quantity']:,.6g}, the list's tiers scaled to it"
    return [
        {
            **row, "tier_from": low, "tier_to": high, "usd": price * row["usd"] / mean,
            "list_usd": price * row["list_usd"] / mean, "note": note,
        }
        for low, high, price in zip(bounds, steps["tier_to"], prices, strict=True)
    ]  # fmt: skip


def negotiated_discounts(
    rates: pd.DataFrame, listed: Mapping[tuple[str, str, str], float]
) -> dict[str, float]:
    """Discount ratio per service: 1 − contracted ÷ list over the quantities of the newest period.

    List is what the bill states, else the published price of `listed`. Services without a discount are absent; a
    rate above list is no discount.
    """
    sums: dict[str, tuple[float, float]] = {}
    for row in rates.to_dict("records"):
        place = (row["component"], row["item"], row["region"])
        stated = row["list_usd"]
        list_usd = stated if is_known(stated) else listed.get(place, np.nan)
        if list_usd > 0 and "#spot" not in row["item"] and row["component"] != PLAN_RATES:
            paid, full = sums.get(service_of(row["component"]), (0.0, 0.0))
            by = row["quantity"]
            sums[service_of(row["component"])] = (paid + row["usd"] * by, full + list_usd * by)
    ratios = {service: 1 - paid / full for service, (paid, full) in sums.items() if full > 0}
    return {service: ratio for service, ratio in sorted(ratios.items()) if ratio > SAME_RATIO}
