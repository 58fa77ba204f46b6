"""Commitments: the plans, settled on every hour of the window by formula. rules.md#savings-plans.

In an hour, plans together cover the smaller of the eligible usage and the sum of their levels, where a plan's
level is its commitment at on-demand prices, c / (1 − d). A new plan's best size is the d-quantile of the hours
that plans in force leave open, at plan rates.
"""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.plans.settlement import Allocation, Array, eligible_usd_per_hour
from simulator.pricing.charges import price_usage
from simulator.reports.workbook.live import cell_name
from simulator.reports.workbook.sheet import Book, Sheet
from simulator.units import HOURS_PER_MONTH

COVERED = ("training", "endpoints", "compute")
TOP = 4
PLANS = [
    "Plan", "Kind", "Offer", "Discount", "USD per hour", "Level at on-demand prices", "Used in scenario",
    "Covered in scenario", "Net saving per month in scenario",
]  # fmt: skip
SIDES = ("today", "plan")


def write(book: Book, result: Result) -> None:
    """The sheet; remembers what months and summary need of it."""
    sheet = book.sheets["Commitments"]
    sheet.text(0, 0, "Savings Plans on the hours that remain", "title")
    allocations = result.outcome.settlement.allocations
    if not allocations:
        sheet.text(2, 0, "No plan is in force and the scenario has none.")
        for name in ("level existing", "cost existing", "level new", "cost new"):
            book.cells[name] = "0"
        for side in SIDES:
            book.cells[f"saved {side}"] = book.cells[f"discounted {side}"] = book.cells[f"unused {side}"] = (
                "0"
            )
        return
    if is_rated(result):
        _values(sheet, result)
        return
    sheet.head(TOP - 1, PLANS, [26, 14, 22, 12, 14, 14, 14, 14, 16, 14, 14, 14])
    hours = TOP + len(allocations) + 8
    count = len(allocations[0].used_usd)
    for number, allocation in enumerate(allocations):
        _plan(sheet, TOP + number, result, allocation, hours, count)
    last = TOP + len(allocations) - 1
    existing = [n for n, a in enumerate(allocations) if a.plan.existing]
    for name, column in (("level", 5), ("cost", 4)):
        rows = [sheet.cell(TOP + n, column) for n in existing]
        new = [sheet.cell(TOP + n, column) for n, a in enumerate(allocations) if not a.plan.existing]
        book.cells[f"{name} existing"] = "(" + "+".join(rows or ["0"]) + ")"
        book.cells[f"{name} new"] = (new or ["0"])[0]
    _scales(sheet, last + 2, result)
    _hours(sheet, hours, result, count)
    _totals(sheet, result, hours, count)


def is_rated(result: Result) -> bool:
    """Whether the price book has plan rates per type: then hours are settled in groups, which no formula follows."""
    return any(
        a.covered_usd.shape[0] > 1
        for s in (result.baseline, result.outcome)
        for a in s.settlement.allocations
    )


def _values(sheet: Sheet, result: Result) -> None:
    """The plans as the engine settled them, all grey."""
    sheet.text(
        1,
        0,
        "Plan rates per type are known: the engine settles them hour by hour. All figures here are values.",
    )
    sheet.head(TOP - 1, PLANS, [26, 14, 22, 12, 14, 14, 14, 14, 16])
    for row, a in enumerate(result.outcome.settlement.allocations, start=TOP):
        for column, text in enumerate(
            (a.plan.plan_id, "in force" if a.plan.existing else "of this scenario", a.plan.offer)
        ):
            sheet.text(row, column, text)
        figures = (
            (3, a.discount_ratio, "ratio"), (4, a.plan.commitment_usd_per_hour, "number"), (5, float("nan"), "number"),
            (6, a.utilization_ratio, "percent"), (7, a.coverage_ratio, "percent"), (8, a.net_saving_usd, "usd"),
        )  # fmt: skip
        for column, value, form in figures:
            sheet.number(row, column, value, form, "value")
    cells = sheet.book.cells
    for name, new in (("existing", False), ("new", True)):
        plans = [a.plan for a in result.outcome.settlement.allocations if a.plan.existing != new]
        cells[f"cost {name}"] = f"{sum(p.commitment_usd_per_hour for p in plans)!r}"
        cells[f"level {name}"] = "0"
    for side, state in (("today", result.baseline), ("plan", result.outcome)):
        settled = state.settlement.allocations
        discounted = sum((a.covered_usd.sum(axis=0) - a.used_usd).mean() for a in settled) * HOURS_PER_MONTH
        cells[f"saved {side}"] = f"{float(sum(a.net_saving_usd for a in settled))!r}"
        cells[f"discounted {side}"] = f"{float(discounted)!r}"
        cells[f"unused {side}"] = f"{float(state.settlement.unused_usd)!r}"


