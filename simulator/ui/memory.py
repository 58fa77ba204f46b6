"""The server's memory goes back to the system when it is free: many sessions come and go, each in its own thread.

glibc gives every thread an arena and keeps what was freed in it; Arrow's own pool keeps its peaks. Both are told not
to, where they are in use (Linux); anywhere else nothing happens.
"""

from __future__ import annotations

import ctypes
import gc
import threading
import time
from functools import cache
from typing import Any

ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD = -8, -3, -1
"""Names of mallopt(3)."""
ARENAS = 1
"""Python lets one thread work at a time, so that a second arena only adds holes: 122 MB after 80 links, 90 with one."""
MMAP_BYTES = 2 * 1024 * 1024
"""From this size on an array lies in pages of its own, which go back as soon as it is freed. Blocks of draws are
smaller: to have the system hand out and clear their pages anew at every step took as long as the arithmetic."""
TRIM_BYTES = 32 * 1024 * 1024
"""Freed memory at the end of an arena that is kept for the next move; the rest goes back now and then."""
EVERY_SECONDS = 5.0
_last = [-EVERY_SECONDS]
_lock = threading.Lock()


@cache
def _libc() -> Any:
    try:
        libc = ctypes.CDLL("libc.so.6")
        return libc if hasattr(libc, "malloc_trim") else None
    except OSError:
        return None


@cache
def be_thrifty() -> None:
    """Once, early: one arena, large arrays apart, Arrow on the system's allocator."""
    import pyarrow as pa

    set_thresholds()
    pa.set_memory_pool(pa.system_memory_pool())


@cache
def set_thresholds() -> None:
    """glibc's part of it, before any thread has an arena of its own."""
    if (libc := _libc()) is not None:
        libc.mallopt(ARENA_MAX, ARENAS)
        libc.mallopt(MMAP_THRESHOLD, MMAP_BYTES)
        libc.mallopt(TRIM_THRESHOLD, TRIM_BYTES)


def give_back() -> None:
    """Return free memory to the system; at most every few seconds, however many ask."""
    if not is_due(time.monotonic()):
        return
    gc.collect()  # a result and its calendar lead to each other
    if (libc := _libc()) is not None:
        libc.malloc_trim(0)


def is_due(now: float) -> bool:
    """Whether it is time again, seconds on a clock that only goes on; who is told so is to do it."""
    with _lock:
        if now - _last[0] < EVERY_SECONDS:
            return False
        _last[0] = now
    return True
