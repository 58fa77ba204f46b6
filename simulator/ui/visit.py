"""A visit to the app: what it begins with, what a turn of the page means, and the address it leaves behind.

The address of the page is the link to what is on the screen: account, price date, scenario.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from simulator.engine.scenario import Scenario
from simulator.snapshot.sample import SAMPLES
from simulator.ui import cookie, draft, identity, link, packing, session
from simulator.ui.desks import COOKIE, Desk, visitor_of

FIRST_SAMPLE = "team"
SEEN = "seen_last"
OWN_KEYS = (session.BOARD, draft.VERSION, "page_shown", "missing", "visitor", "sample")
PLAIN_VALUES = (bool, int, float, str, dict, date)


@st.cache_resource(show_spinner=False)
def tune_process() -> None:
    """Keep imported modules out of the garbage collection Streamlit runs after every script run."""
    gc.collect()
    gc.freeze()


def begin() -> None:
    """First run of a session: the scenario of the link it was opened with, and the account it is about.

    An own account is never swapped for a sample: a link that names one this visitor has not loaded stops
    (`missing`). Without a name, what the visitor had open comes back.
    """
    if draft.held():
        return
    query = st.query_params.to_dict()
    scenario, problems = _scenario_of(query)
    st.session_state["link_problems"] = problems
    st.session_state["visitor"] = _visitor()
    desk = _open(query)
    st.session_state[draft.DRAFT] = replace(
        scenario, keep=desk.keep, workloads=scenario.workloads or desk.workloads
    )
    st.session_state["address"] = query


def _visitor() -> str:
    """Whose desk this is: the signed-in person's, whatever cookie the browser sends; without a login the cookie's."""
    person = identity.who()
    return identity.visitor_of_person(person) if person else visitor_of(st.context.cookies.get(COOKIE))


def _open(query: Mapping[str, str]) -> Desk:
    """Open what the link is about."""
    visitor, wanted, sample = st.session_state["visitor"], query.get(link.ACCOUNT), query.get(link.SAMPLE)
    own = session.desks().get(visitor, wanted) if wanted else None
    if wanted and own is None:
        st.session_state["missing"] = wanted
    elif own is None and sample is None and (latest := session.desks().latest(visitor)):
        own = latest[1]
    if own is None or own.account is None:
        name = sample if sample in SAMPLES else FIRST_SAMPLE
        st.session_state["sample"] = name
        own = session.desks().get(visitor, name) or Desk()
    else:
        st.session_state["account"] = own.account
    if own.own_prices is not None:
        st.session_state["own_prices"] = own.own_prices
    st.session_state["desk"] = own
    return own


def put_away() -> None:
    """Forget the account in hand and all that was made of it, and show the sample instead."""
    sample = st.session_state.get("sample")  # one may be kept too
    session.desks().remove(st.session_state["visitor"], sample or session.fingerprint())
    for name in ("account", "view", "own_prices", "own_book", "figures_of", draft.PAST, draft.NEXT):
        st.session_state.pop(name, None)
    st.session_state[draft.DRAFT] = Scenario()
    session.take_sample(FIRST_SAMPLE)


def turn_to(page: str) -> None:
    """Note the page of this run. Back and Forward within a page change the address: its scenario is taken.

    The browser sends its address with every request, and while it has not caught up with the last answer that
    address is an old one. So it only counts in a run in which nothing was touched: Back touches no widget.
    """
    before = st.session_state.get("page_shown")
    st.session_state["page_shown"] = page
    query = st.query_params.to_dict()
    if before == page and query != st.session_state["address"] and not _touched():
        now = draft.scenario()
        then = _scenario_of(query)[0]
        planned = (
            then.workloads if packing.carries(now.workloads) else now.workloads
        )  # else no address had them
        draft.put(replace(then, keep=now.keep, workloads=planned))


def _touched() -> bool:
    """Whether a widget or the scenario changed since the last run that came to its end."""
    version, before = st.session_state.get(SEEN, (0, {}))
    if version != draft.version() or st.session_state.get(session.FRESH):
        return True
    released = (True, False)  # a button that was pressed in the run before
    return any(before.get(k) != v and (before.get(k), v) != released for k, v in _widgets().items())


def _widgets() -> dict[str, Any]:
    return {
        str(k): v
        for k, v in st.session_state.to_dict().items()
        if isinstance(v, PLAIN_VALUES) and k not in OWN_KEYS
    }


def _scenario_of(query: Mapping[str, str]) -> tuple[Scenario, list[str]]:
    """The scenario of a link; prices of today need no date in it."""
    scenario, problems = link.from_query(query)
    if scenario.prices_as_of == session.today():
        scenario = replace(scenario, prices_as_of=None)
    return scenario, problems


def end(more: Mapping[str, str] | None = None) -> None:
    """Last step of every run: the address of the page is the link to its scenario, and to what is open (`more`)."""
    _stow()
    wanted = address_query() | dict(more or {})
    if st.session_state.get("address") != wanted or st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
        st.session_state["address"] = wanted
    st.session_state[SEEN] = (draft.version(), _widgets())


def _stow() -> None:
    """Keep for the next visit what F5 would lose, and let the browser say who it is then."""
    held = session.desk()
    held.own_prices, held.keep = st.session_state.get("own_prices"), draft.scenario().keep
    held.workloads = draft.scenario().workloads
    if held.is_worth_keeping and session.missing() is None:
        visitor = st.session_state.setdefault("visitor", visitor_of(None))
        session.desks().put(visitor, st.session_state.get("sample") or session.fingerprint(), held)
        if identity.who() is None:
            cookie.set_cookie(COOKIE, visitor)


def address_query() -> dict[str, str]:
    """The query of the link to what is on the screen: account, price date, scenario."""
    sample = st.session_state.get("sample")
    if session.missing():
        named = {link.ACCOUNT: str(session.missing())}
    else:
        named = {link.SAMPLE: sample} if sample else {link.ACCOUNT: session.fingerprint()}
    settings = link.to_query(draft.scenario())
    if not settings and sample == FIRST_SAMPLE and not session.missing():
        return {}
    return named | settings | {"prices_as_of": session.view().book.as_of.isoformat()}
