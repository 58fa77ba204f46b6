"""Savings by month: component, owner and lever down, months and fiscal years across; totals are formulas.

Their ranges are a sheet of their own: P10, P50 and P90 of each cell, which never add up.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.engine.simulate import Result
from simulator.reports.dated import BY, dated_tables
from simulator.reports.workbook.sheet import Book, Sheet

WIDTH, MOST_YEARS = 14, 6


def write(
    book: Book, result: Result, months: int, *, fiscal_start: int = 1, draws: int = 0, seed: int = 0
) -> None:
    """Both sheets; the second is empty without draws."""
    sheet = book.sheets["Savings by month"]
    sheet.text(0, 0, "Savings by month: baseline − scenario, without one-off costs", "title")
    tables = dated_tables(result, months, fiscal_start=fiscal_start, draws=draws, seed=seed)
    row = 2
    for what in BY:
        row = _block(sheet, row, what, tables[f"savings_by_{what}_and_month"])
    sheet.raw.set_column(0, 0, 32)
    sheet.raw.set_column(1, months + 1 + MOST_YEARS, WIDTH)
    _ranges(book.sheets["Ranges by month"], tables, draws)


def _ranges(sheet: Sheet, tables: Mapping[str, pd.DataFrame], draws: int) -> None:
    """One row per cell: of a lever its saving, else what the scenario costs."""
    said = f"from {draws:,} draws" if draws else "none were drawn"
    sheet.text(0, 0, f"Ranges by month: {said}; percentiles do not add up", "title")
    sheet.head(2, ["By", "Of", "Month", "What", "P10", "P50", "P90"], [12, 32, 12, 14, WIDTH, WIDTH, WIDTH])
    row = 3
    for what in BY if draws else ():
        side = "saving" if what == "lever" else "scenario"
        for record in tables[f"savings_by_{what}_and_month"].to_dict("records"):
            for column, text in enumerate((what, record[what], record["month_start"], side)):
                sheet.text(row, column, text)
            for column, point in enumerate((10, 50, 90), start=4):
                sheet.number(row, column, record[f"{side}_p{point}_usd"], "usd", "value")
            row += 1


def _block(sheet: Sheet, row: int, what: str, table: pd.DataFrame) -> int:
    if table.empty:
        return row
    cells = table.pivot_table(
        index=what, columns="month_start", values="saving_usd", aggfunc="sum", sort=False
    ).fillna(0.0)
    starts = sorted(cells.columns)
    years = table.groupby("fiscal_year")["month_start"].agg(["min", "max"])
    sheet.head(row, [what.capitalize(), *starts, "Total", *(f"Fiscal year {year}" for year in years.index)])
    first = row + 1
    for n, (name, values) in enumerate(cells.iterrows(), start=first):
        sheet.text(n, 0, name)
        for column, start in enumerate(starts, start=1):
            sheet.number(n, column, float(values[start]), "usd", "value")
        _sum(sheet, n, len(starts) + 1, (n, 1), (n, len(starts)), float(values.sum()))
        _years(sheet, n, starts, years, values)
    last = first + len(cells) - 1
    sheet.text(last + 1, 0, "Total", look="total")
    for column in range(1, len(starts) + 2):
        known = float(cells.to_numpy().sum() if column > len(starts) else cells[starts[column - 1]].sum())
        _sum(sheet, last + 1, column, (first, column), (last, column), known, "total")
    _years(sheet, last + 1, starts, years, cells.sum(), "total")
    return last + 4


def _years(
    sheet: Sheet, row: int, starts: list[str], years: pd.DataFrame, values: pd.Series, look: str = ""
) -> None:
    """Each fiscal year: the sum of its months in the same row."""
    for column, (low, high) in enumerate(zip(years["min"], years["max"], strict=True), start=len(starts) + 2):
        first, last = starts.index(low), starts.index(high)
        known = float(values[starts[first : last + 1]].sum())
        _sum(sheet, row, column, (row, first + 1), (row, last + 1), known, look)


def _sum(
    sheet: Sheet,
    row: int,
    column: int,
    top: tuple[int, int],
    bottom: tuple[int, int],
    value: float,
    look: str = "",
) -> None:
    sheet.formula(
        row, column, f"SUM({xl_rowcol_to_cell(*top)}:{xl_rowcol_to_cell(*bottom)})", value, "usd", look
    )
