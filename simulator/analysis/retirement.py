"""Models in use that AWS retires: when, what follows, and what the forced move costs inside the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from simulator.analysis.forced_move import inside_usd, move_words
from simulator.engine.account import Account
from simulator.engine.calendar import first_month, month_start
from simulator.engine.state import State
from simulator.levers.bedrock.model_upgrade import ModelUpgrade
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import Charges, price_table
from simulator.usage.tables import Usage
from simulator.words import usd

CENT = 0.005
NEAR_MONTHS = 12


@dataclass(frozen=True)
class Retirement:
    """One model in use past its end of life, or with one inside the horizon.

    `usd_per_month` is what it costs today. `move_usd_per_month` is what the replacement costs more per month (less
    when negative), None where there is no replacement or no price; `move_usd` is that times the months of the horizon
    that lie after the end of life.
    """

    resource_id: str
    model: str
    end_of_life: date
    past: bool
    replacement: str
    usd_per_month: float
    months_after: float
    move_usd_per_month: float | None

    @property
    def move_usd(self) -> float | None:
        """Dollars of the move inside the horizon."""
        return inside_usd(self.move_usd_per_month, self.months_after)

    def sentence(self) -> str:
        """In words, with the date and the dollars."""
        said = f"{self.resource_id} ({usd(self.usd_per_month)} per month): AWS " + (
            f"ended its model on {self.end_of_life}, requests fail since."
            if self.past
            else f"ends its model on {self.end_of_life}, from then requests fail."
        )
        if self.move_usd_per_month is None:
            follows = f"to {self.replacement} " if self.replacement else ""
            return f"{said} What the forced move {follows}costs is not known; no lever saves on it from then."
        return (
            f"{said} {move_words('tokens', self.replacement, self.move_usd_per_month, self.months_after)} The months "
            "count the move in the baseline and the scenario, and savings on what follows only with model_upgrade on."
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "resource_id": self.resource_id,
            "model": self.model,
            "end_of_life": self.end_of_life.isoformat(),
            "past": self.past,
            "replacement": self.replacement or None,
            "usd_per_month": self.usd_per_month,
            "months_after": self.months_after,
            "move_usd_per_month": self.move_usd_per_month,
            "move_usd": self.move_usd,
            "sentence": self.sentence(),
        }


def retirements(
    account: Account, baseline: State, book: PriceBook, months: int = NEAR_MONTHS
) -> list[Retirement]:
    """Models in use that are dead or die inside the months of the calendar, most expensive first, by baseline usage."""
    usage, today = baseline.usage, book.as_of
    first = first_month(account.snapshot.manifest.window_end.date(), today)
    last = month_start(first, months + 1)
    ends = [date.fromisoformat(d) if d else None for d in usage.catalog.end_of_life[usage.bedrock.model]]
    costs = baseline.charges.by_resource("bedrock", len(ends))
    used = np.nan_to_num(usage.bedrock.requests) > 0
    rows = [r for r, end in enumerate(ends) if end and end < last and (costs[r] >= CENT or used[r])]
    if not rows:
        return []
    moved, known = _moved_usd(usage, book)
    found = []
    for row in rows:
        end = ends[row]
        assert end is not None
        code, new = int(usage.bedrock.model[row]), int(usage.catalog.replacement[usage.bedrock.model[row]])
        found.append(
            Retirement(
                str(usage.bedrock.resource_id[row]),
                usage.catalog.models[code],
                end,
                end <= today,
                usage.catalog.models[new] if new >= 0 else "",
                float(costs[row]),
                months * min((last - max(end, first)).days / (last - first).days, 1.0),
                float(moved[row] - costs[row]) if known[row] else None,
            )
        )
    return sorted(found, key=lambda r: -r.usd_per_month)


def _moved_usd(usage: Usage, book: PriceBook) -> tuple[Any, Any]:
    """Cost per row after the move, and where the lever applies and every price of it is known."""
    lever = ModelUpgrade()
    after = lever.apply(usage)
    blocks = tuple(price_table(after, "bedrock", book))
    known = lever.verdicts(usage).applies.copy()
    for block in blocks:
        known &= ~np.isnan(block.cost_usd)
    return Charges(blocks).by_resource("bedrock", len(known)), known
