"""What a call, a million tokens and a training run cost: now and in the scenario, by resource or owner, or by month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from simulator.engine.simulate import Result
from simulator.ui import parts, session
from simulator.ui.figures import MONTHS
from simulator.ui.words import plain, whole_usd

DRAWS = 1_000
PRICE = "$%,.4f"
BY = {"resource": "Resource", "owner": "Owner", "month": "Owner and month"}
TITLES = {
    "resource_id": "Resource",
    "owner": "Owner",
    "month_start": "Month",
    "unit": "Unit",
    "volume": "Volume",
    "before_unit_billed_usd": "Now",
    "after_unit_billed_usd": "Scenario",
    "after_unit_p10_usd": "P10",
    "after_unit_p90_usd": "P90",
    "before_unit_used_usd": "Now, used hours only",
    "after_unit_used_usd": "Scenario, used hours only",
    "before_idle_usd": "Idle now, USD",
    "after_idle_usd": "Idle in the scenario, USD",
}


def show() -> None:
    """The tab."""
    from simulator.analysis.unit_costs import by_owner, shares, unit_costs

    result = session.figures().result
    rows = unit_costs(result)
    for title, side in (("Now", "before"), ("Scenario", "after")):
        st.markdown(f"**{title}:** {_in_words(shares(rows, side))}")
    by = st.segmented_control(
        "By", list(BY), default="resource", required=True, key="units_by", format_func=BY.__getitem__
    )
    if by == "month":
        _months(result)
        return
    table = rows[rows["unit"] != "none"] if by == "resource" else by_owner(rows).query("unit != 'none'")
    table = table.sort_values("before_cost_usd", ascending=False)
    _table(table, f"units_by_{by}")
    st.caption(
        "Dollars per unit over the work that is requested, which a lever does not change. Without a figure: "
        "nobody called, so the cost is idle."
    )


def _months(result: Result) -> None:
    from simulator.reports.units import unit_table

    table = unit_table(result, MONTHS, draws=DRAWS)
    _table(table.dropna(subset=["volume"]), "units_by_month", whole=table)
    st.caption(
        f"P10 and P90 from {DRAWS:,} draws of the levers' parameters. In the file, volume × unit cost + outside is the "
        "cost of each row, and the costs of a month are its bill."
    )


def _table(table: pd.DataFrame, key: str, whole: pd.DataFrame | None = None) -> None:
    shown = table[[c for c in TITLES if c in table]]
    config = {c: _column(c) for c in map(str, shown.columns)}
    st.dataframe(shown, hide_index=True, column_config=config, key=key)
    parts.download(table if whole is None else whole, "Download unit costs as CSV", f"{key}.csv")


def _column(name: str) -> Any:
    if "_unit_" in name:
        return st.column_config.NumberColumn(TITLES[name], format=PRICE)
    if name.endswith("_usd"):
        return st.column_config.NumberColumn(TITLES[name], format="$%,.0f")
    if name == "volume":
        return st.column_config.NumberColumn(TITLES[name], format="localized")
    return st.column_config.Column(TITLES[name])


def _in_words(parts_usd: Mapping[str, float]) -> str:
    used, idle, rest = (whole_usd(parts_usd[f"{n}_usd"]) for n in ("used", "idle", "unallocated"))
    total = whole_usd(sum(parts_usd.values()))
    return plain(f"{total} per month = used {used} + idle or failed {idle} + unallocated {rest}.")
