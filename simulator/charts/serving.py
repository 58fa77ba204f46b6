"""Serve or buy: dollars per million tokens against traffic, today's point, and where the ways cross."""

from __future__ import annotations

from functools import cache

import pandas as pd

from simulator.analysis.serving_answer import Answer
from simulator.charts.parts import BILL_COLOR, CENTS, LINE_COLORS, SAVES_COLOR, Spec, chart, colors_of

SERVING = "Serving"
MOST_WAYS = 5
PATTERNS = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 4]]
TODAY, BAND = "today", "band"


def serving_frame(answer: Answer) -> pd.DataFrame:
    """One row per way and rate; one marked `today` where serving is now, one marked `band` for the first crossover."""
    rates = [rate for rate, _ in answer.curve]
    rows = [(rate, usd, SERVING, "") for rate, usd in answer.curve]
    for way in answer.ways[:MOST_WAYS]:
        rows += [(rate, way.usd_per_million_tokens, f"Bedrock, {way.name}", "") for rate in rates]
    today = answer.serving_usd_per_million_tokens
    if answer.requests_per_hour and today is not None:
        rows.append((answer.requests_per_hour, today, SERVING, TODAY))
    frame = pd.DataFrame(rows, columns=["rate", "usd", "way", "mark"])
    low, high = _band(answer)
    if low is None:
        return frame.assign(low=None, high=None)
    band = pd.DataFrame([{"rate": None, "usd": None, "way": SERVING, "mark": BAND, "low": low, "high": high}])
    return pd.concat([frame, band], ignore_index=True)


def _band(answer: Answer) -> tuple[float | None, float | None]:
    """Where serving may become cheaper than the first way to buy; open to the right: up to the last rate drawn."""
    if not answer.ways or not answer.curve:
        return None, None
    low, best, high = answer.ways[0].crossover_per_hour
    start = low if low is not None else best
    return start, None if start is None else (high if high is not None else answer.curve[-1][0])


@cache
def serving_spec(ways: tuple[str, ...]) -> Spec:
    """Both axes logarithmic: serving falls with traffic until it is full, buying does not."""
    names = (SERVING, *(f"Bedrock, {w}" for w in ways[:MOST_WAYS]))
    colors = dict(zip(names, (SAVES_COLOR, *LINE_COLORS), strict=False))
    x: Spec = {
        "type": "quantitative",
        "title": "Requests per hour",
        "scale": {"type": "log"},
        "axis": {"format": "~s", "tickCount": 6},
    }
    y: Spec = {
        "type": "quantitative",
        "title": "USD per million tokens",
        "scale": {"type": "log"},
        "axis": {"format": "$,.2~f", "tickCount": 6},
    }
    tip = [
        {"field": "way", "title": "Way", "type": "nominal"},
        {"field": "rate", "title": "Requests per hour", "type": "quantitative", "format": ",.0f"},
        {"field": "usd", "title": "USD per million tokens", "type": "quantitative", "format": CENTS},
    ]
    place = {"x": {"field": "rate", **x}, "y": {"field": "usd", **y}, "tooltip": tip}
    color = colors_of("way", colors, legend={"orient": "top", "title": None, "labelLimit": 260, "columns": 3})
    dash = {
        "field": "way",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": list(colors), "range": PATTERNS[: len(colors)]},
    }
    marked = [{"filter": f"datum.mark === '{TODAY}'"}]
    layers = [
        {
            "transform": [{"filter": f"datum.mark === '{BAND}'"}],
            "mark": {"type": "rect", "color": BILL_COLOR, "opacity": 0.2, "aria": False},
            "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}},
        },
        {
            "transform": [{"filter": "datum.mark === ''"}],
            "mark": {"type": "line"},
            "encoding": {**place, "color": color, "strokeDash": dash},
        },
        {
            "transform": marked,
            "mark": {"type": "point", "filled": True, "size": 110, "color": SAVES_COLOR, "aria": False},
            "encoding": place,
        },
        {
            "transform": marked,
            "mark": {"type": "text", "dy": -14, "fontSize": 12, "aria": False},
            "encoding": {**place, "text": {"field": "mark", "type": "nominal"}},
        },
    ]
    title = {
        "text": "Dollars per million tokens by traffic",
        "subtitle": "Grey: where serving becomes cheaper",
    }
    return chart(title, 340, layer=layers)
