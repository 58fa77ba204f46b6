"""The workspace behind the page: who is asking, whether anything is kept, saving the open scenario as it changes."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import streamlit as st

from simulator.errors import SimulatorError
from simulator.sources.collect.lending import is_loopback
from simulator.ui import draft, session
from simulator.ui.words import plain
from simulator.workspace import Conflict, Workspace, open_workspace

PRIVATE = "ML_SPEND_PRIVATE"
OPEN = "workspace_open"


@dataclass(frozen=True)
class Opened:
    """The scenario of the workspace that is being worked on; a conflict stops its autosave until it is settled."""

    scenario_id: str
    name: str
    version: int
    conflict: str = ""


def closed_because() -> str | None:
    """Why nothing is kept here; None when it is."""
    if os.environ.get(PRIVATE) == "1":
        return "Private mode: nothing is stored on this machine. What you do not download is gone when you close it."
    if who() is None and not is_loopback(str(st.get_option("server.address") or "")):
        return (
            "This server can be reached by others and has no login, so nothing is kept here. "
            "Set up a login (see docs/workspace.md), or use the page on your own machine."
        )
    return None


def who() -> str | None:
    """The signed-in person; None without a login."""
    user = st.user
    if not getattr(user, "is_logged_in", False):
        return None
    return str(user.get("email") or user.get("sub") or "") or None


def workspace() -> Workspace | None:
    """The workspace as this person sees it; None when nothing is kept. Raises ValueError when it cannot be opened."""
    if closed_because() is not None:
        return None
    shared, person = _opened(), who()
    return shared.seen_by(person) if person else shared


@st.cache_resource(show_spinner=False)
def _opened() -> Workspace:
    return open_workspace()


def opened() -> Opened | None:
    """The scenario being worked on, if it is one of the workspace."""
    found: Opened | None = st.session_state.get(OPEN)
    return found


def work_on(scenario_id: str, name: str, version: int) -> None:
    """Save to this scenario from now on."""
    st.session_state[OPEN] = Opened(scenario_id, name, version)


def let_go() -> None:
    """Work on a draft that is kept nowhere."""
    st.session_state.pop(OPEN, None)


def autosave() -> None:
    """Save the draft to the open scenario when it changed. A newer version of somebody else is never overwritten."""
    mine = opened()
    if mine is None or mine.conflict:
        return
    content = draft.scenario().to_dict()
    if st.session_state.get("workspace_saved") == (mine.scenario_id, content):
        return
    kept = workspace()
    if kept is None:
        return
    result = session.figures().result
    try:
        row = kept.save_scenario(
            mine.scenario_id,
            content,
            mine.version,
            bill_usd=result.outcome.total_usd,
            saving_usd=result.saving_usd,
        )
    except Conflict as conflict:
        st.session_state[OPEN] = replace(mine, conflict=str(conflict))
        st.toast(plain(str(conflict)), icon=":material/warning:")
        return
    except (SimulatorError, ValueError) as error:
        st.session_state[OPEN] = replace(mine, conflict=str(error))
        st.toast(f"Not saved. {plain(error)}", icon=":material/warning:")
        return
    st.session_state[OPEN] = replace(mine, version=row.version)
    st.session_state["workspace_saved"] = (mine.scenario_id, content)
