"""What an import answers: the snapshot, and a report that accounts for every row and every dollar."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.errors import InputError
from simulator.snapshot.snapshot import Snapshot
from simulator.words import usd

CENT_USD = 0.005


class BillError(InputError):
    """An export that cannot be imported, in words: file, what was found, what was expected."""


@dataclass(frozen=True)
class RejectedRow:
    """One row kept aside. `line` is the line in the file (the header is line 1; in Parquet the row, from 1)."""

    file: str
    line: int | None
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{place}{f', column {self.column}' if self.column else ''}: {self.reason}"


@dataclass(frozen=True)
class OtherItem:
    """One service and usage type (or kind of line) of what is `other`, in dollars, with its named part."""

    part: str
    service: str
    usage_type: str
    usd: float

    def __str__(self) -> str:
        return f"{usd(self.usd):>16}  {self.service} {self.usage_type}".rstrip()


@dataclass(frozen=True)
class Report:
    """`unblended_usd` = Σ `classified_usd` + `other_usd`. None is unknown: a total the export does not tell.

    `other_parts_usd` splits `other_usd` by name, `other_items` lists its largest services and usage types first.
    `rejected` lists the first rows kept aside (`rows_rejected` counts all). Amounts in other currencies than USD
    are in `other_currencies`, not in dollars, unless an exchange rate was given.
    """

    format: str
    rows: int
    rows_rejected: int
    unblended_usd: float | None
    amortized_usd: float | None
    net_unblended_usd: float | None
    classified_usd: dict[str, float]
    other_usd: float
    by_line_type: dict[str, float] = field(default_factory=dict)
    by_provider: dict[str, float] = field(default_factory=dict)
    other_currencies: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    other_parts_usd: dict[str, float] = field(default_factory=dict)
    other_items: tuple[OtherItem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The report as JSON types; dollars unrounded."""
        return {
            **vars(self),
            "warnings": list(self.warnings),
            "rejected": [vars(r) for r in self.rejected],
            "other_items": [vars(i) for i in self.other_items],
        }

    def to_text(self) -> str:
        """The report for a reader: counts, then dollars that add up, then warnings and rows kept aside."""
        total = usd(self.unblended_usd)
        lines = [
            f"{self.format}: {self.rows:,} rows read, {self.rows_rejected:,} kept aside",
            f"unblended {total}, amortized {usd(self.amortized_usd)}",
            *(f"  {name:<12}{usd(value):>18}" for name, value in self.classified_usd.items()),
            f"  {'other':<12}{usd(self.other_usd):>18}",
            *(f"    {name:<18}{usd(value):>18}" for name, value in self.other_parts_usd.items()),
            *(f"      {item}" for item in self.other_items[:10]),
            f"  {'sum':<12}{usd(sum(self.classified_usd.values()) + self.other_usd):>18}",
            *(
                f"  {code} {value:,.2f}, not in the dollars above"
                for code, value in self.other_currencies.items()
            ),
            *(f"warning: {sentence}" for sentence in self.warnings),
            *(f"kept aside: {row}" for row in self.rejected[:20]),
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Imported:
    """An import that worked."""

    snapshot: Snapshot
    report: Report
