"""The manifest of a snapshot: its name and window, where the data came from, what was assumed in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from simulator.documents import parse
from simulator.errors import DocumentError, InputError
from simulator.snapshot.problems import Problem, SnapshotError

FILE = "manifest.json"
FORMAT = 1
FIRST_YEAR, LAST_YEAR = 1990, 2200
ACCOUNT_ID = re.compile(r"\d{12}")
SOURCE_STATUS = ("ok", "denied", "throttled", "unsupported", "empty", "not asked")


@dataclass(frozen=True)
class Source:
    """One place data was asked for, and how that went. `count` is the number of rows, None unknown."""

    name: str
    status: str
    at: datetime | None = None
    count: int | None = None


@dataclass(frozen=True)
class Manifest:
    """The window is from `window_start` to before `window_end`, UTC, on full hours.

    `gaps` are stretches inside it that the sources do not cover: no usage is known there, and run rates leave them out.
    """

    name: str
    window_start: datetime
    window_end: datetime
    sources: tuple[Source, ...] = ()
    assumptions: tuple[str, ...] = ()
    account_ids: tuple[str, ...] = ()
    collected_at: datetime | None = None
    gaps: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def gap_hours(self) -> float:
        """Hours of the window that no source covers."""
        return sum((end - start).total_seconds() for start, end in self.gaps) / 3600

    def refuse_other_account(self, ids: Collection[str], whose: str) -> None:
        """Raises InputError when this is surely of another account than `whose`: both are known and none is shared.

        Accounts anonymized with different keys cannot be told apart: their ids are no account numbers.
        """
        ours, theirs = (set(filter(ACCOUNT_ID.fullmatch, known)) for known in (self.account_ids, ids))
        if ours and theirs and not ours & theirs:
            raise InputError(
                f"snapshot {self.name} is of account {', '.join(sorted(ours))}, {whose} of account "
                f"{', '.join(sorted(theirs))}; expected the same account"
            )


def to_json(manifest: Manifest) -> bytes:
    """The manifest as it is stored."""
    data = {"format": FORMAT, **asdict(manifest)}
    if not manifest.gaps:
        del data["gaps"]
    text = json.dumps(data, indent=2, ensure_ascii=False, default=_moment_text)
    return (text + "\n").encode()


def from_json(content: bytes) -> Manifest:
    """Read and check a manifest. Raises SnapshotError with everything that is wrong."""
    try:
        data = parse(content, FILE)
    except DocumentError as error:
        expected = str(error).removeprefix(f"{FILE}: ")
        raise SnapshotError([Problem(FILE, None, "", "", f"expected JSON in UTF-8: {expected}")]) from error
    if not isinstance(data, dict):
        raise SnapshotError([Problem(FILE, None, "", "", "expected a JSON object")])
    reader = _Reader(data)
    manifest = Manifest(
        name=reader.take("name", "a text that is not empty", _name),
        window_start=reader.take("window_start", "a full hour such as 2026-10-01T00:00:00Z", _full_hour),
        window_end=reader.take("window_end", "a full hour such as 2026-10-31T00:00:00Z", _full_hour),
        sources=reader.take(
            "sources", f"a list of objects with name and status ({', '.join(SOURCE_STATUS)})", _sources, ()
        ),
        assumptions=reader.take("assumptions", "a list of sentences", _texts, ()),
        account_ids=reader.take("account_ids", "a list of texts", _texts, ()),
        collected_at=reader.take(
            "collected_at", "a time such as 2026-10-31T06:00:00Z, or null", _maybe_moment, None
        ),
        gaps=reader.take("gaps", "pairs of full hours: start and end of time that is not covered", _gaps, ()),
    )
    reader.take("format", f"{FORMAT}", _format, FORMAT)
    reader.finish()
    if manifest.window_end <= manifest.window_start:
        raise SnapshotError(
            [Problem(FILE, None, "window_end", str(data["window_end"]), "expected a time after window_start")]
        )
    if manifest.gap_hours >= (manifest.window_end - manifest.window_start).total_seconds() / 3600:
        raise SnapshotError([Problem(FILE, None, "gaps", "", "expected gaps that leave time in the window")])
    return manifest


class _Reader:
    """Takes fields out of the JSON object and remembers what was wrong with them."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.rest = dict(data)
        self.problems: list[Problem] = []

    def take(self, field: str, expected: str, read: Callable[[Any], Any], default: Any = ...) -> Any:
        """One field, read; its default where it is wrong or missing (missing is wrong without a default)."""
        if field not in self.rest:
            if default is ...:
                self.problems.append(Problem(FILE, None, field, "", f"missing; expected {expected}"))
            return default
        value = self.rest.pop(field)
        try:
            return read(value)
        except (ValueError, TypeError, KeyError, OverflowError):
            self.problems.append(Problem(FILE, None, field, json.dumps(value), f"expected {expected}"))
            return default

    def finish(self) -> None:
        """Raises SnapshotError with all that was wrong, fields that nobody took included."""
        self.problems += [Problem(FILE, None, field, "", "unknown field") for field in self.rest]
        if self.problems:
            raise SnapshotError(self.problems)


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def _format(value: Any) -> int:
    if value != FORMAT:
        raise ValueError
    return FORMAT


def moment(value: str) -> datetime:
    """An ISO 8601 text as UTC; without a zone it is taken as UTC. Raises ValueError."""
    parsed = datetime.fromisoformat(value)
    found = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"year {found.year}")
    return found


def _maybe_moment(value: Any) -> datetime | None:
    return None if value is None else moment(value)


def _full_hour(value: Any) -> datetime:
    parsed = moment(value)
    if parsed.minute or parsed.second or parsed.microsecond:
        raise ValueError
    return parsed


def _gaps(value: Any) -> tuple[tuple[datetime, datetime], ...]:
    found = tuple((_full_hour(a), _full_hour(b)) for a, b in value)
    if any(b <= a for a, b in found):
        raise ValueError
    return found


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ValueError
    return tuple(value)


def _sources(value: Any) -> tuple[Source, ...]:
    if not isinstance(value, list):
        raise ValueError
    return tuple(_source(**item) for item in value)


def _source(name: str, status: str, at: str | None = None, count: int | None = None) -> Source:
    if status not in SOURCE_STATUS or not isinstance(name, str) or not isinstance(count, int | None):
        raise ValueError
    return Source(name, status, _maybe_moment(at), count)


def _moment_text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
