"""E9: instances follow the queue."""

import numpy as np
import pytest

from simulator.levers.endpoints.async_inference import AsyncInference
from tests.accounts import account_with, traffic

NIGHTS = ([0.0] * 12 + [10.0] * 12) * 30


def usage_of(calls=NIGHTS, **columns):
    row = {"endpoint_name": "a", "async_tolerant": True, "instance_count": 2} | columns
    return account_with(endpoints=[row], endpoint_traffic=traffic("a", calls)).usage


def test_real_time_hours_become_fewer_asynchronous_hours():
    after = AsyncInference(start_minutes=10, idle_minutes=20).apply(usage_of()).endpoints
    assert after.instance_hours[0] == 0
    assert after.async_hours[0] == pytest.approx(2 * (365 + 30 * 730 / 720 * 0.5))


def test_slower_starts_cost_more_in_every_draw():
    drawn = (
        AsyncInference(start_minutes=np.array([[0.0], [60.0]]), idle_minutes=0.0)  # type: ignore[arg-type]
        .apply(usage_of())
        .endpoints
    )
    np.testing.assert_allclose(drawn.async_hours[:, 0], [730, 730 + 2 * 30 * 730 / 720])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"async_tolerant": False}, "callers wait for the answer"),
        ({"async_tolerant": None}, "ask them"),
        ({"mode": "async"}, "asynchronous already"),
        ({"payload_kb": 1.1 * 2**20}, "1 GB"),
        ({"latency_ms": 3_700_000}, "longer than the hour"),
    ],
)
def test_what_cannot_be_queued_says_why(columns, words):
    assert words in AsyncInference().verdicts(usage_of(**columns)).sentence(0)


def test_a_queue_that_is_never_empty_saves_nothing():
    assert "never be empty" in AsyncInference().verdicts(usage_of([1.0] * 720)).sentence(0)
