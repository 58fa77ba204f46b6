"""The server's memory goes back to the system when it is free: many sessions come and go, each in its own thread.

glibc gives every thread an arena and keeps what was freed in it; Arrow's own pool keeps its peaks. Both are told not
to, where they are in use (Linux); anywhere else nothing happens.
"""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from simulator.frames import keep_texts_as_python

ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD = -8, -3, -1
"""Names of mallopt(3)."""
ARENAS = 1
"""Python lets one thread work at a time, so that a second arena only adds holes: 122 MB after 80 links, 90 with one."""
MMAP_BYTES = 2 * 1024 * 1024
"""From this size on an array lies in pages of its own, which go back as soon as it is freed. Blocks of draws are
smaller: to have the system hand out and clear their pages anew at every step took as long as the arithmetic."""
TRIM_BYTES = 32 * 1024 * 1024
"""Freed memory at the end of an arena that is kept for the next move; the rest goes back now and then."""
AFTER_SECONDS = 5.0
Later = Callable[[Callable[[], None]], None]


@cache
def _libc() -> Any:
    try:
        libc = ctypes.CDLL("libc.so.6")
        return libc if hasattr(libc, "malloc_trim") else None
    except OSError:
        return None


@cache
def be_thrifty() -> None:
    """Once, early: one arena, large arrays apart, Arrow on the system's allocator, texts with Python."""
    import pyarrow as pa

    set_thresholds()
    keep_texts_as_python()
    pa.set_memory_pool(pa.system_memory_pool())


@cache
def set_thresholds() -> None:
    """glibc's part of it, before any thread has an arena of its own."""
    if (libc := _libc()) is not None:
        libc.mallopt(ARENA_MAX, ARENAS)
        libc.mallopt(MMAP_THRESHOLD, MMAP_BYTES)
        libc.mallopt(TRIM_THRESHOLD, TRIM_BYTES)


def give_back() -> None:
    """Return free memory to the system a few seconds from now, once for all who ask until then.

    What the last of many has left is then free, too: nobody comes after it.
    """
    _soon.ask()


class Soon:
    """Work that is done once, a while after it was first asked for, however many ask until then."""

    def __init__(self, work: Callable[[], None], later: Later) -> None:
        self._work, self._later = work, later
        self._asked, self._lock = False, threading.Lock()

    def ask(self) -> None:
        """Any thread may ask."""
        with self._lock:
            if self._asked:
                return
            self._asked = True
        self._later(self._do)

    def _do(self) -> None:
        with self._lock:
            self._asked = False
        self._work()


def in_a_while(work: Callable[[], None]) -> None:
    """Do the work in a thread of its own, which holds up neither a run nor the end of the server."""
    timer = threading.Timer(AFTER_SECONDS, work)
    timer.daemon = True
    timer.start()


def _give_back() -> None:
    gc.collect()  # a result and its calendar lead to each other
    if (libc := _libc()) is not None:
        libc.malloc_trim(0)


_soon = Soon(_give_back, in_a_while)
