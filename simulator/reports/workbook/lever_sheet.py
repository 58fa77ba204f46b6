"""Levers: when each starts, what it takes, and the share of its effect in every month (live)."""

from __future__ import annotations

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.analysis.attribution import waterfall
from simulator.analysis.projection import start_cost_usd
from simulator.engine.acting import acting
from simulator.engine.roadmap import share_of, start_month
from simulator.engine.simulate import Result
from simulator.levers.lever import Lever
from simulator.pricing.charges import price_table
from simulator.reports.tables import lever_table
from simulator.reports.workbook.sheet import Book
from simulator.usage.tables import Usage

TOP = 3
MONTHS = 60
COLUMNS = {
    "lever": 26, "title": 32, "phase": 7, "table": 12, "start month": 9, "ramp months": 9, "effort hours": 9,
    "one-off of AWS": 13, "work": 12, "applies to": 10, "saving alone": 14, "saving credited": 14,
    "saving in order": 14, "weight in its table": 12,
}  # fmt: skip
PLACE = {name: n for n, name in enumerate(COLUMNS)}
SHARES = len(COLUMNS) + 1


def weights(result: Result) -> dict[str, float]:
    """Share of each lever in the saving of its table, in the order of application, before plans."""
    gains = {s.lever.id: _gain(result, s.before, s.after, s.lever) for s in result.steps}
    total: dict[str, float] = {}
    for step in result.steps:
        total[step.lever.table] = total.get(step.lever.table, 0.0) + gains[step.lever.id]
    return {
        s.lever.id: gains[s.lever.id] / total[s.lever.table] if total[s.lever.table] else 0.0
        for s in result.steps
    }


def _gain(result: Result, before: Usage, after: Usage, lever: Lever) -> float:
    if not lever.table:
        return 0.0
    old, new = (
        sum(float(b.known_usd.sum()) for b in price_table(u, lever.table, result.book) if not b.meter.once)
        for u in (before, after)
    )
    return old - new


def write(book: Book, result: Result) -> None:
    """The sheet, and the addresses of its columns."""
    sheet = book.sheets["Levers"]
    levers = result.scenario.ordered()
    sheet.text(0, 0, "Levers in the order of application", "title")
    sheet.text(1, SHARES, "Share of its full effect in month …", "section")
    sheet.head(TOP - 1, [n.capitalize() for n in COLUMNS], list(COLUMNS.values()))
    for month in range(1, MONTHS + 1):
        sheet.number(TOP - 1, SHARES + month - 1, month, "whole")
    sheet.raw.freeze_panes(TOP, 2)
    credit = {row["lever"]: row for row in lever_table(result).to_dict("records")}
    marginal = dict(waterfall(result))
    weight = weights(result)
    for number, lever in enumerate(levers):
        row = TOP + number
        _texts(book, row, result, lever)
        known = {
            "saving alone": float(credit[lever.id]["saving_alone_usd"]),
            "saving credited": float(credit[lever.id]["saving_attributed_usd"]),
            "saving in order": marginal[lever.id],
            "one-off of AWS": start_cost_usd(result, lever) if lever in acting(result) else 0.0,
        }
        for name, usd in known.items():
            sheet.number(row, PLACE[name], usd, "usd", "value")
        sheet.number(row, PLACE["weight in its table"], weight[lever.id], "ratio", "value")
        work = _hours(result, lever) * result.scenario.planning.engineering_usd_per_hour
        sheet.formula(row, PLACE["work"], f"G{row + 1}*{book.cells['engineering_usd_per_hour']}", work, "usd")
        for month in range(1, MONTHS + 1):
            m = xl_rowcol_to_cell(TOP - 1, SHARES + month - 1, row_abs=True)
            share = share_of(result, lever, month)
            formula = f"MIN(MAX(({m}-$E{row + 1}+1)/($F{row + 1}+1),0),1)"
            sheet.formula(row, SHARES + month - 1, formula, share, "ratio")
    last = TOP + max(len(levers), 1) - 1
    for name, column in PLACE.items():
        book.cells[f"levers {name}"] = sheet.column(TOP, last, column)
    for month in range(1, MONTHS + 1):
        book.cells[f"share {month}"] = sheet.column(TOP, last, SHARES + month - 1)
    _total(book, result, last + 1)


def _texts(book: Book, row: int, result: Result, lever: Lever) -> None:
    sheet = book.sheets["Levers"]
    for name, text in {
        "lever": lever.id,
        "title": lever.title,
        "table": lever.table or "commitments",
    }.items():
        sheet.text(row, PLACE[name], text)
    sheet.number(row, PLACE["phase"], lever.phase, "whole")
    applies = lever.verdicts(result.baseline.usage).counts()["applies"]
    sheet.number(row, PLACE["applies to"], applies, "whole", "value")
    ramp = result.scenario.ramp_months.get(lever.id, lever.ramp_months)
    cells = {
        "start month": ("start", float(start_month(result, lever))),
        "ramp months": ("ramp", float(ramp)),
        "effort hours": ("effort", _hours(result, lever)),
    }
    for name, (short, value) in cells.items():
        sheet.number(row, PLACE[name], value, "number", "input")
        book.name(f"{short}__{lever.id}", sheet.cell(row, PLACE[name]))


def _hours(result: Result, lever: Lever) -> float:
    """Hours of work; none for a lever that changes nothing."""
    return lever.effort_hours if lever in acting(result) else 0.0


def _total(book: Book, result: Result, row: int) -> None:
    """Effort, work and credited saving add up; what levers save alone does not, so it has no total."""
    sheet = book.sheets["Levers"]
    if not result.scenario.levers:
        return
    sheet.text(row, 0, "Total", look="total")
    for name, form in (
        ("effort hours", "number"),
        ("work", "usd"),
        ("saving credited", "usd"),
        ("saving in order", "usd"),
    ):
        column = book.cells[f"levers {name}"].split("!")[1]
        sheet.formula(row, PLACE[name], f"SUM({column})", _sum(result, name), form, "total")


def _sum(result: Result, name: str) -> float:
    hours = sum(x.effort_hours for x in acting(result))
    if name == "effort hours":
        return hours
    if name == "work":
        return hours * result.scenario.planning.engineering_usd_per_hour
    return float(np.round(result.saving_usd, 2))
