"""Charges: quantity × unit price = cost, today and in the plan, every figure a formula on the assumptions."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.reports.workbook.charge_rows import ChargeRow, is_discounted, price_cell
from simulator.reports.workbook.sheet import Book, Sheet

TOP = 2
COLUMNS = {
    "component": 14, "resource": 34, "owner": 14, "region": 12, "item": 28, "meter": 24, "unit": 14, "table": 11,
    "plan eligible": 9, "quantity today": 15, "quantity in plan at settings": 15, "quantity in plan": 15,
    "unit price today": 14, "unit price in plan": 14, "cost today": 14, "cost in plan": 14,
}  # fmt: skip
PLACE = {name: n for n, name in enumerate(COLUMNS)}
QUANTITY, SETTING, PLAN = "quantity today", "quantity in plan at settings", "quantity in plan"
COST, COST_PLAN = "cost today", "cost in plan"


def columns(rows: list[ChargeRow] | int, name: str) -> str:
    """The address of one column over all charges."""
    last = TOP + max(rows if isinstance(rows, int) else len(rows), 1) - 1
    top, bottom = (xl_rowcol_to_cell(r, PLACE[name], row_abs=True, col_abs=True) for r in (TOP, last))
    return f"Charges!{top}:{bottom}"


def write(book: Book, rows: list[ChargeRow]) -> None:
    """The sheet, and the addresses of its columns."""
    sheet = book.sheets["Charges"]
    sheet.text(0, 0, "Charges per month (730 h) at contracted prices, before Savings Plans", "title")
    sheet.head(TOP - 1, [n.capitalize() for n in COLUMNS], list(COLUMNS.values()))
    sheet.raw.freeze_panes(TOP, 2)
    for number, charge in enumerate(rows):
        _line(book, sheet, TOP + number, charge)
    for name in COLUMNS:
        book.cells[f"charges {name}"] = columns(rows, name)
    if rows:
        sheet.raw.autofilter(TOP - 1, 0, TOP + len(rows) - 1, len(COLUMNS) - 1)


def _line(book: Book, sheet: Sheet, row: int, charge: ChargeRow) -> None:
    texts = [
        charge.meter.component, charge.resource_id, charge.owner, charge.region, charge.item, charge.meter.name,
        charge.meter.unit, charge.table, "yes" if charge.meter.eligible else "no",
    ]  # fmt: skip
    for column, text in enumerate(texts):
        sheet.text(row, column, text)
    sheet.number(row, PLACE[QUANTITY], charge.today, "number")
    sheet.number(row, PLACE[SETTING], charge.plan, "number", "value")
    sheet.formula(row, PLACE[PLAN], _quantity(book, row, charge), charge.plan, "number")
    sides = (("today", QUANTITY, "unit price today", COST), ("plan", PLAN, "unit price in plan", COST_PLAN))
    for side, quantity, price, cost in sides:
        known = charge.unit_price_today_usd if side == "today" else charge.unit_price_plan_usd
        usd = charge.cost_today_usd if side == "today" else charge.cost_plan_usd
        sheet.formula(row, PLACE[price], _price(book, charge, side), known, "price")
        q, p = (xl_rowcol_to_cell(row, PLACE[name]) for name in (quantity, price))
        sheet.formula(row, PLACE[cost], f'IF({q}=0,0,IF(COUNT({q},{p})<2,"unknown",{q}*{p}))', usd, "usd")


def _quantity(book: Book, row: int, charge: ChargeRow) -> str:
    """The quantity at the settings, times one factor per live parameter; sums where there is nothing to scale."""
    setting = xl_rowcol_to_cell(row, PLACE[SETTING])
    factors = [setting]
    added = []
    for name, at, per_unit in charge.terms:
        change = f"({book.cells[name]}-{at!r})"
        if charge.plan == 0:
            added.append(f"{per_unit!r}*{change}")
        elif charge.plan == charge.plan:
            factors.append(f"(1+{per_unit / charge.plan!r}*{change})")
    return "+".join(["*".join(factors), *added])


def _price(book: Book, charge: ChargeRow, side: str) -> str:
    if charge.group:
        cell = book.cells[f"tier {side} {charge.group.meter} {charge.group.region}"]
    else:
        cell = book.cells[price_cell(charge.price_row, charge.meter.price, charge.item, charge.region)]
    if not is_discounted(charge.meter.price):
        return cell
    return f'IF(ISNUMBER({cell}),{cell}*(1-{book.cells["negotiated_discount"]}),"unknown")'
