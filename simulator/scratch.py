"""Folders to work in: empty, private, outside of what people keep, and gone whenever their process is.

Bills lie in them, so one that a killed process left behind (a cancelled import, a server that was shot) is removed by
the next that needs one. A living process holds a lock on a file in its folder; the system gives the lock back however
the process ends.
"""

from __future__ import annotations

import importlib
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Self

from simulator.errors import OutputError

fcntl: Any = None
with suppress(ImportError):  # Windows has none: nothing is cleaned there
    fcntl = importlib.import_module("fcntl")

PREFIX = "ml-spend-"
LOCK = "in-use.lock"
FILES = "files"
COPY_BYTES = 2**20
LONGEST_NAME_BYTES = 200


class ScratchFolder:
    """A new folder at `path`; removed by `remove`, with its last user, or at the end of the process.

    Raises OutputError where the machine has no room for it.
    """

    def __init__(self) -> None:
        remove_left_over()
        with _in_words("temporary files"):
            place = Path(tempfile.mkdtemp(prefix=PREFIX))
            new = place / "new"
            lock = new.open("w")
            self.remove = weakref.finalize(self, _remove, place, lock)
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            new.rename(place / LOCK)  # seen by others only once it is held
            self.path = place / FILES
            self.path.mkdir()
        self._files = 0

    def put(self, name: str, stream: BinaryIO) -> Path:
        """Keep a stream as a file of this name, in a numbered folder of its own: two of a name do not meet.

        Raises OutputError where there is no room.
        """
        place = self.path / str(self._files)
        self._files += 1
        file = place / _file_name(name)
        stream.seek(0)
        with _in_words(file.name):
            place.mkdir()
            with file.open("wb") as out:
                shutil.copyfileobj(stream, out, COPY_BYTES)
        return file

    def __enter__(self) -> Self:
        return self

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


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{what}: no room on this machine: {error.strerror or error}") from error


def _file_name(name: str) -> str:
    """What every system takes for a name, and as much of it as people gave; the end says what kind of file it is."""
    last = re.sub(r"[\x00-\x1f\\]", "_", name.rpartition("/")[2]).encode(errors="replace")
    kept = last[-LONGEST_NAME_BYTES:].decode(errors="ignore")
    return kept if kept.strip(".") else "upload"


def _remove(place: Path, lock: IO[str]) -> None:
    if fcntl is None:
        lock.close()  # Windows removes no open file
    shutil.rmtree(place, ignore_errors=True)
    lock.close()
