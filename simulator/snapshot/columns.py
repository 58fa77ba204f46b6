"""How a column of a snapshot table is declared: its kind, unit, limits, and what an unknown value does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal[
    "text",
    "choice",
    "instance_type",
    "region",
    "number",
    "count",
    "ratio",
    "flag",
    "time",
    "date",
    "hour",
    "json",
]
NUMERIC: frozenset[Kind] = frozenset({"number", "count", "ratio"})
TIMES: frozenset[Kind] = frozenset({"time", "date", "hour"})


@dataclass(frozen=True)
class Column:
    """One column. `unknown` says what an empty cell does; `low` is the least number allowed (None: any)."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False
    unknown: str = "shown as unknown"
    low: float | None = 0.0
    choices: tuple[str, ...] = ()

    @property
    def takes_any(self) -> bool:
        """Whether any text will do, also none."""
        return self.kind == "text" and not self.required and not self.choices


@dataclass(frozen=True)
class Table:
    """One table: its columns, the key that names a row, and the order two of its columns must keep.

    `ordered` holds pairs (lesser, greater): where both are known, the first may not exceed the second.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    ordered: tuple[tuple[str, str], ...] = field(default=())

    def column(self, name: str) -> Column:
        """A column by name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name!r}")


def required(column: Column) -> Column:
    """The column, never empty."""
    return replace(column, required=True, unknown="refused: must be given")


def text(name: str, meaning: str, unknown: str = "shown as unknown") -> Column:
    """Free text."""
    return Column(name, "text", meaning, unknown=unknown)


def choice(name: str, choices: str, meaning: str, unknown: str = "shown as unknown") -> Column:
    """One of the words in `choices`."""
    return Column(name, "choice", meaning, unknown=unknown, choices=tuple(choices.split()))


def number(
    name: str, unit: str, meaning: str, unknown: str = "shown as unknown", *, low: float | None = 0.0
) -> Column:
    """A finite number of at least `low`."""
    return Column(name, "number", meaning, unit, unknown=unknown, low=low)


def count(
    name: str, meaning: str, unknown: str = "shown as unknown", *, low: float = 0.0, unit: str = "count"
) -> Column:
    """A whole number of at least `low`."""
    return Column(name, "count", meaning, unit, unknown=unknown, low=low)


def ratio(name: str, meaning: str, unknown: str = "shown as unknown") -> Column:
    """A number from 0 to 1."""
    return Column(name, "ratio", meaning, "ratio 0–1", unknown=unknown)


def flag(name: str, meaning: str, unknown: str = "shown as unknown") -> Column:
    """true, false or unknown."""
    return Column(name, "flag", meaning, unknown=unknown)


def time(name: str, meaning: str, unknown: str = "shown as unknown") -> Column:
    """A moment, UTC."""
    return Column(name, "time", meaning, "ISO 8601, UTC", unknown=unknown)
