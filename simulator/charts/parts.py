"""What charts share: words, colours, axes, the theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator import words

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
TODAY, SCENARIO = "Baseline", "Scenario"
BILL_COLOR, SAVES_COLOR, COSTS_COLOR = "#7d8590", "#3f9142", "#d1495b"
KIND_COLORS = {"bill": BILL_COLOR, "saves": SAVES_COLOR, "costs more": COSTS_COLOR}
LINE_COLORS = ("#3b7dd8", "#c47416", "#8a6fc9", "#1f9284", "#b2558f")
MOST_BARS = 12
ROW_PIXELS = 24
WORDS_ROOM = 1.75
LIGHT_WORDS, LIGHT_QUIET = "#0a0d12", "#565d69"
DARK_WORDS, DARK_QUIET = "#e6e9ee", "#a9b0bb"
CONFIG: Spec = {
    "title": {"fontSize": 14, "anchor": "start", "offset": 6, "subtitleFontSize": 12, "subtitlePadding": 2},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titlePadding": 6},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "offset": 2},
    "view": {"stroke": None},
}


def signed(usd: float) -> str:
    """Dollars with a real minus sign."""
    return words.usd(usd, digits=0)


def names_axis() -> Spec:
    """An axis of names, without lines."""
    return {"labelLimit": 190, "ticks": False, "domain": False, "grid": False, "labelPadding": 6}


def usd_axis(ticks: int) -> Spec:
    """An axis of whole dollars."""
    return {"format": USD, "tickCount": ticks}


def usd_scale(field: str, title: str, *, zero: bool = True) -> Spec:
    """A field of dollars."""
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "axis": usd_axis(5),
        "scale": {"zero": zero},
    }


def months_axis() -> Spec:
    """The calendar months of a projection, each by its first day."""
    return {
        "field": "month",
        "type": "temporal",
        "title": None,
        "axis": {"format": "%b %Y", "tickCount": 6, "grid": False, "labelFlush": False},
        "scale": {"nice": False, "padding": 8},
    }


def month_tip() -> Spec:
    """The month in a tooltip."""
    return {"field": "month", "title": "Month", "type": "temporal", "format": "%b %Y"}


def colors_of(field: str, colors: Mapping[str, str], *, legend: Spec | None) -> Spec:
    """A field told by these colours."""
    scale = {"domain": list(colors), "range": list(colors.values())}
    return {"field": field, "type": "nominal", "scale": scale, "legend": legend}


def tips(names: Mapping[str, str], dollars: Mapping[str, str]) -> list[Spec]:
    """A tooltip of names and dollars."""
    return [
        *({"field": f, "title": t, "type": "nominal"} for f, t in names.items()),
        *({"field": f, "title": t, "type": "quantitative", "format": CENTS} for f, t in dollars.items()),
    ]


def chart(title: str | Spec, height: int, **parts: Any) -> Spec:
    """A chart of the house: title, height, fonts."""
    return {"title": title, "height": height, "config": CONFIG, **parts}


def themed(spec: Spec, *, dark: bool) -> Spec:
    """The spec with the colour of its words: Streamlit's theme leaves them too pale (contrast 3.7; AA is 4.5)."""
    color, quiet = (DARK_WORDS, DARK_QUIET) if dark else (LIGHT_WORDS, LIGHT_QUIET)
    config = spec["config"]
    title = {**config["title"], "subtitleColor": color}
    axis = {**config["axis"], "labelColor": quiet, "titleColor": quiet}
    legend = {**config["legend"], "labelColor": quiet}
    return {
        **spec,
        "config": {**config, "title": title, "axis": axis, "legend": legend, "text": {"color": color}},
    }
