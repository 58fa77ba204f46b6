"""What is planned: the workloads of a scenario, and the months they change."""

from __future__ import annotations

from dataclasses import replace

from simulator.analysis.projection import project
from simulator.reports.report.blocks import Grid, Section, Words, grid, usd
from simulator.reports.report.facts import Facts


def planned(facts: Facts) -> list[Section]:
    """The workloads, and what they add to the baseline and to the scenario month by month. None without workloads."""
    workloads = facts.result.scenario.workloads
    if not workloads:
        return []
    listed = [[w.title, w.name, w.start.isoformat(), _end(w.last_day()), w.owner or "–"] for w in workloads]
    return [
        Section(
            "What is planned",
            (
                Words(
                    "Decisions of the planner, not facts of the account. They change usage before any lever acts on it."
                ),
                grid(("Workload", "Name", "From", "Until", "Owner"), listed),
                _months(facts),
            ),
        )
    ]


def _months(facts: Facts) -> Grid:
    from simulator.engine.simulate import simulate

    result = facts.result
    bare = simulate(result.account.planned(()), replace(result.scenario, workloads=()), result.book)
    rows = [
        [
            m.month_start[:7],
            usd(m.baseline_usd - b.baseline_usd),
            usd(m.scenario_usd - b.scenario_usd),
            usd(m.baseline_usd),
        ]
        for m, b in zip(facts.projection, project(bare, facts.months), strict=True)
    ]
    columns = ("Month", "Planned, baseline", "Planned, scenario", "Baseline with it")
    return grid(columns, rows, numbers=columns[1:])


def _end(day: object) -> str:
    return "–" if day is None else str(day)
