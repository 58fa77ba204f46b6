"""Expected savings per area, and the roadmap with months and cash. Every table's total is the sum of its rows."""

from __future__ import annotations

import numpy as np

from simulator.analysis.answer import whole_bill_words
from simulator.charts import COMPONENT_TITLES, months_frame, months_spec
from simulator.engine.acting import acting
from simulator.engine.roadmap import start_month
from simulator.pricing.charges import price_usage
from simulator.reports.report.blocks import Block, Section, Words, count, grid, percent, usd
from simulator.reports.report.facts import Facts
from simulator.reports.report.pictures import picture
from simulator.reports.report.plan import PHASES
from simulator.reports.savings import lever_savings
from simulator.reports.tables import rounded_to_total, savings_table
from simulator.risk.bills import Percentiles

TABLE_OF = {
    "training": "training", "hosting": "endpoints", "compute": "compute", "bedrock": "bedrock", "storage": "storage",
    "other": "services",
}  # fmt: skip


def savings_per_area(facts: Facts) -> Section:
    """Current → optimized per area, with the range that the draws give."""
    rows = []
    for row in savings_table(facts.result).to_dict("records"):
        low, high = _range(facts, row["area"], row["projected_usd"])
        title = COMPONENT_TITLES.get(row["area"], "Total")
        rows.append(
            [title, usd(row["current_usd"]), usd(row["projected_usd"]), usd(row["saving_usd"]),
             percent(row["saving_ratio"]), usd(low), usd(high)]
        )  # fmt: skip
    columns = ["Area", "Current", "Optimized", "Saving", "Saving, share", "Optimized P10", "Optimized P90"]
    spread = facts.risk.range
    return Section(
        "Expected cost savings",
        (
            Words(
                "Dollars per month at run rate (730 hours). Optimized is the bill at the scenario's settings."
            ),
            grid(columns, rows, numbers=columns[1:], total=True),
            Words(
                f"P10 and P90 come from {facts.draws:,} draws of all uncertain assumptions together "
                f"(seed {facts.seed}; median of the total {usd(spread.p50_usd)}). Areas do not vary together, so "
                "P10 and P90 of the total are not the sums of the areas' P10 and P90. In an area the "
                "share a Savings Plan covers is held at the settings; in the total it is settled in every draw."
            ),
            *_whole_bill(facts),
        ),
    )


def _whole_bill(facts: Facts) -> tuple[Block, ...]:
    """The total with what no usage explains, which no lever touches, and its range; nothing without a bill."""
    if not any(r.billed_usd is not None for r in facts.bill):
        return ()
    gap, result, spread = facts.unexplained_usd, facts.result, facts.risk.whole_range
    before, after = result.baseline.total_usd + gap, result.outcome.total_usd + gap
    row = [usd(before), usd(after), usd(float(spread.p10_usd)), usd(float(spread.p90_usd))]
    columns = ["Whole bill, current", "Optimized", "Optimized P10", "Optimized P90"]
    unknown = sum(1 for _ in result.outcome.charges.unknown())
    return grid(columns, [row], numbers=columns), Words(whole_bill_words(result, gap, unknown))


def _range(facts: Facts, area: str, optimized: float) -> tuple[float | None, float | None]:
    if area == "total":
        spread = facts.risk.range
        return float(spread.p10_usd), float(spread.p90_usd)
    if area not in TABLE_OF:
        return optimized, optimized
    table = TABLE_OF[area]
    draws = facts.risk.table_usd[table]
    at_settings = float(price_usage(facts.result.outcome.usage, facts.result.book).total_usd(table=table))
    if not at_settings:
        return optimized, optimized
    spread = Percentiles.of(draws * (optimized / at_settings))
    return float(spread.p10_usd), float(spread.p90_usd)


def roadmap(facts: Facts) -> list[Section]:
    """Phases, then months with cash."""
    return [
        Section("Implementation roadmap", (*_phases(facts), *_months(facts))),
    ]


def _phases(facts: Facts) -> list[Block]:
    scenario = facts.result.scenario
    credit = lever_savings(facts.said).set_index("lever")["saving_attributed_usd"]
    rows, total = [], [0.0, 0.0, 0.0]
    for phase, title in PHASES.items():
        levers = [x for x in acting(facts.result) if x.phase == phase]
        saving = round(float(sum(credit[x.id] for x in levers)), 2)
        hours = sum(x.effort_hours for x in levers)
        work = round(hours * scenario.planning.engineering_usd_per_hour, 2)
        starts = sorted({start_month(facts.result, x) for x in levers})
        rows.append(
            [f"{phase} {title}", ", ".join(x.title for x in levers) or "nothing", ", ".join(map(str, starts)),
             count(hours), usd(work), usd(saving)]
        )  # fmt: skip
        total = [total[0] + hours, total[1] + work, total[2] + saving]
    rows.append(["Total", "", "", count(total[0]), usd(total[1]), usd(total[2])])
    columns = ["Phase", "Levers", "From month", "Effort, hours", "Work", "Saving per month"]
    return [
        Words(
            "Credited savings at full effect, by phase. The order inside the calculation is fixed; the "
            "calendar is yours. After each phase, look at the bill before you start the next."
        ),
        grid(columns, rows, numbers=columns[2:], total=True),
    ]


def _months(facts: Facts) -> list[Block]:
    months = facts.projection
    before = rounded_to_total([m.baseline_usd for m in months], sum(m.baseline_usd for m in months))
    after = rounded_to_total([m.scenario_usd for m in months], sum(m.scenario_usd for m in months))
    once = rounded_to_total([m.once_usd for m in months], sum(m.once_usd for m in months))
    cash = rounded_to_total([m.scenario_cash_usd for m in months], sum(m.scenario_cash_usd for m in months))
    running = np.cumsum(np.subtract(np.subtract(before, after), once))
    spread = facts.risk.months
    rows = [
        [f"{m.month} ({m.month_start[:7]})", usd(before[i]), usd(after[i]), usd(once[i]), usd(running[i]), usd(cash[i]),
         usd(spread.p10_usd[i]), usd(spread.p90_usd[i])]
        for i, m in enumerate(months)
    ]  # fmt: skip
    rows.append(
        ["Total", usd(sum(before)), usd(sum(after)), usd(sum(once)), usd(running[-1]), usd(sum(cash)), "", ""]
    )
    columns = [
        "Month",
        "Baseline",
        "Scenario",
        "One-off",
        "Saved so far",
        "Cash paid",
        "Scenario P10",
        "Scenario P90",
    ]
    frame = months_frame(months)
    return [
        Words(
            "Month by month, with growth, start months and ramps. Saved so far = baseline − scenario − "
            "one-off. Cash paid counts commitments when they are paid and one-off costs; P10 and P90 are of "
            "the scenario's bill."
        ),
        grid(columns, rows, numbers=columns[1:], total=True),
        picture(frame, months_spec(), "Monthly bill over the months, baseline and scenario."),
    ]
