"""Plan and actual: keep the plan of today, and later see what became of it, in dollars by cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from simulator.reports.ledger import SENTENCE, ledger_table, months_table
from simulator.ui import keeper, parts, session
from simulator.ui.figures import MONTHS, Figures
from simulator.ui.shelf import trying
from simulator.ui.view import View
from simulator.ui.words import plain, usd
from simulator.workspace import Workspace


def show() -> None:
    """The page."""
    st.title("Plan and actual", anchor=False)
    st.caption(
        "Keep this scenario as a file. Later load a newer snapshot or bill, and see what became of it."
    )
    st.download_button(
        "Keep this scenario", data=partial(_kept, session.made_again()), file_name="plan.json", mime="application/json",
        on_click="ignore", icon=":material/bookmark:", key="keep_plan",
    )  # fmt: skip
    _workspace()
    upload = st.file_uploader("Compare a kept scenario", type=["json"], key="earlier_plan", max_upload_size=5)
    if upload is not None:
        _compare(upload.getvalue(), upload.name)


def _workspace() -> None:
    """Plans kept with the account in the workspace: `watch` compares newer snapshots with them too."""
    account_id, kept = session.desk().account_id, None
    try:
        kept = keeper.workspace()
        if kept is None or account_id is None:
            st.caption("Keep the account on the Workspace page to keep plans with it.")
            return
        plans, may_change = {p.id: p for p in kept.plans(account_id)}, keeper.may_change()
    except keeper.REFUSED as error:
        st.warning(plain(error))
        return
    if may_change:
        name = st.text_input(
            "Name of the plan", value=f"{session.today()}", key="plan_name", max_chars=trying.NAME
        )
        if st.button("Keep it with the account", key="keep_plan_here", icon=":material/bookmark_add:"):
            trying.attempt(
                lambda: kept.keep_plan(account_id, name, _kept(session.made_again()).decode()),
                f"Kept: {name}.",
            )
    chosen = st.selectbox(
        "Compare a kept scenario",
        list(plans),
        index=None,
        format_func=lambda i: plans[i].name,
        key="kept_plan",
    )
    if chosen is not None:
        _compare(plans[chosen].kept.encode(), plans[chosen].name)
        _so_far(kept, chosen)


def _so_far(kept: Workspace, plan_id: str) -> None:
    """What `watch` found of a plan on every snapshot since."""
    try:
        rows = [
            (f"{a.found_at:%Y-%m-%d}", a.comparison)
            for a in kept.actuals(plan_id)
            if "actual_usd" in a.comparison
        ]
    except keeper.REFUSED as error:
        st.warning(plain(error))
        return
    if rows:
        st.subheader("Month by month", anchor=False)
        parts.table(months_table(rows), key="plan_months", titles={"snapshot": "Compared on"})


def _kept(make: Callable[[], tuple[View, Figures]]) -> bytes:
    from simulator.analysis import ledger

    result = make()[1].result
    return ledger.to_json(ledger.keep(result, datetime.now(tz=UTC).date(), MONTHS)).encode()


def _compare(content: bytes, name: str) -> None:
    """The earlier plan beside the account in hand; a file that is no plan is refused in words."""
    from simulator.analysis import ledger

    seen = session.view()
    try:
        kept = ledger.from_json(content.decode("utf-8"), name)
        found = ledger.compare(kept, seen.account, seen.book)
    except (ValueError, UnicodeDecodeError) as error:
        st.error(f"This file cannot be compared. {plain(error)}")
        return
    st.metric("Realised saving, per month", usd(found.realised_saving_usd), border=True)
    told = f"Projected for month {found.month}: {usd(found.projected_saving_usd)}."
    if found.same_snapshot:
        told += " This is the snapshot the scenario was made on: no saving can have been realized yet."
    st.markdown(plain(told))
    parts.table(ledger_table(found), key="plan_and_actual")
    parts.download(ledger_table(found), "Download plan and actual as CSV", "plan_and_actual.csv")
    st.caption(f"Per month at run rate: {SENTENCE}.")
