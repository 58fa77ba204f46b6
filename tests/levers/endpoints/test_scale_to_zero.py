"""E5: only inference components sleep."""

import pytest

from simulator.levers.endpoints.scale_to_zero import ScaleToZero
from tests.accounts import account_with, traffic

NIGHTS = ([0.0] * 12 + [10.0] * 12) * 30  # busy half of the time, 30 wake-ups in 720 h


def usage_of(calls=NIGHTS, **columns):
    row = {"endpoint_name": "a", "mode": "components", "instance_count": 2} | columns
    return account_with(endpoints=[row], endpoint_traffic=traffic("a", calls)).usage


def why(usage):
    return ScaleToZero().verdicts(usage).sentence(0)


def test_busy_hours_and_wakings_stay():
    after = ScaleToZero(start_minutes=10, idle_minutes=20).apply(usage_of()).endpoints
    # 2 instances: 730/2 busy hours, and 30 x 730/720 wake-ups of half an hour each
    assert after.instance_hours[0] == pytest.approx(2 * (365 + 30 * 730 / 720 * 0.5))


def test_it_sleeps_in_the_hours_without_calls():
    after = ScaleToZero().apply(usage_of()).endpoints
    by_hour = after.profile.spread(after.instance_hours)
    assert by_hour[0] == 0
    assert by_hour[12] > 0


def test_a_plain_variant_keeps_one_instance():
    usage = usage_of(mode="realtime")
    assert "keeps one instance: only inference components" in why(usage)
    assert ScaleToZero().apply(usage).endpoints.instance_hours[0] == 2 * 730


def test_an_endpoint_called_every_hour_never_sleeps():
    assert "never sleep" in why(usage_of([1.0] * 720))


def test_unobserved_traffic_is_a_question():
    assert "not observed" in why(usage_of([0.0] * 23))
