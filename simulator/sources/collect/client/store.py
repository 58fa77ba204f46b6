"""Answers already paid for, on disk: a run that was broken off continues from them and asks for nothing twice.

One SQLite file per target; private to the user. It holds answers of read calls, never credentials. Cost Explorer
answers live in a file of their own and stay for 24 hours; the rest goes when a run is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

KEPT_SECONDS = 24 * 3600
_CREATE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, at REAL, body BLOB) WITHOUT ROWID"


class AnswerStore:
    """Answers by call. Safe between threads; a killed process loses at most the call it was in."""

    def __init__(self, path: Path | None) -> None:
        """A store in a file, or, without a path, one that lasts as long as the run."""
        self.path = path
        self._lock = threading.Lock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None, timeout=30
        )
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.execute(_CREATE)
            self._db.execute("DELETE FROM answers WHERE at < ?", (time.time() - KEPT_SECONDS,))
        except sqlite3.Error:
            self._db.close()
            raise

    def get(self, key: str) -> Any:
        """The stored answer, None if there is none."""
        with self._lock:
            row = self._db.execute("SELECT body FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(zlib.decompress(row[0]), object_hook=_revive)

    def put(self, key: str, answer: Any) -> None:
        """Keep an answer (a dict of JSON values and times)."""
        body = zlib.compress(json.dumps(answer, default=_plain).encode(), 1)
        with (
            self._lock,
            suppress(sqlite3.OperationalError),
        ):  # a full disk: the run goes on, only not resumable
            self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, time.time(), body))

    def drop(self, keys: list[str]) -> None:
        """Forget answers: a listing whose page marks have expired."""
        with self._lock:
            self._db.executemany("DELETE FROM answers WHERE key = ?", [(k,) for k in keys])

    def clear(self) -> None:
        """Forget everything: the run is complete."""
        with self._lock, suppress(sqlite3.OperationalError):
            self._db.execute("DELETE FROM answers")

    def remove(self) -> None:
        """Forget everything and the file too."""
        self.clear()
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()

    def __len__(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM answers").fetchone()[0])

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()


@contextmanager
def open_store(folder: Path, target: str, identity: str, say: Callable[[str], None]) -> Iterator[AnswerStore]:
    """The store of a target as one identity sees it, closed at the end; that of another is never opened.

    Where it cannot be kept (a full disk, a read-only folder) the answers last as long as the run, and `say` is told.
    """
    path = folder / f"{_short(target)}-{_short(identity)}.sqlite"
    try:
        _drop_old(folder)
        store = AnswerStore(path)
    except (OSError, sqlite3.Error) as error:
        say(f"answers cannot be kept in {folder} ({error}): a run that is broken off starts anew")
        store = AnswerStore(None)
    try:
        yield store
    finally:
        store.close()


def others_wait(folder: Path, target: str, identity: str) -> bool:
    """Whether answers to the same questions wait that other credentials were given."""
    own = f"{_short(target)}-{_short(identity)}.sqlite"
    return any(p.name != own for p in folder.glob(f"{_short(target)}-*.sqlite"))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _drop_old(folder: Path) -> None:
    """Remove the stores of runs that nobody continues any more."""
    for path in folder.glob("*.sqlite"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > 2 * KEPT_SECONDS:
                path.unlink()


def call_key(account: str, region: str, service: str, operation: str, parameters: dict[str, Any]) -> str:
    """One call as a key."""
    text = json.dumps([account, region, service, operation, parameters], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    raise TypeError(f"an answer holds {type(value).__name__}")


def _revive(value: dict[str, Any]) -> Any:
    return datetime.fromisoformat(value["$time"]) if value.keys() == {"$time"} else value
