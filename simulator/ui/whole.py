"""Changes of a session that belong together are made whole: Streamlit ends a run between any two of its values.

Whoever touches the page while a run is under way ends that run at its next look at `st.session_state` or its next
element, and another run begins at once, in a thread of its own. Streamlit gives each run a lock of its own, so that
both may change the session at the same moment, and one of them fails (`dictionary changed size during iteration`).
Here all runs of a session share one lock, and callbacks run to their end: a touch comes once, and a run that ends in
its callback has lost it. In `whole` no run ends, and no other of the session goes on; what has been replaced already
ends at its start. No element may be drawn within. Nothing that holds another lock may look at the session: the one who
has the session may be waiting for that lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, RLock
from typing import Any
from weakref import WeakValueDictionary

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.safe_session_state import SafeSessionState

LOOKED_AT = "whole_looked_at"
"""No value of the session has this name: to ask for it is where a replaced run ends."""
_locks: WeakValueDictionary[int, Any] = WeakValueDictionary()
_making = Lock()
_plain_init = SafeSessionState.__init__
_plain_begin = SafeSessionState.on_script_will_rerun


def _lock_of(state: object) -> Any:
    """The lock of a session's state. Who holds the lock holds the state, so that its id is not used again meanwhile."""
    with _making:
        return _locks.setdefault(id(state), RLock())


def _init(safe: SafeSessionState, state: Any, yield_callback: Callable[[], None]) -> None:
    _plain_init(safe, state, yield_callback)
    object.__setattr__(safe, "_lock", _lock_of(state))


def _begin(safe: SafeSessionState, *touched: Any, **more: Any) -> None:
    """The callbacks of a run. One that was replaced while it waited ends: what the next run was sent is newer."""
    look = safe._yield_callback
    with safe._lock:
        look()
        object.__setattr__(safe, "_yield_callback", _go_on)
        try:
            _plain_begin(safe, *touched, **more)
        finally:
            object.__setattr__(safe, "_yield_callback", look)


SafeSessionState.on_script_will_rerun = _begin  # type: ignore[method-assign, assignment]
SafeSessionState.__init__ = _init  # type: ignore[method-assign, assignment]


@contextmanager
def whole() -> Iterator[None]:
    """All of it or, where this run has been replaced, nothing of it. May be nested."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        yield
        return
    before = context.session_state
    steady = SafeSessionState(before._state, _go_on)
    with steady._lock:
        st.session_state.get(LOOKED_AT)
        context.session_state = steady
        try:
            yield
        finally:
            context.session_state = before


def forget() -> None:
    """Everything of the session. To be called in `whole`."""
    for name in st.session_state.to_dict():
        st.session_state.pop(name, None)


def _go_on() -> None:
    """Where Streamlit would look whether the run is to end."""
