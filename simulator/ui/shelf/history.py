"""The open scenario: its saves with their dollars, going back to one, and remarks on it and on its levers."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from simulator.engine.scenario import Scenario
from simulator.levers import all_levers
from simulator.ui import draft, keeper, parts
from simulator.ui.shelf.trying import attempt
from simulator.ui.words import plain
from simulator.workspace import Workspace
from simulator.workspace.scenarios import LONGEST_COMMENT
from simulator.workspace.tables import CommentRow, VersionRow

TOGETHER = timedelta(minutes=10)
WHOLE = "the whole scenario"
ADDED = "workspace_comments_added"
TITLES = {
    "at": "Saved, UTC",
    "who": "By",
    "bill_usd": "Bill per month, USD",
    "saving_usd": "Saving per month, USD",
    "changed_usd": "Bill moved by, USD",
}


def show(kept: Workspace, mine: keeper.Opened) -> None:
    """History, then remarks."""
    every = kept.history(mine.scenario_id)
    saves = milestones(every)
    parts.table(frame(saves), key="workspace_history", titles=TITLES)
    if len(saves) < len(every):
        st.caption(f"{len(every)} saves; those of one person within ten minutes are shown as their last.")
    if not mine.read_only and len(saves) > 1:
        _back(saves)
    _comments(kept, mine)


def milestones(saves: list[VersionRow]) -> list[VersionRow]:
    """Oldest first; of saves one person made within ten minutes of the first of them, only the last."""
    shown: list[VersionRow] = []
    began: VersionRow | None = None
    for save in saves:
        again = began is not None and save.who == began.who and save.saved_at - began.saved_at < TOGETHER
        if again and len(shown) > 1:
            shown[-1] = save
        else:
            shown.append(save)
            began = save if len(shown) > 1 else None
    return shown


def frame(saves: list[VersionRow]) -> pd.DataFrame:
    """Newest first: who, when, the bill and the saving per month, and by how much the bill moved."""
    rows: list[dict[str, object]] = []
    before: float | None = None
    for save in saves:
        moved = None if before is None or save.bill_usd is None else save.bill_usd - before
        rows.append(
            {
                "version": save.version,
                "who": save.who,
                "at": f"{save.saved_at:%Y-%m-%d %H:%M}",
                "bill_usd": save.bill_usd,
                "saving_usd": save.saving_usd,
                "changed_usd": moved,
            }
        )
        before = save.bill_usd if save.bill_usd is not None else before
    return pd.DataFrame(rows[::-1])


def _back(saves: list[VersionRow]) -> None:
    old = {s.version: s for s in saves[:-1]}
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    version = left.selectbox("Earlier version", sorted(old, reverse=True), key="workspace_version")
    if right.button("Go back to it", key="workspace_back"):
        # As a new version: what is there now stays in the history.
        attempt(lambda: draft.put(Scenario.from_dict(old[version].content)), f"Back at version {version}.")


def _comments(kept: Workspace, mine: keeper.Opened) -> None:
    st.subheader("Comments", anchor=False)
    for remark in kept.comments(mine.scenario_id):
        st.markdown(_said(remark))
    if mine.read_only:
        return
    titles = {None: WHOLE} | {s.id: s.title for s in draft.scenario().ordered()}
    about = st.selectbox("On", list(titles), format_func=lambda i: titles[i], key="workspace_comment_on")
    said = st.text_area(
        "Comment",
        key=f"workspace_comment_{st.session_state.get(ADDED, 0)}",
        max_chars=LONGEST_COMMENT,
        height=80,
    )
    if st.button("Add comment", key="workspace_say"):
        attempt(lambda: _say(kept, mine, said, about), "Comment added.")


def _say(kept: Workspace, mine: keeper.Opened, said: str, about: str | None) -> None:
    kept.comment(mine.scenario_id, said, about)
    st.session_state[ADDED] = st.session_state.get(ADDED, 0) + 1  # a new key: the box is empty again


def _said(remark: CommentRow) -> str:
    lever = all_levers().get(remark.lever_id or "")
    about = f" on *{plain(lever.title if lever else remark.lever_id)}*" if remark.lever_id else ""
    return f"**{plain(remark.who)}**{about}, {remark.said_at:%Y-%m-%d %H:%M} UTC: {plain(remark.text)}"
