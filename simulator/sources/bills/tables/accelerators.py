"""Accelerators on EC2 and EKS, on demand → compute rows of kind `ec2`, at what the bill states per hour.

Instances of one type in a region and account are one row: how many ran side by side is their hours over the covered
ones, rounded up. Spot, reservations and unused capacity are at the bill's own figure (see `unmetered`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator import words
from simulator.sources.bills.engines.engine import plain
from simulator.sources.bills.window import Window

METER = "ec2"
KEY = ["account_id", "region", "instance_type"]


def accelerators(lines: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Rows of the compute table."""
    rows = plain(lines.loc[(lines["meter"] == METER) & (lines["quantity"] > 0), [*KEY, "quantity"]])
    if rows.empty:
        return pd.DataFrame()
    out = rows.groupby(KEY, as_index=False)["quantity"].sum()
    count = np.maximum(np.ceil(out["quantity"] / window.hours - 1e-6), 1.0)
    name = "all " + out["instance_type"] + " on EC2 in " + out["region"]
    sums = out.assign(kind=METER, name=name, instance_count=count, hours=out["quantity"] / count)
    return sums.drop(columns="quantity")


def sentences(lines: pd.DataFrame) -> list[str]:
    """Where these dollars are counted."""
    ours = lines["usd"] & lines["instance_type"].astype(str).ne("") & (lines["component"] == "compute")
    usd = lines.loc[
        ours & lines["product"].astype(str).str.contains("EC2|Elastic Compute"), "unblended_usd"
    ].sum()
    return (
        [f"{words.usd(usd)} are ML on EC2 (accelerators on EC2 or EKS): counted as compute"]
        if usd > 0
        else []
    )
