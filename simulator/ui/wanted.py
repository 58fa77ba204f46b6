"""The address somebody came by, kept over signing in: the provider sends everybody back to the first page.

It stays in the tab (sessionStorage), is never sent to the server, is used once, and opens nothing but this site.
"""

from __future__ import annotations

import streamlit as st

from simulator.ui import identity

LOOKED = "wanted_looked"
JS = """
const KEY = "ml_spend_wanted";
export default function ({ data }) {
  if (data.signed_in) {
    const wanted = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    if (wanted) location.replace(location.origin + wanted);
  } else if (location.search) {
    sessionStorage.setItem(KEY, location.pathname + location.search);
  } else {
    sessionStorage.removeItem(KEY);
  }
}
"""


def note() -> None:
    """At the door: remember where this tab wanted to go."""
    _component()(key="wanted_note", data={"signed_in": False}, height=1)


def go() -> None:
    """After signing in, once per session: on to where this tab wanted to go."""
    if identity.who() is None or st.session_state.get(LOOKED):
        return
    st.session_state[LOOKED] = True
    _component()(key="wanted_go", data={"signed_in": True}, height=1)


@st.cache_resource(show_spinner=False)
def _component():  # type: ignore[no-untyped-def]
    return st.components.v2.component("ml_spend_wanted", js=JS)
