"""E9: asynchronous endpoints that are always on go to zero."""

from __future__ import annotations

import pytest

from simulator.levers.endpoints.async_scale_to_zero import AsyncScaleToZero
from tests.accounts import account_with, traffic

NIGHTS = ([0.0] * 12 + [10.0] * 12) * 30  # busy half of the time, 30 wake-ups in 720 h


def usage_of(calls=NIGHTS, **columns):
    row = {"endpoint_name": "a", "mode": "async", "instance_count": 2} | columns
    return account_with(endpoints=[row], endpoint_traffic=traffic("a", calls)).usage


def test_busy_hours_and_wakings_stay():
    after = AsyncScaleToZero(start_minutes=10, idle_minutes=20).apply(usage_of()).endpoints
    # 2 instances: 730/2 busy hours, and 30 × 730/720 wake-ups of half an hour each.
    assert after.async_hours[0] == pytest.approx(2 * (365 + 30 * 730 / 720 * 0.5))
    assert after.profile.spread(after.async_hours)[0] == 0


def test_what_scaling_adds_above_its_minimum_stays():
    usage = usage_of(scaling_min=1, scaling_max=4, instance_hours=1440)
    after = AsyncScaleToZero(start_minutes=10, idle_minutes=20).apply(usage).endpoints
    # 1,460 h a month, 730 of them the minimum's: of these 365 + 15.208 stay.
    assert after.async_hours[0] == pytest.approx(730 + 365 + 30 * 730 / 720 * 0.5)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"mode": "realtime"}, "not asynchronous"),
        ({"scaling_min": 0, "scaling_max": 2}, "0 already"),
        ({"calls": [1.0] * 720}, "never be empty"),
        ({"calls": [0.0] * 23}, "not observed"),
        ({"instance_count": None}, "instance count is unknown"),
        ({}, "Always on"),
    ],
)
def test_verdict(columns, words):
    usage = usage_of(**columns)
    assert words in AsyncScaleToZero().verdicts(usage).sentence(0)
