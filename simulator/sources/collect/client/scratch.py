"""The folder a run works in. One that a killed run left behind is removed at the next start.

A running process holds a lock on a file in its folder; the system gives the lock back however the process ends.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

fcntl: Any = None
with suppress(ImportError):  # Windows has none: nothing is cleaned there
    fcntl = importlib.import_module("fcntl")

PREFIX = "collect-"
LOCK = "in-use.lock"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder, removed at the end; those of runs that are no more go first."""
    remove_left_over(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name, (Path(name) / "new").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        (Path(name) / "new").rename(Path(name) / LOCK)  # seen by others only once it is held
        yield Path(name)


def remove_left_over(parent: Path) -> None:
    """Remove every folder of ours whose lock nobody holds. A folder without a lock is not ours."""
    if fcntl is None:
        return
    for lock_file in parent.glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError), lock_file.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock_file.parent, ignore_errors=True)
