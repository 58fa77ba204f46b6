"""Simulate: levers on the left; headline, waterfall and months stay in view on the right."""

from __future__ import annotations

import streamlit as st

from simulator import charts
from simulator.projection import project
from simulator.reports.tables import lever_table, savings_table
from simulator.scenario import PRESETS, preset
from simulator.ui import panel, parts, session

PANEL_HEIGHT = 760
PRESET_TITLES = {"none": "Nothing", "no_regret": "No regret", "report_plan": "Report's plan", "all": "Everything"}


def show() -> None:
    """The page."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _presets()
        with st.container(height=PANEL_HEIGHT, border=False):
            panel.show(session.account().usage)
    with right:
        _figures()


def _presets() -> None:
    with st.container(horizontal=True):
        for name in PRESETS:
            st.button(PRESET_TITLES[name], key=f"preset_{name}", on_click=panel.load, args=(preset(name),))


def _figures() -> None:
    result = session.result()
    parts.headline(result)
    parts.chart(
        charts.waterfall_frame(result), charts.waterfall_spec(), key="waterfall",
        alt=f"Waterfall from ${result.baseline.total_usd:,.0f} to ${result.outcome.total_usd:,.0f} a month, one bar per lever",
    )  # fmt: skip
    parts.chart(
        charts.months_frame(project(result)), charts.months_spec(), key="months",
        alt="Monthly bill over twelve months, with and without the scenario",
    )  # fmt: skip
    table_tab, levers_tab, keep_tab = st.tabs(
        ["Savings by area", "Savings by lever", "Keep this scenario"], on_change="rerun", key="simulate_tab"
    )
    if table_tab.open:
        with table_tab:
            _table(savings_table(result), "Download projected savings as CSV", "projected_savings.csv")
    if levers_tab.open:
        with levers_tab:
            st.caption("*Alone* is what a lever saves with nothing else on: never add it up. *Attributed* adds up to the saving.")
            _table(lever_table(result), "Download savings by lever as CSV", "savings_by_lever.csv")
    if keep_tab.open:
        with keep_tab:
            name = st.text_input("Name", value=f"Scenario {len(session.kept()) + 1}", max_chars=60)
            if st.button("Keep", type="primary") and name.strip():
                session.kept()[name.strip()] = result.scenario
                st.success(f"Kept. {len(session.kept())} scenarios to compare.")


def _table(table, label: str, file_name: str) -> None:  # type: ignore[no-untyped-def]
    money = st.column_config.NumberColumn(format="dollar")
    st.dataframe(
        table, hide_index=True,
        column_config={c: money for c in table.columns if c.endswith("_usd")}
        | {"saving_ratio": st.column_config.NumberColumn(format="percent")},
    )  # fmt: skip
    parts.download(table, label, file_name)
