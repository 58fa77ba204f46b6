"""Months: the bill of baseline and scenario, by formula from charges, growth, starts and commitments.

In months before all levers work, a table's saving is the share its working levers have of it in the order of
application. What the engine finds beyond that (levers do not simply add) is the grey column *interaction*; it is
nothing once every lever works.
"""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.analysis.projection import Month, plan_cash_usd
from simulator.aws.plan_offers import UPFRONT_SHARE, years_of
from simulator.engine.calendar import calendar_of
from simulator.engine.roadmap import share_of
from simulator.engine.simulate import Result
from simulator.reports.workbook import commitment_sheet
from simulator.reports.workbook.commitment_sheet import COVERED
from simulator.reports.workbook.month_values import (
    TINY,
    ended_shares,
    ended_usd,
    interaction,
    list_usd,
    old_share,
    today_bill,
)  # fmt: skip
from simulator.reports.workbook.sheet import Book, Sheet
from simulator.units import HOURS_PER_MONTH, HOURS_PER_YEAR
from simulator.usage.blend import DRIVERS, grown
from simulator.usage.tables import TABLES

TOP = 3
TODAY = "baseline"
GROWTH = {"training": "training_growth", "traffic": "traffic_growth", "data": "data_growth"}
MAIN = {
    "month": 8, "baseline": 15, "scenario": 15, "one-off": 13, "saved so far": 15, "cash, scenario": 15,
    "interaction": 13,
}  # fmt: skip
HELP = [
    *(f"growth {d}" for d in GROWTH),
    *(f"reach {t}" for t in TABLES),
    *(f"today {t}" for t in TABLES),
    *(f"full {t}" for t in TABLES),
    "ended models",
    "old plans in force", "new plan in force", "dated today", "plans save today", "plans save",
    *(f"hours today {t}" for t in COVERED),
    *(f"hours old {t}" for t in COVERED),
    *(f"hours new {t}" for t in COVERED),
]  # fmt: skip
PLACE = {name: n for n, name in enumerate([*MAIN, "", *HELP])}


def write(book: Book, result: Result, months: Sequence[Month]) -> None:
    """The sheet with its chart, and the addresses of its columns."""
    sheet = book.sheets["Months"]
    sheet.text(0, 0, "Month by month, USD", "title")
    sheet.text(1, PLACE["growth training"], "How it is worked out", "section")
    sheet.head(TOP - 1, [n.capitalize() for n in PLACE], [*MAIN.values(), 3, *([12] * len(HELP))])
    sheet.raw.freeze_panes(TOP, 1)
    rest = interaction(result, months)
    for number, month in enumerate(months):
        _line(_Row(book, sheet, TOP + number, result, month.month), month, rest[number])
    last = TOP + len(months) - 1
    for name in ("month", "baseline", "scenario", "one-off", "cash, scenario"):
        book.cells[f"months {name}"] = sheet.column(TOP, last, PLACE[name])
    sheet.text(last + 1, 0, "Total", look="total")
    for name in ("baseline", "scenario", "one-off", "cash, scenario"):
        column = book.cells[f"months {name}"].split("!")[1]
        sheet.formula(last + 1, PLACE[name], f"SUM({column})", None, "usd", "total")
    book.cells["saved in all"] = sheet.cell(last, PLACE["saved so far"])
    _chart(book, sheet, last)


