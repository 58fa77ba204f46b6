"""The demand side of the board: each planned workload a row above the levers, its bar upward from today's bill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulator.analysis.projection import Month, project
from simulator.demand import Workload
from simulator.engine.simulate import simulate
from simulator.ui import session
from simulator.ui.figures import MONTHS, Figures
from simulator.ui.words import count, whole_usd

MOST_ROWS = 8


@dataclass(frozen=True)
class Added:
    """What a workload adds to the baseline in the month of its largest effect, USD; negative for a retirement."""

    usd: float
    month_start: str


def onto(board: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    """The board with a row per workload and the bill they lead to; as it was without any."""
    workloads = figures.result.scenario.workloads
    if not workloads:
        return dict(board)
    each, together = _known(figures)
    level = board["totals"]["today"]
    rows = (
        []
        if each
        else [_row("#planned", {"title": count(len(workloads), "planned workload")}, together, level)]
    )
    for number, (workload, added) in enumerate(zip(workloads, each, strict=False)):
        rows.append(_row(f"#planned {number}", _words(workload), added, level))
        level += added.usd
    top = board["totals"]["today"] + together.usd
    whole = {
        "id": "#with_planned",
        "kind": "total",
        "title": "With what is planned",
        "usd": whole_usd(top),
        "help": f"baseline in {together.month_start[:7]}, the month in which what is planned adds most",
        "bars": [{"cls": "bar bill", "from": 0.0, "to": max(top, 0.0)}],
    }
    ends = [max(bar["from"], bar["to"]) for row in rows for bar in row["bars"]]
    axis = max(board["axis_usd"], *ends, top) * 1.001
    head = {**board["head"], "legend": (*board["head"]["legend"], ("bar planned", "planned"))}
    return {**board, "head": head, "planned": [*rows, whole], "axis_usd": axis}


def _row(row_id: str, words: Mapping[str, str], added: Added, level: float) -> dict[str, Any]:
    ends = sorted((level, level + added.usd))
    return {
        "id": row_id,
        "kind": "planned",
        "usd": f"+{whole_usd(added.usd)}" if added.usd >= 0 else whole_usd(added.usd),
        "help": f"on the baseline in {added.month_start[:7]}, the month in which it adds or takes most",
        "bars": [{"cls": "bar planned", "from": ends[0], "to": ends[1], "title": words.get("reach", "")}],
        **words,
    }


def _words(workload: Workload) -> dict[str, str]:
    return {"title": workload.name, "begin": f"{workload.start:%b %Y}", "reach": workload.title}


def _known(figures: Figures) -> tuple[list[Added], Added]:
    """Remembered while workloads, growth and account stay: levers do not change the baseline."""
    scenario = figures.result.scenario
    key = (session.view().mark, "planned", scenario.workloads, scenario.planning, scenario.prices_as_of)
    return session.FIGURES.get_or_make(key, lambda: _added(figures))


def _added(figures: Figures) -> tuple[list[Added], Added]:
    """Each workload as if it alone were planned; all of them together. Of many only all together: each takes time."""
    workloads = figures.result.scenario.workloads
    bare = _months(figures, ())
    each = [_most(_months(figures, (w,)), bare) for w in workloads] if len(workloads) <= MOST_ROWS else []
    return each, _most(_months(figures, workloads), bare)


def _months(figures: Figures, workloads: tuple[Workload, ...]) -> list[Month]:
    """The baseline by month: without levers."""
    result = figures.result
    bare = replace(result.scenario, levers=(), workloads=workloads)
    return project(simulate(result.account.planned(workloads), bare, result.book), MONTHS)


def _most(whole: list[Month], rest: list[Month]) -> Added:
    month, other = max(
        zip(whole, rest, strict=True), key=lambda pair: abs(pair[0].baseline_usd - pair[1].baseline_usd)
    )
    return Added(month.baseline_usd - other.baseline_usd, month.month_start)
