"""Instance-hours by resource → training jobs, endpoints and compute of a snapshot.

A bill tells hours, not how many instances ran side by side: the count is the most instance-hours of one hour, rounded
up. It does not tell how a job ended, or whether an endpoint scales: what is taken instead is said in `ASSUMPTIONS`.
Where the export has no resource ids, all of one instance type in a region become one resource.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from simulator.catalog import load_catalog
from simulator.sources.bills.engines.engine import plain
from simulator.sources.bills.tables.bounds import breaches
from simulator.sources.bills.tables.spot import spot_ratios
from simulator.sources.bills.window import Window
from simulator.units import HOURS_PER_MONTH, SECONDS_PER_HOUR

ASSUMPTIONS = {
    "training_jobs": "A bill does not show how a training job ended: its status is Unknown. Instances of "
    "a job are the most instance-hours billed in one hour, rounded up.",
    "endpoints": "An endpoint billed within the last 24 hours of the window is taken as in service, with the "
    "instances of its last hour; others as out of service. Variants are not on the bill: one variant per instance "
    "type. Where the instance count moved from hour to hour, it is taken to scale between the least and the most "
    "seen. Traffic is unknown.",
    "compute": "Idle hours of notebooks and apps are not on a bill: unknown.",
}
STRANGE = (
    "instance types not in the catalogue ({types}): priced by the bill's own rates, and what levers need to know of "
    "them is unknown"
)
ALIVE_HOURS = 24.0
WHOLE = 1e-3
KEY = ["account_id", "region", "name", "instance_type"]
NAMED_BY = {"training_jobs": "job_name", "endpoints": "endpoint_name", "compute": "name"}
COMPUTE_KINDS = ("notebook", "studio", "processing", "transform")
CLUSTER = "hyperpod"
"""The meter of HyperPod: `cluster` in the table. Its volumes are dollars only: they are billed as training."""


def resource_tables(
    hours: pd.DataFrame, lines: pd.DataFrame, tags: Mapping[tuple[str, str], dict[str, str]], window: Window
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Tables from `Answers.by_resource` (with uses) and the classified lines (volumes, serverless); warnings."""
    hours = hours[hours["hours"] > 0]
    known = (hours["instance_type"] != "") & (hours["meter"] != "")
    strange = sorted(set(hours.loc[known, "instance_type"]) - set(load_catalog().instance_types))
    warnings = [STRANGE.format(types=", ".join(strange[:5]))] if strange else []
    merged = _merged(_named(hours[known]))
    volumes = _volumes(lines)
    tables = {name: pd.DataFrame() for name in NAMED_BY} | {"endpoints": _serverless(lines)}
    if len(merged):
        endpoints = [_endpoints(merged, volumes, window), tables["endpoints"]]
        tables = {
            "training_jobs": _training(merged, volumes, spot_ratios(lines, window.end.date())),
            "endpoints": pd.concat(endpoints, ignore_index=True),
            "compute": _compute(merged, volumes, window),
        }
    tables = {n: _tagged(t, NAMED_BY[n], tags) if len(t) else t for n, t in tables.items()}
    return tables, [*warnings, *breaches(tables, window)]


def _named(hours: pd.DataFrame) -> pd.DataFrame:
    """Hours with the name of the resource and the instance count of its busiest, last and quietest line."""
    out = hours.copy()
    out["name"] = resource_name(out["resource_id"], out["instance_type"], out["region"])
    out["nameless"] = out["resource_id"] == ""
    step = out["line_hours"]
    out["most_count"] = np.maximum(np.ceil(out["most"] / step - WHOLE), 1.0)
    out["least_count"] = np.floor(out["least"] / step + WHOLE).where(out["least"].notna(), out["most_count"])
    last = out["last_hours"] / step
    out["last_count"] = (
        last.round().where((last - last.round()).abs() < WHOLE, out["most_count"]).clip(lower=1.0)
    )
    return out


def resource_name(resource_id: pd.Series, instance_type: pd.Series, region: pd.Series) -> pd.Series:
    """`arn:…:endpoint/chat` → `chat`; without an id, all of that type in that region together."""
    together = "all " + instance_type + " in " + region
    return (
        resource_id.str.replace(r"^arn:aws[^/]*[:/]", "", regex=True)
        .str.strip()
        .where(resource_id != "", together)
    )


