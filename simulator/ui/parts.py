"""Pieces several pages show: the headline, a chart, a download."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from simulator.charts import Spec
from simulator.reports.tables import as_csv
from simulator.simulate import Result


def headline(result: Result) -> None:
    """Baseline → scenario at monthly run rate, saving in dollars and percent."""
    saving, ratio = result.saving_usd, result.saving_ratio
    today, after, saved = st.columns(3)
    today.metric("Today, per month", f"${result.baseline.total_usd:,.2f}", help="Monthly run rate: usage × price over 730 h.")
    after.metric("Scenario, per month", f"${result.outcome.total_usd:,.2f}")
    word = "Saving, per month" if saving >= 0 else "Costs more, per month"
    saved.metric(word, f"${abs(saving):,.2f}", delta=f"{-ratio:+.1%} of today's bill" if ratio == ratio else None, delta_color="inverse")


def chart(frame: pd.DataFrame, spec: Spec, *, key: str, alt: str) -> None:
    """One chart with a text alternative."""
    st.vega_lite_chart(frame, spec, key=key, alt=alt, width="stretch")


def download(table: pd.DataFrame, label: str, file_name: str) -> None:
    """A table as CSV, made when asked for."""
    st.download_button(
        label, data=lambda: as_csv(table).encode(), file_name=file_name, mime="text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
