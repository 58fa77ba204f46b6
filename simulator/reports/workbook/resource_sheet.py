"""Resources: what each costs today and in the plan, as sums of its charges."""

from __future__ import annotations

from itertools import groupby

from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.engine.simulate import Result
from simulator.levers import all_levers
from simulator.reports.workbook import charge_sheet
from simulator.reports.workbook.charge_rows import ChargeRow
from simulator.reports.workbook.sheet import Book
from simulator.words import is_known

TOP = 2
COLUMNS = {
    "table": 12, "resource": 40, "owner": 16, "region": 12, "today": 14, "in the scenario": 14, "saving": 14,
    "levers": 50,
}  # fmt: skip


def write(book: Book, result: Result, rows: list[ChargeRow]) -> None:
    """The sheet."""
    sheet = book.sheets["Resources"]
    sheet.text(0, 0, "Resources: USD per month at contracted prices, before Savings Plans", "title")
    sheet.head(TOP - 1, [n.capitalize() for n in COLUMNS], list(COLUMNS.values()))
    sheet.raw.freeze_panes(TOP, 2)
    numbered = enumerate(rows, start=charge_sheet.TOP)
    row = TOP
    for (table, place), group in groupby(numbered, key=lambda x: (x[1].table, x[1].row)):
        charges = list(group)
        first = charges[0][1]
        for column, text in enumerate((table, first.resource_id, first.owner, first.region)):
            sheet.text(row, column, text)
        lines = [n for n, _ in charges]
        for column, name in ((4, charge_sheet.COST), (5, charge_sheet.COST_PLAN)):
            side = "cost_today_usd" if column == 4 else "cost_plan_usd"
            values = [getattr(c, side) for _, c in charges]
            top, bottom = (xl_rowcol_to_cell(n, charge_sheet.PLACE[name]) for n in (lines[0], lines[-1]))
            cells = f"Charges!{top}:{bottom}"
            formula = f'IF(COUNT({cells})=0,"unknown",SUM({cells}))'
            known = [v for v in values if is_known(v)]
            sheet.formula(row, column, formula, sum(known) if known else float("nan"), "usd")
        today, plan = (sum(getattr(c, s) for _, c in charges) for s in ("cost_today_usd", "cost_plan_usd"))
        sheet.formula(
            row, 6, f'IF(COUNT(E{row + 1},F{row + 1})<2,"unknown",E{row + 1}-F{row + 1})', today - plan, "usd"
        )
        titles = [all_levers()[i].title for i in result.touched_by(table, place)]
        sheet.text(row, 7, ", ".join(titles), look="value")
        row += 1
    if row > TOP:
        sheet.raw.autofilter(TOP - 1, 0, row - 1, len(COLUMNS) - 1)