def _training(
    merged: pd.DataFrame, volumes: pd.DataFrame, spot_usd_ratio: Mapping[tuple[str, str], float]
) -> pd.DataFrame:
    if not merged["meter"].isin(["training", "training_spot", "warm_pool"]).any():
        return pd.DataFrame()
    jobs = merged[merged["meter"].isin(["training", "training_spot"])]
    jobs = jobs.assign(spot=jobs["meter"] == "training_spot")
    pools = merged.loc[merged["meter"] == "warm_pool", [*KEY, "hours"]].rename(
        columns={"hours": "pool_hours"}
    )
    out = jobs.merge(pools, on=KEY, how="outer")
    out["hours"] = out["hours"].fillna(0.0)
    count = out["most_count"].fillna(1.0)
    seconds = out["hours"] / count * SECONDS_PER_HOUR
    spot = out["spot"].fillna(False).astype(bool)
    places = zip(out["instance_type"], out["region"], strict=True)
    ratio = pd.Series([spot_usd_ratio.get(p, np.nan) for p in places], out.index, float).where(spot)
    volume = _volume_gb(out, volumes, "training", out["hours"])
    return pd.DataFrame(
        {
            "account_id": out["account_id"],
            "region": out["region"],
            "job_name": _unique(out),
            "instance_type": out["instance_type"],
            "instance_count": count,
            "status": "Unknown",
            "started_at": out["started_at"],
            "ended_at": out["ended_at"],
            "training_seconds": seconds.where(~spot | ratio.notna()),
            "billable_seconds": seconds * ratio.fillna(1.0),
            "spot_enabled": spot.where(out["spot"].notna()).astype("boolean"),
            "warm_pool_seconds": out["pool_hours"] / count * SECONDS_PER_HOUR,
            "warm_pool_enabled": out["pool_hours"].notna().where(out["pool_hours"].notna()).astype("boolean"),
            "volume_gb": volume,
        }
    )


