"""What is wrong with a snapshot, in words: table, row, column, value, expectation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.errors import InputError

SHOWN = 20
LISTED_PER_CHECK = 100
"""A file of garbage would list every line; of one check at most so many are kept."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong. `row` is the line in the CSV file (the header is line 1), None for the whole file."""

    table: str
    row: int | None
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        place = [self.table]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        found = f" {_shortened(self.value)!r}:" if self.value or (self.column and self.row) else ""
        return f"{', '.join(place)}:{found} {self.expected}"


class SnapshotError(InputError):
    """A snapshot that cannot be used. Nothing of it is loaded; `problems` lists all that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(p) for p in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[SnapshotError], tuple[tuple[Problem, ...]]]:
        """As it is sent from a worker: an exception would be made anew from its message."""
        return type(self), (self.problems,)


def whole(table: str, expected: str, value: str = "") -> SnapshotError:
    """The error of a file that is refused as a whole."""
    return SnapshotError([Problem(table, None, "", value, expected)])


def _shortened(value: str, limit: int = 60) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"
