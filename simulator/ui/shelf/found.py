"""What is kept: search, open, rename, duplicate, archive, delete, and what was deleted to bring back."""

from __future__ import annotations

import streamlit as st

from simulator.ui import keeper
from simulator.ui.shelf.trying import NAME, attempt
from simulator.ui.words import day, plain
from simulator.workspace import Workspace
from simulator.workspace.shelf import Found

MOST = 50
CHANGERS = ("planner", "admin")


def show(kept: Workspace) -> None:
    """The list."""
    _undo(kept)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    words = left.text_input("Search", key="workspace_words", placeholder="part of a name")
    archived = right.toggle("Archived", key="workspace_archived")
    rows = kept.search(words, archived=archived)
    if not rows:
        st.caption(
            "Nothing of that name."
            if words
            else "Nothing is archived."
            if archived
            else "Nothing is kept yet."
        )
    names = {a.id: a.name for a in [*kept.accounts(), *kept.accounts(archived=True)]}
    for item in rows[:MOST]:
        with st.container(
            border=True, key=f"workspace_{item.id}", horizontal=True, vertical_alignment="center"
        ):
            of = f" of {plain(names.get(item.account_id, ''))}" if item.kind != "account" else ""
            st.markdown(f"**{plain(item.name)}** · {item.kind}{of} · {day(item.created_at)}", width="stretch")
            _actions(kept, item, archived, kept.role(item.account_id) in CHANGERS)
    if len(rows) > MOST:
        st.caption(f"The first {MOST} of {len(rows)}; search for the others.")


def _undo(kept: Workspace) -> None:
    gone = kept.deleted()
    if not gone:
        return
    with st.expander(f"Deleted: {len(gone)}", key="workspace_deleted", icon=":material/delete:"):
        for item in gone[:MOST]:
            label = f"Undo: {plain(item.name)} ({item.kind}) was deleted"
            if st.button(label, key=f"undo_{item.id}", icon=":material/undo:"):
                attempt(lambda i=item: kept.restore(i.kind, i.id), "It is back.")  # type: ignore[misc]


def _actions(kept: Workspace, item: Found, archived: bool, may_change: bool) -> None:
    if item.kind in {"account", "scenario"} and st.button("Open", key=f"open_{item.id}"):
        opening = keeper.open_scenario if item.kind == "scenario" else keeper.open_account
        attempt(lambda: opening(kept, item.id), f"Opened: {item.name}.")
    if not may_change:
        st.caption("look only", width="content")
        return
    with st.popover("More", key=f"more_{item.id}"):
        name = st.text_input("Name", value=item.name, key=f"name_{item.id}", max_chars=NAME)
        if st.button("Rename", key=f"rename_{item.id}", disabled=name == item.name):
            attempt(lambda: _rename(kept, item, name), "Renamed.")
        if item.kind == "scenario" and st.button("Duplicate", key=f"copy_{item.id}"):
            attempt(lambda: kept.duplicate(item.id, f"{item.name} (copy)"[:NAME]), "Duplicated.")
        if st.button("Take back from the archive" if archived else "Archive", key=f"archive_{item.id}"):
            attempt(lambda: kept.archive(item.kind, item.id, archived=not archived), "Done.")
        if st.button("Delete", key=f"delete_{item.id}"):
            attempt(lambda: _delete(kept, item), "Deleted. It can be undone.")


def _rename(kept: Workspace, item: Found, name: str) -> None:
    kept.rename(item.kind, item.id, name)
    keeper.renamed(item.id, name)


def _delete(kept: Workspace, item: Found) -> None:
    kept.delete(item.kind, item.id)
    keeper.closed(item.id, item.account_id if item.kind == "account" else None)
