"""A ladder of commitments: what it covers, step by step, over the band of demand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd

from simulator.analysis.ladder_path import LadderMonth
from simulator.charts.parts import (
    BILL_COLOR,
    COSTS_COLOR,
    LINE_COLORS,
    SAVES_COLOR,
    Spec,
    chart,
    colors_of,
    month_tip,
    months_axis,
    tips,
    usd_axis,
)

LADDER, HISTORY, DEMAND, FALLEN = "Ladder covers", "Sized on history", "Demand, P50", "Demand after the fall"
LINES = {LADDER: SAVES_COLOR, HISTORY: COSTS_COLOR, DEMAND: BILL_COLOR, FALLEN: LINE_COLORS[0]}
PATTERNS = [[1, 0], [6, 3], [1, 0], [2, 2]]


def ladder_frame(months: Sequence[LadderMonth]) -> pd.DataFrame:
    """One row per month and line, in on-demand dollars per hour; the band stands beside each."""
    fields = {
        LADDER: "covered_usd_per_hour",
        HISTORY: "covered_on_history_usd_per_hour",
        DEMAND: "middle_usd_per_hour",
        FALLEN: "fallen_usd_per_hour",
    }
    rows = [
        (
            pd.Timestamp(m.month_start),
            line,
            getattr(m, field),
            m.low_usd_per_hour,
            m.high_usd_per_hour,
            m.existing_usd_per_hour,
        )
        for line, field in fields.items()
        for m in months
    ]
    return pd.DataFrame(rows, columns=["month", "line", "usd", "low", "high", "existing"])


@cache
def ladder_spec() -> Spec:
    """Steps of what is covered over the demand from P10 to P90; colour and line pattern both tell the lines apart."""
    y: Spec = {"type": "quantitative", "title": "On-demand USD per hour", "axis": usd_axis(5)}
    tip = [
        month_tip(),
        *tips(
            {"line": "Line"},
            {
                "usd": "USD per hour",
                "low": "Demand, P10",
                "high": "Demand, P90",
                "existing": "Existing plans cover",
            },
        ),
    ]
    dash = {
        "field": "line",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(LINES), "range": PATTERNS},
    }
    place = {
        "y": {"field": "usd", **y},
        "color": colors_of("line", LINES, legend={"orient": "top", "title": None, "labelLimit": 260}),
        "strokeDash": dash,
        "tooltip": tip,
    }
    bought = f"datum.line === '{LADDER}' || datum.line === '{HISTORY}'"
    layers = [
        {
            "transform": [{"filter": f"datum.line === '{DEMAND}'"}],
            "mark": {"type": "area", "opacity": 0.2, "color": BILL_COLOR},
            "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}, "tooltip": tip},
        },
        {
            "transform": [{"filter": bought}],
            "mark": {"type": "line", "interpolate": "step-after"},
            "encoding": place,
        },
        {"transform": [{"filter": f"!({bought})"}], "mark": {"type": "line"}, "encoding": place},
    ]
    return chart(
        "What the ladder covers, and the demand that may come",
        300,
        layer=layers,
        encoding={"x": months_axis()},
    )
