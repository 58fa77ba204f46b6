"""What a result's dollars rest on: the oldest price check behind them, and how much rests on assumed prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.pricing.book import PriceBook
from simulator.pricing.charges import Block, Charges

STALE_DAYS = 90


@dataclass(frozen=True)
class PriceBasis:
    """Prices used by some charges. Ages are in days at the book's date; None where no check is known.

    `assumed_usd` and `stale_usd` are the dollars a month of recurring charges priced by such rows.
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
                f"{self.as_of} (the oldest on {self.oldest_checked_on}); ${self.stale_usd:,.2f} a month rests on "
                "them. Refresh them with `prices refresh`, or give your own."
            )
        if self.assumed_rows:
            made.append(
                f"${self.assumed_usd:,.2f} a month rests on {self.assumed_rows} prices filled by rule (grade "
                "assumed), not published ones. `prices refresh` replaces them."
            )
        return made


def price_basis(book: PriceBook, *charges: Charges) -> PriceBasis:
    """Over all charges given (before and after, say): rows used; dollars are those of the last one given."""
    used = [np.unique(b.price_row[_used(b)]) for c in charges for b in c.blocks]
    numbers = np.unique(np.concatenate(used)) if used else np.zeros(0, np.int64)
    rows = book.rows.iloc[numbers]
    days = book.age_days(rows)
    assumed = (rows["grade"] == "assumed").to_numpy()
    stale = (days > STALE_DAYS).to_numpy()
    assumed_count, assumed_usd = _resting_on(charges[-1], numbers[assumed])
    oldest = days.max() if days.notna().any() else np.nan
    by_component = days.groupby(rows["component"]).max().dropna()
    return PriceBasis(
        book.as_of.isoformat(), len(rows),
        None if np.isnan(oldest) else str(rows["checked_on"].iloc[int(days.argmax())]),
        None if np.isnan(oldest) else int(oldest),
        {str(c): int(d) for c, d in by_component.items()},
        int(assumed.sum()), assumed_count, assumed_usd, int(stale.sum()),
        _resting_on(charges[-1], numbers[stale])[1],
    )  # fmt: skip


def _resting_on(charges: Charges, numbers: NDArray[np.int64]) -> tuple[int, float]:
    """How many charges, and how many recurring dollars, are priced by these rows."""
    count, usd = 0, 0.0
    for block in charges.blocks:
        hit = _used(block) & np.isin(block.price_row, numbers)
        count += int(hit.sum())
        usd += 0.0 if block.meter.once else float(block.known_usd[hit].sum())
    return count, usd


def _used(block: Block) -> NDArray[np.bool_]:
    """Resources that pay a known price for this meter."""
    mask: NDArray[np.bool_] = (block.quantity != 0) & (block.price_row >= 0)
    return mask
