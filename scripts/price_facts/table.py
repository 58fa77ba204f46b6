"""Price rows and CSV files: one schema for every price file of pricing_data."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields, replace
from decimal import Decimal
from pathlib import Path

GRADES = ("assumed", "secondary", "official", "api")


@dataclass(frozen=True)
class PriceRow:
    """`usd` is the price of `per` units; dates are ISO; tiers are in units, blank where there is only one."""

    component: str
    item: str
    region: str
    usd: str
    unit: str
    effective_from: str
    grade: str
    source: str
    per: str = "1"
    tier_from: str = ""
    tier_to: str = ""
    checked_on: str = ""
    note: str = ""
    effective_to: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a lookup asks for."""
        return self.component, self.item, self.region, self.tier_from

    @property
    def checked(self) -> str:
        """The last date on which the price was seen."""
        return self.checked_on or self.effective_from

    def noted(self, text: str) -> PriceRow:
        """The row with one more sentence in its note."""
        return replace(self, note=f"{self.note}; {text}" if self.note else text)


ORDER = (
    *("component", "item", "region", "tier_from", "tier_to", "usd", "unit", "per"),
    *("effective_from", "effective_to", "checked_on", "grade", "source", "note"),
)


def read(path: Path) -> list[dict[str, str]]:
    """Rows of a facts table as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> int:
    """Write rows in the given order; returns how many."""
    listed = list(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(columns), lineterminator="\n")
        out.writeheader()
        out.writerows(listed)
    return len(listed)


def write_prices(path: Path, rows: Iterable[PriceRow]) -> int:
    """Write price rows sorted by key, tier and date. Raises ValueError on a doubled key."""
    listed = sorted(rows, key=lambda r: (*r.key[:3], float(r.tier_from or 0), r.effective_from))
    keys = [(*r.key, r.effective_from) for r in listed]
    doubled = {k for k in keys if keys.count(k) > 1} if len(set(keys)) < len(keys) else set()
    if doubled:
        raise ValueError(f"{path.name}: more than one row for {sorted(doubled)[:5]}")
    names = [f.name for f in fields(PriceRow)]
    as_dicts = (dict(zip(names, astuple(replace(r, checked_on=r.checked)), strict=True)) for r in listed)
    columns = [c for c in ORDER if c != "effective_to" or any(r.effective_to for r in listed)]
    return write(path, columns, ({c: row[c] for c in columns} for row in as_dicts))


def merged(rows: Iterable[PriceRow]) -> list[PriceRow]:
    """One row per key and date, the better grade and finer price; an unchanged price is one row.

    A second value of the same day is kept in the note.
    """
    best: dict[tuple[str, ...], PriceRow] = {}
    for row in rows:
        key = (*row.key, row.effective_from)
        old = best.get(key)
        best[key] = row if old is None else _better(old, row)
    out: list[PriceRow] = []
    for row in sorted(best.values(), key=lambda r: (*r.key, r.effective_from)):
        last = out[-1] if out else None
        if last and last.key == row.key and Decimal(last.usd) == Decimal(row.usd):
            out[-1] = _confirmed(last, row)
        else:
            out.append(row)
    return out


def _confirmed(last: PriceRow, row: PriceRow) -> PriceRow:
    """The first row, checked when the second was; with the second's source where that is better."""
    later = replace(last, checked_on=max(last.checked, row.checked))
    if GRADES.index(row.grade) <= GRADES.index(last.grade):
        return later
    better = replace(later, grade=row.grade, source=row.source)
    return better.noted(f"first seen by {last.source}, confirmed {row.effective_from}")


def _better(a: PriceRow, b: PriceRow) -> PriceRow:
    def rank(row: PriceRow) -> tuple[int, int]:
        return GRADES.index(row.grade), len(row.usd)

    good, other = (a, b) if rank(a) >= rank(b) else (b, a)
    if Decimal(good.usd) == Decimal(other.usd):
        return good
    return good.noted(f"{other.source} says {other.usd} on the same day")


def times(usd: str, factor: str) -> str:
    """Exact product of two decimal texts, without an exponent or trailing zeros."""
    return f"{(Decimal(usd) * Decimal(factor)).normalize():f}"
