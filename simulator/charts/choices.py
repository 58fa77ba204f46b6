"""What to decide on: which assumption moves most, how much to commit, how far to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from simulator.charts.parts import (
    BILL_COLOR,
    CENTS,
    LINE_COLORS,
    ROW_PIXELS,
    SAVES_COLOR,
    Spec,
    chart,
    names_axis,
    tips,
    usd_axis,
    usd_scale,
)
from simulator.levers import all_levers

if TYPE_CHECKING:
    from simulator.analysis.seeking import Choice


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
    axis = {**names_axis(), "labelLimit": 360}
    y = {"field": "name", "type": "nominal", "sort": {"field": "order"}, "title": None, "axis": axis}
    x: Spec = {
        "type": "quantitative",
        "title": "Saving, USD per month",
        "scale": {"zero": False},
        "axis": usd_axis(5),
    }
    tip = tips(
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
    return chart(
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
        "title": "Commitment, USD per hour",
        "axis": {"format": "$,.2~f", "tickCount": 6},
    }
    y: Spec = {"type": "quantitative", "title": "Net saving, USD per month", "axis": usd_axis(5)}
    tip = [
        {
            "field": "commitment_usd_per_hour",
            "title": "Commitment, USD per hour",
            "type": "quantitative",
            "format": CENTS,
        },
        {
            "field": "net_saving_usd",
            "title": "Net saving, USD per month",
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
    return chart("What a commitment saves, by its size", 280, layer=layers)


def frontier_frame(choices: Sequence[Choice], named: Mapping[str, Choice] | None = None) -> pd.DataFrame:
    """One row per undominated choice of levers, least effort first; then those with a name, such as the presets."""
    named = named or {}
    drawn = [*choices, *named.values()]
    return pd.DataFrame(
        {
            "number": range(len(drawn)),
            "name": [""] * len(choices) + list(named),
            "effort_hours": [c.effort_hours for c in drawn],
            "saving_usd": [c.saving_usd for c in drawn],
            "levers": [", ".join(c.levers) or "none" for c in drawn],
        }
    )


@cache
def frontier_spec() -> Spec:
    """Saving against effort; a point is a choice of levers and can be clicked, one with a name is a diamond."""
    encoding = {
        "x": {
            "field": "effort_hours",
            "type": "quantitative",
            "title": "Work, hours",
            "axis": {"tickCount": 6},
        },
        "y": usd_scale("saving_usd", "USD saved per month", zero=True),
        "tooltip": [
            {"field": "levers", "title": "Levers", "type": "nominal"},
            {"field": "effort_hours", "title": "Hours of work", "type": "quantitative"},
            {"field": "saving_usd", "title": "USD per month", "type": "quantitative", "format": CENTS},
        ],
    }
    shape = {"condition": {"test": "datum.name !== ''", "value": "diamond"}, "value": "circle"}
    color = {"condition": {"test": "datum.name !== ''", "value": BILL_COLOR}, "value": SAVES_COLOR}
    size = {"condition": {"test": "datum.name !== ''", "value": 190}, "value": 90}
    detail = {"field": "number", "type": "quantitative"}
    point = {
        "mark": {"type": "point", "filled": True},
        "encoding": {**encoding, "detail": detail, "shape": shape, "color": color, "size": size},
        "params": [{"name": "choice", "select": {"type": "point", "fields": ["number"]}}],
    }
    found, named = [{"filter": "datum.name === ''"}], [{"filter": "datum.name !== ''"}]
    line = {
        "mark": {"type": "line", "color": BILL_COLOR, "interpolate": "step-after"},
        "transform": found,
        "encoding": encoding,
    }
    words = {
        "mark": {"type": "text", "align": "left", "dx": 9, "dy": 11},
        "transform": named,
        "encoding": {**encoding, "text": {"field": "name", "type": "nominal"}},
    }
    return chart("What the work is worth: saving against effort", 320, layer=[line, point, words])
