"""Summary: the answer on one sheet, all of it by formula."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.analysis.projection import Month, worth
from simulator.analysis.reconcile import reconcile, unexplained_per_month_usd
from simulator.charts import COMPONENT_TITLES
from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.pricing.charges import price_usage
from simulator.reports.tables import age_line
from simulator.reports.workbook.month_sheet import TODAY
from simulator.reports.workbook.sheet import Book, Sheet
from simulator.usage.tables import COMPONENTS

AREAS = 12


def write(book: Book, result: Result, months: Sequence[Month]) -> None:
    """The sheet with its chart; names the totals."""
    sheet = book.sheets["Summary"]
    manifest = result.account.snapshot.manifest
    sheet.raw.set_column(0, 0, 34)
    sheet.raw.set_column(1, 4, 17)
    sheet.text(0, 0, "ML spend: today and in the scenario", "title")
    sheet.text(
        1, 0, f"Account {manifest.name}, {manifest.window_start:%Y-%m-%d} to {manifest.window_end:%Y-%m-%d} (UTC); "
        f"scenario “{result.scenario.name}”; prices as of {result.book.as_of}. A month is the run rate of 730 h.",
    )  # fmt: skip
    sheet.text(
        2,
        0,
        f"Every figure here follows the yellow cells of the other sheets. {age_line(result)}",
        look="value",
    )
    _totals(book, sheet, result, months)
    _areas(book, sheet, result)
    book.sheets["Summary"].raw.activate()


def _totals(book: Book, sheet: Sheet, result: Result, months: Sequence[Month]) -> None:
    cells = book.cells
    value = worth(months, result.scenario.planning.interest_ratio)
    today = f"SUM({cells['charges cost today']})-{cells['saved today']}"
    plan = f"SUM({cells['charges cost in plan']})-{cells['saved plan']}"
    net = f"({cells[f'months {TODAY}']}-{cells['months scenario']}-{cells['months one-off']})"
    present = f"SUMPRODUCT({net}/(1+{cells['interest_ratio']})^({cells['months month']}/12))"
    rows = [
        ("Today, explained, per month", today, result.baseline.total_usd, "usd", "total_today_usd"),
        ("Scenario, explained, per month", plan, result.outcome.total_usd, "usd", "total_plan_usd"),
        ("Saving per month", "B5-B6", result.saving_usd, "usd", "saving_usd"),
        (
            "Saving, share of the explained",
            'IF(B5=0,"unknown",B7/B5)',
            result.saving_ratio,
            "percent",
            "saving_ratio",
        ),
        (
            f"One-off cost over {len(months)} months",
            f"SUM({cells['months one-off']})",
            value.once_usd,
            "usd",
            "once_usd",
        ),
        (
            f"Saved over {len(months)} months, net",
            cells["saved in all"],
            value.saving_usd,
            "usd",
            "saved_net_usd",
        ),
        ("Net present value", present, value.net_present_value_usd, "usd", "net_present_value_usd"),
    ]
    for number, (title, formula, known, form, name) in enumerate(rows, start=4):
        sheet.text(number, 0, title)
        sheet.formula(number, 1, formula, known, form)
        book.name(name, sheet.cell(number, 1))
    _of_the_bill(sheet, result)


def _of_the_bill(sheet: Sheet, result: Result) -> None:
    """Beside the totals: what usage does not explain, carried unchanged, and the saving of the whole bill."""
    account = result.account
    gap = unexplained_per_month_usd(reconcile(account, result.book), account.snapshot.window_hours)
    if gap is None or gap < 0:
        return
    whole = result.baseline.total_usd + gap
    sheet.text(4, 3, "Unexplained")
    sheet.number(4, 4, gap, "usd")
    sheet.text(5, 3, "Bill today")
    sheet.formula(5, 4, "B5+E5", whole, "usd")
    sheet.text(7, 3, "Saving of the bill")
    sheet.formula(7, 4, 'IF(E6=0,"unknown",B7/E6)', result.saving_usd / whole if whole else 0.0, "percent")


def _areas(book: Book, sheet: Sheet, result: Result) -> None:
    sheet.head(AREAS, ["Area, USD per month", "Today", "Scenario", "Saving", "Saving, share"])
    before, after = (s.charges.by_component() for s in (result.baseline, result.outcome))
    shown = [c for c in COMPONENTS if before[c] or after[c]]
    share = {
        side: _plan_share(result, s) for side, s in (("today", result.baseline), ("plan", result.outcome))
    }
    for row, component in enumerate(shown, start=AREAS + 1):
        sheet.text(row, 0, COMPONENT_TITLES[component])
        for column, side, cost, known in ((1, "today", "today", before), (2, "plan", "in plan", after)):
            if component == "commitments":
                formula = book.cells[f"unused {side}"]
            else:
                costs, components = book.cells[f"charges cost {cost}"], book.cells["charges component"]
                charges = f'SUMIFS({costs},{components},"{component}")'
                formula = f"{charges}-{share[side].get(component, 0.0)!r}*{book.cells[f'discounted {side}']}"
            sheet.formula(row, column, formula, float(known[component]), "usd")
        _saving(sheet, row, float(before[component]), float(after[component]))
    last = AREAS + len(shown)
    total = last + 1
    sheet.text(total, 0, "Total", look="total")
    for column, known_usd in ((1, result.baseline.total_usd), (2, result.outcome.total_usd)):
        letter = "ABC"[column]
        sheet.formula(
            total, column, f"SUM({letter}{AREAS + 2}:{letter}{last + 1})", known_usd, "usd", "total"
        )
    _saving(sheet, total, result.baseline.total_usd, result.outcome.total_usd)
    _chart(book, sheet, last)


def _saving(sheet: Sheet, row: int, before: float, after: float) -> None:
    sheet.formula(row, 3, f"B{row + 1}-C{row + 1}", before - after, "usd")
    ratio = (before - after) / before if before else float("nan")
    sheet.formula(row, 4, f'IF(B{row + 1}=0,"unknown",D{row + 1}/B{row + 1})', ratio, "percent")


def _plan_share(result: Result, state: State) -> dict[str, float]:
    """Share of each area in the discount that plans give (grey: the engine's hour-by-hour settlement)."""
    listed = price_usage(state.usage, result.book).by_component()
    effective = state.charges.by_component()
    given = {c: float(listed[c] - effective[c]) for c in COMPONENTS if c != "commitments"}
    total = sum(given.values())
    return {c: usd / total for c, usd in given.items()} if abs(total) > 1e-9 else {}


def _chart(book: Book, sheet: Sheet, last: int) -> None:
    chart = book.file.add_chart({"type": "bar"})
    for column, color in ((1, "#7d8590"), (2, "#3f9142")):
        chart.add_series(
            {
                "name": ["Summary", AREAS, column],
                "categories": ["Summary", AREAS + 1, 0, last, 0],
                "values": ["Summary", AREAS + 1, column, last, column],
                "fill": {"color": color},
            }
        )
    chart.set_title({"name": "Area by area, USD per month"})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "$#,##0"})
    chart.set_legend({"position": "bottom"})
    sheet.raw.insert_chart(AREAS + 10, 0, chart, {"x_scale": 1.6, "y_scale": 1.2})
