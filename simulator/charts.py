"""Results → small frames and Vega-Lite specs. A slider changes the data only; the specs are made once.

Specs are plain dictionaries: building them through Altair costs its import at the first page (0.3 s) and its
validation at every chart. `tests/test_charts.py` holds them to Altair's schema instead. No streamlit here.
Colours were chosen for a contrast of 3 : 1 or more on both backgrounds (WCAG 2.2, 1.4.11); direction and part
are always told by a sign, a word or a line pattern too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from simulator.levers import all_levers
from simulator.projection import Month
from simulator.simulate import Result
from simulator.usage.tables import COMPONENTS

if TYPE_CHECKING:
    from simulator.seeking import Choice

Spec = dict[str, Any]
USD = "$,.0f"
CENTS = "$,.2f"
COMPONENT_TITLES = {
    "training": "Training",
    "hosting": "Hosting",
    "compute": "Notebooks & processing",
    "bedrock": "Bedrock",
    "storage": "Storage",
    "commitments": "Unused commitment",
    "other": "Other",
}
COMPONENT_COLORS = {
    "training": "#3b7dd8",
    "hosting": "#c47416",
    "compute": "#8a6fc9",
    "bedrock": "#1f9284",
    "storage": "#a57f22",
    "commitments": "#b2558f",
    "other": "#7d8590",
}
TODAY, SCENARIO = "Today's plan", "Scenario"
BILL_COLOR, SAVES_COLOR, COSTS_COLOR = "#7d8590", "#3f9142", "#d1495b"
KIND_COLORS = {"bill": BILL_COLOR, "saves": SAVES_COLOR, "costs more": COSTS_COLOR}
LINE_COLORS = ("#3b7dd8", "#c47416", "#8a6fc9", "#1f9284", "#b2558f")
MOST_BARS = 12
ROW_PIXELS = 24
WORDS_ROOM = 1.25
CONFIG: Spec = {
    "title": {"fontSize": 14, "anchor": "start", "offset": 6, "subtitleFontSize": 12, "subtitlePadding": 2},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titlePadding": 6},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "offset": 2},
    "view": {"stroke": None},
}


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
    label = f"${end:,.0f}" if kind == "bill" else f"{'−' if change < 0 else '+'}${abs(change):,.0f}"
    return {"name": name, "start": start, "end": end, "right": max(start, end), "kind": kind, "label": label}


@cache
def waterfall_spec(rows: int) -> Spec:
    """Levers as floating bars on an axis that may begin above zero; both bills as marks, not as bars.

    Only differences have a length, so the cut axis misleads nobody.
    """
    y = {"field": "name", "type": "nominal", "sort": {"field": "order"}, "title": None, "axis": _names_axis()}
    x = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": False, "padding": 66},
        "title": None,
        "axis": _usd_axis(5),
    }
    color = _colors("kind", KIND_COLORS, legend=None)
    is_bill = {"filter": "datum.kind === 'bill'"}
    tip = [
        {"field": "name", "title": "Lever", "type": "nominal"},
        {"field": "label", "title": "USD a month", "type": "nominal"},
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
    return _spec(
        "From today's bill to the scenario, USD a month",
        70 + ROW_PIXELS * rows,
        layer=layers,
        encoding={"y": y},
    )


def months_frame(months: Sequence[Month]) -> pd.DataFrame:
    """Two lines over the months."""
    return pd.DataFrame(
        {
            "month": [m.month for m in months] * 2,
            "usd": [m.baseline_usd for m in months] + [m.scenario_usd for m in months],
            "bill": [TODAY] * len(months) + [SCENARIO] * len(months),
        }
    )


@cache
def months_spec(height: int = 260) -> Spec:
    """Monthly bill with and without the scenario; line pattern as well as colour tells them apart."""
    colors = {TODAY: BILL_COLOR, SCENARIO: SAVES_COLOR}
    encoding = {
        "x": _months_axis(),
        "y": _usd("usd", "USD a month", zero=False),
        "color": _colors("bill", colors, legend={"orient": "bottom", "title": None}),
        "strokeDash": {
            "field": "bill",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": list(colors), "range": [[5, 3], [1, 0]]},
        },
        "tooltip": _tips({"bill": "Bill", "month": "Month"}, {"usd": "USD"}),
    }
    return _spec("Monthly bill", height, mark={"type": "line", "point": True}, encoding=encoding)


def components_frame(values: Mapping[str, float], unexplained: Mapping[str, float]) -> pd.DataFrame:
    """Explained and unexplained dollars per component, with the words that stand at the bar's end."""
    rows = []
    for component in COMPONENTS:
        usd, gap = values.get(component, 0.0), unexplained.get(component, 0.0)
        words = f"${usd:,.0f}" + (f" and {_signed(gap)} unexplained" if abs(gap) >= 0.5 else "")
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
    """Bars per component in the component's own colour; what usage does not explain is pale and said in words."""
    x = {"type": "quantitative", "title": None, "axis": _usd_axis(6)}
    y = {
        "field": "component",
        "type": "nominal",
        "title": None,
        "sort": list(COMPONENT_TITLES.values()),
        "axis": _names_axis(),
    }
    bars = {
        "mark": {"type": "bar", "size": 18},
        "encoding": {
            "x": {"field": "usd", **x},
            "color": _colors("key", COMPONENT_COLORS, legend=None),
            "opacity": {
                "field": "part",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": ["explained", "unexplained"], "range": [1, 0.4]},
            },
            "tooltip": _tips({"component": "Component", "part": "Part"}, {"usd": "USD"}),
        },
    }
    words = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 12},
        "encoding": {"x": {"field": "end", **x}, "text": {"field": "words", "type": "nominal"}},
    }
    room = {"mark": {"type": "point", "opacity": 0}, "encoding": {"x": {"field": "room", **x}}}
    return _spec(title, 70 + 28 * rows, layer=[bars, words, room], encoding={"y": y})


