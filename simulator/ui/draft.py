"""The current scenario: one value per session. Widgets show it, links and files carry it, undo goes back in it.

It lives beside the widgets, not in them: a section that is folded, or another page, draws no widget, and
Streamlit forgets (and takes out of the address) what is not drawn. So `bind="query-params"` cannot hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from simulator.engine.planning import Planning
from simulator.engine.scenario import Scenario
from simulator.levers import lever
from simulator.levers.lever import Lever
from simulator.levers.scope import Scope
from simulator.ui.whole import whole

MOST_UNDOS = 100
DRAFT, OFF, PAST, NEXT, VERSION = "draft", "draft_off", "draft_past", "draft_next", "draft_version"


def held() -> bool:
    """Whether this session has a draft yet."""
    return DRAFT in st.session_state


def scenario() -> Scenario:
    """The current scenario."""
    made: Scenario = st.session_state.setdefault(DRAFT, Scenario())
    return made


def put(new: Scenario) -> None:
    """Change the scenario; undo brings the old one back."""
    with whole():
        old = scenario()
        if new != old:
            past: list[Scenario] = st.session_state.setdefault(PAST, [])
            past.append(old)
            del past[:-MOST_UNDOS]
            st.session_state[NEXT] = []
            _set(new)


def undo() -> None:
    """Go back by one change."""
    with whole():
        if not can_undo():
            return
        st.session_state.setdefault(NEXT, []).append(scenario())
        _set(st.session_state[PAST].pop())


def redo() -> None:
    """Take the last undo back."""
    with whole():
        if not can_redo():
            return
        st.session_state.setdefault(PAST, []).append(scenario())
        _set(st.session_state[NEXT].pop())


def can_undo() -> bool:
    """Whether there is a change to take back."""
    return bool(st.session_state.get(PAST))


def can_redo() -> bool:
    """Whether an undo can be taken back."""
    return bool(st.session_state.get(NEXT))


def version() -> int:
    """Counts the changes of the scenario in this session."""
    return int(st.session_state.get(VERSION, 0))


def _set(new: Scenario) -> None:
    st.session_state[DRAFT] = new
    st.session_state[VERSION] = version() + 1


def setting(lever_id: str) -> Lever:
    """A lever's values, also while it is off."""
    off: dict[str, Lever] = st.session_state.get(OFF, {})
    return scenario().setting(lever_id) or off.get(lever_id) or lever(lever_id)()


def turn(lever_id: str, on: bool) -> None:
    """Switch a lever; its values are kept while it is off."""
    if on:
        put(scenario().with_lever(setting(lever_id)))
    else:
        st.session_state.setdefault(OFF, {})[lever_id] = setting(lever_id)
        put(replace(scenario(), levers=tuple(x for x in scenario().levers if x.id != lever_id)))


def assign(lever_id: str, values: Mapping[str, Any]) -> None:
    """Set some values of a lever that is on. Raises ValueError in words when one does not fit."""
    put(scenario().with_lever(lever(lever_id).create({**setting(lever_id).values(), **values})))


def reset(lever_id: str) -> None:
    """Every value of a lever back to its default."""
    put(scenario().with_lever(lever(lever_id)()))


def keep(resource_id: str, kept: bool) -> None:
    """Keep a resource as it is: no lever may touch it."""
    names = scenario().keep | {resource_id} if kept else scenario().keep - {resource_id}
    put(replace(scenario(), keep=names))


def limit(lever_id: str, names: Iterable[str] | None) -> None:
    """The only resources a lever may touch (`owner:nlp`, `tag:team=search`, `resource:ranker`); None: all of them."""
    others = {i: s for i, s in scenario().scopes.items() if i != lever_id}
    put(replace(scenario(), scopes=others if names is None else {**others, lever_id: Scope.of(names)}))


def grow(planning: Planning, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Take growth with its range, as a history told it."""
    put(replace(scenario(), planning=planning, growth_range=dict(ranges)))


def assume(lever_id: str, assumed: bool) -> None:
    """Take the facts a lever waits for to be in its favour, or no longer; assuming turns it on."""
    old = scenario()
    names = old.assume | {lever_id} if assumed else old.assume - {lever_id}
    on = old if old.setting(lever_id) or not assumed else old.with_lever(setting(lever_id))
    put(replace(on, assume=names))


def plan(name: str, value: float) -> None:
    """Change one number of the planning. A growth of one's own has no history, so its range goes."""
    values = {**scenario().planning.values(), name: value}
    ranges = {n: r for n, r in scenario().growth_range.items() if n != name}
    put(replace(scenario(), planning=Planning.create(values), growth_range=ranges))


def remember(lever_ids: Iterable[str]) -> None:
    """Take these levers' missing facts as assumed, without turning any of them on."""
    put(replace(scenario(), assume=scenario().assume | set(lever_ids)))


def load(settings: Scenario) -> None:
    """Take the levers of another scenario; what is kept out, growth and prices stay as they are."""
    put(
        replace(
            scenario(),
            levers=settings.levers,
            start_months=dict(settings.start_months),
            ramp_months=dict(settings.ramp_months),
            assume=settings.assume,
            scopes=dict(settings.scopes),
        )
    )


def take(settings: Scenario) -> None:
    """Take another scenario whole."""
    put(settings)


def keep_only(resource_ids: Iterable[str]) -> None:
    """Keep exactly these resources as they are."""
    put(replace(scenario(), keep=frozenset(resource_ids)))
