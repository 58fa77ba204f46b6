"""Sources of the facts: a short id, a grade and where to look it up. The list is sources.csv beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.price_facts.table import read

USED: dict[str, set[str]] = {}


@dataclass(frozen=True)
class Source:
    """`match` is the beginning of the facts' own source text; `grade` of a price taken from it.

    A source without `match` is named by this project's own rules, not by a row of the facts.
    """

    source: str
    match: str
    grade: str
    text: str
    url_or_repo: str
    note: str


@cache
def listed() -> tuple[Source, ...]:
    """All sources, in the order of the list."""
    return tuple(Source(**row) for row in read(Path(__file__).parent / "sources.csv"))


def source_of(text: str) -> Source:
    """The listed source of a facts row, the first where it names several. Raises ValueError for another."""
    first = text.split(" ; ", maxsplit=1)[0].strip()
    for source in listed():
        if source.match and first.startswith(source.match):
            USED.setdefault(source.source, set()).add(first)
            return source
    raise ValueError(f"source {first!r} is not in scripts/price_facts/sources.csv: add it with a grade")


def source_rows(also: Iterable[str] = ()) -> list[dict[str, str]]:
    """sources.csv of pricing_data: every listed source that a row uses, `also` these, and our own."""
    shown = set(also)
    return [
        {
            "source": s.source,
            "text": s.text,
            "url_or_repo": s.url_or_repo or " ; ".join(sorted(USED.get(s.source, ()))),
            "note": s.note,
        }
        for s in sorted(listed(), key=lambda s: s.source)
        if s.source in USED or s.source in shown or not s.match
    ]
