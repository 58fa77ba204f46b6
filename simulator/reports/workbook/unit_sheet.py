"""Unit costs by month: per owner and unit the volume, the dollars on both sides and, as formulas, what a unit costs."""

from __future__ import annotations

from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.engine.simulate import Result
from simulator.reports.units import unit_table
from simulator.reports.workbook.sheet import Book, Sheet
from simulator.words import is_known

TITLES = [
    "Month", "Owner", "Of", "Unit", "Volume", "Cost now", "Outside now", "Per unit now", "Cost, scenario",
    "Outside, scenario", "Per unit, scenario", "P10", "P50", "P90",
]  # fmt: skip
WIDTHS = [11, 20, 12, 16, *[14] * 10]
HEAD, FIRST = 2, 3
VOLUME, POINTS = 4, 11
SIDES = (("before", 5), ("after", 8))
NOTHING = "none"


def write(book: Book, result: Result, months: int, *, draws: int = 0, seed: int = 0) -> None:
    """The sheet; without draws the range is left out."""
    sheet = book.sheets["Unit costs by month"]
    sheet.text(0, 0, "Unit costs by month: cost = volume × per unit + outside", "title")
    sheet.text(1, 0, "Outside: resources nobody called all month, and what has no unit.")
    sheet.head(HEAD, TITLES if draws else TITLES[:POINTS], WIDTHS)
    table = unit_table(result, months, draws=draws, seed=seed)
    for row, record in enumerate(table.to_dict("records"), start=FIRST):
        _row(sheet, row, record)
    _total(sheet, FIRST + len(table), table)


def _row(sheet: Sheet, row: int, record: dict[Any, Any]) -> None:
    for column, name in enumerate(("month_start", "owner", "table", "unit")):
        sheet.text(row, column, record[name])
    asked = record["volume"] == record["volume"]
    if asked:
        sheet.number(row, VOLUME, record["volume"], "number", "value")
    else:
        sheet.text(row, VOLUME, NOTHING)
    for side, column in SIDES:
        sheet.number(row, column, record[f"{side}_cost_usd"], "usd", "value")
        sheet.number(row, column + 1, record[f"{side}_outside_usd"], "usd", "value")
        if not asked:
            sheet.text(row, column + 2, NOTHING)
            continue
        cost, outside, volume = (xl_rowcol_to_cell(row, c) for c in (column, column + 1, VOLUME))
        unit = (record[f"{side}_cost_usd"] - record[f"{side}_outside_usd"]) / record["volume"]
        sheet.formula(row, column + 2, f"({cost}-{outside})/{volume}", unit, "price")
    for place, name in enumerate(("p10", "p50", "p90")):
        value = record.get(f"after_unit_{name}_usd")
        if is_known(value):
            sheet.number(row, POINTS + place, value, "price", "value")


def _total(sheet: Sheet, row: int, table: pd.DataFrame) -> None:
    sheet.text(row, 0, "Total", look="total")
    for side, column in SIDES:
        for offset, name in enumerate(("cost", "outside")):
            top, bottom = (xl_rowcol_to_cell(r, column + offset) for r in (FIRST, max(row - 1, FIRST)))
            known = round(float(table[f"{side}_{name}_usd"].sum()), 2)
            sheet.formula(row, column + offset, f"SUM({top}:{bottom})", known, "usd", "total")
