"""Saving as one works: the open scenario after every change, the line that says so, and what somebody else saved."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from simulator.ui import draft, identity, observed, session
from simulator.ui.keeper import (
    OPEN,
    REFUSED,
    SAVED,
    TOLD,
    Opened,
    open_scenario,
    opened,
    work_on,
    workspace,
)
from simulator.ui.whole import whole
from simulator.ui.words import plain
from simulator.workspace import Conflict

POLL_SECONDS = 5.0


def autosave() -> None:
    """Save the draft to the open scenario when it changed. A newer version of somebody else is never overwritten."""
    with (
        whole()
    ):  # saved and noted: else the next run would save over a version that it does not know to be its own
        told = _autosave()
    if told:
        st.toast(plain(told), icon=":material/warning:")


def _autosave() -> str:
    """What is to be said of it: why it was refused."""
    mine = opened()
    content = draft.scenario().to_dict()
    if mine is None or mine.conflict or mine.read_only:
        return ""
    if st.session_state.get(SAVED) == (mine.scenario_id, content):
        return ""
    try:
        kept = workspace()
        if kept is None:
            return ""
        row = kept.save_scenario(
            mine.scenario_id,
            content,
            mine.version,
            **session.figures().shown(),
        )
    except REFUSED as error:
        observed.saved("conflict" if isinstance(error, Conflict) else "refused")
        refused = str(error) if isinstance(error, Conflict) else f"Not saved. {error}"
        st.session_state[OPEN] = replace(mine, conflict=refused)
        return refused
    observed.saved("saved")
    st.session_state[OPEN] = replace(mine, version=row.version)
    st.session_state[SAVED] = (mine.scenario_id, content)
    return ""


def line() -> None:
    """Under the account's line: who is signed in, and whether the open scenario is saved. Filled by `show_line`."""
    st.session_state["workspace_line"] = st.container(key="workspace_line")


def show_line() -> None:
    """What was saved is said after it was saved, never before."""
    st.session_state.pop(TOLD, None)
    place, mine, person = st.session_state.get("workspace_line"), opened(), identity.who()
    if place is None or (mine is None and person is None):
        return
    with place, st.container(horizontal=True, vertical_alignment="center"):
        if mine is not None:
            _state(mine)
        if person is not None:
            st.caption(f"Signed in as **{plain(person)}**", width="content")
            st.button("Sign out", key="sign_out", type="tertiary", on_click=st.logout)


@st.fragment(run_every=POLL_SECONDS)
def _state(mine: Opened) -> None:
    """Saved, or not and why; and what somebody else saved since, looked for every few seconds."""
    mine = opened() or mine
    newer = _newer(mine)
    if mine.conflict:
        st.warning(plain(mine.conflict), icon=":material/warning:")
    elif newer:
        st.warning(plain(newer), icon=":material/sync:")
    elif mine.read_only:
        st.caption(
            f"**{plain(mine.name)}**, version {mine.version}: you may look; your changes are not saved."
        )
        return
    else:
        st.caption(f"**{plain(mine.name)}**: version {mine.version} is saved.")
        return
    if st.button("Take the newer version", key="line_take_newer"):
        _attempt(partial(take_newer, mine))
    if mine.conflict and st.button("Keep mine as a copy", key="line_keep_copy"):
        _attempt(partial(keep_copy, mine))


def _newer(mine: Opened) -> str:
    try:
        kept = workspace()
        last = kept.last_version(mine.scenario_id) if kept else None
    except REFUSED as error:
        return str(error)
    if last is None or last.version <= mine.version:
        return ""
    at = f"{last.saved_at:%H:%M} UTC"
    return f"{last.who} saved version {last.version} of {mine.name} at {at}. You see version {mine.version}."


def take_newer(mine: Opened) -> None:
    """The version of somebody else instead of the changes here."""
    if kept := workspace():
        open_scenario(kept, mine.scenario_id)


def keep_copy(mine: Opened) -> None:
    """The changes here as a scenario of their own."""
    if kept := workspace():
        row = kept.scenario(mine.scenario_id)
        made = kept.add_scenario(
            row.account_id,
            f"{row.name} (copy)",
            draft.scenario().to_dict(),
            **session.figures().shown(),
        )
        work_on(kept, made)


def _attempt(change: partial[None]) -> None:
    try:
        with whole():
            change()
    except REFUSED as error:
        st.error(plain(str(error)))
        return
    st.rerun()
