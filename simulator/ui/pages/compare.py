"""Compare: kept scenarios and presets side by side."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from simulator.reports.tables import compared
from simulator.scenario import PRESETS, Scenario, preset
from simulator.simulate import Result
from simulator.ui import panel, parts, session

MOST = 5


def show() -> None:
    """The page."""
    st.title("Compare scenarios")
    choices = _choices()
    names = list(choices)
    chosen = st.multiselect("Scenarios", names, default=names[-2:], max_selections=MOST, key="compared")
    if not chosen:
        st.info("Choose scenarios to compare. Keep your own on the Simulate page.")
        return
    results = [session.run(replace(choices[name], name=name)) for name in chosen]
    for column, result in zip(st.columns(len(results)), results, strict=True):
        column.metric(
            result.scenario.name, f"${result.outcome.total_usd:,.2f}", delta=f"{-result.saving_usd:+,.2f} USD a month",
            delta_color="inverse", border=True,
        )  # fmt: skip
    table = compared(results)
    st.dataframe(
        table, hide_index=True,
        column_config={c: st.column_config.NumberColumn(format="dollar") for c in table.columns if c != "area"},
    )  # fmt: skip
    parts.download(table, "Download comparison as CSV", "comparison.csv")
    st.subheader("Inputs that differ")
    st.dataframe(_inputs(results), hide_index=True)


def _choices() -> dict[str, Scenario]:
    presets = {name.replace("_", " ").capitalize(): preset(name) for name in PRESETS}
    return presets | {"On the Simulate page": panel.scenario()} | session.kept()


def _inputs(results: list[Result]) -> pd.DataFrame:
    values = {
        r.scenario.name: {f"{x.id}.{n}": str(v) for x in r.scenario.ordered() for n, v in x.values().items()}
        for r in results
    }
    table = pd.DataFrame(values).fillna("off").rename_axis("parameter").reset_index()
    names = [r.scenario.name for r in results]
    differs = table[names].nunique(axis=1) > 1 if len(names) > 1 else pd.Series(True, index=table.index)
    return table[differs]
