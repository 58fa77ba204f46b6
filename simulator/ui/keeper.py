"""The workspace behind the pages: who is asking, whether anything is kept, what comes back (saving: `saving`)."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from simulator.engine.scenario import Scenario
from simulator.errors import SimulatorError
from simulator.ui import draft, identity, session, visit
from simulator.ui.shelf import brought
from simulator.ui.whole import forget, whole
from simulator.ui.words import plain
from simulator.workspace import NotThere, is_empty

if TYPE_CHECKING:
    from simulator.workspace import Workspace
    from simulator.workspace.tables import ScenarioRow

PRIVATE = "ML_SPEND_PRIVATE"
OPEN, SAVED, RESUMED, PERSON = "workspace_open", "workspace_saved", "workspace_resumed", "workspace_person"
TOLD = "workspace_told"
SCENARIO, VERSION = "scenario", "version"
REFUSED = (SimulatorError, ValueError, OSError)


@dataclass(frozen=True)
class Opened:
    """The scenario of the workspace that is being worked on; a conflict stops its autosave until it is settled."""

    scenario_id: str
    name: str
    version: int
    conflict: str = ""
    read_only: bool = False


def closed_because() -> str | None:
    """Why nothing is kept here; None when it is."""
    if os.environ.get(PRIVATE) == "1":
        return "Private mode: nothing is stored on this machine. What you do not download is gone when you close it."
    if identity.who() is None and identity.is_shared():
        return (
            "This server can be reached by others and has no login, so nothing is kept here. "
            "Set up a login (see docs/workspace.md), or use the page on your own machine."
        )
    return None


def workspace() -> Workspace | None:
    """The workspace as this person sees it; None when nothing is kept. Raises ValueError when it cannot be opened."""
    if closed_because() is not None:
        return None
    shared, person = _opened(), identity.who()
    return shared.seen_by(person) if person else shared


@st.cache_resource(show_spinner=False, on_release=lambda kept: kept.database.close())
def _opened() -> Workspace:
    from simulator.workspace import open_workspace

    return open_workspace()


def check() -> None:
    """Whether the database answers. Raises ValueError, SimulatorError; nothing to check in private mode."""
    if os.environ.get(PRIVATE) != "1":
        _opened().database.check()


def begin() -> None:
    """First step of every run: a session is one person's, and shows an account only while they may see it."""
    with whole():
        _begin()
    if told := st.session_state.get(TOLD):  # again by every run, until one comes to its end
        words, icon, duration = told
        st.toast(words, icon=icon, duration=duration)


def _begin() -> None:
    person = identity.who()
    if st.session_state.get(PERSON, person) != person:
        forget()
    st.session_state[PERSON] = person
    visit.begin()
    if not _has_a_part():
        return
    try:
        kept = workspace()
        if kept is not None:
            _still_allowed(kept)
            if RESUMED not in st.session_state:
                st.session_state[RESUMED] = True
                _resume(kept)
    except NotThere as error:
        st.session_state[TOLD] = (plain(str(error)), ":material/lock:", "infinite")
    except REFUSED as error:
        words = f"The workspace cannot be read. {plain(str(error))}"
        st.session_state[TOLD] = (words, ":material/warning:", "short")


def _has_a_part() -> bool:
    """Whether this run needs the workspace from its start: an account of it in hand, or what may come back."""
    if session.desk().account_id or SCENARIO in st.query_params:
        return True
    return RESUMED not in st.session_state and not is_empty()


def _still_allowed(kept: Workspace) -> None:
    account_id = session.desk().account_id
    if account_id and kept.role(account_id) is None:
        visit.put_away()
        let_go()
        raise NotThere("you may no longer see that account; it was closed")


def _resume(kept: Workspace) -> None:
    """What F5, another device or a restart of the server would lose: the open scenario, the account of the link."""
    query = st.query_params.to_dict()
    wanted, absent = query.get(SCENARIO), session.missing()
    if wanted:
        unsaved = draft.scenario() if query.get(VERSION) else None
        open_scenario(kept, wanted)
        mine = opened()
        if unsaved is not None and mine is not None and unsaved != draft.scenario():
            draft.take(unsaved)
            st.session_state[OPEN] = replace(mine, version=_whole(query[VERSION]))
    elif absent:
        if found := kept.account_like(absent):
            open_account(kept, found[0].id, found[1])
    elif not query and (last := kept.last_saved()) and _is_of(last.account_id):
        open_scenario(kept, last.id)


def _is_of(account_id: str) -> bool:
    """Whether opening this account would take no other one out of hand."""
    return session.desk().account is None or session.desk().account_id == account_id


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def opened() -> Opened | None:
    """The scenario being worked on, if it is one of the workspace."""
    found: Opened | None = st.session_state.get(OPEN)
    return found


def may_change() -> bool:
    """Whether this person may change what is kept of the account in hand."""
    account_id = session.desk().account_id
    kept = workspace() if account_id else None
    return bool(kept and account_id and kept.role(account_id) in ("planner", "admin"))


def open_account(kept: Workspace, account_id: str, fingerprint: str | None = None) -> None:
    """Put a kept account in hand, by its newest snapshot unless another is named. Raises NotThere."""
    wanted = kept.fingerprint(account_id, fingerprint)
    session.take_kept(wanted, lambda: kept.store.read(wanted), account_id)
    let_go()
    brought.bring_back(kept, account_id)


def open_scenario(kept: Workspace, scenario_id: str) -> None:
    """Put a kept scenario in hand, and its account where that is another one. Raises NotThere."""
    row = kept.scenario(scenario_id)
    if session.desk().account_id != row.account_id:
        open_account(kept, row.account_id)
    work_on(kept, row)
    draft.take(Scenario.from_dict(row.content))


def work_on(kept: Workspace, row: ScenarioRow) -> None:
    """Save to this scenario from now on, where this person may."""
    looks = kept.role(row.account_id) == "viewer"
    st.session_state[OPEN] = Opened(row.id, row.name, row.version, read_only=looks)
    st.session_state[SAVED] = (row.id, row.content)


def let_go() -> None:
    """Work on a draft that is kept nowhere."""
    st.session_state.pop(OPEN, None)


def renamed(object_id: str, name: str) -> None:
    """Call the open scenario by its new name."""
    mine = opened()
    if mine is not None and mine.scenario_id == object_id:
        st.session_state[OPEN] = replace(mine, name=name)


def closed(object_id: str, account_id: str | None = None) -> None:
    """Close what was deleted; its content stays in hand as a draft."""
    mine = opened()
    gone = account_id is not None and session.desk().account_id == account_id
    if gone:
        session.desk().account_id = None
    if mine is not None and (gone or mine.scenario_id == object_id):
        let_go()


def address() -> dict[str, str]:
    """What of the address brings the open scenario back. With a version: these changes are not saved."""
    mine = opened()
    if mine is None:
        return {}
    return {SCENARIO: mine.scenario_id} | ({VERSION: str(mine.version)} if mine.conflict else {})
