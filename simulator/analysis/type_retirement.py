"""Instance types in use that AWS retires: since when, what follows, and what the forced move costs in the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from simulator.analysis.forced_move import inside_usd, move_words
from simulator.catalog import retiring_types
from simulator.engine.account import Account
from simulator.engine.calendar import first_month, month_start
from simulator.engine.state import State
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import Block, price_of
from simulator.pricing.steps import Steps
from simulator.words import usd

CENT = 0.005
NEAR_MONTHS = 12


@dataclass(frozen=True)
class TypeRetirement:
    """A retiring type with all its resources. `end_of_life` is None where the announcement has no date we know.

    `usd_per_month` is what they cost today at on-demand prices; `move_usd_per_month` what the same hours on the
    replacement cost more (less when negative), None without a price; `move_usd` that over the months that follow.
    """

    instance_type: str
    end_of_life: date | None
    past: bool
    replacement: str
    resources: tuple[str, ...]
    usd_per_month: float
    months_after: float
    move_usd_per_month: float | None

    @property
    def move_usd(self) -> float | None:
        """Dollars of the move inside the horizon."""
        return inside_usd(self.move_usd_per_month, self.months_after)

    def sentence(self) -> str:
        """In words, with the date and the dollars."""
        more = f" and {len(self.resources) - 1} more" if len(self.resources) > 1 else ""
        when = f"on {self.end_of_life}" if self.end_of_life else "on a date that is not in our data"
        said = (
            f"{self.resources[0]}{more} on {self.instance_type} ({usd(self.usd_per_month)} per month): AWS "
            f"{'retired' if self.past else 'retires'} the type {when}."
        )
        if self.move_usd_per_month is None:
            return f"{said} What the same hours on {self.replacement} cost is not known."
        return f"{said} {move_words('hours', self.replacement, self.move_usd_per_month, self.months_after)}"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "instance_type": self.instance_type,
            "end_of_life": self.end_of_life.isoformat() if self.end_of_life else None,
            "past": self.past,
            "replacement": self.replacement,
            "resources": list(self.resources),
            "usd_per_month": self.usd_per_month,
            "months_after": self.months_after,
            "move_usd_per_month": self.move_usd_per_month,
            "move_usd": self.move_usd,
            "sentence": self.sentence(),
        }


def type_retirements(
    account: Account, baseline: State, book: PriceBook, months: int = NEAR_MONTHS
) -> list[TypeRetirement]:
    """Retiring types in use inside the months of the calendar, dearest first. Usage of the baseline."""
    first = first_month(account.snapshot.manifest.window_end.date(), book.as_of)
    last = month_start(first, months + 1)
    found = []
    for name, (end, replacement) in retiring_types().items():
        day = date.fromisoformat(end) if end else None
        uses = _uses(baseline, name)
        if uses and (day is None or day < last):
            after = months * min((last - max(day or first, first)).days / (last - first).days, 1.0)
            cost = sum(float(block.list_cost_usd[rows].sum()) for block, rows in uses)
            extra = _moved_usd(baseline, uses, replacement, book) - cost
            found.append(
                TypeRetirement(
                    name, day, day is not None and day <= book.as_of, replacement, _named(baseline, uses), cost, after,
                    None if np.isnan(extra) else extra,
                )
            )  # fmt: skip
    return sorted(found, key=lambda r: -r.usd_per_month)


Uses = list[tuple[Block, Any]]


def _uses(baseline: State, name: str) -> Uses:
    """Charges by the hour of a type, with the rows that run it, where they cost something."""
    code = int(baseline.usage.catalog.type_code([name])[0])
    found = []
    for block in baseline.charges.blocks:
        if code >= 0 and block.meter.unit == "instance_hour" and block.meter.by and not block.meter.once:
            of = getattr(baseline.usage.table(block.table), block.meter.by) == code
            rows = np.flatnonzero(of & (np.nan_to_num(block.list_cost_usd) >= CENT))
            if len(rows):
                found.append((block, rows))
    return found


def _moved_usd(baseline: State, uses: Uses, replacement: str, book: PriceBook) -> float:
    """What the same hours cost on another type; NaN where a price is missing."""
    usage = baseline.usage
    code, total = int(usage.catalog.type_code([replacement])[0]), 0.0
    for block, rows in uses:
        table: Any = usage.table(block.table)
        moved = table.changed(**{block.meter.by: np.full(len(table), code, np.int64)})
        price, _ = price_of(usage, moved, block.meter, book, Steps((usage,), block.table))
        total += float((block.quantity * price)[rows].sum())
    return total


def _named(baseline: State, uses: Uses) -> tuple[str, ...]:
    """Resources, dearest first, each once."""
    cost: dict[str, float] = {}
    for block, rows in uses:
        for row in rows:
            name = str(baseline.usage.table(block.table).resource_id[row])
            cost[name] = cost.get(name, 0.0) + float(block.list_cost_usd[row])
    return tuple(sorted(cost, key=lambda n: -cost[n]))
