"""The sections of a report in their order."""

from __future__ import annotations

from simulator.engine.simulate import Result
from simulator.reports.report import closing, futures, money, overview, plan, planned, unit_table
from simulator.reports.report.blocks import Report
from simulator.reports.report.facts import Facts


def contents(result: Result, months: int = 12, *, draws: int = 2_000, seed: int = 0) -> Report:
    """The report of one scenario on one account. Raises ValueError for months or draws out of range."""
    facts = Facts(result, months, draws, seed)
    window = result.account.snapshot.manifest
    subtitle = (
        f"Account {window.name}, {window.window_start:%Y-%m-%d} to {window.window_end:%Y-%m-%d} (UTC). Scenario "
        f"“{result.scenario.name}”. Prices as of {result.book.as_of}."
    )
    return Report(
        "ML Workload Cost Optimization Report",
        subtitle,
        (
            overview.summary(facts),
            *overview.state_of_today(facts),
            overview.key_findings(facts),
            plan.opportunities(facts),
            *plan.recommendations(facts),
            plan.commitments(facts),
            futures.ladder(facts),
            *futures.serving(facts),
            *futures.agents(facts),
            closing.monitoring(facts),
            closing.governance(facts),
            money.savings_per_area(facts),
            unit_table.unit_costs_section(facts),
            *money.roadmap(facts),
            *planned.planned(facts),
            closing.next_steps(facts),
            closing.assumptions(facts),
            closing.unknown(facts),
            closing.method(facts),
        ),
    )
