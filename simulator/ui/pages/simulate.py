"""Simulate: levers in the sidebar; headline, waterfall and months beside it, always in view."""

from __future__ import annotations

import streamlit as st

from simulator import charts
from simulator.ui import draft, panel, parts, session
from simulator.ui.words import plain, usd


def show() -> None:
    """The page. Figures are drawn before the levers, so that they reach the screen first."""
    figures = session.figures()
    parts.headline(figures.result)
    _charts()
    parts.lazy_tabs(
        "simulate_tab",
        {
            "Savings by area": _areas,
            "By lever": _levers,
            "Why": _why,
            "Keep resources": _resources,
            "Keep this scenario": _keep,
        },
    )
    with st.sidebar:
        panel.show()


def _charts() -> None:
    figures = session.figures()
    result = figures.result
    main, side = st.columns([3, 2], gap="medium")
    bars = charts.waterfall_frame(result, figures.steps)
    with main:
        parts.chart(
            bars,
            charts.waterfall_spec(len(bars)),
            key="waterfall",
            alt=f"From {usd(result.baseline.total_usd)} to {usd(result.outcome.total_usd)} a month, one bar per lever",
        )
    with side:
        last = figures.months[-1]
        parts.chart(
            charts.months_frame(figures.months),
            charts.months_spec(),
            key="months",
            alt=f"Monthly bill over twelve months, {usd(last.cumulative_saving_usd)} saved by then",
        )


def _areas() -> None:
    from simulator.reports.tables import savings_table

    table = savings_table(session.figures().result)
    parts.table(table, key="areas")
    parts.download(table, "Download projected savings as CSV", "projected_savings.csv")


def _levers() -> None:
    st.caption(
        "*Alone* is what a lever saves with nothing else on: never add it up. *Attributed* adds up to the saving."
    )
    with st.spinner("Sharing the saving among the levers"):
        table = session.figures().levers
    parts.table(table.drop(columns="lever"), key="levers", titles={"confidence_reasons": "Why not surer"})
    parts.download(table, "Download savings by lever as CSV", "savings_by_lever.csv")


def _why() -> None:
    from simulator.ui import why

    why.charges("simulate", session.figures().result)


def _resources() -> None:
    from simulator.reports.resources import resource_table

    st.write("No lever touches what you keep here.")
    table = resource_table(session.view().baseline).drop_duplicates("resource_id", ignore_index=True)
    base, key = _kept_base(draft.scenario().keep)
    names = table["resource_id"].tolist()
    shown = table[["resource_id", "component", "item", "owner", "cost_usd"]].assign(
        component=table["component"].map(charts.COMPONENT_TITLES)
    )
    shown.insert(0, "keep", table["resource_id"].isin(base))
    parts.editor(
        shown,
        key=key,
        titles={"cost_usd": "Today, USD a month", "keep": "Keep"},
        edits="keep",
        on_change=_kept_changed,
        args=(key, names),
    )


def _kept_base(keep: frozenset[str]) -> tuple[frozenset[str], str]:
    """What the table starts from and its key: a new table when something else than it changed what is kept."""
    base, now, number = st.session_state.get("kept_table", (keep, keep, 0))
    if now != keep:
        base, number = keep, number + 1
    st.session_state["kept_table"] = (base, keep, number)
    return base, f"kept_resources_{number}"


def _kept_changed(key: str, names: list[str]) -> None:
    base, _, number = st.session_state["kept_table"]
    kept = set(base)
    for row, edit in st.session_state[key]["edited_rows"].items():
        (kept.add if edit["keep"] else kept.discard)(names[int(row)])
    st.session_state["kept_table"] = (base, frozenset(kept), number)
    draft.keep_only(kept)


def _keep() -> None:
    kept = session.kept()
    with st.form("keep_form", border=False):
        name = st.text_input("Name", value=f"Scenario {len(kept) + 1}", max_chars=60)
        if st.form_submit_button("Keep", type="primary", icon=":material/bookmark_add:") and name.strip():
            kept[name.strip()] = draft.scenario()
    if kept:
        st.write("Kept, to compare: " + ", ".join(plain(n) for n in kept))
