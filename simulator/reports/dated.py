"""Savings tables with dates: lever × month, owner × month, component × month; calendar months and fiscal years.

Every column of dollars is in cents and adds up to the total row of `savings_by_month` to the cent.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from simulator.analysis.dated_savings import DatedMonth, Spread, dated_savings, spread
from simulator.engine.simulate import Result
from simulator.reports.tables import rounded_to_total

BY = ("component", "owner", "lever")
DRIVEN_BY = {
    "training": "training", "hosting": "endpoints", "compute": "compute", "bedrock": "bedrock", "storage": "storage",
    "other": "services",
}  # fmt: skip


def fiscal_year(start: date, first_month: int = 1) -> int:
    """The fiscal year of a month, named after the calendar year it ends in; with `first_month` 1 the calendar year.

    Raises ValueError unless 1 <= first_month <= 12.
    """
    if not 1 <= first_month <= 12:
        raise ValueError(f"first month of the fiscal year: expected 1 to 12, not {first_month}")
    return start.year + (first_month > 1 and start.month >= first_month)


def dated_tables(
    result: Result, months: int = 12, *, fiscal_start: int = 1, draws: int = 0, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """`savings_by_<what>_and_month` and `..._and_year`, for component, owner and lever.

    With draws the tables by month have the scenario's (of levers: the saving's) P10, P50 and P90; they do not add up.
    """
    rows = dated_savings(result, months)
    drawn = spread(result, draws, seed) if draws else None
    made: dict[str, pd.DataFrame] = {}
    for what in BY:
        table = _long(rows, what, fiscal_start)
        dollars = [c for c in table.columns.astype(str) if c.endswith("_usd")]
        years = table.groupby([what, "fiscal_year"], sort=False)[dollars].sum().round(2).reset_index()
        made[f"savings_by_{what}_and_month"] = table if drawn is None else _with_range(table, what, drawn)
        made[f"savings_by_{what}_and_year"] = years
    return made


def wide(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """A table of savings with a column per month and a total on both sides, for people."""
    made = table.pivot_table(
        index=what, columns="month_start", values="saving_usd", aggfunc="sum", sort=False
    )
    made["total"] = made.sum(axis=1)
    made.loc["total"] = made.sum()
    return made.round(2).reset_index()


def _long(rows: list[DatedMonth], what: str, fiscal_start: int) -> pd.DataFrame:
    if what == "lever":
        cells = [(r, name, (usd, 0.0)) for r in rows for name, usd in r.lever.items()]
    else:
        cells = [(r, name, pair) for r in rows for name, pair in getattr(r, what).items() if any(pair)]
    table = pd.DataFrame(
        {
            what: [name for _, name, _ in cells],
            "fiscal_year": [fiscal_year(date.fromisoformat(r.start), fiscal_start) for r, _, _ in cells],
            "month": [r.month for r, _, _ in cells],
            "month_start": [r.start for r, _, _ in cells],
        }
    )
    sides = [[pair[n] for _, _, pair in cells] for n in (0, 1)]
    if what == "lever":
        totals = [round(sum(pair[n] for r in rows for pair in r.component.values()), 2) for n in (0, 1)]
        saving = round(totals[0] - totals[1], 2)
        return table.assign(saving_usd=rounded_to_total(sides[0], saving) if cells else [])
    before, after = (rounded_to_total(s, round(sum(s), 2)) for s in sides)
    table = table.assign(baseline_usd=before, scenario_usd=after)
    return table.assign(saving_usd=(table["baseline_usd"] - table["scenario_usd"]).round(2))


def _with_range(table: pd.DataFrame, what: str, drawn: Spread) -> pd.DataFrame:
    """P10, P50 and P90 of each row."""
    of = "saving_usd" if what == "lever" else "scenario_usd"
    component = {c: drawn.table[t] for c, t in DRIVEN_BY.items()}
    shapes = {"lever": drawn.lever, "component": component, "owner": drawn.owner}[what]
    ratios = {}
    for name in table[what].unique():
        found = shapes.get(name)
        ratios[name] = np.ones(3) if found is None else np.quantile(found, (0.1, 0.5, 0.9))
    points = np.array([np.sort(ratios[n] * usd) for n, usd in zip(table[what], table[of], strict=True)])
    side = of.removesuffix("_usd")
    named = (
        {f"{side}_p{p}_usd": points[:, k].round(2) for k, p in enumerate((10, 50, 90))} if len(points) else {}
    )
    return table.assign(**named)