def _signed(usd: float) -> str:
    return f"{'−' if usd < 0 else ''}${abs(usd):,.0f}"


def _names_axis() -> Spec:
    return {"labelLimit": 190, "ticks": False, "domain": False, "grid": False, "labelPadding": 6}


def _usd_axis(ticks: int) -> Spec:
    return {"format": USD, "tickCount": ticks}


def _usd(field: str, title: str, *, zero: bool = True) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "axis": _usd_axis(5),
        "scale": {"zero": zero},
    }


def _months_axis() -> Spec:
    return {
        "field": "month",
        "type": "quantitative",
        "title": "Month",
        "axis": {"tickMinStep": 1, "format": "d", "grid": False},
        "scale": {"zero": False, "nice": False, "padding": 8},
    }


def _colors(field: str, colors: Mapping[str, str], *, legend: Spec | None) -> Spec:
    scale = {"domain": list(colors), "range": list(colors.values())}
    return {"field": field, "type": "nominal", "scale": scale, "legend": legend}


def _tips(names: Mapping[str, str], dollars: Mapping[str, str]) -> list[Spec]:
    return [
        *({"field": f, "title": t, "type": "nominal"} for f, t in names.items()),
        *({"field": f, "title": t, "type": "quantitative", "format": CENTS} for f, t in dollars.items()),
    ]


def _spec(title: str | Spec, height: int, **parts: Any) -> Spec:
    return {"title": title, "height": height, "config": CONFIG, **parts}


def lines_frame(bills: Mapping[str, Sequence[Month]]) -> pd.DataFrame:
    """Monthly bills of several scenarios."""
    rows = [(m.month, m.scenario_usd, name) for name, months in bills.items() for m in months]
    return pd.DataFrame(rows, columns=["month", "usd", "bill"])


