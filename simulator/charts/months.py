"""Months: the bill over time, scenarios beside each other, its range, the cumulative saving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from simulator.analysis.projection import Month
from simulator.charts.parts import (
    BILL_COLOR,
    LINE_COLORS,
    SAVES_COLOR,
    SCENARIO,
    TODAY,
    Spec,
    chart,
    colors_of,
    month_tip,
    months_axis,
    tips,
    usd_axis,
    usd_scale,
)

MONTH_WORDS = "timeFormat(datum.value, month(datum.value) == 0 ? '%b %Y' : '%b')"
"""The year stands where it begins."""


def first_days(months: Sequence[Month]) -> list[pd.Timestamp]:
    """The first day of each month of a projection."""
    return [pd.Timestamp(m.month_start) for m in months]


def months_frame(months: Sequence[Month], unexplained_usd: float = 0.0) -> pd.DataFrame:
    """Two lines over the months, each on top of what no usage explains; `words` name a line at its end."""
    usd = [m.baseline_usd for m in months] + [m.scenario_usd for m in months]
    words = [""] * (len(months) - 1)
    return pd.DataFrame(
        {
            "month": first_days(months) * 2,
            "usd": [x + unexplained_usd for x in usd],
            "bill": [TODAY] * len(months) + [SCENARIO] * len(months),
            "words": [*words, TODAY, *words, SCENARIO],
        }
    )


def _named(field: str, y: Spec, **mark: Any) -> Spec:
    """Words at the end of a line, so that no legend is needed."""
    text = {"field": "words", "type": "nominal"} if "text" not in mark else None
    encoding = {"y": {"field": field, **y}} | ({"text": text} if text else {})
    return {"mark": {"type": "text", "align": "right", "fontSize": 12, **mark}, "encoding": encoding}


@cache
def months_spec(height: int = 260) -> Spec:
    """Monthly bill with and without the scenario, from zero; line pattern as well as colour tells them apart."""
    colors = {TODAY: BILL_COLOR, SCENARIO: SAVES_COLOR}
    y = usd_scale("usd", "USD per month", zero=True)
    encoding = {
        "y": y,
        "color": colors_of("bill", colors, legend=None),
        "strokeDash": {
            "field": "bill",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": list(colors), "range": [[5, 3], [1, 0]]},
        },
        "tooltip": [month_tip(), *tips({"bill": "Bill"}, {"usd": "USD"})],
    }
    lines = {"mark": {"type": "line", "point": True}, "encoding": encoding}
    return chart(
        "Monthly bill", height, layer=[lines, _named("usd", y, dy=-9)], encoding={"x": months_axis()}
    )


def lines_frame(bills: Mapping[str, Sequence[Month]], unexplained_usd: float = 0.0) -> pd.DataFrame:
    """Monthly bills of several scenarios, each on top of what no usage explains."""
    rows = [
        (pd.Timestamp(m.month_start), m.scenario_usd + unexplained_usd, name)
        for name, months in bills.items()
        for m in months
    ]
    return pd.DataFrame(rows, columns=["month", "usd", "bill"])


@cache
def lines_spec(names: tuple[str, ...]) -> Spec:
    """Monthly bills side by side; colour and line pattern both tell them apart."""
    colors = dict(zip(names, [BILL_COLOR, *LINE_COLORS], strict=False))
    patterns: list[list[int]] = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 4]]
    encoding = {
        "x": months_axis(),
        "y": usd_scale("usd", "USD per month", zero=True),
        "color": colors_of("bill", colors, legend={"orient": "top", "title": None, "labelLimit": 260}),
        "strokeDash": {
            "field": "bill",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": list(colors), "range": patterns[: len(colors)]},
        },
        "tooltip": [month_tip(), *tips({"bill": "Scenario"}, {"usd": "USD"})],
    }
    return chart("Monthly bill", 280, mark={"type": "line", "point": True}, encoding=encoding)


def band_frame(
    months: Sequence[Month],
    low: Sequence[float],
    middle: Sequence[float],
    high: Sequence[float],
    unexplained_usd: float = 0.0,
) -> pd.DataFrame:
    """The bill's P10, P50 and P90 per month beside baseline, each on top of what no usage explains."""
    lines = {"today": [m.baseline_usd for m in months], "low": low, "middle": middle, "high": high}
    dollars = {name: [float(x) + unexplained_usd for x in usd] for name, usd in lines.items()}
    last = len(months) - 1
    return pd.DataFrame(
        {"month": first_days(months), **dollars, "is_last": [n == last for n in range(len(months))]}
    )


