"""An agent's cost by the point at which its history is summarised."""

from __future__ import annotations

from functools import cache

import pandas as pd

from simulator.analysis.agent_economics import AgentEconomics
from simulator.charts.parts import BILL_COLOR, CENTS, LINE_COLORS, SAVES_COLOR, Spec, chart, usd_axis


def compaction_frame(made: AgentEconomics, planned_at: float) -> pd.DataFrame:
    """One row per point; `mark` names the planned and the best one, `never` is the cost without compaction."""
    never = next((usd for at, usd in made.compaction if at == 0), None)
    names = {planned_at: "planned"} | {made.best_compact_at: "best"}
    rows = [(at, usd, names.get(at, "")) for at, usd in made.compaction if at > 0]
    frame = pd.DataFrame(rows, columns=["tokens", "usd", "mark"])
    return frame.assign(never=never)


@cache
def compaction_spec() -> Spec:
    """Cost per month by compaction point; the dashed rule is never; the planned and the best point are named."""
    x: Spec = {
        "field": "tokens",
        "type": "quantitative",
        "title": "Tokens of history at which it is summarised",
        "axis": {"format": "~s", "tickCount": 6},
    }
    y: Spec = {"type": "quantitative", "title": "USD per month", "axis": usd_axis(5), "scale": {"zero": True}}
    tip = [
        {"field": "tokens", "title": "Tokens of history", "type": "quantitative", "format": ",.0f"},
        {"field": "usd", "title": "USD per month", "type": "quantitative", "format": CENTS},
        {"field": "never", "title": "USD per month, never", "type": "quantitative", "format": CENTS},
    ]
    place = {"x": x, "y": {"field": "usd", **y}, "tooltip": tip}
    layers = [
        {
            "mark": {"type": "line", "color": BILL_COLOR, "strokeDash": [6, 3]},
            "encoding": {"x": x, "y": {"field": "never", **y}, "tooltip": tip},
        },
        {"mark": {"type": "line", "color": LINE_COLORS[0]}, "encoding": place},
        {
            "transform": [{"filter": "datum.mark !== ''"}],
            "mark": {"type": "point", "filled": True, "size": 90, "color": SAVES_COLOR, "aria": False},
            "encoding": place,
        },
        {
            "transform": [{"filter": "datum.mark !== ''"}],
            "mark": {"type": "text", "dy": -14, "fontSize": 12, "aria": False},
            "encoding": {**place, "text": {"field": "mark", "type": "nominal"}},
        },
    ]
    title = {"text": "Cost by compaction point", "subtitle": "Dashed: never summarised"}
    return chart(title, 260, layer=layers)
