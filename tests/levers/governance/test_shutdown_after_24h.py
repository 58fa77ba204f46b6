"""Governance: automatic shutdown after 24 silent hours."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from simulator import Account, Scenario, simulate
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.levers.governance.shutdown_after_24h import ShutdownAfter24h
from simulator.levers.lever import STATES
from simulator.usage.silence import long_silence
from tests.accounts import account_with, prices, traffic

MONTH = 730 / 720
ALL = ShutdownAfter24h(obeyed_ratio=1.0)


def account_of(calls: Sequence[float], **endpoint: Any) -> Account:
    row = {"endpoint_name": "chat"} | endpoint
    return account_with(endpoints=[row], endpoint_traffic=traffic("chat", calls))


def calls_with_silence(hours: int) -> list[float]:
    return [1.0] * 100 + [0.0] * hours + [1.0] * (620 - hours)


def test_a_forgotten_endpoint_is_paid_for_24_hours_at_most() -> None:
    """rules.md#what-is-generated: exposure 24 h × price, $36.36 for ml.g5.2xlarge."""
    for silent_hours in (24, 48, 500):
        result = simulate(account_of(calls_with_silence(silent_hours)), Scenario((ALL,)), prices())
        busy_usd = (720 - silent_hours) * 1.515 * MONTH
        assert result.outcome.total_usd - busy_usd == pytest.approx(36.36 * MONTH)


def test_hours_of_all_instances_end() -> None:
    after = ALL.apply(account_of(calls_with_silence(100), instance_count=3).usage).endpoints
    # 100 silent hours, 76 of them after the first 24, of 720 hours × 3 instances.
    assert after.instance_hours == pytest.approx([3 * (720 - 76) * MONTH])


def test_exempt_endpoints_keep_their_share() -> None:
    after = ShutdownAfter24h(obeyed_ratio=0.75).apply(account_of(calls_with_silence(100)).usage).endpoints
    assert after.instance_hours == pytest.approx([(720 - 57) * MONTH])


def test_the_profile_is_zero_in_the_hours_that_ended() -> None:
    after = ALL.apply(account_of(calls_with_silence(100)).usage).endpoints
    by_hour = after.profile.spread(after.instance_hours)
    assert by_hour[124:200] == pytest.approx(0.0)
    assert by_hour[:124] == pytest.approx(MONTH)


def test_hours_another_lever_already_took_are_not_saved_twice() -> None:
    usage = account_of(calls_with_silence(100)).usage
    e = usage.endpoints
    scheduled = e.profile.with_shape(np.array([True]), np.where(e.long_silence, 0.0, 1.0))
    before = dataclasses.replace(usage, endpoints=dataclasses.replace(e, profile=scheduled))
    assert ALL.apply(before).endpoints.instance_hours == pytest.approx(before.endpoints.instance_hours)


def test_an_endpoint_that_was_stopped_has_nothing_left() -> None:
    usage = StopIdleEndpoints().apply(account_of([0.0] * 720).usage)
    assert "no real-time instance hours left" in ALL.verdicts(usage).sentence(0)


@pytest.mark.parametrize(
    ("calls", "endpoint", "state", "words"),
    [
        (calls_with_silence(24), {}, "not_applicable", "never silent"),
        (calls_with_silence(100), {"keep": True}, "not_applicable", "says keep"),
        (
            calls_with_silence(100),
            {"status": "Failed", "instance_count": 0},
            "not_applicable",
            "no real-time",
        ),
        ([0.0] * 24, {}, "unknown", "24 hours at most"),
        (calls_with_silence(25), {}, "applies", "more than 24 hours"),
    ],
)
def test_verdict(calls: list[float], endpoint: dict[str, Any], state: str, words: str) -> None:
    found = ALL.verdicts(account_of(calls, **endpoint).usage)
    assert STATES[int(found.state[0])] == state
    assert words in found.sentence(0)


def test_an_hour_never_observed_breaks_a_silence() -> None:
    calls = np.zeros((1, 60))
    assert long_silence(calls, np.array([0])).sum() == 36
    calls[0, 30] = np.nan
    # 30 hours before the gap: 6 beyond a day. 29 after it: 5.
    assert long_silence(calls, np.array([0])).sum() == 11


def test_a_call_to_one_variant_keeps_the_other_alive() -> None:
    calls = np.zeros((2, 60))
    calls[1, 30] = 1.0
    assert long_silence(calls, np.array([0, 0])).sum(axis=1).tolist() == [11, 11]


def test_draws_scale_each_row() -> None:
    usage = account_of(calls_with_silence(100)).usage
    drawn = ShutdownAfter24h(obeyed_ratio=np.array([[0.0], [1.0]]))  # type: ignore[arg-type]
    after = drawn.apply(usage).endpoints.instance_hours
    assert after == pytest.approx(np.array([[720.0], [644.0]]) * MONTH)
