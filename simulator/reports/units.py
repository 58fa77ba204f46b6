"""Unit costs by month and owner as a table: dollars in cents that add up to the months' bills, unit costs unrounded."""

from __future__ import annotations

from datetime import date

import pandas as pd

from simulator.analysis.dated_savings import spread
from simulator.analysis.dated_units import dated_units
from simulator.engine.simulate import Result
from simulator.reports.dated import fiscal_year
from simulator.reports.tables import rounded_to_total

CENTS = [f"{s}_{n}_usd" for s in ("before", "after") for n in ("cost", "idle", "outside")]


def unit_table(
    result: Result, months: int = 12, *, fiscal_start: int = 1, draws: int = 0, seed: int = 0
) -> pd.DataFrame:
    """One row per month, owner, usage table and unit; with draws the scenario's unit costs have P10, P50 and P90."""
    table = dated_units(result, months, spread(result, draws, seed) if draws else None)
    years = [fiscal_year(date.fromisoformat(start), fiscal_start) for start in table["month_start"]]
    table.insert(0, "fiscal_year", years)
    for name in CENTS:
        values = [float(v) for v in table[name]]
        table[name] = rounded_to_total(values, round(sum(values), 2))
    return table


def wide_units(table: pd.DataFrame) -> pd.DataFrame:
    """What a unit costs in the scenario, a column per month, for people; empty where nothing was asked for."""
    made = table.dropna(subset=["volume"]).pivot_table(
        index=["owner", "unit"], columns="month_start", values="after_unit_billed_usd", sort=False
    )
    return made.round(4).reset_index()
