"""Who may see and change the account in hand, and the audit log."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from simulator.ui import parts, session
from simulator.ui.shelf.trying import NAME, attempt
from simulator.ui.words import plain
from simulator.workspace import Denied, NotThere, Workspace
from simulator.workspace.door import ROLES

NONE = "no access"


def show(kept: Workspace) -> None:
    """Roles on the account in hand, and changing them."""
    account_id = session.desk().account_id
    if account_id is None:
        st.caption("Keep or open an account to see who else may.")
        return
    name = plain(session.view().account.snapshot.manifest.name)
    try:
        held = kept.grants(account_id)
    except (Denied, NotThere):
        st.caption(f"Your role on {name} is {kept.role(account_id)}. An admin of it gives and takes roles.")
        return
    st.markdown(f"Roles on **{name}**: a viewer sees and downloads, a planner changes, an admin also grants.")
    parts.table(
        pd.DataFrame({"who": list(held), "role": list(held.values())}),
        key="workspace_grants",
        titles={"who": "Person", "role": "Role"},
    )
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    person = left.text_input("Person, as they sign in", key="grant_who", max_chars=NAME)
    role = middle.selectbox("Role", [*ROLES, NONE], key="grant_role")
    if right.button("Give", key="grant"):
        given = None if role == NONE else role
        attempt(lambda: kept.grant(person, account_id, given), f"{person}: {role}.")


def audit(kept: Workspace) -> None:
    """Who did what, newest first; for admins of every account."""
    try:
        rows = kept.audit()
    except (Denied, NotThere):
        st.caption("For admins of every account.")
        return
    parts.table(
        pd.DataFrame(
            [
                {
                    "at": f"{r.at:%Y-%m-%d %H:%M:%S}",
                    "who": r.who,
                    "did": f"{r.action} {r.kind}",
                    "id": r.object_id,
                }
                for r in rows
            ]
        ),
        key="workspace_audit",
        titles={"at": "When, UTC", "who": "Who", "did": "Did", "id": "To"},
    )
