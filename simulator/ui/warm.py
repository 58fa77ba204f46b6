"""Getting ready while the browser still fetches the page's own files: what the first visitor would wait for.

The server begins it as it comes up (`life`), in a thread; every run of the page first waits until it is over (`wait`).
Nothing but time depends on it: what fails here is met again, and told, by the run that needs it.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from simulator.scratch import remove_left_over
from simulator.ui import memory, whole  # noqa: F401  the lock of a session is there before the first session

SWITCH_SECONDS = 0.0005
"""How long the thread holds Python before others get it: files of the page are handed out in many small steps."""
_started: list[threading.Thread] = []


@asynccontextmanager
async def life(_: Any) -> AsyncIterator[None]:
    """The life of the server, as Streamlit wants it: get ready as soon as it begins."""
    begin()
    yield


def begin() -> None:
    """Start getting ready, once in a process."""
    memory.set_thresholds()
    if not _started:
        _started.append(threading.Thread(target=_ready, daemon=True, name="warm"))
        _started[0].start()


def wait() -> None:
    """Until it is over; at once where nobody began it."""
    for thread in _started:
        thread.join()


def _ready() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()  # nearly all that is made now stays
    try:
        with suppress(Exception):
            _first_page()
    finally:
        gc.enable()
        sys.setswitchinterval(before)
    remove_left_over()


def _first_page() -> None:
    """The modules of the first page, and of the sample what it says."""
    from simulator.ui import page, session, view, visit
    from simulator.ui.pages import overview

    page.prepare()
    overview.prepare(view.sample_view(visit.FIRST_SAMPLE, session.today(), 0.0))