@cache
def lines_spec(names: tuple[str, ...]) -> Spec:
    """Monthly bills side by side; colour and line pattern both tell them apart."""
    colors = dict(zip(names, [BILL_COLOR, *LINE_COLORS], strict=False))
    patterns: list[list[int]] = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 4]]
    encoding = {
        "x": _months_axis(),
        "y": _usd("usd", "USD a month", zero=False),
        "color": _colors("bill", colors, legend={"orient": "top", "title": None, "labelLimit": 260}),
        "strokeDash": {
            "field": "bill",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": list(colors), "range": patterns[: len(colors)]},
        },
        "tooltip": _tips({"bill": "Scenario", "month": "Month"}, {"usd": "USD"}),
    }
    return _spec("Monthly bill", 280, mark={"type": "line", "point": True}, encoding=encoding)


def band_frame(
    months: Sequence[Month], low: Sequence[float], middle: Sequence[float], high: Sequence[float]
) -> pd.DataFrame:
    """The bill's P10, P50 and P90 per month beside today's plan."""
    return pd.DataFrame(
        {
            "month": [m.month for m in months],
            "today": [m.baseline_usd for m in months],
            "low": list(low),
            "middle": list(middle),
            "high": list(high),
        }
    )


@cache
def band_spec() -> Spec:
    """A band from P10 to P90 with the median in it; today's plan dashed."""
    scale = {"zero": False}
    y: Spec = {"type": "quantitative", "title": "USD a month", "axis": _usd_axis(5), "scale": scale}
    tip = _tips({"month": "Month"}, {"low": "P10", "middle": "P50", "high": "P90", "today": TODAY})
    layers = [
        {
            "mark": {"type": "area", "opacity": 0.3, "color": SAVES_COLOR},
            "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}, "tooltip": tip},
        },
        {
            "mark": {"type": "line", "color": SAVES_COLOR, "point": {"color": SAVES_COLOR}},
            "encoding": {"y": {"field": "middle", **y}, "tooltip": tip},
        },
        {
            "mark": {"type": "line", "strokeDash": [5, 3], "color": BILL_COLOR},
            "encoding": {"y": {"field": "today", **y}, "tooltip": tip},
        },
    ]
    title = {
        "text": "Monthly bill: half of the futures lie below the line, 8 in 10 in the band",
        "subtitle": "Dashed: today's plan",
    }
    return _spec(title, 300, layer=layers, encoding={"x": _months_axis()})


def swings_frame(swings: Sequence[Any], setting_usd: float, most: int = 12) -> pd.DataFrame:
    """One row per assumption: the saving at its low and high end, the widest first."""
    rows = [
        {
            "name": f"{s.label} ({all_levers()[s.lever_id].title})",
            "low_usd": s.saving_at_low_usd,
            "high_usd": s.saving_at_high_usd,
            "setting_usd": setting_usd,
            "ends": f"{s.low:,.4g} to {s.high:,.4g}",
            "order": n,
        }
        for n, s in enumerate(swings[:most])
    ]
    return pd.DataFrame(rows, columns=["name", "low_usd", "high_usd", "setting_usd", "ends", "order"])


@cache
def swings_spec(rows: int) -> Spec:
    """Bars between the saving at both ends of each assumption; the rule is the saving at the settings."""
    axis = {**_names_axis(), "labelLimit": 360}
    y = {"field": "name", "type": "nominal", "sort": {"field": "order"}, "title": None, "axis": axis}
    x: Spec = {
        "type": "quantitative",
        "title": "Saving, USD a month",
        "scale": {"zero": False},
        "axis": _usd_axis(5),
    }
    tip = _tips(
        {"name": "Assumption", "ends": "Range"},
        {"low_usd": "Saving at its low end", "high_usd": "Saving at its high end"},
    )
    layers = [
        {
            "mark": {"type": "bar", "size": 14, "color": LINE_COLORS[0]},
            "encoding": {"x": {"field": "low_usd", **x}, "x2": {"field": "high_usd"}, "tooltip": tip},
        },
        {
            "mark": {"type": "tick", "size": 18, "thickness": 3, "color": BILL_COLOR},
            "encoding": {"x": {"field": "setting_usd", **x}, "tooltip": tip},
        },
    ]
    return _spec(
        "What each assumption moves: measure the widest first",
        80 + ROW_PIXELS * rows,
        layer=layers,
        encoding={"y": y},
    )


