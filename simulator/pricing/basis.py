"""What a result's dollars rest on: the oldest price check behind them, and how much rests on assumed prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import words
from simulator.pricing.book import BILLED, PriceBook
from simulator.pricing.charges import Block, Charges
from simulator.words import percent

STALE_DAYS = 90


@dataclass(frozen=True)
class PriceBasis:
    """Prices used by some charges. Ages are in days at the book's date; None where no check is known.

    `assumed_usd` and `stale_usd` are the dollars per month of recurring charges priced by such rows: per price the most
    of any month given, so that dollars a scenario saves count too.
    """

    as_of: str
    rows: int
    oldest_checked_on: str | None
    oldest_days: int | None
    oldest_days_by_component: dict[str, int]
    assumed_rows: int
    assumed_charges: int
    assumed_usd: float
    stale_rows: int
    stale_usd: float

    def warnings(self) -> list[str]:
        """Sentences for the planner; none when all prices are published and younger than 90 days."""
        made = []
        if self.stale_rows:
            made.append(
                f"{self.stale_rows} of {self.rows} prices used were last checked more than {STALE_DAYS} days before "
                f"{self.as_of} (the oldest on {self.oldest_checked_on}); {words.usd(self.stale_usd)} per "
                "month rests on "
                "them. Refresh them with `prices refresh`, or give your own."
            )
        if self.assumed_rows:
            made.append(
                f"{words.usd(self.assumed_usd)} per month rests on {self.assumed_rows} prices filled by rule (grade "
                "assumed), not published ones. `prices refresh` replaces them."
            )
        return made


@dataclass(frozen=True)
class PriceShares:
    """What the recurring dollars of a month rest on. Shares are of `total_usd`; None where nothing is priced.

    Old prices were last checked more than 90 days before the book's date; by rule are those of grade assumed;
    billed are the account's own rates and dollars taken from its bill; own are prices given by the user. Only old
    overlaps with the others.
    """

    total_usd: float
    old_usd: float
    by_rule_usd: float
    billed_usd: float
    own_usd: float
    old_ratio: float | None
    by_rule_ratio: float | None
    billed_ratio: float | None
    own_ratio: float | None

    def shares(self) -> str:
        """The same of every page and answer: "62% of the bill at its own billed rates, …"."""
        if self.old_ratio is None:
            return "nothing is priced"
        told = [
            (self.billed_usd, self.billed_ratio, "at its own billed rates"),
            (self.own_usd, self.own_ratio, "at prices you gave"),
            (self.by_rule_usd, self.by_rule_ratio, "filled by rule"),
            (self.old_usd, self.old_ratio, f"checked more than {STALE_DAYS} days ago"),
        ]
        found = [(percent(ratio), words) for dollars, ratio, words in told if dollars]
        if not found:
            return f"all checked within {STALE_DAYS} days"
        (share, words), *others = found
        return ", ".join([f"{share} of the bill {words}", *(f"{share} {words}" for share, words in others)])

    def sentence(self) -> str:
        """The age line as a sentence."""
        return f"Prices: {self.shares()}."


def price_shares(book: PriceBook, charges: Charges) -> PriceShares:
    """How much of a month's recurring dollars rests on old prices, on rules, on billed rates and on own prices."""
    grade = book.grades
    identity = (book.rows["component"] == BILLED).to_numpy()
    marks = {
        "old": book.ages_days > STALE_DAYS, "by_rule": (grade == "assumed") & ~identity,
        "billed": (grade == "billed") | identity, "own": grade == "own",
    }  # fmt: skip
    blocks = [b for b in charges.blocks if not b.meter.once]
    total = sum(float(b.known_usd.sum()) for b in blocks)
    usd = {
        n: sum(float(b.known_usd[_used(b) & np.append(mark, False)[b.price_row]].sum()) for b in blocks)
        for n, mark in marks.items()
    }
    made: dict[str, Any] = {f"{n}_usd": value for n, value in usd.items()}
    made |= {f"{n}_ratio": value / total if total else None for n, value in usd.items()}
    return PriceShares(total, **made)


def price_basis(book: PriceBook, *charges: Charges) -> PriceBasis:
    """Over all charges given (before and after, say): rows used; dollars are per price the most of any given."""
    used = [np.unique(b.price_row[_used(b)]) for c in charges for b in c.blocks]
    numbers = np.unique(np.concatenate(used)) if used else np.zeros(0, np.int32)
    rows = book.rows.iloc[numbers]
    days = book.age_days(rows)
    assumed = (rows["grade"] == "assumed").to_numpy()
    stale = (days > STALE_DAYS).to_numpy()
    assumed_count, assumed_usd = _resting_on(charges, numbers[assumed])
    oldest = days.max() if days.notna().any() else np.nan
    by_component = days.groupby(rows["component"]).max().dropna()
    return PriceBasis(
        book.as_of.isoformat(), len(rows),
        None if np.isnan(oldest) else str(rows["checked_on"].iloc[int(days.argmax())]),
        None if np.isnan(oldest) else int(oldest),
        {str(c): int(d) for c, d in by_component.items()},
        int(assumed.sum()), assumed_count, assumed_usd, int(stale.sum()),
        _resting_on(charges, numbers[stale])[1],
    )  # fmt: skip


def _resting_on(months: Sequence[Charges], numbers: NDArray[np.int32]) -> tuple[int, float]:
    """How many charges of the last month, and how many recurring dollars, are priced by these rows."""
    count, usd = 0, np.zeros((len(months), len(numbers)))
    for n, charges in enumerate(months):
        count = 0
        for block in charges.blocks:
            hit = _used(block) & np.isin(block.price_row, numbers)
            count += int(hit.sum())
            if hit.any() and not block.meter.once:
                place = np.searchsorted(numbers, block.price_row[hit])
                usd[n] += np.bincount(place, block.known_usd[hit], len(numbers))
    return count, float(usd.max(axis=0).sum()) if usd.size else 0.0


def _used(block: Block) -> NDArray[np.bool_]:
    """Resources that pay a known price for this meter."""
    mask: NDArray[np.bool_] = (block.quantity != 0) & (block.price_row >= 0)
    return mask
