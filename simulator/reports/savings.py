"""Projected savings per resource and per month; those per area and lever are in `simulator.reports.tables`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from simulator.analysis.projection import project
from simulator.engine.simulate import Result
from simulator.reports.resources import resource_table
from simulator.reports.tables import lever_rows, rounded_to_total
from simulator.usage.tables import TABLES


def resource_savings(result: Result) -> pd.DataFrame:
    """One row per resource at effective cost, then what plans leave unused, then the total; adds up to the cent.

    `levers` names what changed the resource. Unknown costs are empty and count as nothing.
    """
    keys = ["table", "row"]
    before = resource_table(result.baseline)
    after = resource_table(result.outcome)[[*keys, "cost_usd"]].rename(columns={"cost_usd": "projected_usd"})
    table = before.rename(columns={"cost_usd": "current_usd"}).merge(after, on=keys, how="left")
    touched = {name: levers_touching(result, name) for name in TABLES}
    table["levers"] = [touched[t][r] for t, r in zip(table["table"], table["row"], strict=True)]
    table = table[
        ["component", "resource_id", "owner", "region", "item", "current_usd", "projected_usd", "levers"]
    ]
    unused = {
        "component": "commitments", "resource_id": "unused commitment",
        "current_usd": result.baseline.settlement.unused_usd, "projected_usd": result.outcome.settlement.unused_usd,
    }  # fmt: skip
    table = pd.concat([table, pd.DataFrame([unused])], ignore_index=True)
    totals = {"current_usd": result.baseline.total_usd, "projected_usd": result.outcome.total_usd}
    for name, total in totals.items():
        known = table[name].notna()
        table.loc[known, name] = rounded_to_total(list(table.loc[known, name]), total)
    last = {"component": "total", **{n: round(t, 2) for n, t in totals.items()}}
    table = pd.concat([table, pd.DataFrame([last])], ignore_index=True)
    table["saving_usd"] = (table["current_usd"] - table["projected_usd"]).round(2)
    texts = ["component", "resource_id", "owner", "region", "item", "levers"]
    return table.assign(**{n: table[n].fillna("") for n in texts})


def levers_touching(result: Result, table: str) -> list[str]:
    """Ids of the levers that changed each resource of a table, in order, separated by spaces."""
    touched: list[list[str]] = [[] for _ in range(len(result.baseline.usage.table(table)))]
    for step in result.steps:
        if step.lever.table == table:
            for row in np.flatnonzero(step.changed):
                touched[row].append(step.lever.id)
    return [" ".join(t) for t in touched]


def lever_savings(said: dict[str, Any]) -> pd.DataFrame:
    """`tables.lever_table` from an answer, which knows the credits already."""
    return lever_rows(said["levers"], said["baseline"]["run_rate_usd"], said["result"]["run_rate_usd"])


def month_table(result: Result, months: int = 12) -> pd.DataFrame:
    """One row per month, dollars in cents; the cumulative saving is that of the rows."""
    rows = [asdict(m) for m in project(result, months)]
    hidden = ["components", "baseline_components", "baseline_cash_usd", "cumulative_saving_usd"]
    table = pd.DataFrame(rows).drop(columns=hidden)
    for name in table.columns.drop(["month", "month_start"]):
        table[name] = rounded_to_total(list(table[name]), float(table[name].sum()))
    net = table["baseline_usd"] - table["scenario_usd"] - table["once_usd"]
    return table.assign(cumulative_saving_usd=np.round(net.cumsum(), 2))
