"""Heavy work of a page: done in a worker (jobs.py), seen as a bar, to be cancelled; other sessions are not held up.

A page starts work under a name of its own and draws `waited` where the bar belongs. The work goes on while the visitor
looks at other pages; it ends when it is done or cancelled, or when the session is gone.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from simulator.errors import SimulatorError
from simulator.jobs import Job, Jobs
from simulator.scratch import ScratchFolder
from simulator.ui.whole import whole
from simulator.ui.words import plain

LOOK_SECONDS = 0.2
SLOTS = "heavy_work"


@dataclass(eq=False)
class Held:
    """Work of this session, its label and the folder it reads, which goes with it."""

    job: Job
    label: str
    folder: ScratchFolder | None


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The workers of this server: few at once, for all sessions together."""
    return Jobs()


def begin(
    slot: str, label: str, work: Callable[..., Any], *arguments: Any, folder: ScratchFolder | None = None
) -> None:
    """Start work of this session; what ran under the same name is cancelled. `folder` is removed when it is over.

    Raises JobError where too many wait.
    """
    drop(slot)
    job = jobs().start(work, *arguments)
    held = Held(job, label, folder)
    weakref.finalize(held, job.cancel)
    _slots()[slot] = held


def is_running(slot: str) -> bool:
    """Whether work of this name is under way, or over and not yet looked at."""
    return slot in _slots()


def drop(slot: str) -> None:
    """Cancel it, or forget what came of it."""
    held = _slots().pop(slot, None)
    if held is not None:
        held.job.cancel()


def waited(slot: str, take: Callable[[Any], object], refused: str) -> None:
    """Draw the bar, wait here, `take` the answer and begin the next run; a run that is ended meanwhile leaves it to the
    next. What the work raises, also when it was cancelled, is noted in words under `refused`. `take` draws nothing.
    """
    held = _slots().get(slot)
    if held is None:  # a run before this one has just taken it
        st.rerun()
    bar = st.progress(0.0, plain(held.label))
    st.button("Cancel", key=f"{slot}_cancel", on_click=held.job.cancel, icon=":material/close:")
    while not held.job.is_over:
        seen = held.job.progress
        words = "Waiting for others' work to end" if seen.state == "waiting" else seen.words or held.label
        bar.progress(seen.done_ratio, plain(words))  # this is also where a touched widget ends the run
        held.job.wait(LOOK_SECONDS)
    bar.empty()
    with whole():
        if _slots().get(slot) is held:
            del _slots()[slot]
            try:
                take(held.job.result(0.0))
            except SimulatorError as error:
                st.session_state[refused] = str(error)
    st.rerun()


def _slots() -> dict[str, Held]:
    found: dict[str, Held] = st.session_state.setdefault(SLOTS, {})
    return found
