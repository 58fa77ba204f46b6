"""Baseline beside the bill: explained + unexplained = billed, per component. Nothing is scaled to fit."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from simulator.engine.account import Account
from simulator.plans.settlement import settle
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import price_usage
from simulator.usage.tables import COMPONENTS

USAGE_TYPES = (
    (re.compile(r"-?(Train|WarmPool)", re.I), "training"),
    (re.compile(r"(Host|AsyncInf|ServerlessInf)", re.I), "hosting"),
    (re.compile(r"(Notebk|Studio|Processing|Tsform)", re.I), "compute"),
)


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
    charges, _ = settle(price_usage(usage, book), usage, account.plans)
    explained = {c: float(v) for c, v in charges.by_component().items()}
    billed = billed_by_component(account.snapshot.tables["billed"])
    return [
        Reconciliation(c, billed.get(c, 0.0) if billed else None, explained[c])
        for c in COMPONENTS
        if explained[c] or billed.get(c)
    ]


def billed_by_component(frame: pd.DataFrame) -> dict[str, float]:
    """Billed dollars per component; lines whose component is not given are classified by service and usage type."""
    if frame.empty:
        return {}
    given = frame["component"].fillna("").astype(str)
    guess = [
        component_of(str(s), "" if pd.isna(u) else str(u))
        for s, u in zip(frame["service"], frame["usage_type"], strict=True)
    ]
    component = given.where(given != "", pd.Series(guess, index=frame.index))
    return {str(k): float(v) for k, v in frame["cost_usd"].astype(float).groupby(component).sum().items()}


def component_of(service: str, usage_type: str) -> str:
    """Component of a bill line; `other` when neither name tells."""
    name = service.lower()
    if "bedrock" in name:
        return "bedrock"
    if "simple storage" in name or name in ("amazon s3", "amazons3"):
        return "storage"
    if "sagemaker" in name or "machine learning savings" in name:
        return next((c for pattern, c in USAGE_TYPES if pattern.search(usage_type)), "other")
    return "other"
