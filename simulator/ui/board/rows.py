"""The rows of the board: what each lever takes off the bill now, what it would take alone, effort, reach.

The bars of the levers that are on begin where the one above ends. What several levers save together, so that none
of them would be missed alone, has a bar of its own: today's bill less all bars is the scenario's, exactly.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.engine.acting import beside
from simulator.engine.scenario import Scenario
from simulator.levers import all_levers
from simulator.levers.lever import Lever
from simulator.ui import draft
from simulator.ui.board.moves import limits, to_screen
from simulator.ui.board.slider import base_of, main_param, slider_of
from simulator.ui.figures import Figures
from simulator.ui.view import View
from simulator.ui.words import count, whole_usd

COVERED_TABLES = ("training", "endpoints", "compute")
SMALL_RATIO = 0.001
MOST_ROWS = 15
LEGEND = (
    ("bar", "takes off now"),
    ("ghost", "would, alone or if on"),
    ("bar assumed", "assumed"),
)
POINTS, FEW_POINTS = 21, 9
DOTS = {"high": "●●●", "medium": "●●○", "low": "●○○"}
NOUNS = {
    "training": ("job", "jobs"), "endpoints": ("endpoint", "endpoints"), "compute": ("instance", "instances"),
    "bedrock": ("row", "rows"), "storage": ("store", "stores"), "services": ("service", "services"),
    "": ("resource", "resources"),
}  # fmt: skip


@dataclass(frozen=True)
class Curve:
    """The bill per month at a few values of the slider that was grabbed, as they stand on the screen.

    It holds while nothing else changes: `beside` is the scenario without the lever.
    """

    lever_id: str
    beside: Scenario
    points: tuple[tuple[float, float], ...]


@dataclass
class Order:
    """Which rows are shown, in which order; it stays while rows are moved, so that none runs away."""

    shown: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    known: dict[str, float] = field(default_factory=dict)
    begin: dict[str, str] = field(default_factory=dict)
    is_open: bool = False
    curve: Curve | None = None


def sort(order: Order, figures: Figures, seen: View) -> None:
    """Put the rows in order of dollars; small ones and those that would cost more are folded."""
    on = {x.id for x in figures.result.scenario.levers}
    usd = {i: figures.toggled_usd(draft.setting(i)) for i in all_levers() if i in seen.alone_usd or i in on}
    order.known = usd
    least = SMALL_RATIO * max(figures.bill_usd, 1.0)
    by_size = sorted(usd, key=lambda i: -abs(usd[i]))
    large = [i for i in by_size if abs(usd[i]) >= least and (i in on or usd[i] > 0)]
    order.shown = large[:MOST_ROWS]
    order.small = [i for i in by_size if i not in order.shown and (i in on or usd[i] >= 0.005)]


def refresh(order: Order, figures: Figures, moved: Collection[str]) -> None:
    """Work the dollars anew of the rows whose dollars may differ after these levers were moved.

    Levers of one table share it; training, endpoints and compute also share what Savings Plans cover.
    """
    tables = {all_levers()[i].table for i in moved if i in all_levers()}
    if tables & {*COVERED_TABLES, ""}:
        tables |= {*COVERED_TABLES, ""}
    on = {x.id for x in figures.result.scenario.levers}
    drawn = {*order.shown, *(order.small if order.is_open else on & set(order.small))}
    for lever_id in drawn:
        if all_levers()[lever_id].table in tables:
            order.known[lever_id] = figures.toggled_usd(draft.setting(lever_id))


def grab(order: Order, figures: Figures, lever_id: str) -> None:
    """Work out what the bill would be along the slider of one row, so that it can move while it is dragged."""
    setting = draft.setting(lever_id)
    declared = main_param(setting, figures)
    if declared is None or declared.choices:
        return
    base = base_of(setting, figures, declared)[0]
    asked, (low, high) = figures.result.scenario, limits(declared, base)
    parts = FEW_POINTS if figures.result.modes.cost_usd else POINTS
    values = {low + (high - low) * n / (parts - 1) for n in range(parts)}
    points = []
    for value in sorted({round(v) if declared.integer else v for v in values}):
        there = setting.create({**setting.values(), declared.name: value})
        bill = beside(figures.result, asked.with_lever(there)).outcome.total_usd
        points.append((to_screen(declared, value, base), bill))
    order.curve = Curve(lever_id, _without(asked, lever_id), tuple(points))


def _without(asked: Scenario, lever_id: str) -> Scenario:
    return replace(asked, levers=tuple(x for x in asked.ordered() if x.id != lever_id))


def data(
    order: Order,
    figures: Figures,
    seen: View,
    *,
    ack: int,
    stale: str,
    other: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Everything the component draws. `stale` names the scenario whose dollars are still to be worked out."""
    result = figures.result
    on = {x.id for x in result.scenario.levers}
    gap, today = max(figures.unexplained_usd, 0.0), result.baseline.total_usd
    level = gap + today
    shown = [i for i in order.shown if i in all_levers()] + (order.small if order.is_open else [])
    rows = []
    for lever_id in shown:
        made, level = _lever(lever_id, level, order, figures, seen, bool(stale), other)
        rows.append(made)
    folded = [i for i in order.small if i in on] if not order.is_open else []
    saved_small = sum(order.known[i] for i in folded)
    level -= saved_small
    left = level - gap - result.outcome.total_usd
    total = {"kind": "total", "usd": whole_usd(today + gap), "help": _gap_words(figures)}
    after = {"kind": "total", "usd": whole_usd(result.outcome.total_usd + gap), "help": _gap_words(figures)}
    return {
        "ack": ack,
        "stale": stale,
        "totals": {"today": today + gap, "scenario": result.outcome.total_usd + gap, "gap": gap},
        "axis_usd": max(gap + today, gap + result.outcome.total_usd, 1.0) * 1.001,
        "head": _head(),
        "today": total | {"id": "#today", "title": "Today", "bars": _total(gap, today)},
        "rows": rows,
        "together": _together(left, saved_small, level, len(folded)),
        "scenario": after
        | {"id": "#scenario", "title": "Scenario", "bars": _total(gap, result.outcome.total_usd)},
        "fold": _fold(order, on),
    }


