"""The workbook, sheet by sheet: each tells the later ones where its cells are."""

from __future__ import annotations

import io

import xlsxwriter

from simulator.analysis.projection import project
from simulator.engine.simulate import Result
from simulator.reports.workbook import (
    assumption_sheet,
    charge_sheet,
    commitment_sheet,
    dated_sheet,
    lever_sheet,
    month_sheet,
    resource_sheet,
    source_sheet,
    summary_sheet,
    unit_sheet,
)
from simulator.reports.workbook.charge_rows import charge_rows
from simulator.reports.workbook.live import affine
from simulator.reports.workbook.sheet import SHEETS, Book


def workbook(
    result: Result, months: int = 12, *, fiscal_start: int = 1, draws: int = 0, seed: int = 0
) -> bytes:
    """One scenario on one account as an XLSX file; with draws months have P10, P50 and P90.

    Raises ValueError unless 1 <= months <= 60.
    """
    projection = project(result, months)
    stream = io.BytesIO()
    file = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book = Book(file)
    for name in SHEETS:
        book.add(name)
    slopes = affine(result)
    rows = charge_rows(result, slopes)
    assumption_sheet.write(book, result, slopes)
    source_sheet.write(book, result, rows)
    charge_sheet.write(book, rows)
    commitment_sheet.write(book, result)
    lever_sheet.write(book, result)
    month_sheet.write(book, result, projection)
    resource_sheet.write(book, result, rows)
    summary_sheet.write(book, result, projection)
    dated_sheet.write(book, result, months, fiscal_start=fiscal_start, draws=draws, seed=seed)
    unit_sheet.write(book, result, months, draws=draws, seed=seed)
    file.close()
    return stream.getvalue()
