"""What was seen of each resource: calls, busy share, GPU use, account, tags, and why it counts as idle.

Facts of the snapshot, none worked out from money. What no source gave stays NaN or "unknown", never 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from simulator.engine.account import Account
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.reports.resources import IDLE_RATIO
from simulator.usage.table import Array
from simulator.usage.tables import Endpoints, Usage
from simulator.words import percent

DAY_HOURS = 24
NO_CALL, UNKNOWN = "none in the window", "unknown"
SNAPSHOT_TABLES = {
    "endpoints": "endpoints",
    "training": "training_jobs",
    "compute": "compute",
    "services": "services",
}
"""Usage tables whose rows are those of a table of the snapshot, one for one."""
COLUMNS = (
    "table",
    "row",
    "calls_quantity",
    "last_call",
    "busy_ratio",
    "daily_calls",
    "gpu_use_ratio",
    "gpu_memory_ratio",
    "account",
    "tags",
    "why_idle",
)


def evidence_table(account: Account) -> pd.DataFrame:
    """One row per endpoint, job, machine and service; `table` and `row` are its place in the usage tables.

    `calls_quantity` are the calls observed in the window, `busy_ratio` the share of the observed hours with a call,
    `daily_calls` the calls per day (None: a day nobody observed). `tags` is a tuple of "key=value".
    """
    made = [_of_table(account, name) for name in SNAPSHOT_TABLES if len(account.usage.table(name))]
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=list(COLUMNS))


def _of_table(account: Account, name: str) -> pd.DataFrame:
    table, rows = account.usage.table(name), len(account.usage.table(name))
    facts = account.snapshot.tables[SNAPSHOT_TABLES[name]]
    nothing = np.full(rows, np.nan)
    return pd.DataFrame(
        {
            "table": name,
            "row": np.arange(rows),
            **(_calls(account) if name == "endpoints" else _no_calls(rows)),
            "gpu_use_ratio": getattr(table, "gpu_utilization_ratio", nothing),
            "gpu_memory_ratio": getattr(table, "gpu_memory_ratio", nothing),
            "account": facts["account_id"].fillna("").astype(str).to_numpy(),
            "tags": [tags_of(t) for t in facts["tags"]],
            "why_idle": why_idle(account.usage, name),
        },
        columns=list(COLUMNS),
    )


def _no_calls(rows: int) -> Mapping[str, Any]:
    """Jobs and machines are not called."""
    empty = np.full(rows, np.nan)
    return {"calls_quantity": empty, "last_call": "", "busy_ratio": empty, "daily_calls": [None] * rows}


def _calls(account: Account) -> Mapping[str, Any]:
    e: Endpoints = account.usage.endpoints
    start = pd.Timestamp(account.snapshot.manifest.window_start)
    observed = (~np.isnan(e.traffic)).any(axis=1)
    return {
        "calls_quantity": np.where(observed, np.nansum(e.traffic, axis=1), np.nan),
        "last_call": [_last_call(calls, start) for calls in e.traffic],
        "busy_ratio": e.busy_ratio,
        "daily_calls": [daily(calls) for calls in e.traffic],
    }


def _last_call(calls: Array, start: pd.Timestamp) -> str:
    """The last hour with a call, UTC."""
    if np.isnan(calls).all():
        return UNKNOWN
    called = np.flatnonzero(calls > 0)
    return f"{start + pd.Timedelta(hours=int(called[-1])):%Y-%m-%d %H:00}" if len(called) else NO_CALL


def daily(calls: Array) -> list[float | None] | None:
    """Calls per day of the window; None for a day without an observed hour, and for a row without any."""
    if np.isnan(calls).all():
        return None
    days = [calls[h : h + DAY_HOURS] for h in range(0, len(calls), DAY_HOURS)]
    return [None if np.isnan(day).all() else float(np.nansum(day)) for day in days]


def tags_of(value: object) -> tuple[str, ...]:
    """The tags of a row as "key=value", sorted; none where no tag is known."""
    tags = json.loads(value) if isinstance(value, str) and value else value
    return tuple(sorted(f"{k}={v}" for k, v in tags.items())) if isinstance(tags, dict) else ()


def why_idle(usage: Usage, name: str) -> list[str]:
    """Per row the reason it counts as idle; "" where it does not, or nobody knows."""
    if name == "endpoints":
        said = StopIdleEndpoints().verdicts(usage)
        return [said.sentence(r) if said.applies[r] else "" for r in range(len(usage.endpoints))]
    if name != "compute":
        return [""] * len(usage.table(name))
    c = usage.compute
    hours = c.notebook_hours + c.studio_hours
    return [
        f"Nobody used it in {percent(idle / ran, 0)} of the hours it ran." if idle > IDLE_RATIO * ran else ""
        for idle, ran in zip(c.idle_hours, hours, strict=True)
    ]