def _head() -> dict[str, Any]:
    words = {"effort": "Work", "begin": "Starts", "dots": "Sure", "reach": "Reach"}
    return {
        "id": "#head",
        "kind": "head",
        "title": "Lever",
        "usd": "Per month",
        "bars": [],
        "legend": LEGEND,
        **words,
    }


def _total(gap: float, usd: float) -> list[dict[str, Any]]:
    bars = [{"cls": "bar bill", "from": gap, "to": gap + usd, "title": whole_usd(usd)}]
    unexplained = f"{whole_usd(gap)} of the bill unexplained: carried unchanged"
    return [{"cls": "bar gap", "from": 0.0, "to": gap, "title": unexplained}, *bars] if gap >= 0.5 else bars


def _gap_words(figures: Figures) -> str:
    gap = figures.unexplained_usd
    return f"of which {whole_usd(gap)} are unexplained and carried unchanged" if gap >= 0.5 else ""


def _lever(
    lever_id: str,
    level: float,
    order: Order,
    figures: Figures,
    seen: View,
    is_stale: bool,
    other: Mapping[str, float] | None,
) -> tuple[dict[str, Any], float]:
    setting = draft.setting(lever_id)
    is_on = figures.result.scenario.setting(lever_id) is not None
    assumed = is_on and lever_id in figures.result.scenario.assume
    usd, alone = order.known.get(lever_id, 0.0), seen.alone_usd.get(lever_id, 0.0)
    bars = _bars(level, usd, alone, is_on=is_on, assumed=assumed)
    if other is not None and lever_id in other:
        words = f"in the other scenario: {whole_usd(other[lever_id])}"
        bars.append({"cls": "other", "from": level - max(other[lever_id], 0.0), "to": level, "title": words})
    reach, help_ = _reach(figures.result.scenario.scoped(setting), seen)
    sure = seen.confidence(setting)
    row = {
        "id": lever_id,
        "kind": "lever",
        "title": _title(setting, assumed=assumed, limited=lever_id in figures.result.scenario.scopes),
        "assumption": assumed,
        "on": is_on,
        "input": _with_curve(slider_of(setting, figures), order, figures, lever_id),
        "level_usd": level,
        "without_usd": figures.result.outcome.total_usd + (usd if is_on else 0.0),
        "usd": _signed(usd) if is_on else f"({_signed(usd)})",
        "help": "what it takes off the bill now" if is_on else "what it would take off this scenario",
        "stale": is_stale,
        "bars": bars,
        "effort": f"{setting.effort_hours:g} h",
        "begin": _begin(order, figures, setting, is_stale),
        "dots": DOTS.get(sure or "", ""),
        "confidence": sure or "",
        "reach": reach,
        "reach_help": help_,
    }
    return row, level - usd if is_on else level


