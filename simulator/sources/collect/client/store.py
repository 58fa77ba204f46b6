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
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

KEPT_SECONDS = 24 * 3600
_CREATE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, at REAL, body BLOB) WITHOUT ROWID"


class AnswerStore:
    """Answers by call. Safe between threads; a killed process loses at most the call it was in."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        os.close(handle)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(_CREATE)
        self._db.execute("DELETE FROM answers WHERE at < ?", (time.time() - KEPT_SECONDS,))

    def get(self, key: str) -> Any:
        """The stored answer, None if there is none."""
        with self._lock:
            row = self._db.execute("SELECT body FROM answers WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(zlib.decompress(row[0]), object_hook=_revive)

    def put(self, key: str, answer: Any) -> None:
        """Keep an answer (a dict of JSON values and times)."""
        body = zlib.compress(json.dumps(answer, default=_plain).encode(), 1)
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, time.time(), body))

    def drop(self, keys: list[str]) -> None:
        """Forget answers: a listing whose page marks have expired."""
        with self._lock:
            self._db.executemany("DELETE FROM answers WHERE key = ?", [(k,) for k in keys])

    def clear(self) -> None:
        """Forget everything: the run is complete."""
        with self._lock:
            self._db.execute("DELETE FROM answers")

    def __len__(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM answers").fetchone()[0])

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()


@contextmanager
def open_store(folder: Path, target: str) -> Iterator[AnswerStore]:
    """The store of a target, closed at the end."""
    store = AnswerStore(folder / f"{hashlib.sha256(target.encode()).hexdigest()[:16]}.sqlite")
    try:
        yield store
    finally:
        store.close()


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
