"""What a call, a million tokens and a training run cost, before and after; the rows add up to the bill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from simulator.analysis.unit_costs import UNALLOCATED, USED, shares, unit_costs
from simulator.reports.report.blocks import Section, Words, grid, usd
from simulator.reports.report.facts import Facts
from simulator.reports.tables import rounded_to_total

MOST_ROWS = 15
COLUMNS = (
    "What",
    "Unit",
    "Volume",
    "Now, per unit",
    "Scenario, per unit",
    "Now",
    "of it idle",
    "Scenario",
    "of it idle ",
)


def unit_costs_section(facts: Facts) -> Section:
    """The table: the most expensive things with a unit one by one, all else summed."""
    result = facts.result
    rows = unit_costs(result).sort_values("before_cost_usd", ascending=False, kind="stable")
    priced = rows[rows["before_status"] != UNALLOCATED]
    shown: list[list[Any]] = [_cells(row) for row in priced.head(MOST_ROWS).to_dict("records")]
    rest = priced.iloc[MOST_ROWS:]
    for title, group in (
        (f"{len(rest)} more", rest),
        ("Unallocated", rows[rows["before_status"] == UNALLOCATED]),
    ):
        if len(group):
            shown.append([title, "", "", "", "", *_sums(group)])
    totals = {"before_cost_usd": result.baseline.total_usd, "after_cost_usd": result.outcome.total_usd}
    for name, place in (("before_cost_usd", 5), ("after_cost_usd", 7)):
        rounded = rounded_to_total([float(r[place]) for r in shown], totals[name])
        for row, value in zip(shown, rounded, strict=True):
            row[place] = value
    cells = [[*r[:5], *(usd(float(v)) for v in r[5:])] for r in shown]
    idle = [usd(sum(float(r[n]) for r in shown)) for n in (6, 8)]
    cells.append(
        [
            "Total",
            "",
            "",
            "",
            "",
            usd(totals["before_cost_usd"]),
            idle[0],
            usd(totals["after_cost_usd"]),
            idle[1],
        ]
    )
    before = shares(rows, "before")
    return Section(
        "Unit costs",
        (
            Words(
                "Dollars per month over the work that is requested, the same before and after. Idle is hours without a "
                "call, and training jobs that failed or were stopped; what has no calls all month is idle and has no "
                f"unit cost. Unallocated ({usd(before['unallocated_usd'])} now) has no unit: storage, notebooks, "
                "endpoints whose calls are unknown, commitment that is not used."
            ),
            grid(COLUMNS, cells, numbers=COLUMNS[2:], total=True),
        ),
    )


def _cells(row: Mapping[Any, Any]) -> list[Any]:
    name = f"training of {row['owner'] or 'no owner'}" if row["table"] == "training" else row["resource_id"]
    units = [_unit(row, side) for side in ("before", "after")]
    dollars = [row[n] for n in ("before_cost_usd", "before_idle_usd", "after_cost_usd", "after_idle_usd")]
    return [name, row["unit"], f"{row['volume']:,.1f}", *units, *dollars]


def _unit(row: Mapping[Any, Any], side: str) -> str:
    if row[f"{side}_status"] != USED:
        return "idle"
    value = float(row[f"{side}_unit_billed_usd"])
    return usd(value, 2 if value >= 1 else 4)


def _sums(group: pd.DataFrame) -> list[float]:
    names = ("before_cost_usd", "before_idle_usd", "after_cost_usd", "after_idle_usd")
    return [float(group[n].sum()) for n in names]
