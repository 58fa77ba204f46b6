"""Results → data and Vega-Lite specs. The spec is written once with Altair; a slider only changes the data."""

from __future__ import annotations

from functools import cache
from typing import Any

import altair as alt
import pandas as pd

from simulator.attribution import waterfall
from simulator.levers import all_levers
from simulator.projection import Month
from simulator.simulate import Result
from simulator.usage.tables import COMPONENTS

Spec = dict[str, Any]
USD = "$,.0f"
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
    "hosting": "#d9822b",
    "compute": "#8a6fc9",
    "bedrock": "#2a9d8f",
    "storage": "#b0892f",
    "commitments": "#c2496b",
    "other": "#7d8590",
}
KIND_COLORS = {"bill": "#5b6b7f", "saves": "#2a9d8f", "costs more": "#c2496b"}
MOST_BARS = 12


def waterfall_frame(result: Result) -> pd.DataFrame:
    """Bars from the baseline over each lever's marginal saving to the scenario; small ones are drawn together."""
    steps = [(lever_id, usd) for lever_id, usd in waterfall(result) if abs(usd) >= 0.005]
    shown = {i for i, _ in sorted(steps, key=lambda s: -abs(s[1]))[:MOST_BARS]}
    rows: list[dict[str, Any]] = [_bar("Today", 0.0, result.baseline.total_usd, "bill")]
    level = result.baseline.total_usd
    for lever_id, usd in [s for s in steps if s[0] in shown]:
        rows.append(_bar(all_levers()[lever_id].title, level, level - usd, "saves" if usd > 0 else "costs more"))
        level -= usd
    rest = sum(usd for i, usd in steps if i not in shown)
    if abs(rest) >= 0.005:
        rows.append(_bar("Other levers", level, level - rest, "saves" if rest > 0 else "costs more"))
    rows.append(_bar("Scenario", 0.0, result.outcome.total_usd, "bill"))
    return pd.DataFrame(rows).assign(order=range(len(rows)))


def _bar(name: str, start: float, end: float, kind: str) -> dict[str, Any]:
    change = end - start
    label = f"${end:,.0f}" if kind == "bill" else f"{'−' if change < 0 else '+'}${abs(change):,.0f}"
    return {"name": name, "start": start, "end": end, "top": max(start, end), "kind": kind, "label": label}


@cache
def waterfall_spec() -> Spec:
    """Floating bars with their amounts; direction is told by sign and word as well as by colour."""
    x = alt.X("name:N", sort=alt.EncodingSortField("order"), title=None, axis=alt.Axis(labelAngle=-25, labelLimit=160))
    base = alt.Chart(alt.NamedData("data"))
    bars = base.mark_bar().encode(
        x=x,
        y=alt.Y("start:Q", title="USD per month", axis=alt.Axis(format=USD)),
        y2=alt.Y2("end:Q"),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=list(KIND_COLORS), range=list(KIND_COLORS.values())),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=[alt.Tooltip("name:N", title="Lever"), alt.Tooltip("label:N", title="USD per month")],
    )
    labels = base.mark_text(dy=-7).encode(x=x, y=alt.Y("top:Q"), text=alt.Text("label:N"))
    return _spec(alt.layer(bars, labels).properties(title="From today's bill to the scenario", height=260))


def months_frame(months: list[Month]) -> pd.DataFrame:
    """Two lines over the months."""
    return pd.DataFrame(
        [
            {"month": m.month, "usd": usd, "bill": name}
            for m in months
            for name, usd in (("Today's plan", m.baseline_usd), ("Scenario", m.scenario_usd))
        ]
    )


@cache
def months_spec() -> Spec:
    """Monthly bill with and without the scenario; line pattern as well as colour tells them apart."""
    names = ["Today's plan", "Scenario"]
    lines = (
        alt.Chart(alt.NamedData("data"))
        .mark_line(point=True)
        .encode(
            x=alt.X("month:O", title="Month", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("usd:Q", title="USD per month", axis=alt.Axis(format=USD)),
            color=alt.Color(
                "bill:N",
                title=None,
                scale=alt.Scale(domain=names, range=[KIND_COLORS["bill"], KIND_COLORS["saves"]]),
                legend=alt.Legend(orient="top"),
            ),
            strokeDash=alt.StrokeDash("bill:N", legend=None, scale=alt.Scale(domain=names, range=[[4, 3], [1, 0]])),
            tooltip=[
                alt.Tooltip("bill:N", title="Bill"),
                alt.Tooltip("month:O", title="Month"),
                alt.Tooltip("usd:Q", title="USD", format="$,.2f"),
            ],
        )
    )
    return _spec(lines.properties(title="Monthly bill", height=220))


def components_frame(values: dict[str, float], unexplained: dict[str, float]) -> pd.DataFrame:
    """Explained and unexplained dollars per component, for the baseline beside the bill."""
    rows = [
        {"component": COMPONENT_TITLES[c], "part": part, "usd": usd}
        for part, source in (("explained", values), ("unexplained", unexplained))
        for c, usd in ((c, source.get(c, 0.0)) for c in COMPONENTS)
        if abs(usd) >= 0.005
    ]
    return pd.DataFrame(rows, columns=["component", "part", "usd"])


@cache
def components_spec() -> Spec:
    """Stacked bars per component: what usage explains of the bill, and what it does not."""
    bars = (
        alt.Chart(alt.NamedData("data"))
        .mark_bar()
        .encode(
            y=alt.Y("component:N", title=None, sort=list(COMPONENT_TITLES.values())),
            x=alt.X("usd:Q", title="USD in the window", axis=alt.Axis(format=USD)),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=["explained", "unexplained"], range=["#3b7dd8", "#d9822b"]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("component:N", title="Component"),
                alt.Tooltip("part:N", title="Part"),
                alt.Tooltip("usd:Q", title="USD", format="$,.2f"),
            ],
        )
    )
    return _spec(bars.properties(title="Where the money goes", height=240))


def _spec(chart: Any) -> Spec:
    """The chart as a dictionary without its data, which Streamlit sends beside it."""
    spec: Spec = chart.to_dict()
    spec.pop("data", None)
    for layer in spec.get("layer", []):
        layer.pop("data", None)
    return spec
