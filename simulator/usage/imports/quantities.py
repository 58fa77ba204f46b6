"""Tokens and gigabytes of a bill → the bedrock and storage tables of a snapshot."""

from __future__ import annotations

import pandas as pd

from simulator.usage.buckets import window_months
from simulator.usage.imports.resources import Window, resource_name

DIRECTIONS = ("input", "output", "cache_read", "cache_write")
DAY = ["account_id", "region", "model", "day", "tier", "scope"]
BUCKET = ["account_id", "region", "bucket"]
ASSUMPTIONS = {
    "bedrock": "Requests, and how much of the input repeats, are not on a Bedrock bill: unknown.",
    "storage": "GiB of a bucket are the mean of its GB-months; number, age and size of objects are not on a bill.",
}


def bedrock(lines: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Tokens by model, day, tier and routing; a direction nobody billed stays unknown. Lines that say nothing but
    dollars become the model `unknown` with tokens unknown."""
    rows = lines[(lines["component"] == "bedrock") & (lines["unblended_usd"].notna())]
    silent = (rows["meter"] == "") & (rows["usage_type"] == "")
    rows = rows[rows["meter"].isin(["tokens", "provisioned"]) & rows["quantity"].notna() | silent].copy()
    if rows.empty:
        return pd.DataFrame()
    rows["model"] = rows["model"].where(rows["model"] != "", "unknown")
    rows["amount"] = rows["quantity"] * rows["per_unit"]
    out = rows.groupby(DAY, as_index=False).agg(cost_usd=("unblended_usd", "sum"))
    for direction in DIRECTIONS:
        tokens = rows[(rows["meter"] == "tokens") & (rows["item"] == direction)]
        out = out.merge(_summed(tokens, DAY, f"{direction}_tokens"), on=DAY, how="left")
    out = out.merge(_summed(rows[rows["meter"] == "provisioned"], DAY, "unit_hours"), on=DAY, how="left")
    out["provisioned_units"] = out["unit_hours"] / 24.0
    return out.rename(columns={"model": "model_id", "day": "date"}).drop(columns="unit_hours")


def _summed(rows: pd.DataFrame, key: list[str], name: str) -> pd.DataFrame:
    return rows.groupby(key)["amount"].sum(min_count=1).rename(name).reset_index()


def storage(lines: pd.DataFrame, window: Window) -> pd.DataFrame:
    """GiB by bucket and class: GB-months over the months of the window. Requests, reads and watched objects alike."""
    rows = lines[(lines["component"] == "storage") & (lines["meter"] != "")].copy()
    if rows.empty:
        return pd.DataFrame()
    rows["bucket"] = resource_name(rows["resource_id"], pd.Series("buckets", rows.index), rows["region"])
    rows["bucket"] = rows["bucket"].str.replace(r"^arn:aws[a-z-]*:s3:::", "", regex=True).astype(object)
    rows["amount"] = rows["quantity"] / window_months(window.start, window.end)
    rows = rows.rename(columns={"item": "storage_class"})
    of_class = [*BUCKET, "storage_class"]
    out = _summed(rows[rows["meter"] == "storage"], of_class, "gib")
    out = out.merge(
        _summed(rows[rows["meter"] == "retrieval"], of_class, "retrieved_gib"), on=of_class, how="outer"
    )
    traffic = _wide(rows[rows["meter"].isin(["put", "get", "monitored"])])
    unseen = traffic.merge(out[BUCKET].drop_duplicates(), on=BUCKET, how="left", indicator=True)
    unseen = unseen.loc[unseen["_merge"] == "left_only", BUCKET].assign(storage_class="STANDARD")
    out = pd.concat([out, unseen], ignore_index=True)
    out["gib"] = out["gib"].fillna(0.0)
    out["_order"] = (out["storage_class"] != "STANDARD").astype(int)
    out = out.sort_values([*BUCKET, "_order", "storage_class"], ignore_index=True).drop(columns="_order")
    return _with_traffic(out, traffic)


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """Requests and watched objects of a bucket; empty where the bill has none."""
    out = rows[BUCKET].drop_duplicates()
    for meter, column in (("put", "put_requests"), ("get", "get_requests"), ("monitored", "monitored")):
        out = out.merge(_summed(rows[rows["meter"] == meter], BUCKET, column), on=BUCKET, how="left")
    return out


def _with_traffic(out: pd.DataFrame, traffic: pd.DataFrame) -> pd.DataFrame:
    """Requests on a bucket's first row; objects that Intelligent-Tiering watches on its first row of that class."""
    tiered = out["storage_class"].str.startswith("INTELLIGENT_TIERING")
    first = ~out.duplicated(BUCKET)
    first_tiered = tiered & ~out[tiered].duplicated(BUCKET).reindex(out.index, fill_value=False)
    out = out.merge(traffic, on=BUCKET, how="left")
    for requests in ("put_requests", "get_requests"):
        out[requests] = out[requests].where(first)
    out["objects"] = (
        out["monitored"].round().where(first_tiered, 0.0).where(tiered & out["monitored"].notna())
    )
    return out.drop(columns="monitored")