@cache
def band_spec() -> Spec:
    """A band from P10 to P90 with the median in it; baseline dashed."""
    scale = {"zero": True}
    y: Spec = {"type": "quantitative", "title": "USD per month", "axis": usd_axis(5), "scale": scale}
    tip = [month_tip(), *tips({}, {"low": "P10", "middle": "P50", "high": "P90", "today": TODAY})]
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
    title = "Monthly bill: half of the futures lie below the line, 8 in 10 in the band"
    return chart(title, 300, layer=[*layers, *_ends("middle", y)], encoding={"x": months_axis()})


def _ends(scenario: str, y: Spec) -> list[Spec]:
    """Names of the baseline's and the scenario's line at the last month."""
    return [
        {"transform": [{"filter": "datum.is_last"}], **_named(field, y, text=words, dy=dy)}
        for field, words, dy in (("today", TODAY, -8), (scenario, SCENARIO, 16))
    ]


@cache
def cumulative_spec() -> Spec:
    """Cumulative saving after one-off costs; below the zero line it has not paid back."""
    encoding = {
        "x": months_axis(),
        "y": usd_scale("usd", "USD saved so far", zero=True),
        "tooltip": [month_tip(), *tips({}, {"usd": "Saved so far"})],
    }
    mark = {"type": "bar", "color": SAVES_COLOR, "size": 14}
    return chart("Saved so far, after one-off costs", 260, mark=mark, encoding=encoding)


def outlook_frame(
    months: Sequence[Month], low: Sequence[float], high: Sequence[float], unexplained_usd: float = 0.0
) -> pd.DataFrame:
    """Both bills by calendar month and the scenario's range, each on top of what no usage explains."""
    last = len(months) - 1
    lines = {
        "today": [m.baseline_usd for m in months],
        "scenario": [m.scenario_usd for m in months],
        "low": low,
        "high": high,
    }
    return pd.DataFrame(
        {
            "month": first_days(months),
            **{name: [float(x) + unexplained_usd for x in usd] for name, usd in lines.items()},
            "is_last": [n == last for n in range(len(months))],
        }
    )


@cache
def outlook_spec(height: int = 112) -> Spec:
    """Today's bill dashed, the scenario's with its band from P10 to P90, from zero; each line named at its end."""
    y: Spec = {"type": "quantitative", "title": None, "axis": usd_axis(3), "scale": {"zero": True}}
    axis = {"labelExpr": MONTH_WORDS, "tickCount": 6, "grid": False, "labelFlush": False}
    x = {"field": "month", "type": "temporal", "title": None, "axis": axis}
    dollars = {"scenario": "Scenario, USD", "low": "P10", "high": "P90", "today": "Baseline, USD"}
    tip = [month_tip(), *tips({}, dollars)]
    band = {
        "mark": {"type": "area", "opacity": 0.3, "color": SAVES_COLOR},
        "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}, "tooltip": tip},
    }
    styles: tuple[tuple[str, Spec], ...] = (
        ("today", {"color": BILL_COLOR, "strokeDash": [5, 3]}),
        ("scenario", {"color": SAVES_COLOR, "point": {"color": SAVES_COLOR, "size": 18}}),
    )
    lines = [
        {"mark": {"type": "line", **mark}, "encoding": {"y": {"field": field, **y}, "tooltip": tip}}
        for field, mark in styles
    ]
    title = {"text": "Bill by month, USD", "fontSize": 12, "offset": 2}
    return chart(title, height, layer=[band, *lines, *_ends("scenario", y)], encoding={"x": x})