def _plan(sheet: Sheet, row: int, result: Result, allocation: Allocation, hours: int, count: int) -> None:
    plan = allocation.plan
    for column, text in enumerate(
        (plan.plan_id, "in force" if plan.existing else "of this scenario", plan.offer)
    ):
        sheet.text(row, column, text.replace("_", " ") if column == 2 else text)
    if plan.existing:
        sheet.number(row, 3, plan.discount_ratio, "ratio", "input")
        sheet.number(row, 4, plan.commitment_usd_per_hour, "number", "input")
    else:
        discount, size = (
            sheet.book.cells[cell_name("savings_plan", n)] for n in (f"discount_{plan.offer}", "size_ratio")
        )
        sheet.formula(row, 3, discount, plan.discount_ratio, "ratio")
        spare = sheet.column(hours, hours + count - 1, 9)
        place = f"MAX(ROUNDUP({count}*{discount}-1E-9,0),1)"
        best = f"MAX(SMALL({spare},{place}),0)*(1-{discount})*{size}"
        sheet.formula(row, 4, best, plan.commitment_usd_per_hour, "number")
        sheet.book.name("commitment_usd_per_hour", sheet.cell(row, 4))
    level = plan.commitment_usd_per_hour / (1 - plan.discount_ratio)
    sheet.formula(row, 5, f"E{row + 1}/(1-D{row + 1})", level, "number")
    covered = sheet.column(hours, hours + count - 1, _covered_column(result, row - TOP, "plan"))
    e, d = f"E{row + 1}", f"D{row + 1}"
    used = allocation.utilization_ratio
    sheet.formula(row, 6, f"IF({e}=0,0,AVERAGE({covered})*(1-{d})/{e})", used, "percent")
    eligible = sheet.column(hours, hours + count - 1, 8)
    sheet.formula(row, 7, f"IF(SUM({eligible})=0,0,SUM({covered})/SUM({eligible}))", None, "percent")
    sheet.formula(row, 8, f"(AVERAGE({covered})-{e})*{HOURS_PER_MONTH!r}", allocation.net_saving_usd, "usd")


def _covered_column(result: Result, plan: int, side: str) -> int:
    """Column of the hours block: plans of today first, then those of the scenario."""
    today = len(result.baseline.settlement.allocations)
    return 10 + plan + (today if side == "plan" else 0)


def _scales(sheet: Sheet, row: int, result: Result) -> None:
    """Eligible dollars now over those of the engine's run, per table: what a changed price does to every hour."""
    sheet.text(row, 0, "Eligible per month", "section")
    sheet.head(
        row + 1,
        ["Table", "Today", "Today, at settings", "Factor", "Scenario", "Scenario, at settings", "Factor"],
    )
    for n, table in enumerate(COVERED, start=row + 2):
        sheet.text(n, 0, table)
        for side, state, at in (("today", result.baseline, 1), ("plan", result.outcome, 4)):
            cost = sheet.book.cells[f"charges cost {'today' if side == 'today' else 'in plan'}"]
            keys = f'{sheet.book.cells["charges table"]},"{table}",{sheet.book.cells["charges plan eligible"]},"yes"'
            value = float(_eligible(result, state, table).mean() * HOURS_PER_MONTH)
            sheet.formula(n, at, f"SUMIFS({cost},{keys})", value, "usd")
            sheet.number(n, at + 1, value, "usd", "value")
            factor = f"IF({xl_rowcol_to_cell(n, at + 1)}=0,1,{xl_rowcol_to_cell(n, at)}/{xl_rowcol_to_cell(n, at + 1)})"
            sheet.formula(n, at + 2, factor, 1.0, "ratio")
            sheet.book.cells[f"scale {side} {table}"] = sheet.cell(n, at + 2)


