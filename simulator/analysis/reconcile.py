"""Baseline beside the bill: explained + unexplained = billed, per component. Nothing is scaled to fit."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from simulator.aws.usage_types import component_of
from simulator.engine.account import Account, window_plans
from simulator.plans.settlement import settle
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import price_usage
from simulator.units import run_rate_factor
from simulator.usage.tables import COMPONENTS


@dataclass(frozen=True)
class Reconciliation:
    """One component over the window, in dollars. `billed_usd` is None where no bill was given."""

    component: str
    billed_usd: float | None
    explained_usd: float

    @property
    def unexplained_usd(self) -> float | None:
        """Billed less explained: negative when usage × price is more than the bill."""
        return None if self.billed_usd is None else self.billed_usd - self.explained_usd


def reconcile(account: Account, book: PriceBook) -> list[Reconciliation]:
    """What the window's usage explains of the bill, per component."""
    usage, book = account.window_usage, account.book(book)
    charges, _ = settle(price_usage(usage, book), usage, window_plans(account.snapshot))
    explained = {c: float(v) for c, v in charges.by_component().items()}
    billed = billed_by_component(account.snapshot.tables["billed"])
    return [
        Reconciliation(c, billed.get(c, 0.0) if billed else None, explained[c])
        for c in COMPONENTS
        if explained[c] or billed.get(c)
    ]


def unexplained_per_month_usd(rows: list[Reconciliation], window_hours: float) -> float | None:
    """Dollars of a month that no usage explains, the window's at run rate; None without a bill."""
    gaps = [r.unexplained_usd for r in rows if r.unexplained_usd is not None]
    return sum(gaps) * run_rate_factor(window_hours) if gaps else None


def billed_by_component(frame: pd.DataFrame) -> dict[str, float]:
    """Billed dollars per component; lines whose component is not given are classified by service and usage type."""
    if frame.empty:
        return {}
    given = frame["component"].fillna("").astype(str)
    names = frame[["service", "usage_type", "line_type", "usage_unit"]].astype(object)
    names = names.where(names.notna(), "")
    guess = [component_of(*map(str, line)) for line in names.itertuples(index=False, name=None)]
    component = given.where(given != "", pd.Series(guess, index=frame.index))
    return {str(k): float(v) for k, v in frame["cost_usd"].astype(float).groupby(component).sum().items()}
