"""How each source ended: ok, denied, throttled, unsupported or empty; what that leaves unknown, in sentences."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from simulator.errors import CollectError
from simulator.snapshot.manifest import Source
from simulator.sources.collect.client.failures import Failure, SourceFailed
from simulator.sources.collect.options import Listener, Progress

NOT_ASKED = "not asked"
READ = ("ok", "empty")
WORST_FIRST = ("denied", "throttled", "unsupported", "empty", "ok")
MALFORMED = (KeyError, TypeError, AttributeError, IndexError, ValueError)


@dataclass
class SourceLog:
    """Sources of all places and the sentences of what was assumed or not read. Shared between threads."""

    expected: int = 1
    listener: Listener | None = None
    started: float = field(default_factory=time.monotonic)
    _sources: list[tuple[int, Source]] = field(default_factory=list)
    _sentences: dict[str, None] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def end(self, place: int, name: str, status: str, count: int | None) -> None:
        """A source is finished; `count` is what it gave, None unknown."""
        with self._lock:
            self._sources.append(
                (place, Source(name, status, datetime.now(UTC).replace(microsecond=0), count))
            )
            self._tell(Progress(f"{name}: {status}", count or 0, None, self._ratio(), None))

    def say(self, sentence: str) -> None:
        """Something a reader of the snapshot must know. The same sentence is kept once."""
        with self._lock:
            self._sentences.setdefault(sentence)

    def progress(self, reading: str, done: int, total: int | None, since: float = 0.0) -> None:
        """`done` of `total` things of the source are read, which began at `since` (time.monotonic)."""
        with self._lock:
            left = (time.monotonic() - since) / done * (total - done) if done and total else None
            self._tell(Progress(reading, done, total, self._ratio(done / total if total else 0.0), left))

    def finish(self) -> None:
        """All is read: also what had nothing to read counts as done."""
        with self._lock:
            self._tell(Progress("all read", len(self._sources), len(self._sources), 1.0, 0.0))

    def sources(self) -> tuple[Source, ...]:
        """In the order of places, then as they ended."""
        with self._lock:
            return tuple(s for _, s in sorted(self._sources, key=lambda pair: pair[0]))

    def sentences(self) -> tuple[str, ...]:
        """Sorted, so that two equal runs tell the same."""
        with self._lock:
            return tuple(sorted(self._sentences))

    def _ratio(self, part: float = 0.0) -> float:
        return min((len(self._sources) + part) / self.expected, 1.0)

    def _tell(self, progress: Progress) -> None:
        if self.listener:
            self.listener(progress)


class Troubles:
    """Failures of single items in the source now being read; the source goes on without them."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        self._in_a_row = 0
        self._lock = threading.Lock()

    def add(self, failure: Failure, limit: int = 5) -> None:
        """One item failed. Raises SourceFailed after `limit` in a row: the source is shut, not the item."""
        with self._lock:
            self.failures.append(failure)
            self._in_a_row += 1
            if self._in_a_row >= limit:
                raise SourceFailed(failure)

    def went_well(self) -> None:
        """One item was read."""
        with self._lock:
            self._in_a_row = 0

    def worst(self) -> str | None:
        """The status these failures leave, None if there were none."""
        statuses = {f.status for f in self.failures}
        return next((s for s in WORST_FIRST if s in statuses), None)


def read_source(
    log: SourceLog,
    place: int,
    name: str,
    troubles: Troubles,
    read: Callable[[], int],
    unasked: Callable[[], tuple[str, str]] = lambda: ("", ""),
) -> str:
    """Run one source to its end, whatever happens to its calls, and log it. Gives the status.

    `unasked` tells afterwards the status of what could not be asked (the list of what to ask for was not read), and
    why; ("", "") if all was.

    Cancellation, expired credentials and a wrong clock pass through: they end the run.
    """
    count: int | None = None
    try:
        count = read()
        shut, why = unasked()
        status = troubles.worst() or shut or ("ok" if count else "empty")
        if shut:
            log.say(f"{name} {why}")
        if troubles.failures:
            first = troubles.failures[0].words
            log.say(f"{name}: {len(troubles.failures):,} items could not be read and are unknown ({first}).")
    except SourceFailed as error:
        status = error.failure.status
        log.say(f"{name} is {status}: {error.failure.words}. What it would show is unknown, not zero.")
    except CollectError:
        raise
    except MALFORMED as error:
        status = "unsupported"
        log.say(f"{name} is unsupported: an answer of unexpected form ({type(error).__name__}: {error}).")
    log.end(place, name, status, count)
    return status