def _eligible(result: Result, state: State, table: str) -> Array:
    return eligible_usd_per_hour(price_usage(state.usage, result.book), state.usage, table)


def _hours(sheet: Sheet, top: int, result: Result, count: int) -> None:
    """Eligible dollars per hour, at the settings (grey) and now; what each plan covers of them."""
    book = sheet.book
    heads = ["Hour of the window", *(f"{t}, today" for t in COVERED), *(f"{t}, in plan" for t in COVERED)]
    heads += ["Eligible today", "Eligible in plan", "Open to a new plan"]
    sides = {"today": result.baseline.settlement.allocations, "plan": result.outcome.settlement.allocations}
    for side in SIDES:
        heads += [
            f"{a.plan.plan_id} covers, {'today' if side == 'today' else 'in plan'}" for a in sides[side]
        ]
    sheet.head(top - 1, heads)
    values = [_eligible(result, s, t) for s in (result.baseline, result.outcome) for t in COVERED]
    for n, table in enumerate(COVERED):
        for k, side in enumerate(SIDES):
            column = 1 + 3 * k + n
            book.cells[f"hours {side} {table}"] = sheet.column(top, top + count - 1, column)
    book.cells["hours count"] = str(count)
    scale = {(s, t): book.cells[f"scale {s} {t}"].split("!")[1] for s in SIDES for t in COVERED}
    for hour in range(count):
        row = top + hour
        sheet.number(row, 0, hour + 1, "whole")
        for column, series in enumerate(values, start=1):
            sheet.number(row, column, float(series[hour]), "number", "value")
        for k, side in enumerate(SIDES):
            parts = [
                f"{xl_rowcol_to_cell(row, 1 + 3 * k + n)}*{scale[side, t]}" for n, t in enumerate(COVERED)
            ]
            total = float(sum(v[hour] for v in values[3 * k : 3 * k + 3]))
            sheet.formula(row, 7 + k, "+".join(parts), total, "number")
        level = book.cells["level existing"].replace("Commitments!", "")
        sheet.formula(row, 9, f"MAX(I{row + 1}-{level},0)", None, "number")
        for k, side in enumerate(SIDES):
            for number, allocation in enumerate(sides[side]):
                before = [f"$F${TOP + 1 + n}" for n in range(number)]
                left = f"{xl_rowcol_to_cell(row, 7 + k)}-({'+'.join(before or ['0'])})"
                value = float(allocation.covered_usd.sum(axis=0)[hour])
                formula = f"MAX(MIN({left},$F${TOP + 1 + number}),0)"
                sheet.formula(row, _covered_column(result, number, side), formula, value, "number")


def _totals(sheet: Sheet, result: Result, top: int, count: int) -> None:
    """Per side: what plans save net, the discount they give, and what they leave unused, in dollars per month."""
    for side, state in (("today", result.baseline), ("plan", result.outcome)):
        saved, discounted, unused = ["0"], ["0"], ["0"]
        for n, _ in enumerate(state.settlement.allocations):
            covered = f"AVERAGE({sheet.column(top, top + count - 1, _covered_column(result, n, side))})"
            cost, discount = sheet.cell(TOP + n, 4), sheet.cell(TOP + n, 3)
            saved.append(f"{covered}-{cost}")
            discounted.append(f"{covered}*{discount}")
            unused.append(f"{cost}-{covered}*(1-{discount})")
        for name, parts in (("saved", saved), ("discounted", discounted), ("unused", unused)):
            sheet.book.cells[f"{name} {side}"] = f"(({'+'.join(parts)})*{HOURS_PER_MONTH!r})"