def _merged(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per resource and type: several usage types (spot, apps) of one resource come together."""
    rows = rows.sort_values([*KEY, "usage_type"])
    out = rows.groupby([*KEY, "meter"], as_index=False).agg(
        resource_id=("resource_id", "first"),
        nameless=("nameless", "first"),
        hours=("hours", "sum"),
        metered_hours=("metered_hours", "sum"),
        most_count=("most_count", "max"),
        least_count=("least_count", "min"),
        last_count=("last_count", "max"),
        first=("first", "min"),
        last=("last", "max"),
        last_end=("last_end", "max"),
        first_hours=("first_hours", "first"),
        last_hours=("last_hours", "last"),
        line_hours=("line_hours", "max"),
    )
    hour = pd.Timedelta(hours=1)
    hourly = out["line_hours"] == 1.0
    finer = hourly & (out["metered_hours"] > 1)
    start = (
        out["first"] + (1 - (out["first_hours"] / out["most_count"]).clip(upper=1.0)).where(finer, 0.0) * hour
    )
    end = out["last"] + (out["last_hours"] / out["most_count"]).clip(upper=1.0) * hour
    out["started_at"] = start.where(~out["nameless"])
    out["ended_at"] = end.where(hourly, out["last_end"]).where(~out["nameless"])
    return out


def _endpoints(merged: pd.DataFrame, volumes: pd.DataFrame, window: Window) -> pd.DataFrame:
    out = merged[merged["meter"].isin(["hosting", "async"])].reset_index(drop=True)
    if out.empty:
        return pd.DataFrame()
    alive = (window.end - out["last_end"]) <= pd.Timedelta(hours=ALIVE_HOURS)
    born = (out["first"] >= window.start + pd.Timedelta(hours=1)) & ~out["nameless"]
    mean = out["hours"] / (out["metered_hours"] * out["line_hours"])
    hourly, uneven = out["line_hours"] == 1.0, (mean - mean.round()).abs() > 0.02
    whole = mean.round().clip(lower=1.0)
    count = out["last_count"].where(hourly, whole)
    low = out["least_count"].where(hourly, (mean // 1.0).where(uneven, whole))
    most = out["most_count"].clip(lower=-(-mean // 1.0)).where(uneven, whole)
    high = out["most_count"].where(hourly, most)
    scales = (high > low) & (out["metered_hours"] > 1)
    several = out.groupby(["account_id", "region", "name"])["instance_type"].transform("nunique") > 1
    return pd.DataFrame(
        {
            "account_id": out["account_id"],
            "region": out["region"],
            "endpoint_name": out["name"],
            "variant_name": np.where(several, out["instance_type"], "AllTraffic"),
            "instance_type": out["instance_type"],
            "status": np.where(alive, "InService", "OutOfService"),
            "mode": np.where(out["meter"] == "async", "async", ""),
            "instance_count": count,
            "created_at": out["started_at"].where(born),
            "instance_hours": out["hours"],
            "scaling_min": low.where(scales),
            "scaling_max": high.where(scales),
            "volume_gb": _volume_gb(out, volumes, "hosting", out["hours"]),
        }
    )


def _serverless(lines: pd.DataFrame) -> pd.DataFrame:
    """Serverless endpoints: billed seconds by memory size; data in and out where the same resource has it."""
    key = ["account_id", "region", "resource_id"]
    rows = plain(lines.loc[lines["meter"] == "serverless", [*key, "item", "quantity"]])
    if rows.empty:
        return pd.DataFrame()
    out = rows.groupby([*key, "item"], as_index=False)["quantity"].sum()
    moved = (lines["meter"] == "hosting_data") & (lines["resource_id"] != "")
    data = plain(lines.loc[moved, [*key, "quantity"]])
    out = out.merge(data.groupby(key, as_index=False).agg(io_gb=("quantity", "sum")), on=key, how="left")
    several = out.duplicated(key, keep=False)
    return pd.DataFrame(
        {
            "account_id": out["account_id"],
            "region": out["region"],
            "endpoint_name": resource_name(
                out["resource_id"], "serverless " + out["item"] + " MB", out["region"]
            ),
            "variant_name": np.where(several, out["item"] + " MB", "AllTraffic"),
            "status": "InService",
            "mode": "serverless",
            "serverless_memory_mb": out["item"].astype(float),
            "serverless_seconds": out["quantity"],
            "serverless_io_gb": out["io_gb"].where(~several),
        }
    )


def _compute(merged: pd.DataFrame, volumes: pd.DataFrame, window: Window) -> pd.DataFrame:
    out = merged[merged["meter"].isin([*COMPUTE_KINDS, CLUSTER])].reset_index(drop=True)
    if out.empty:
        return pd.DataFrame()
    jobs = out["meter"].isin(["processing", "transform"])
    several = (jobs & ~out["nameless"]) | (out["meter"] == CLUSTER)
    count = out["most_count"].where(several, 1.0)
    out = out.assign(kind=out["meter"].replace(CLUSTER, "cluster"))
    volume = _volume_gb(out, volumes, "compute", out["hours"].where(jobs, window.hours))
    return pd.DataFrame(
        {
            "account_id": out["account_id"],
            "region": out["region"],
            "kind": out["kind"],
            "name": _unique(out, "kind"),
            "instance_type": out["instance_type"],
            "instance_count": count,
            "hours": out["hours"] / count,
            "started_at": out["started_at"].where(jobs),
            "ended_at": out["ended_at"].where(jobs),
            "volume_gb": volume.where(out["kind"] != "cluster"),
        }
    )


def _unique(out: pd.DataFrame, *more: str) -> pd.Series:
    """Names, with the instance type where one resource has several (a heterogeneous cluster)."""
    twice = out.duplicated(["account_id", "region", "name", *more], keep=False)
    return out["name"].where(~twice, out["name"] + " (" + out["instance_type"] + ")")


def _volumes(lines: pd.DataFrame) -> pd.DataFrame:
    ours = (lines["meter"] == "volume") & (lines["resource_id"] != "")
    rows = plain(lines.loc[ours, ["account_id", "resource_id", "component", "quantity"]])
    if rows.empty:
        return rows
    return rows.groupby(["account_id", "resource_id", "component"], as_index=False).agg(
        gb_month=("quantity", "sum")
    )


def _volume_gb(out: pd.DataFrame, volumes: pd.DataFrame, component: str, hours: pd.Series) -> pd.Series:
    """GB attached per instance: GB-months over the hours they were attached, in months of 730 h."""
    own = volumes[volumes["component"] == component]
    if own.empty:
        return pd.Series(np.nan, out.index)
    by_resource = own.set_index(["account_id", "resource_id"])["gb_month"]
    key = pd.MultiIndex.from_frame(out[["account_id", "resource_id"]].fillna(""))
    gb_month = pd.Series(by_resource.reindex(key).to_numpy(), out.index)
    share = (
        hours / hours.groupby([out["account_id"], out["resource_id"]]).transform("sum")
        if component != "compute"
        else 1.0
    )
    return gb_month * share * HOURS_PER_MONTH / hours.where(hours > 0)


def _tagged(table: pd.DataFrame, column: str, tags: Mapping[tuple[str, str], dict[str, str]]) -> pd.DataFrame:
    own = [tags.get((a, n)) for a, n in zip(table["account_id"], table[column], strict=True)]
    told = [_told(tuple(sorted(t.items()))) if t else ("", "") for t in own]
    return table.assign(tags=[t for t, _ in told], owner=[o for _, o in told])


@lru_cache(maxsize=4096)
def _told(tags: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Tags as JSON, and the owner they name: many resources have the same."""
    return json.dumps(dict(tags), sort_keys=True), owner_of(dict(tags))


def owner_of(tags: Mapping[str, str]) -> str:
    """The team or person that the tags name, if they do."""
    plain = {k.lower(): v for k, v in tags.items()}
    return next(
        (plain[k] for k in ("owner", "team", "project", "costcenter", "cost-center") if plain.get(k)), ""
    )
