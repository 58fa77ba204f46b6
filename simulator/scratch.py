"""Folders to work in: empty, private, outside of what people keep, and gone whenever their process is.

Bills lie in them, so one that a killed process left behind (a cancelled import, a server that was shot) is removed by
the next that needs one. A living process holds a lock on a file in its folder; the system gives the lock back however
the process ends.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

fcntl: Any = None
with suppress(ImportError):  # Windows has none: nothing is cleaned there
    fcntl = importlib.import_module("fcntl")

PREFIX = "ml-spend-"
LOCK = "in-use.lock"
FILES = "files"


class ScratchFolder:
    """A new folder at `path`; removed by `remove`, with its last user, or at the end of the process.

    As a context manager it hands out the path. Raises OSError where the machine has no room for it.
    """

    def __init__(self) -> None:
        remove_left_over()
        place = Path(tempfile.mkdtemp(prefix=PREFIX))
        new = place / "new"
        lock = new.open("w")
        self.remove = weakref.finalize(self, _remove, place, lock)
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        new.rename(place / LOCK)  # seen by others only once it is held
        self.path = place / FILES
        self.path.mkdir()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()


def remove_left_over() -> None:
    """Remove every folder of ours whose lock nobody holds. A folder without a lock is not ours."""
    if fcntl is None:
        return
    for lock_file in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError), lock_file.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock_file.parent, ignore_errors=True)


def _remove(place: Path, lock: IO[str]) -> None:
    if fcntl is None:
        lock.close()  # Windows removes no open file
    shutil.rmtree(place, ignore_errors=True)
    lock.close()
