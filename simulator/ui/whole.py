"""Changes of a session that belong together are made whole: Streamlit ends a run between any two of its values.

Whoever touches the page while a run is under way ends that run at its next look at `st.session_state` or its next
element, and another run begins at once, in a thread of its own. In `whole` no run ends, and the runs of one session
take turns; what has been replaced already ends at its start. No element may be drawn within.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, RLock

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.safe_session_state import SafeSessionState

TURNS = "whole_turns"
_making = Lock()


@contextmanager
def whole() -> Iterator[None]:
    """All of it or, where this run has been replaced, nothing of it. May be nested."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        yield
        return
    before = context.session_state
    steady = SafeSessionState(before._state, _go_on)
    with _making:
        if TURNS not in steady:
            steady[TURNS] = RLock()
        turns = steady[TURNS]
    with turns:
        st.session_state.get(TURNS)  # where a replaced run ends
        context.session_state = steady
        try:
            yield
        finally:
            context.session_state = before


def forget() -> None:
    """Everything of the session but whose turn it is. To be called in `whole`."""
    for name in st.session_state.to_dict():
        if name != TURNS:
            st.session_state.pop(name, None)


def _go_on() -> None:
    """Where Streamlit would look whether the run is to end."""
