"""Custom Model Import: unit-minutes of active five-minute windows, by hand.

Two units of a 16 GiB model cost 2 × 0.05718 a minute and 2 × 1.95 a month; ml.g5.2xlarge costs 1.515 × 730 = 1,105.95.
"""

from __future__ import annotations

from math import exp
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, Scenario, simulate
from simulator.levers.endpoints.custom_model_import import CustomModelImport
from tests.accounts import account_with, prices, traffic

LLM: dict[str, Any] = {
    "endpoint_name": "own", "model_name": "llama-3-1-8b-own", "model_gib": 16, "latency_ms": 1000, "import_ok": True,
}  # fmt: skip


def account(calls: list[float], **more: Any) -> Account:
    return account_with(endpoints=[LLM | more], endpoint_traffic=traffic("own", calls))


def saving(calls: list[float], **more: Any) -> float:
    return simulate(account(calls, **more), Scenario((CustomModelImport(),)), prices()).saving_usd


def cost(calls_per_busy_hour: float, busy_hours: float) -> float:
    """Two units in the active windows of the month's busy hours, and their storage."""
    minutes = busy_hours * 60 * (1 - exp(-calls_per_busy_hour / 12))
    return 2 * (0.05718 * minutes + 1.95)


def test_a_burst_a_day_is_billed_for_its_windows_only() -> None:
    """120 calls in one hour a day: nearly all of its 12 windows are active, 30.4 hours a month."""
    assert saving(([120.0] + [0.0] * 23) * 30) == pytest.approx(1105.95 - cost(120, 730 / 24))


def test_a_trickle_all_day_costs_more_than_the_instance() -> None:
    """12 calls every hour keep 63 % of the windows active: 3,170 against 1,105.95."""
    assert saving([12.0] * 720) == pytest.approx(1105.95 - cost(12, 730))
    assert saving([12.0] * 720) < -2_000


def test_calls_at_once_beyond_one_copy_need_more_copies() -> None:
    """43,200 calls per hour of one second are 12 at once: two copies of 8."""
    minutes = 730 * 60.0
    assert saving([43_200.0] * 720) == pytest.approx(1105.95 - 2 * (0.05718 * 2 * minutes + 1.95))


@pytest.mark.parametrize("missing", ["import_ok", "model_gib", "latency_ms"])
def test_what_is_not_known_is_asked_for_and_saves_nothing(missing: str) -> None:
    found = CustomModelImport().verdicts(account([1.0] * 720, **{missing: None}).usage)
    assert int(found.state[0]) == -1
    assert saving([0.0] * 720, **{missing: None}) == 0


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 1e5), min_size=24, max_size=24), st.integers(1, 100))
def test_more_calls_never_cost_less(calls: list[float], more: int) -> None:
    once, twice = (saving([c * factor for c in calls] * 30) for factor in (1, 1 + more))
    assert twice <= once + 1e-6
