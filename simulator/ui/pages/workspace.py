"""Workspace: what stays. Open, rename, duplicate, archive, delete with undo; history, comments, access, audit log."""

from __future__ import annotations

import streamlit as st

from simulator.ui import draft, identity, keeper, parts, saving, session
from simulator.ui.shelf import access, found, history, trying
from simulator.ui.words import plain
from simulator.workspace import Workspace


def show() -> None:
    """The page."""
    st.title("Workspace", anchor=False)
    reason = keeper.closed_because()
    if reason is not None:
        st.info(reason, icon=":material/visibility_off:")
        return
    try:
        kept = keeper.workspace()
    except keeper.REFUSED as error:
        st.error(f"The workspace cannot be opened. {plain(error)}")
        return
    if kept is None:
        return
    try:
        _here(kept)
    except keeper.REFUSED as error:
        st.error(plain(error))
        return
    tabs = {"Kept": lambda: found.show(kept)}
    mine = keeper.opened()
    if mine is not None:
        tabs["History and comments"] = lambda: history.show(kept, mine)
    if identity.who() is not None:
        tabs["Access"] = lambda: access.show(kept)
        tabs["Audit log"] = lambda: access.audit(kept)
    try:
        parts.lazy_tabs("workspace_tab", tabs)
    except keeper.REFUSED as error:
        st.error(plain(error))


def _here(kept: Workspace) -> None:
    """The account and the scenario in hand, and keeping them."""
    mine = keeper.opened()
    if mine is not None:
        _open_scenario(mine)
        return
    snapshot = session.view().account.snapshot
    account_id, name = session.desk().account_id, snapshot.manifest.name
    if account_id is None and (known := kept.account_of(snapshot.fingerprint())):
        account_id = session.desk().account_id = known.id
    if account_id is None:
        _keep_account(kept, name)
    elif keeper.may_change():
        _keep_scenario(kept, account_id)
    else:
        st.caption(f"You may look at {plain(name)}; what you change here is not kept.")


def _keep_account(kept: Workspace, name: str) -> None:
    def keep() -> None:
        row = kept.add_account(session.view().account.snapshot, "page")
        session.desk().account_id = row.id

    if st.button(f"Keep the account {plain(name)}", key="workspace_keep_account", icon=":material/save:"):
        trying.attempt(keep, f"Kept: {name}.")
    st.caption("Scenarios, plans and budgets are kept with their account.")


def _keep_scenario(kept: Workspace, account_id: str) -> None:
    title = st.text_input(
        "Name of this scenario", value="Scenario", key="workspace_title", max_chars=trying.NAME
    )

    def keep() -> None:
        row = kept.add_scenario(
            account_id,
            title,
            draft.scenario().to_dict(),
            **session.figures().shown(),
        )
        keeper.work_on(kept, row)

    if st.button("Keep the scenario", key="workspace_keep_scenario", type="primary", icon=":material/save:"):
        trying.attempt(keep, f"Kept: {title}. Changes are saved as you make them.")


def _open_scenario(mine: keeper.Opened) -> None:
    if mine.conflict:
        st.warning(plain(mine.conflict), icon=":material/warning:")
        left, right = st.columns(2)
        if left.button("Take the newer version", key="workspace_take_newer"):
            trying.attempt(lambda: saving.take_newer(mine), "Taken.")
        if right.button("Keep mine as a copy", key="workspace_keep_copy"):
            trying.attempt(lambda: saving.keep_copy(mine), "Kept as a copy.")
        return
    told = (
        "You may look; your changes are not saved."
        if mine.read_only
        else "Changes are saved as you make them."
    )
    st.success(f"Working on **{plain(mine.name)}**, version {mine.version}. {told}")
    if st.button("Close the scenario", key="workspace_let_go"):
        keeper.let_go()
        st.rerun()
