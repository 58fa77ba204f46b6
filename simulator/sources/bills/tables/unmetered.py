"""Dollars without a quantity → resources whose usage is unknown, at the bill's own figure: one rule for all components.

Bedrock's are rows of its own table (see `quantities.bedrock`). Levers find no hours, seconds or bytes to act on.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from simulator.sources.bills.engines.engine import plain
from simulator.sources.bills.hints import without_quantity
from simulator.sources.bills.tables.resources import COMPUTE_KINDS, resource_name

ASSUMPTION = "Where the bill gives dollars without a quantity, the run rate takes the dollars themselves."
KEYS = ["component", "account_id", "region", "resource_id", "usage_type", "instance_type", "meter"]
SECONDS: dict[str, Any] = {"training_seconds": 0.0, "billable_seconds": 0.0, "status": "Completed"}
NO_HOURS: dict[str, Any] = {"variant_name": "usage unknown", "status": "OutOfService", "instance_hours": 0.0}


def unmetered(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows by table of the snapshot; `billed_usd` is what the bill charged in the window."""
    chosen = without_quantity(lines) & lines["component"].isin(["training", "hosting", "compute", "storage"])
    if not chosen.any():
        return {}
    rows = plain(lines.loc[chosen, [*KEYS, "unblended_usd"]])
    sums = rows.groupby(KEYS, as_index=False, dropna=False).agg(billed_usd=("unblended_usd", "sum"))
    own = resource_name(sums["resource_id"], sums["usage_type"], sums["region"])
    name = sums["usage_type"] + " in " + sums["region"]
    sums["name"] = name.where(sums["resource_id"] == "", own + " " + sums["usage_type"]) + ", usage unknown"
    sums = sums.drop(columns=["resource_id", "usage_type"])
    kind = sums["meter"].where(sums["meter"].isin(COMPUTE_KINDS), "notebook")
    tables = {
        "training_jobs": sums.rename(columns={"name": "job_name"}).assign(instance_count=1.0, **SECONDS),
        "endpoints": sums.rename(columns={"name": "endpoint_name"}).assign(**NO_HOURS),
        "compute": sums.assign(kind=kind, hours=0.0, instance_count=1.0),
        "storage": sums.rename(columns={"name": "bucket"}).assign(storage_class="STANDARD", gib=0.0),
    }
    component = {
        "training_jobs": "training",
        "endpoints": "hosting",
        "compute": "compute",
        "storage": "storage",
    }
    return {
        n: t[t["component"] == component[n]].drop(columns=["component", "meter"]) for n, t in tables.items()
    }