@cache
def curve_spec() -> Spec:
    """Net saving of a commitment against its size; the chosen and the best sizes are marked and named."""
    x: Spec = {
        "type": "quantitative",
        "title": "Commitment, USD an hour",
        "axis": {"format": "$,.2f", "tickCount": 6},
    }
    y: Spec = {"type": "quantitative", "title": "Net saving, USD a month", "axis": _usd_axis(5)}
    tip = [
        {
            "field": "commitment_usd_per_hour",
            "title": "Commitment, USD an hour",
            "type": "quantitative",
            "format": CENTS,
        },
        {
            "field": "net_saving_usd",
            "title": "Net saving, USD a month",
            "type": "quantitative",
            "format": CENTS,
        },
        {"field": "utilization_ratio", "title": "Used", "type": "quantitative", "format": ".1%"},
        {"field": "coverage_ratio", "title": "Covered", "type": "quantitative", "format": ".1%"},
    ]
    place = {
        "x": {"field": "commitment_usd_per_hour", **x},
        "y": {"field": "net_saving_usd", **y},
        "tooltip": tip,
    }
    layers = [
        {"mark": {"type": "line", "color": LINE_COLORS[0]}, "encoding": place},
        {
            "transform": [{"filter": "datum.mark !== ''"}],
            "mark": {"type": "point", "filled": True, "size": 90, "color": SAVES_COLOR},
            "encoding": place,
        },
        {
            "transform": [{"filter": "datum.mark !== ''"}],
            "mark": {"type": "text", "dy": -14, "fontSize": 12},
            "encoding": {**place, "text": {"field": "mark", "type": "nominal"}},
        },
    ]
    return _spec("What a commitment saves, by its size", 280, layer=layers)


@cache
def cumulative_spec() -> Spec:
    """Cumulative saving after one-off costs; below the zero line it has not paid back."""
    encoding = {
        "x": _months_axis(),
        "y": _usd("usd", "USD saved so far", zero=True),
        "tooltip": _tips({"month": "Month"}, {"usd": "Saved so far"}),
    }
    mark = {"type": "bar", "color": SAVES_COLOR, "size": 14}
    return _spec("Saved so far, after one-off costs", 260, mark=mark, encoding=encoding)


def frontier_frame(choices: Sequence[Choice]) -> pd.DataFrame:
    """One row per undominated choice of levers, least effort first."""
    return pd.DataFrame(
        {
            "number": range(len(choices)),
            "effort_hours": [c.effort_hours for c in choices],
            "saving_usd": [c.saving_usd for c in choices],
            "levers": [", ".join(c.levers) or "none" for c in choices],
        }
    )


@cache
def frontier_spec() -> Spec:
    """Saving against effort; a point is a choice of levers and can be clicked."""
    encoding = {
        "x": {
            "field": "effort_hours",
            "type": "quantitative",
            "title": "Work, hours",
            "axis": {"tickCount": 6},
        },
        "y": _usd("saving_usd", "USD saved a month", zero=True),
        "tooltip": [
            {"field": "levers", "title": "Levers", "type": "nominal"},
            {"field": "effort_hours", "title": "Hours of work", "type": "quantitative"},
            {"field": "saving_usd", "title": "USD a month", "type": "quantitative", "format": CENTS},
        ],
    }
    point = {
        "mark": {"type": "point", "filled": True, "size": 90, "color": SAVES_COLOR},
        "encoding": {**encoding, "detail": {"field": "number", "type": "quantitative"}},
        "params": [{"name": "choice", "select": {"type": "point", "fields": ["number"]}}],
    }
    line = {"mark": {"type": "line", "color": BILL_COLOR, "interpolate": "step-after"}, "encoding": encoding}
    return _spec("What the work is worth: saving against effort", 320, layer=[line, point])


def themed(spec: Spec, *, dark: bool) -> Spec:
    """The spec with the colour of words inside the chart; Streamlit's theme colours all but those."""
    color = "#e6e9ee" if dark else "#0a0d12"
    config = spec["config"]
    title = {**config["title"], "subtitleColor": color}
    return {**spec, "config": {**config, "title": title, "text": {"color": color}}}
