"""Sources: every price used, as a cell to overwrite with your own; tier tables; where all of it comes from."""

from __future__ import annotations

from simulator.engine.simulate import Result
from simulator.reports.tables import age_line
from simulator.reports.workbook.charge_rows import ChargeRow, Group, price_cell
from simulator.reports.workbook.charge_sheet import PLAN, QUANTITY, columns
from simulator.reports.workbook.sheet import Book, Sheet
from simulator.words import is_known

COLUMNS = [
    "Component",
    "Item",
    "Region",
    "List price, USD",
    "Per",
    "In force from",
    "Checked",
    "Grade",
    "Source",
    "Note",
]
TIER_COLUMNS = [
    "Tiers of", "Region", "From", "List price, USD", "Below", "In tier today", "In tier in plan", "Average today",
    "Average in plan",
]  # fmt: skip
LAST = 1e99


def write(book: Book, result: Result, rows: list[ChargeRow]) -> None:
    """The sheet; remembers the cell of each price row and of each tier group's averages."""
    sheet = book.sheets["Sources"]
    sheet.text(0, 0, "Prices: overwrite a yellow cell with your own", "title")
    sheet.head(1, COLUMNS, [26, 34, 14, 16, 16, 13, 13, 11, 60, 40])
    sheet.raw.freeze_panes(2, 0)
    row = _prices(sheet, result, rows, 2)
    row = _tiers(sheet, rows, row + 1)
    _account(sheet, result, row + 1)


def _prices(sheet: Sheet, result: Result, rows: list[ChargeRow], row: int) -> int:
    wanted = {(r.price_row, r.meter.price, r.item, r.region): r for r in rows if r.group is None}
    for key, charge in wanted.items():
        price = result.book.explain(charge.price_row) if charge.price_row >= 0 else None
        texts = [charge.meter.price, charge.item, charge.region, "", charge.meter.unit]
        if price:
            texts = [price.component, price.item, price.region, "", price.unit]
            texts += [price.effective_from, price.checked_on, price.grade, price.source, price.note]
        for column, text in enumerate(texts):
            if column != 3:
                sheet.text(row, column, text)
        sheet.number(row, 3, price.list_usd if price else None, "price", "input")
        sheet.book.cells[price_cell(*key)] = sheet.cell(row, 3)
        row += 1
    return row


def _tiers(sheet: Sheet, rows: list[ChargeRow], row: int) -> int:
    groups = dict.fromkeys(r.group for r in rows if r.group)
    if not groups:
        return row
    sheet.text(row, 0, "Prices that fall with quantity", "section")
    sheet.head(row + 1, TIER_COLUMNS)
    row += 2
    for group in groups:
        row = _group(sheet, rows, group, row)
    return row


def _group(sheet: Sheet, rows: list[ChargeRow], group: Group, top: int) -> int:
    """Quantity in each tier, and the average price all charges of the group pay."""
    last = top + len(group.bounds) - 1
    total = {}
    for side, column in ((QUANTITY, 5), (PLAN, 6)):
        keys = f'{columns(rows, "meter")},"{group.meter}",{columns(rows, "region")},"{group.region}"'
        total[column] = f"SUMIFS({columns(rows, side)},{keys})"
    quantity = {
        5: sum(r.today for r in rows if r.group == group and is_known(r.today)),
        6: sum(r.plan for r in rows if r.group == group and is_known(r.plan)),
    }
    for n, (bound, price) in enumerate(zip(group.bounds, group.list_usd, strict=True)):
        upper = group.bounds[n + 1] if n + 1 < len(group.bounds) else LAST
        row = top + n
        sheet.text(row, 0, f"{group.meter} {group.item}")
        sheet.text(row, 1, group.region)
        sheet.number(row, 2, bound, "whole")
        sheet.number(row, 3, price, "price", "input")
        sheet.number(row, 4, upper, "whole" if upper < LAST else "number", "value")
        for column, formula in total.items():
            part = max(min(quantity[column], upper) - bound, 0.0)
            sheet.formula(row, column, f"MAX(MIN({formula},E{row + 1})-C{row + 1},0)", part, "number")
    for column, name in ((7, "today"), (8, "plan")):
        parts, prices = sheet.column(top, last, column - 2), sheet.column(top, last, 3)
        formula = f"IF(SUM({parts})>0,SUMPRODUCT({parts},{prices})/SUM({parts}),{sheet.cell(top, 3)})"
        sheet.formula(top, column, formula, None, "price")
        sheet.book.cells[f"tier {name} {group.meter} {group.region}"] = sheet.cell(top, column)
    for name, column in (("from", 2), ("price", 3), ("to", 4)):
        sheet.book.cells[f"tiers {name} {group.meter} {group.region}"] = sheet.column(top, last, column)
    sheet.book.cells[f"tiers today {group.meter} {group.region}"] = f"SUM({sheet.column(top, last, 5)})"
    sheet.book.cells[f"tiers plan {group.meter} {group.region}"] = f"SUM({sheet.column(top, last, 6)})"
    return last + 1


def _account(sheet: Sheet, result: Result, row: int) -> None:
    snapshot = result.account.snapshot
    lines = [
        ("Account", snapshot.manifest.name),
        (
            "Window",
            f"{snapshot.manifest.window_start:%Y-%m-%d} to {snapshot.manifest.window_end:%Y-%m-%d} UTC",
        ),
        ("Snapshot fingerprint", snapshot.fingerprint()),
        ("Prices as of", result.book.as_of.isoformat()),
        ("What the bill's prices rest on", age_line(result)),
        *(("Assumed in the snapshot", text) for text in snapshot.manifest.assumptions),
        *((s.lever.title, s.lever.source) for s in result.steps),
    ]
    sheet.text(row, 0, "Where it comes from", "section")
    for number, (name, text) in enumerate(lines, start=row + 1):
        sheet.text(number, 0, name)
        sheet.text(number, 1, text)
