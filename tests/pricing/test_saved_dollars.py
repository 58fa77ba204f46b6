"""Dollars that rest on old prices: those a scenario saves count like those that stay."""

from __future__ import annotations

from datetime import date

from simulator import PriceBook, Scenario, preset, simulate
from simulator.pricing.basis import price_basis
from tests.engine.test_invariants import account

LATER = date(2027, 11, 24)


def test_saved_dollars_rest_on_stale_prices_too() -> None:
    """A year on every price is stale: at least the whole baseline rests on them, whatever the scenario saves."""
    result = simulate(account("team"), preset("no_regret"), PriceBook.load(LATER))
    before, after = result.baseline.charges, result.outcome.charges
    both, alone = price_basis(result.book, before, after), price_basis(result.book, before)
    assert both.stale_usd >= alone.stale_usd > price_basis(result.book, after).stale_usd
    assert simulate(account("team"), Scenario(), result.book).saving_usd == 0
