"""Published worked examples: their inputs are prices and quantities, their results what the product must give."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator import Account, PriceBook
from simulator.pricing.book import COLUMNS
from simulator.pricing.charges import price_usage
from simulator.usage.tables import Usage
from tests.accounts import account_with

HERE = Path(__file__).parent
ORACLES = HERE.parents[1].parent / "shared" / "oracles.json"
AS_OF = date(2026, 11, 24)


@functools.cache
def every_oracle() -> dict[str, dict[str, Any]]:
    """The figures and sources of all examples, copied from the team's collection (a test compares them)."""
    cases = json.loads((HERE / "published.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in cases}


def oracle(oracle_id: str) -> dict[str, Any]:
    """One worked example."""
    return every_oracle()[oracle_id]


def meets(found: dict[str, Any], example: dict[str, Any]) -> None:
    """Every expected value is found within the example's own tolerance."""
    expected, tolerance = example["expected"], example["tolerance"]
    assert set(found) == set(expected)
    for name, value in expected.items():
        close = pytest.approx(value, abs=tolerance.get("abs", 0), rel=tolerance.get("rel", 0))
        assert found[name] == close, name


def book_of(*prices: tuple[Any, ...]) -> PriceBook:
    """A price book of (component, item, usd) or (component, item, usd, per, tier_from), for every region.

    A tiered price is given for us-east-1, as the shipped ones are per region.
    """
    rows = []
    for component, item, usd, *more in prices:
        per, tier_from = (*more, 1.0, 0.0)[:2] if len(more) != 1 else (more[0], 0.0)
        tiered = len(more) > 1
        rows.append(
            dict.fromkeys(COLUMNS, "")
            | {"component": component, "item": item, "region": "us-east-1" if tiered else "*"}
            | {"usd": float(usd), "per": float(per), "tier_from": float(tier_from), "tier_to": float("inf")}
        )
    return PriceBook(pd.DataFrame(rows, columns=list(COLUMNS)), AS_OF)


def metered(*, days: int = 30, **tables: Sequence[dict[str, Any]]) -> Usage:
    """What a window metered, not projected to a month (see `account_with`)."""
    account: Account = account_with(days=days, **tables)
    return account.window_usage


def cost_usd(usage: Usage, book: PriceBook, *, once: bool = False) -> float:
    """The product's own price for a usage."""
    return float(price_usage(usage, book).total_usd(once=once))


def costs_usd(usage: Usage, book: PriceBook) -> dict[str, float]:
    """The product's own charges by meter."""
    return {b.meter.name: float(b.known_usd.sum()) for b in price_usage(usage, book).blocks}
