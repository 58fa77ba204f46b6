"""Tokens and gigabytes of a bill → the bedrock and storage tables of a snapshot."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.aws.service_types import AGENTCORE
from simulator.sources.bills.engines.engine import plain
from simulator.sources.bills.tables.rates import contracted
from simulator.sources.bills.tables.resources import resource_name
from simulator.sources.bills.window import Window
from simulator.usage.gb_months import window_months

DIRECTIONS = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
DAY = ["account_id", "region", "model", "period", "tier", "scope"]
NOT_BY_TOKEN = "not billed by token"
ONE_WAY = r"embed"
"""Embedding models answer with vectors: they bill input only. Source: Bedrock pricing page, embeddings."""
BUCKET = ["account_id", "region", "bucket"]
ASSUMPTIONS = {
    "bedrock": "Requests, and how much of the input repeats, are not on a Bedrock bill: unknown.",
    "storage": "GiB of a bucket are the mean of its GB-months; number, age and size of objects are not on a bill.",
}


def bedrock(lines: pd.DataFrame, discount: Mapping[Hashable, float] | None = None) -> pd.DataFrame:
    """Tokens by model, day, tier and routing; a direction nobody billed stays unknown. Lines that say nothing but
    dollars become the model `unknown` with tokens unknown, those billed by another unit `not billed by token`;
    AgentCore is a service."""
    ours = (lines["component"] == "bedrock") & lines["unblended_usd"].notna() & ~of_agentcore(lines)
    told = lines["meter"].isin(["tokens", "provisioned"]) & lines["quantity"].notna()
    rows = lines.loc[ours, [*DAY, "usage_type", "meter", "item", "quantity", "per_unit", "unblended_usd"]]
    if rows.empty:
        return pd.DataFrame()
    cost = contracted(lines.loc[ours, ["period", "first", "unblended_usd"]], "bedrock", discount or {})
    rows = rows.assign(model=_named(rows, told[ours]), unblended_usd=cost)
    model = rows["model"].cat
    rows = rows.assign(
        model=pd.Categorical([m or "unknown" for m in model.categories]).take(model.codes.to_numpy())
    )
    groups = rows.groupby(DAY, sort=True, dropna=False)
    code = groups.ngroup().to_numpy()
    out = groups["unblended_usd"].sum().rename("cost_usd").reset_index()
    amount, tokens = (rows["quantity"] * rows["per_unit"]).to_numpy(float), rows["meter"] == "tokens"
    for direction in DIRECTIONS:
        chosen = (tokens & (rows["item"] == direction)).to_numpy()
        out[f"{direction}_tokens"] = _added(code[chosen], amount[chosen], len(out))
    one_way = out["model"].astype(str).str.contains(ONE_WAY, regex=True) & out["input_tokens"].notna()
    out["output_tokens"] = out["output_tokens"].where(~(one_way & out["output_tokens"].isna()), 0.0)
    provisioned = (rows["meter"] == "provisioned").to_numpy()
    out["provisioned_units"] = _added(code[provisioned], amount[provisioned], len(out)) / 24.0
    return out.rename(columns={"model": "model_id", "period": "date"})


def of_agentcore(lines: pd.DataFrame) -> NDArray[np.bool_]:
    """True for lines of AgentCore, whose dollars are Bedrock's and whose rows are services."""
    product = lines["product"].astype("category").cat
    known = [bool(AGENTCORE.search(str(p))) for p in product.categories]
    found: NDArray[np.bool_] = np.array([*known, False], bool)[product.codes.to_numpy()]
    return found & lines["usd"].to_numpy(bool)


def _named(rows: pd.DataFrame, told: pd.Series) -> pd.Categorical:
    """The model of each row; what is not billed by tokens (guardrails, reserved, storage …) is apart by name, so that
    its dollars are the bill's own figure and never mixed with a model's tokens."""
    model = rows["model"].astype(object)
    unit = ~told.to_numpy() & (rows["usage_type"] != "").to_numpy()
    return pd.Categorical(model.where(~unit, NOT_BY_TOKEN))


def _added(code: NDArray[Any], amount: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Sums by group; NaN where a group has nothing to add."""
    total = np.bincount(code, amount, size)
    return np.where(np.bincount(code, minlength=size) > 0, total, np.nan)


def storage(lines: pd.DataFrame, window: Window) -> pd.DataFrame:
    """GiB by bucket and class: GB-months over the months of the window. Requests, reads and watched objects alike.

    Objects that Intelligent-Tiering watches, and the requests to it, are on the bucket's first row of that class.
    """
    ours = (lines["component"] == "storage") & (lines["meter"] != "")
    rows = plain(lines.loc[ours, ["account_id", "region", "resource_id", "meter", "item", "quantity"]])
    if rows.empty:
        return pd.DataFrame()
    rows["bucket"] = resource_name(rows["resource_id"], pd.Series("buckets", rows.index), rows["region"])
    rows["bucket"] = rows["bucket"].str.replace(r"^arn:aws[a-z-]*:s3:::", "", regex=True).astype(object)
    rows["storage_class"] = rows["item"].where(rows["item"] != "", "STANDARD")
    rows["amount"] = rows["quantity"] / covered_months_of(window)
    out = _wide(rows, [*BUCKET, "storage_class"], ("storage", "retrieval"), ("gib", "retrieved_gib"))
    out["gib"] = out["gib"].fillna(0.0)
    empty = (out["gib"] == 0.0) & out["retrieved_gib"].isna()
    several = out.groupby(BUCKET)["gib"].transform("size") > 1
    out = out[~(empty & several)]
    order = (out["storage_class"] != "STANDARD").rename("_order")
    out = out.assign(_order=order).sort_values([*BUCKET, "_order", "storage_class"], ignore_index=True)
    traffic = _wide(rows, BUCKET, ("put", "get", "monitored"), ("put_requests", "get_requests", "watched"))
    return _with_traffic(out.drop(columns="_order"), traffic)


def covered_months_of(window: Window) -> float:
    """Months of storage in the covered part of the window."""
    return window_months(window.start, window.end) - sum(window_months(a, b) for a, b in window.gaps)


def _wide(
    rows: pd.DataFrame, key: list[str], meters: tuple[str, ...], names: tuple[str, ...]
) -> pd.DataFrame:
    """One row per key, one column a meter; NaN where the bill has none."""
    groups = rows.groupby(key, sort=True)
    code, out = groups.ngroup().to_numpy(), groups.size().reset_index()[key]
    for meter, name in zip(meters, names, strict=True):
        chosen = (rows["meter"] == meter).to_numpy()
        out[name] = _added(code[chosen], rows["amount"].to_numpy(float)[chosen], len(out))
    return out


def _with_traffic(out: pd.DataFrame, traffic: pd.DataFrame) -> pd.DataFrame:
    out = out.merge(traffic, on=BUCKET, how="left")
    tiered = out["storage_class"].str.startswith("INTELLIGENT_TIERING")
    first = ~out.duplicated(BUCKET)
    first_tiered = tiered & ~out[tiered].duplicated(BUCKET).reindex(out.index, fill_value=False)
    for requests in ("put_requests", "get_requests"):
        out[requests] = out[requests].where(first)
    out["objects"] = out["watched"].round().where(first_tiered, 0.0).where(tiered & out["watched"].notna())
    return out.drop(columns="watched")
