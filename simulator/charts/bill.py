"""One month of the bill: what moves it, and where it is spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from simulator.charts.parts import (
    CENTS,
    COMPONENT_COLORS,
    COMPONENT_TITLES,
    KIND_COLORS,
    MOST_BARS,
    ROW_PIXELS,
    WORDS_ROOM,
    Spec,
    chart,
    colors_of,
    names_axis,
    signed,
    tips,
    usd_axis,
)
from simulator.engine.simulate import Result
from simulator.levers import all_levers
from simulator.usage.tables import COMPONENTS
from simulator.words import change_usd


def waterfall_frame(result: Result, steps: Sequence[tuple[str, float]]) -> pd.DataFrame:
    """One row per bar: from today's bill over each lever's marginal saving to the scenario's.

    `steps` is `attribution.waterfall(result)`. Beyond the twelve largest, levers are drawn as one. `low` is
    where the axis begins: below the lowest level by a quarter of what changes, so that small savings show.
    """
    moving = [(lever_id, usd) for lever_id, usd in steps if abs(usd) >= 0.005]
    shown = {i for i, _ in sorted(moving, key=lambda s: -abs(s[1]))[:MOST_BARS]}
    rows = [_bar("Today", result.baseline.total_usd, result.baseline.total_usd)]
    for lever_id, usd in moving:
        if lever_id in shown:
            rows.append(_bar(all_levers()[lever_id].title, rows[-1]["end"], rows[-1]["end"] - usd))
    rest = sum(usd for i, usd in moving if i not in shown)
    if abs(rest) >= 0.005:
        rows.append(
            _bar(f"{len(moving) - len(shown)} smaller levers", rows[-1]["end"], rows[-1]["end"] - rest)
        )
    rows.append(_bar("Scenario", result.outcome.total_usd, result.outcome.total_usd))
    levels = [r["end"] for r in rows]
    span = max(levels) - min(levels) or max(levels) * 0.1 or 1.0
    return pd.DataFrame(rows).assign(order=range(len(rows)), low=max(0.0, min(levels) - span / 4))


def _bar(name: str, start: float, end: float) -> dict[str, Any]:
    change = end - start
    kind = "bill" if name in ("Today", "Scenario") else "saves" if change < 0 else "costs more"
    label = signed(end) if kind == "bill" else change_usd(change, 0)
    return {"name": name, "start": start, "end": end, "right": max(start, end), "kind": kind, "label": label}


@cache
def waterfall_spec(rows: int) -> Spec:
    """Levers as floating bars on an axis that may begin above zero; both bills as marks, not as bars.

    Only differences have a length, so the cut axis misleads nobody.
    """
    y = {"field": "name", "type": "nominal", "sort": {"field": "order"}, "title": None, "axis": names_axis()}
    x = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": False, "padding": 66},
        "title": None,
        "axis": {**usd_axis(5), "labelBound": True},
    }
    color = colors_of("kind", KIND_COLORS, legend=None)
    is_bill = {"filter": "datum.kind === 'bill'"}
    tip = [
        {"field": "name", "title": "Lever", "type": "nominal"},
        {"field": "label", "title": "USD per month", "type": "nominal"},
        {"field": "end", "title": "Bill from here on", "type": "quantitative", "format": CENTS},
    ]
    layers = [
        {
            "transform": [is_bill],
            "mark": {"type": "rule", "strokeDash": [2, 3]},
            "encoding": {"x": {"field": "low", **x}, "x2": {"field": "end"}, "color": color},
        },
        {
            "transform": [is_bill],
            "mark": {"type": "tick", "thickness": 4, "size": 18},
            "encoding": {"x": {"field": "end", **x}, "color": color, "tooltip": tip},
        },
        {
            "transform": [{"filter": "datum.kind !== 'bill'"}],
            "mark": {"type": "bar", "size": 15, "minBandSize": 2},
            "encoding": {
                "x": {"field": "start", **x},
                "x2": {"field": "end"},
                "color": color,
                "tooltip": tip,
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 12},
            "encoding": {"x": {"field": "right", **x}, "text": {"field": "label", "type": "nominal"}},
        },
    ]
    return chart(
        "From today's bill to the scenario, USD per month",
        70 + ROW_PIXELS * rows,
        layer=layers,
        encoding={"y": y},
    )


def components_frame(values: Mapping[str, float], unexplained: Mapping[str, float]) -> pd.DataFrame:
    """Explained and unexplained dollars per component, with the words that stand at the bar's end."""
    rows = []
    for component in COMPONENTS:
        usd, gap = values.get(component, 0.0), unexplained.get(component, 0.0)
        words = signed(usd) + (f" and {signed(gap)} unexplained" if abs(gap) >= 0.5 else "")
        for part, dollars in (("explained", usd), ("unexplained", gap)):
            if abs(dollars) >= 0.005:
                rows.append((component, COMPONENT_TITLES[component], part, dollars, words))
    frame = pd.DataFrame(rows, columns=["key", "component", "part", "usd", "words"])
    ends = frame[frame["usd"] > 0].groupby("component")["usd"].sum() if len(frame) else pd.Series(dtype=float)
    last = ~frame.duplicated("component", keep="last")
    end = frame["component"].map(ends).fillna(0.0)
    return frame.assign(end=end, words=frame["words"].where(last, ""), room=end * WORDS_ROOM)


@cache
def components_spec(title: str, rows: int) -> Spec:
    """Bars per component in its own colour, the largest first; what usage does not explain is pale and in words."""
    x = {"type": "quantitative", "title": None, "axis": usd_axis(6)}
    y = {
        "field": "component",
        "type": "nominal",
        "title": None,
        "sort": {"field": "end", "op": "max", "order": "descending"},
        "axis": names_axis(),
    }
    bars = {
        "mark": {"type": "bar", "size": 18},
        "encoding": {
            "x": {"field": "usd", **x},
            "color": colors_of("key", COMPONENT_COLORS, legend=None),
            "opacity": {
                "field": "part",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": ["explained", "unexplained"], "range": [1, 0.4]},
            },
            "tooltip": tips({"component": "Component", "part": "Part"}, {"usd": "USD"}),
        },
    }
    words = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 12},
        "encoding": {"x": {"field": "end", **x}, "text": {"field": "words", "type": "nominal"}},
    }
    room = {"mark": {"type": "point", "opacity": 0}, "encoding": {"x": {"field": "room", **x}}}
    return chart(title, 70 + 28 * rows, layer=[bars, words, room], encoding={"y": y})
