"""Dollars whose usage no table can hold → resources at the bill's own figure: one rule for all components.

The bill gives no quantity (Cost Explorer), or one that nothing here is priced by: a usage type without a meter
(reserved clusters, Data Wrangler, early deletion, data transfer), a volume whose instance is not in the bill.
Bedrock's are rows of its own table (see `quantities.bedrock`). Levers find no hours, seconds or bytes to act on.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from simulator.sources.bills.engines.engine import plain
from simulator.sources.bills.hints import without_quantity
from simulator.sources.bills.tables.rates import contracted
from simulator.sources.bills.tables.resources import CLUSTER, COMPUTE_KINDS, resource_name
from simulator.sources.bills.tables.services import is_service

ASSUMPTION = (
    "Where the bill gives dollars without a quantity, or for usage that has no price of its own here, the run rate "
    "takes the dollars themselves."
)
COMPONENTS = ("training", "hosting", "compute", "storage")
EC2 = r"(?:Box|Spot|Dedicated|Host)Usage|Reservation|UnusedBox"
INSTANCES = ("ec2", "training", "training_spot", "warm_pool", "hosting", "async", CLUSTER, *COMPUTE_KINDS)
KEYS = ["component", "account_id", "region", "resource_id", "label", "instance_type", "meter"]
SECONDS: dict[str, Any] = {"training_seconds": 0.0, "billable_seconds": 0.0, "status": "Unknown"}
NO_HOURS: dict[str, Any] = {"variant_name": "usage unknown", "status": "OutOfService", "instance_hours": 0.0}
JOBS = r"Processing|Wrangler|Debugger|Monitor|Autopilot|Optimization"


def of_the_bill(lines: pd.DataFrame) -> pd.Series:
    """True for usage of a modelled component that the other tables do not hold."""
    paid = lines["component"].isin(COMPONENTS) & lines["usd"] & (lines["unblended_usd"] > 0)
    meter = lines["meter"]
    instance = meter.isin(INSTANCES)
    strange = instance & (lines["instance_type"] == "")
    volume = (meter == "volume") & ((lines["item"] == CLUSTER) | _without_owner(lines, instance & ~strange))
    serving = meter == "serverless"
    data = (meter == "hosting_data") & _without_owner(lines, serving)
    told = without_quantity(lines) | (meter == "") | strange | volume | data | _in_words(lines)
    return paid & told & ~is_service(lines)


def _in_words(lines: pd.DataFrame) -> pd.Series:
    """Instance-hours without a usage type: a description tells no resource's course of hours."""
    return (lines["usage_type"] == "") & (lines["instance_type"] != "")


def _without_owner(lines: pd.DataFrame, owners: pd.Series) -> pd.Series:
    """True for lines of no resource, or of one that has none of the chosen lines."""
    named = lines["resource_id"]
    return (named == "") | ~named.isin(named[owners].unique())


def unmetered(
    lines: pd.DataFrame, discount: Mapping[Hashable, float] | None = None
) -> dict[str, pd.DataFrame]:
    """Rows by table of the snapshot; `billed_usd` is what the bill charged in the window, less negotiated discounts."""
    chosen = of_the_bill(lines)
    if not chosen.any():
        return {}
    rows = plain(lines.loc[chosen, [*KEYS[:4], *KEYS[5:], "product", "usage_type", "unblended_usd"]])
    storage = rows["component"] == "storage"
    for service, own in (("s3", storage), ("sagemaker", ~storage)):
        dates = lines.loc[rows.index[own], ["period", "first", "unblended_usd"]]
        rows.loc[own, "unblended_usd"] = contracted(dates, service, discount or {})
    rows["label"] = rows["usage_type"].where(rows["usage_type"] != "", rows["product"])
    sums = rows.groupby(KEYS, as_index=False, dropna=False).agg(billed_usd=("unblended_usd", "sum"))
    plain_name = resource_name(sums["resource_id"], sums["label"], sums["region"])
    name = sums["label"] + " in " + sums["region"]
    sums["name"] = name.where(sums["resource_id"] == "", plain_name + " " + sums["label"]) + ", usage unknown"
    job = np.where(sums["label"].str.contains(JOBS, regex=True), "processing", "notebook")
    job = np.where(sums["label"].str.contains(EC2, regex=True), "ec2", job)
    kind = sums["meter"].where(sums["meter"].isin(COMPUTE_KINDS), job)
    sums = sums.drop(columns=["resource_id", "label"])
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
