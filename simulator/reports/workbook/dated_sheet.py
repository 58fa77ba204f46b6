"""Savings by month: component, owner and lever down, months across; totals are formulas over the cells."""

from __future__ import annotations

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.engine.simulate import Result
from simulator.reports.dated import BY, dated_tables
from simulator.reports.workbook.sheet import Book, Sheet

WIDTH = 14


def write(book: Book, result: Result, months: int) -> None:
    """The sheet."""
    sheet = book.sheets["Savings by month"]
    sheet.text(0, 0, "Savings by month: baseline − scenario, without one-off costs", "title")
    tables = dated_tables(result, months)
    row = 2
    for what in BY:
        row = _block(sheet, row, what, tables[f"savings_by_{what}_and_month"])
    sheet.raw.set_column(0, 0, 32)
    sheet.raw.set_column(1, months + 1, WIDTH)


def _block(sheet: Sheet, row: int, what: str, table: pd.DataFrame) -> int:
    if table.empty:
        return row
    cells = table.pivot_table(
        index=what, columns="month_start", values="saving_usd", aggfunc="sum", sort=False
    ).fillna(0.0)
    starts = sorted(cells.columns)
    sheet.head(row, [what.capitalize(), *starts, "Total"])
    first = row + 1
    for n, (name, values) in enumerate(cells.iterrows(), start=first):
        sheet.text(n, 0, name)
        for column, start in enumerate(starts, start=1):
            sheet.number(n, column, float(values[start]), "usd", "value")
        _sum(sheet, n, len(starts) + 1, (n, 1), (n, len(starts)), float(values.sum()))
    last = first + len(cells) - 1
    sheet.text(last + 1, 0, "Total", look="total")
    for column in range(1, len(starts) + 2):
        known = float(cells.to_numpy().sum() if column > len(starts) else cells[starts[column - 1]].sum())
        _sum(sheet, last + 1, column, (first, column), (last, column), known, "total")
    return last + 4


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
