"""The scope of one lever in its drawer: the only owners, tags or resources that it may touch."""

from __future__ import annotations

import streamlit as st

from simulator.levers.scope import KINDS, Scope
from simulator.ui import draft
from simulator.usage.tables import Table
from simulator.usage.tags import tags_of

MOST_CHOICES = 2_000


def show(lever_id: str, table: Table) -> None:
    """One list to choose from; nothing chosen: the lever may touch every resource."""
    scope = draft.scenario().scopes.get(lever_id)
    named = scope.names() if scope else []
    choices = _choices(table)
    key = f"only.{lever_id}"
    if st.session_state.get(key) != named:
        st.session_state[key] = named
    st.multiselect(
        "Only for",
        [*choices, *(n for n in named if n not in choices)],
        key=key,
        format_func=_in_words,
        placeholder="every resource",
        on_change=_limited,
        args=(lever_id,),
        help="Owners, tags and resources this lever may touch. Other levers are not limited by it.",
    )
    if scope is not None and not scope.mask(table).any():
        st.caption("No resource of this account matches: the lever changes nothing.")


def _choices(table: Table) -> list[str]:
    """Owners, then tags, then resources that this lever's table has."""
    owners = sorted({str(o) for o in table.owner if o})
    tags = sorted({t for text in {str(t) for t in table.tags} for t in tags_of(text)})
    ids = sorted({str(i) for i in table.resource_id})
    named = [f"{kind}:{n}" for kind, names in zip(KINDS, (owners, tags, ids), strict=True) for n in names]
    return [n for n in named if _reads(n)][:MOST_CHOICES]


def _reads(name: str) -> bool:
    try:
        return bool(Scope.of([name]).names())
    except ValueError:
        return False


def _in_words(name: str) -> str:
    return name.replace(":", " ", 1)


def _limited(lever_id: str) -> None:
    draft.limit(lever_id, st.session_state[f"only.{lever_id}"] or None)