def _bars(level: float, usd: float, alone: float, *, is_on: bool, assumed: bool) -> list[dict[str, Any]]:
    """What a lever takes off from `level` down, and, as a ghost, what it would: alone, or if it were on."""
    after = level - usd
    if not is_on:
        words = f"would take off {whole_usd(usd)} more"
        return [{"cls": "ghost", "from": after, "to": level, "title": words}] if usd > 0 else []
    bars: list[dict[str, Any]] = [
        {"cls": _bar(usd, assumed), "from": min(after, level), "to": max(after, level)}
    ]
    if alone > usd + 0.5:
        words = f"alone it would take off {whole_usd(alone)}"
        bars.append({"cls": "ghost", "from": level - alone, "to": min(after, level), "title": words})
    return bars


def _title(setting: Lever, *, assumed: bool, limited: bool) -> str:
    marks = [word for word, is_so in (("assumed", assumed), ("limited", limited)) if is_so]
    return f"{setting.title} ({', '.join(marks)})" if marks else setting.title


def _with_curve(
    drawn: dict[str, Any] | None, order: Order, figures: Figures, lever_id: str
) -> dict[str, Any] | None:
    curve = order.curve
    if drawn is None or curve is None or curve.lever_id != lever_id:
        return drawn
    if curve.beside != _without(figures.result.scenario, lever_id):
        return drawn
    return drawn | {"curve": curve.points}


def _bar(usd: float, assumed: bool) -> str:
    return "bar costs" if usd < 0 else "bar assumed" if assumed else "bar"


def _begin(order: Order, figures: Figures, setting: Lever, is_stale: bool) -> str:
    """Month in which the lever starts; while a row is moved that of before, where it takes long to work out."""
    if not is_stale or figures.is_cheap or setting.id not in order.begin:
        order.begin[setting.id] = figures.month_name(figures.start_month(setting))
    return order.begin[setting.id]


def _signed(usd: float) -> str:
    return whole_usd(-usd) if usd > 0 else f"+{whole_usd(-usd)}" if usd <= -0.005 else "$0"


def _reach(setting: Lever, seen: View) -> tuple[str, str]:
    counts = seen.counts(setting)
    one, many = NOUNS[setting.table]
    words = count(counts["applies"], one, many)
    total = sum(counts.values())
    unknown = f", unknown for {counts['unknown']:,}" if counts["unknown"] else ""
    return words, f"applies to {counts['applies']:,} of {total:,}{unknown}"


def _together(left: float, small: float, level: float, folded: int) -> dict[str, Any] | None:
    """One bar for the levers that are folded and for what levers save only together."""
    usd = left + small
    if abs(usd) < 0.5:
        return None
    top = level + small
    title = "Saved by several together" if not folded else f"{count(folded, 'smaller lever')} and overlaps"
    return {
        "id": "#together",
        "kind": "part",
        "title": title,
        "usd": _signed(usd),
        "help": "what no single lever would be missed for, because another saves it too, and small levers",
        "bars": [{"cls": "bar together", "from": min(top, top - usd), "to": max(top, top - usd)}],
    }


def _fold(order: Order, on: Iterable[str]) -> dict[str, Any]:
    number = len(order.small)
    active = len(set(order.small) & set(on))
    words = f"{count(number, 'smaller lever')}, {active} on" if number else ""
    return {
        "id": "#fold",
        "kind": "fold",
        "open": order.is_open,
        "text": words,
        "button": "Fold" if order.is_open else "Show",
    }
