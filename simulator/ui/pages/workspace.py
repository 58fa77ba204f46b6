"""Workspace: what stays. Open, rename, duplicate, archive, delete with undo; history and comments."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from simulator.engine.scenario import Scenario
from simulator.errors import SimulatorError
from simulator.ui import draft, keeper, parts, session
from simulator.ui.words import plain
from simulator.workspace import Conflict, Denied, NotThere, Workspace

REFUSED = (Conflict, Denied, NotThere, SimulatorError, ValueError, OSError)


def show() -> None:
    """The page."""
    st.title("Workspace", anchor=False)
    reason = keeper.closed_because()
    if reason is not None:
        st.info(reason, icon=":material/visibility_off:")
        return
    try:
        kept = keeper.workspace()
    except ValueError as error:
        st.error(f"The workspace cannot be opened. {plain(error)}")
        return
    if kept is None:
        return
    _here(kept)
    words = st.text_input("Search", key="workspace_words", placeholder="part of a name")
    archived = st.toggle("Archived", key="workspace_archived")
    _found(kept, words, archived)


def _here(kept: Workspace) -> None:
    """The account and the scenario in hand, and keeping them."""
    snapshot = session.view().account.snapshot
    account = kept.account_of(snapshot.fingerprint())
    name = snapshot.manifest.name
    if account is None:
        if st.button(f"Keep the account {plain(name)}", key="workspace_keep_account", icon=":material/save:"):
            _try(lambda: kept.add_account(snapshot, "page"), f"Kept: {name}.")
        st.caption("Scenarios, plans and budgets are kept with their account.")
        return
    mine = keeper.opened()
    if mine is not None:
        _open_scenario(kept, mine)
        return
    title = st.text_input("Name of this scenario", value="Plan", key="workspace_title")
    if st.button("Keep the scenario", key="workspace_keep_scenario", type="primary", icon=":material/save:"):
        result = session.figures().result

        def keep() -> None:
            row = kept.add_scenario(
                account.id,
                title,
                draft.scenario().to_dict(),
                bill_usd=result.outcome.total_usd,
                saving_usd=result.saving_usd,
            )
            keeper.work_on(row.id, row.name, row.version)

        _try(keep, f"Kept: {title}. Changes are saved as you make them.")


def _open_scenario(kept: Workspace, mine: keeper.Opened) -> None:
    if mine.conflict:
        st.warning(plain(mine.conflict), icon=":material/warning:")
        left, right = st.columns(2)
        if left.button("Take the newer version", key="workspace_take_newer"):
            _try(lambda: _open(kept, mine.scenario_id), "Taken.")
        if right.button("Keep mine as a copy", key="workspace_keep_copy"):

            def copy() -> None:
                row = kept.scenario(mine.scenario_id)
                made = kept.add_scenario(row.account_id, f"{row.name} (copy)", draft.scenario().to_dict())
                keeper.work_on(made.id, made.name, made.version)

            _try(copy, "Kept as a copy.")
        return
    st.success(
        f"Working on **{plain(mine.name)}**, version {mine.version}. Changes are saved as you make them."
    )
    if st.button("Stop saving", key="workspace_let_go"):
        keeper.let_go()
        st.rerun()
    _history(kept, mine.scenario_id)
    _comments(kept, mine.scenario_id)


def _history(kept: Workspace, scenario_id: str) -> None:
    rows = [
        {
            "version": v.version,
            "who": v.who,
            "when": f"{v.saved_at:%Y-%m-%d %H:%M}",
            "bill": v.bill_usd,
            "saving": v.saving_usd,
        }
        for v in kept.history(scenario_id)
    ]
    parts.table(pd.DataFrame(rows[::-1]), key="workspace_history")


def _comments(kept: Workspace, scenario_id: str) -> None:
    for remark in kept.comments(scenario_id):
        about = f" on {remark.lever_id}" if remark.lever_id else ""
        st.markdown(
            f"**{plain(remark.who)}**{plain(about)}, {remark.said_at:%Y-%m-%d %H:%M}: {plain(remark.text)}"
        )
    said = st.text_input("Comment", key="workspace_comment")
    if st.button("Add comment", key="workspace_say", disabled=not said.strip()):
        _try(lambda: kept.comment(scenario_id, said), "Said.")


def _found(kept: Workspace, words: str, archived: bool) -> None:
    found = kept.search(words, archived=archived)
    if not found:
        st.caption("Nothing is kept yet." if not words else "Nothing of that name.")
    gone: tuple[str, str, str] | None = st.session_state.get("workspace_gone")
    if gone and st.button(
        f"Undo: {plain(gone[2])} was deleted", key="workspace_undo", icon=":material/undo:"
    ):
        _try(lambda: kept.restore(gone[0], gone[1]), "It is back.")
        st.session_state.pop("workspace_gone", None)
    for item in found[:50]:
        with st.container(
            border=True, key=f"workspace_{item.id}", horizontal=True, vertical_alignment="center"
        ):
            st.markdown(f"**{plain(item.name)}** · {item.kind} · {item.created_at:%Y-%m-%d}", width="stretch")
            _actions(kept, item, archived)


def _actions(kept: Workspace, item: Any, archived: bool) -> None:
    if item.kind in {"account", "scenario"} and st.button("Open", key=f"open_{item.id}"):
        opening = _open if item.kind == "scenario" else _open_account
        _try(lambda: opening(kept, item.id), f"Opened: {item.name}.")
    with st.popover("More", key=f"more_{item.id}"):
        name = st.text_input("Name", value=item.name, key=f"name_{item.id}", max_chars=200)
        if st.button("Rename", key=f"rename_{item.id}", disabled=name == item.name):
            _try(lambda: kept.rename(item.kind, item.id, name), "Renamed.")
        if item.kind == "scenario" and st.button("Duplicate", key=f"copy_{item.id}"):
            _try(lambda: kept.duplicate(item.id, f"{item.name} (copy)"), "Duplicated.")
        if st.button("Take back from the archive" if archived else "Archive", key=f"archive_{item.id}"):
            _try(lambda: kept.archive(item.kind, item.id, archived=not archived), "Done.")
        if st.button("Delete", key=f"delete_{item.id}"):
            st.session_state["workspace_gone"] = (item.kind, item.id, item.name)
            _try(lambda: kept.delete(item.kind, item.id), "Deleted. It can be undone.")


def _open(kept: Workspace, scenario_id: str) -> None:
    row = kept.scenario(scenario_id)
    if kept.account_of(session.view().account.snapshot.fingerprint()) is None or (
        _account_id(kept) != row.account_id
    ):
        _open_account(kept, row.account_id)
    draft.take(Scenario.from_dict(row.content))
    keeper.work_on(row.id, row.name, row.version)
    st.session_state["workspace_saved"] = (row.id, row.content)


def _account_id(kept: Workspace) -> str | None:
    found = kept.account_of(session.view().account.snapshot.fingerprint())
    return found.id if found else None


def _open_account(kept: Workspace, account_id: str) -> None:
    session.take(kept.snapshot(account_id))
    keeper.let_go()


def _try(change: Any, said: str) -> None:
    """A change, or the reason why not; the page is drawn anew."""
    try:
        change()
    except REFUSED as error:
        st.error(plain(error))
        return
    st.toast(plain(said))
    st.rerun()
