"""Assumptions: cells to change (yellow, live) and values that need the engine (grey)."""

from __future__ import annotations

from typing import Any

from simulator.engine.simulate import Result
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.params import Param
from simulator.reports.workbook.live import Slope, cell_name
from simulator.reports.workbook.sheet import Book, Sheet

NOTES = (
    "Yellow cells are assumptions: change them and every sheet follows by formula. Grey figures are values of the "
    "engine's run: to change those, run the simulator again.",
    "Live: negotiated discount, growth, cost of an engineering hour, interest, prices (sheet Sources), start and ramp "
    "months and effort (sheet Levers), discount and size of the Savings Plan, and the lever parameters in yellow.",
    "A lever parameter is live when every quantity follows it in a straight line between its low and high end; outside "
    "that range, or where it says grey, ask the engine. Parameters of several levers on one charge multiply.",
    "Where a change moves usage that a Savings Plan covers, the plan is settled on hours of the same shape: close, and "
    "exact when all covered usage changes alike (a discount, growth).",
    "Grey: what each lever saves alone and is credited with, one-off AWS charges at their list price, the shape of "
    "usage over the hours of the window, and the interaction of levers in months before all of them work.",
)
COLUMNS = ["Of", "Assumption", "Value", "Unit", "Low", "High", "Live?", "Grade", "Source"]


def write(book: Book, result: Result, slopes: list[Slope]) -> None:
    """The sheet; remembers the address of every live cell."""
    sheet = book.sheets["Assumptions"]
    sheet.text(0, 0, "Assumptions", "title")
    for number, note in enumerate(NOTES):
        sheet.raw.merge_range(number + 1, 0, number + 1, 8, note, book.form("wrap", ""))
        sheet.raw.set_row(number + 1, 32)
    top = len(NOTES) + 2
    sheet.head(top, COLUMNS, [28, 40, 14, 16, 9, 9, 14, 11, 60])
    sheet.raw.freeze_panes(top + 1, 0)
    row = _discount(sheet, top + 1, result)
    planning = result.scenario.planning
    for name, p in planning.params().items():
        _line(sheet, row, "Plan", p, getattr(planning, name), name)
        row += 1
    live = {s.name for s in slopes if s.moves} | _plan_cells(result)
    still = {s.name for s in slopes if not s.moves}
    for lever in result.scenario.ordered():
        for name, p in lever.params().items():
            cell = cell_name(lever.id, name)
            _line(
                sheet, row, lever.title, p, getattr(lever, name), cell if cell in live else "", cell in still
            )
            row += 1


def _discount(sheet: Sheet, row: int, result: Result) -> int:
    cells = [
        "Prices",
        "Negotiated discount on list prices",
        "",
        "ratio",
        "",
        "",
        "live",
        "yours",
        "Your contract",
    ]
    for column, text in enumerate(cells):
        sheet.text(row, column, text)
    sheet.number(row, 2, result.book.discount_ratio, "ratio", "input")
    sheet.book.name("negotiated_discount", sheet.cell(row, 2))
    return row + 1


def _plan_cells(result: Result) -> set[str]:
    setting = result.scenario.setting("savings_plan")
    if not isinstance(setting, SavingsPlan):
        return set()
    return {cell_name(setting.id, "size_ratio"), cell_name(setting.id, f"discount_{setting.offer}")}


def _line(sheet: Sheet, row: int, of: str, p: Param, value: Any, cell: str, still: bool = False) -> None:
    live = "live" if cell else "no effect on the monthly charges here" if still else "grey"
    texts = {0: of, 1: p.label, 3: p.unit, 6: live, 7: p.grade, 8: p.source}
    for column, text in texts.items():
        sheet.text(row, column, text)
    if isinstance(value, int | float) and not p.choices:
        sheet.number(row, 2, float(value), "number", "input" if cell else "value")
    else:
        sheet.text(row, 2, str(value), look="value")
    for column, bound in ((4, p.low), (5, p.high)):
        if bound is not None:
            sheet.number(row, column, bound, "number", "value")
    if cell:
        sheet.book.name(cell, sheet.cell(row, 2))
