"""What a session holds is light: prices, views and figures stay in bounded stores, however many sessions there are."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

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


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_free_memory_is_given_back_after_everybody_and_seldom_however_many_ask(pauses: list[int]) -> None:
    now = 0.0
    due: list[tuple[float, Callable[[], None]]] = []
    asked: list[float] = []
    done: list[float] = []
    soon = memory.Soon(lambda: done.append(now), lambda work: due.append((now + memory.AFTER_SECONDS, work)))
    for pause in [*pauses, 100]:
        later = now + pause
        while due and due[0][0] <= later:
            now, work = due.pop(0)
            work()
        now = later
        if len(asked) < len(pauses):
            soon.ask()
            asked.append(now)
    assert all(b - a >= memory.AFTER_SECONDS for a, b in itertools.pairwise(done))
    assert all(any(0 <= d - a <= memory.AFTER_SECONDS for d in done) for a in asked)


def test_what_the_last_has_left_is_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    """For real, by the clock, in a thread of its own."""
    monkeypatch.setattr(memory, "AFTER_SECONDS", 0.05)
    given_back = threading.Event()
    circle: list[object] = [_Gone(given_back)]
    circle.append(circle)
    del circle
    memory.Soon(memory._give_back, memory.in_a_while).ask()
    assert given_back.wait(10)


class _Gone:
    """Tells when it is collected."""

    def __init__(self, told: threading.Event) -> None:
        self.told = told

    def __del__(self) -> None:
        self.told.set()
