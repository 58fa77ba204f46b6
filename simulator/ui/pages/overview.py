"""Overview: what matters most in one sentence, where the money goes, and what to do about it."""

from __future__ import annotations

import streamlit as st

from simulator.charts import components_frame, components_spec
from simulator.levers import all_levers
from simulator.reports.sentences import what_matters
from simulator.ui import draft, navigation, parts, session
from simulator.ui.words import plain, usd

MOST_FINDINGS = 6


def show() -> None:
    """The page."""
    seen = session.view()
    st.title(plain(what_matters(seen.baseline, seen.findings)), anchor=False)
    for problem in st.session_state.pop("link_problems", []):
        st.warning(f"Part of the link was not used: {plain(problem)}")
    _numbers()
    _chart()
    _findings()


def _numbers() -> None:
    seen = session.view()
    billed = [r.billed_usd for r in seen.bill if r.billed_usd is not None]
    first, second, third, fourth = st.columns(4)
    first.metric("Run rate, a month", usd(seen.baseline.total_usd))
    second.metric("Billed in the window", usd(sum(billed) if billed else None))
    third.metric("Explained by usage × price", usd(sum(r.explained_usd for r in seen.bill)))
    fourth.metric("Unexplained", usd(seen.unexplained_usd))


def _chart() -> None:
    bill = session.view().bill
    frame = components_frame(
        {r.component: r.explained_usd for r in bill}, {r.component: r.unexplained_usd or 0.0 for r in bill}
    )
    words = "; ".join(f"{w.component} {w.words}" for w in frame[frame["words"] != ""].itertuples())
    parts.chart(
        frame,
        components_spec("Where the money went in the window, USD", frame["component"].nunique()),
        key="components",
        alt=f"Dollars per component in the window. {words}",
    )


def _findings() -> None:
    found = session.view().findings
    st.subheader("What stands out", anchor=False)
    if not found:
        st.write("Nothing stands out.")
    for number, finding in enumerate(found[:MOST_FINDINGS]):
        lever = all_levers().get(finding.lever_id)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(plain(finding.sentence), width="stretch")
            if lever and st.button(f"Try: {lever.title}", key=f"finding.{number}", icon=":material/tune:"):
                draft.turn(lever.id, True)
                navigation.go_to("simulate")
    with st.container(horizontal=True):
        if st.button("See every charge", icon=":material/table_view:", type="tertiary", key="to_explore"):
            navigation.go_to("explore")
        if st.button("Simulate savings", icon=":material/tune:", type="tertiary", key="to_simulate"):
            navigation.go_to("simulate")
