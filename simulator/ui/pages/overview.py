"""Overview: where the money goes, what the bill does not explain, what the snapshot shows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from simulator.answer import unknowns
from simulator.charges import frame
from simulator.charts import COMPONENT_TITLES, components_frame, components_spec
from simulator.findings import findings
from simulator.ui import parts, session


def show() -> None:
    """The page."""
    account, baseline, bill = session.account(), session.baseline(), session.bill()
    manifest = account.snapshot.manifest
    found = findings(baseline, bill)
    st.title("Where the money goes")
    st.markdown(f"**{found[0].sentence}**".replace("$", r"\$") if found else "Nothing stands out.")
    explained = sum(r.explained_usd for r in bill)
    billed = [r.billed_usd for r in bill if r.billed_usd is not None]
    first, second, third, fourth = st.columns(4)
    first.metric("Run rate, per month", f"${baseline.total_usd:,.2f}")
    second.metric("Billed in the window", f"${sum(billed):,.2f}" if billed else "unknown")
    third.metric("Explained by usage", f"${explained:,.2f}")
    fourth.metric("Unexplained", f"${sum(billed) - explained:,.2f}" if billed else "unknown")
    st.caption(
        f"Account *{manifest.name}*, {manifest.window_start:%Y-%m-%d} to {manifest.window_end:%Y-%m-%d}. "
        f"Run rate is 730 h a month at prices as of {session.book().as_of}; billed and explained are actuals of the window."
    )
    gap = {r.component: r.unexplained_usd or 0.0 for r in bill}
    parts.chart(
        components_frame({r.component: r.explained_usd for r in bill}, gap),
        components_spec(),
        key="components",
        alt="Dollars per component in the window: explained by usage and unexplained",
    )
    resources, listed, unknown = st.tabs(["Findings", "Resources", "Unknown"], on_change="rerun", key="overview_tab")
    if resources.open:
        with resources:
            for finding in found:
                st.markdown("- " + finding.sentence.replace("$", r"\$"))
    if listed.open:
        with listed:
            _resources()
    if unknown.open:
        with unknown:
            _unknown()


def _resources() -> None:
    baseline = session.baseline()
    table = frame(baseline.charges, baseline.usage).drop(columns="price_row")
    table["component"] = table["component"].map(COMPONENT_TITLES)
    st.dataframe(
        table.sort_values("effective_cost", ascending=False),
        hide_index=True,
        column_config={
            "effective_cost": st.column_config.NumberColumn("cost, USD a month", format="dollar"),
            "contracted_cost": st.column_config.NumberColumn("at on-demand price", format="dollar"),
            "consumed_quantity": st.column_config.NumberColumn("quantity", format="localized"),
        },
    )
    parts.download(table, "Download charges as CSV", "charges.csv")


def _unknown() -> None:
    rows = unknowns(session.baseline(), session.bill())
    if rows:
        st.dataframe(pd.DataFrame(rows)[["component", "resource_id", "what", "sentence"]], hide_index=True)
    else:
        st.write("Nothing is unknown.")
    for sentence in session.account().snapshot.manifest.assumptions:
        st.markdown(f"- Assumed: {sentence}".replace("$", r"\$"))