class _Row:
    """One month's row: addresses of its own cells, and the formulas of its parts."""

    def __init__(self, book: Book, sheet: Sheet, row: int, result: Result, month: int) -> None:
        self.book, self.sheet, self.row, self.result, self.month = book, sheet, row, result, month
        self.cells = book.cells

    def own(self, name: str) -> str:
        """Address of this month's cell in a column."""
        return xl_rowcol_to_cell(self.row, PLACE[name], col_abs=True)

    def put(self, name: str, formula: str, value: float | None = None, form: str = "usd") -> None:
        """Write a formula into a column; `value` is what it comes to, for readers that do not calculate."""
        self.sheet.formula(self.row, PLACE[name], formula, value, form)

    def growth(self, table: str) -> str:
        """What a table's quantities are multiplied by in this month."""
        driver = DRIVERS[table]
        return self.own(f"growth {driver}") if driver else "1"

    def reach(self, table: str) -> str:
        """Share of a table's saving that its levers have reached in this month."""
        tables, weight = self.cells["levers table"], self.cells["levers weight in its table"]
        return f'SUMPRODUCT(({tables}="{table}")*{weight}*{self.cells[f"share {self.month}"]})'

    def list_cost(self, table: str, side: str) -> str:
        """A table's cost grown to this month; prices that fall with quantity are worked out on the grown quantity."""
        cost = self.cells["charges cost today" if side == "today" else "charges cost in plan"]
        whole = f'SUMIFS({cost},{self.cells["charges table"]},"{table}")*{self.growth(table)}'
        return whole + "".join(self._tier(key, side, table) for key in self._groups(table))

    def _groups(self, table: str) -> list[str]:
        if table != "storage":
            return []
        return [k.removeprefix("tiers from ") for k in self.cells if k.startswith("tiers from ")]

    def _tier(self, group: str, side: str, table: str) -> str:
        """What a tier group costs on the grown quantity, beyond its cost today times growth."""
        low, high, price = (self.cells[f"tiers {n} {group}"] for n in ("from", "to", "price"))
        total, growth = self.cells[f"tiers {side} {group}"], self.growth(table)
        grown_usd, plain_usd = (
            f"SUMPRODUCT(({x}>{low})*(({x}<{high})*{x}+({x}>={high})*{high}-{low})*{price})"
            for x in (f"({total}*{growth})", f"({total})")
        )
        return f"+({grown_usd}-{growth}*{plain_usd})*(1-{self.cells['negotiated_discount']})"

    def ended(self) -> str:
        """What the levers would save on models that have ended by this month."""
        of = f'{self.cells["charges table"]},"bedrock",{self.cells["charges resource"]}'
        sides = (self.cells["charges cost today"], self.cells["charges cost in plan"])
        terms = []
        for name, share in ended_shares(self.result, self.month).items():
            same = '"=' + name.replace('"', '""') + '"'
            old, new = (f"SUMIFS({cost},{of},{same})" for cost in sides)
            terms.append(f"{share!r}*({old}-{new})")
        return f"({'+'.join(terms)})*{self.growth('bedrock')}" if terms else "0"

    def saved(self, side: str) -> str:
        """What plans save on the hours of this month: mean of the smaller of usage and level, less commitment."""
        old, new = self.own("old plans in force"), self.own("new plan in force")
        level, cost = self.cells["level existing"], self.cells["cost existing"]
        if side == "today":
            return f"{old}*{self._covered(side, level, cost)}"
        level_new, cost_new = f"{new}*{self.cells['level new']}", f"{new}*{self.cells['cost new']}"
        both = self._covered(side, f"({level}+{level_new})", f"({cost}+{cost_new})")
        alone = self._covered(side, f"({level_new})", f"({cost_new})")
        return f"{old}*{both}+(1-{old})*{alone}"

    def _covered(self, side: str, level: str, cost: str) -> str:
        """What plans of this level and cost save in all hours."""
        if "hours count" not in self.cells:
            return "0"
        if side == "today":
            terms = [f"{self.cells[f'hours today {t}']}*{self.own(f'hours today {t}')}" for t in COVERED]
        else:
            terms = [
                f"{self.cells[f'hours {of} {t}']}*{self.own(f'hours {name} {t}')}"
                for name, of in (("old", "today"), ("new", "plan"))
                for t in COVERED
            ]
        usage = f"({'+'.join(terms)})"
        covered = f"SUMPRODUCT({usage}+{level}-ABS({usage}-{level}))/2/{self.cells['hours count']}"
        return f"({covered}-{cost})*{HOURS_PER_MONTH!r}"


def _line(r: _Row, month: Month, rest: float) -> None:
    r.sheet.number(r.row, 0, month.month, "whole")
    years = f"(({r.own('month')}-1)/12)"
    for driver, name in GROWTH.items():
        r.put(f"growth {driver}", f"(1+{r.cells[name]})^{years}", None, "ratio")
    for table in TABLES:
        r.put(f"reach {table}", r.reach(table), None, "ratio")
        for side, name in (("today", "today"), ("plan", "full")):
            r.put(f"{name} {table}", r.list_cost(table, side))
    r.put("ended models", r.ended())
    r.sheet.number(r.row, PLACE["old plans in force"], old_share(r.result, month.month), "ratio", "value")
    r.put("new plan in force", _new_in_force(r), None, "whole")
    dated = month.baseline_usd - today_bill(r.result, month.month)
    r.sheet.number(r.row, PLACE["dated today"], 0.0 if abs(dated) < TINY else dated, "usd", "value")
    if "hours count" in r.cells:
        for table in COVERED:
            growth, reach = r.growth(table), r.own(f"reach {table}")
            today, new = (r.cells[f"scale {s} {table}"] for s in ("today", "plan"))
            r.put(f"hours today {table}", f"{today}*{growth}", None, "ratio")
            r.put(f"hours old {table}", f"{today}*{growth}*(1-{reach})", None, "ratio")
            r.put(f"hours new {table}", f"{new}*{growth}*{reach}", None, "ratio")
    if commitment_sheet.is_rated(r.result):
        _plan_values(r, month)
    else:
        r.put("plans save today", r.saved("today"))
        r.put("plans save", r.saved("plan"))
    today = "+".join(r.own(f"today {t}") for t in TABLES)
    lost = {"bedrock": f"-{r.own('ended models')}"}
    plan = "+".join(
        f"{r.own(f'today {t}')}-{r.own(f'reach {t}')}*({r.own(f'today {t}')}-{r.own(f'full {t}')}{lost.get(t, '')})"
        for t in TABLES
    )
    r.put("baseline", f"{today}+{r.own('dated today')}-{r.own('plans save today')}", month.baseline_usd)
    r.put("scenario", f"{plan}-{r.own('plans save')}+{r.own('interaction')}", month.scenario_usd)
    r.sheet.number(r.row, PLACE["interaction"], rest, "usd", "value")
    r.put("one-off", _once(r), month.once_usd)
    before = xl_rowcol_to_cell(r.row - 1, PLACE["saved so far"]) if month.month > 1 else "0"
    net = f"{r.own(TODAY)}-{r.own('scenario')}-{r.own('one-off')}"
    r.put("saved so far", f"{before}+{net}", month.cumulative_saving_usd)
    r.put(
        "cash, scenario",
        f"{r.own('scenario')}+{r.own('one-off')}{_cash(r)}{_held_cash(r.result, month.month)}",
        month.scenario_cash_usd,
    )


