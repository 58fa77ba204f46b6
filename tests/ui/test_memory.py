"""What a session holds is light: prices, views and figures stay in bounded stores, however many sessions there are."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.simulate import Result
from simulator.pricing.book import PriceBook
from simulator.ui import memory
from simulator.ui.bounded import MIB, weight_bytes
from simulator.ui.figures import Figures
from simulator.ui.view import View
from tests.ui.pages import FIVE_FAMILIES, opened

HEAVY = (PriceBook, View, Figures, Result)


@pytest.mark.parametrize("page", ["simulate", "share", "explore", "ledger", "roadmap", "demand"])
def test_session_on_a_sample_holds_no_prices_and_no_figures(page: str) -> None:
    """150 links with different discounts took the server from 270 to 1,214 MB: each session kept what it had seen."""
    app = opened(page, FIVE_FAMILIES)
    for key, value in app.session_state._state.filtered_state.items():
        found: dict[int, object] = {}
        assert weight_bytes([value], HEAVY, found) < MIB, key
        assert not found, key


@given(st.lists(st.floats(0, 40), max_size=30))
def test_free_memory_is_given_back_now_and_then_however_many_ask(pauses: list[float]) -> None:
    now, done = 1e9, []
    memory._last[0] = now
    for pause in pauses:
        now += pause
        if memory.is_due(now):
            done.append(now)
    assert all(b - a >= memory.EVERY_SECONDS for a, b in itertools.pairwise(done))
    assert len(done) >= sum(p >= memory.EVERY_SECONDS for p in pauses)
    memory._last[0] = -memory.EVERY_SECONDS
