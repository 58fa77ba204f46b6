"""What a report is made of, before it is Markdown or HTML. Texts are plain: each renderer escapes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator import words
from simulator.words import percent, usd

__all__ = [
    "Block", "Code", "Grid", "Picture", "Points", "Report", "Section", "Words", "count", "grid", "percent", "usd",
]  # fmt: skip


@dataclass(frozen=True)
class Words:
    """A paragraph; `strong` for the one sentence a hurried reader should see."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Points:
    """A list."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Grid:
    """A table. Columns named in `numbers` stand right; with `total` the last row is the sum of the others."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()
    total: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart as SVG text of our own making, and what it shows in words. Markdown leaves it out."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Code:
    """Something to run or send, never run by us."""

    language: str
    text: str


Block = Words | Points | Grid | Picture | Code


@dataclass(frozen=True)
class Section:
    """A heading (level 2 or 3) and what stands under it."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 2


@dataclass(frozen=True)
class Report:
    """A title, the line under it, and the sections in order."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


def count(value: float | None, decimals: int = 0) -> str:
    """A quantity with thousands separators; unknown where there is no number."""
    return words.count(value, digits=decimals)


def grid(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, numbers: Sequence[str] = (), total: bool = False
) -> Grid:
    """A table of anything that can be text."""
    texts = tuple(tuple(str(cell) for cell in row) for row in rows)
    return Grid(tuple(columns), texts, tuple(numbers), total)
