"""A bill's history with the fan of the periods to come."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pandas as pd

from simulator.charts.parts import BILL_COLOR, SAVES_COLOR, Spec, chart, tips, usd_axis


def history_frame(
    known: Sequence[tuple[str, float]], fan: Sequence[tuple[str, float, float, float]]
) -> pd.DataFrame:
    """Periods that were billed, then those to come with P10, P50 and P90; the fan starts at the last billed one."""
    rows = [{"period": label, "usd": usd} for label, usd in known]
    if known and fan:
        rows[-1] |= dict.fromkeys(("low", "middle", "high"), known[-1][1])
    rows += [
        {"period": label, "low": low, "middle": middle, "high": high} for label, low, middle, high in fan
    ]
    frame = pd.DataFrame(rows, columns=["period", "usd", "low", "middle", "high"])
    return frame.assign(period=pd.to_datetime(frame["period"]))


@cache
def history_spec(height: int = 260) -> Spec:
    """Billed as a solid line, the forecast dashed in its band from P10 to P90, from zero."""
    y: Spec = {"type": "quantitative", "title": "USD", "axis": usd_axis(5), "scale": {"zero": True}}
    tip = [
        {"field": "period", "type": "temporal", "title": "Period", "format": "%Y-%m-%d"},
        *tips({}, {"usd": "Billed", "low": "P10", "middle": "P50", "high": "P90"}),
    ]
    layers = [
        {
            "mark": {"type": "area", "opacity": 0.3, "color": SAVES_COLOR},
            "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}, "tooltip": tip},
        },
        {
            "mark": {"type": "line", "strokeDash": [5, 3], "color": SAVES_COLOR},
            "encoding": {"y": {"field": "middle", **y}, "tooltip": tip},
        },
        {
            "mark": {"type": "line", "point": True, "color": BILL_COLOR},
            "encoding": {"y": {"field": "usd", **y}, "tooltip": tip},
        },
    ]
    x = {"field": "period", "type": "temporal", "title": None}
    return chart(
        "Billed, and the forecast: 8 in 10 futures lie in the band", height, layer=layers, encoding={"x": x}
    )