def _plan_values(r: _Row, month: Month) -> None:
    """What plans save as the engine settled them, where plan rates per type are known."""
    growth = r.result.scenario.planning.growth(month.month)
    today, plan = (
        sum(list_usd(r.result, grown(s.usage, growth), t) for t in TABLES)
        for s in (r.result.baseline, r.result.outcome)
    )
    works = all(share_of(r.result, x, month.month) == 1.0 for x in r.result.scenario.ordered())
    saved = plan + ended_usd(r.result, month.month) - month.scenario_usd if works else 0.0
    today += 0.0 if abs(dated := month.baseline_usd - today_bill(r.result, month.month)) < TINY else dated
    r.sheet.number(r.row, PLACE["plans save today"], today - month.baseline_usd, "usd", "value")
    r.sheet.number(r.row, PLACE["plans save"], saved, "usd", "value")


def _once(r: _Row) -> str:
    discount = r.result.book.discount_ratio
    start, work, other = (r.cells[f"levers {n}"] for n in ("start month", "work", "one-off of AWS"))
    if not r.result.scenario.levers:
        return "0"
    now = f"(1-{r.cells['negotiated_discount']})/{1 - discount!r}"
    return f"SUMPRODUCT(({start}={r.own('month')})*({work}+{other}*{now}))"


def _cash(r: _Row) -> str:
    """Payments of a new plan in place of its even fee."""
    plan = next((a.plan for a in r.result.outcome.settlement.allocations if not a.plan.existing), None)
    if plan is None or "start__savings_plan" not in r.cells:
        return ""
    years = 3 if plan.offer.startswith("3y") else 1
    upfront = UPFRONT_SHARE[plan.offer.split("_", 1)[1]]
    cost = r.cells["cost new"]
    whole = f"{cost}*{HOURS_PER_YEAR * years!r}"
    due = f"IF({r.own('month')}={r.cells['start__savings_plan']},{whole}*{upfront!r},0)"
    even = f"{whole}*{(1 - upfront) / (12 * years)!r}"
    return f"+{r.own('new plan in force')}*({due}+{even}-{cost}*{HOURS_PER_MONTH!r})"


def _held_cash(result: Result, month: int) -> str:
    """What is paid for the account's own plans beyond their even fee, as a number: upfront parts were paid before."""
    dated = calendar_of(result)
    paid = plan_cash_usd(dated, month, dated.parts(month), 1.0, dated.plans)
    return f"+({paid!r})" if abs(paid) > TINY else ""


def _new_in_force(r: _Row) -> str:
    """1 from the plan's start month until its term is over."""
    plan = calendar_of(r.result).new_plan
    if plan is None or "start__savings_plan" not in r.cells:
        return "0"
    start, own = r.cells["start__savings_plan"], r.own("month")
    return f"IF(AND({own}>={start},{own}<{start}+{12 * years_of(plan.offer)}),1,0)"


def _chart(book: Book, sheet: Sheet, last: int) -> None:
    chart = book.file.add_chart({"type": "line"})
    styles = {"baseline": {"color": "#7d8590", "dash_type": "dash"}, "scenario": {"color": "#3f9142"}}
    for name, line in styles.items():
        chart.add_series(
            {
                "name": ["Months", TOP - 1, PLACE[name]],
                "categories": ["Months", TOP, 0, last, 0],
                "values": ["Months", TOP, PLACE[name], last, PLACE[name]],
                "line": line,
            }
        )
    chart.set_title({"name": "Monthly bill"})
    chart.set_y_axis({"name": "USD", "num_format": "$#,##0"})
    chart.set_x_axis({"name": "Month"})
    chart.set_legend({"position": "bottom"})
    sheet.raw.insert_chart(last + 4, 0, chart, {"x_scale": 1.5, "y_scale": 1.1})
