"""E2: nights and weekends off, without removing an hour twice."""

import numpy as np
import pytest

from simulator.levers.endpoints.autoscale_endpoints import AutoscaleEndpoints
from simulator.levers.endpoints.schedule_endpoints import ScheduleEndpoints
from tests.accounts import account_with, traffic

# The window begins on Thursday 2026-10-01 00:00 UTC; 28 days = 4 whole weeks.
WORKDAY, WEEKEND = [0.0] * 8 + [100.0] * 10 + [0.0] * 6, [0.0] * 24
WEEK = (WORKDAY * 2 + WEEKEND * 2 + WORKDAY * 3) * 4


def usage_of(calls=WEEK, **columns):
    row = {"endpoint_name": "a", "instance_count": 2} | columns
    return account_with(days=28, endpoints=[row], endpoint_traffic=traffic("a", calls)).usage


def hours_after(usage, **setting):
    return ScheduleEndpoints(**setting).apply(usage).endpoints.instance_hours[..., 0]


def test_fifty_hours_a_week_save_70_percent():
    # rules.md#schedule-endpoints: 50 / 168 = 29.76 % stay, -70.2 %
    left = hours_after(usage_of(), on_hours_per_week=50, start_minutes=0)
    assert 1 - left / (2 * 730) == pytest.approx(0.702, abs=5e-4)


def test_each_start_is_billed():
    left = hours_after(usage_of(), on_hours_per_week=50, start_minutes=12)
    assert left == pytest.approx(2 * 730 * (50 + 5 * 0.2) / 168)


def test_calls_at_night_refuse_the_schedule():
    busy_at_night = [c if c else 1.0 for c in WEEK]  # 472 of 20,472 calls = 2.3 % outside
    usage = usage_of(busy_at_night)
    assert "outside any window" in ScheduleEndpoints().verdicts(usage).sentence(0)
    assert ScheduleEndpoints(lost_calls_ratio=0.03).verdicts(usage).applies.all()


def test_a_window_shorter_than_the_working_day_is_refused():
    assert not ScheduleEndpoints(on_hours_per_week=40).verdicts(usage_of()).applies.any()


def test_draws_too_short_for_the_calls_leave_the_endpoint_on():
    left = hours_after(usage_of(), on_hours_per_week=np.array([[40.0], [50.0], [84.0]]), start_minutes=0)
    np.testing.assert_allclose(left, 2 * 730 * np.array([1, 50 / 168, 84 / 168]))


def test_hours_that_auto_scaling_removed_are_not_removed_again():
    # max_rps 0.02 -> 36 calls per hour and instance: 100 calls need 3, today's 2 run; one at night.
    usage = usage_of(max_rps=0.02)
    scaled = AutoscaleEndpoints().apply(usage)
    after = ScheduleEndpoints(on_hours_per_week=50, start_minutes=0).apply(scaled)
    assert scaled.endpoints.instance_hours[0] == pytest.approx((50 * 2 + 118 * 1) / 168 * 730)
    assert after.endpoints.instance_hours[0] == pytest.approx(50 * 2 / 168 * 730)
    assert after.endpoints.instance_hours[0] == pytest.approx(hours_after(usage, start_minutes=0))


def test_nothing_runs_outside_the_window():
    e = ScheduleEndpoints(start_minutes=0).apply(usage_of()).endpoints
    by_hour = e.profile.spread(e.instance_hours)
    np.testing.assert_array_equal(by_hour > 0, np.array(WEEK) > 0)


@pytest.mark.parametrize(
    ("calls", "columns", "words"),
    [
        (WEEK, {"keep": True}, "says keep"),
        (WEEK, {"mode": "serverless"}, "nights without calls cost nothing"),
        (WEEK[:167], {}, "not observed for a whole week"),
        ([0.0] * 672, {}, "stop it rather"),
    ],
)
def test_what_is_not_scheduled_says_why(calls, columns, words):
    assert words in ScheduleEndpoints().verdicts(usage_of(calls, **columns)).sentence(0)


def test_asynchronous_endpoints_sleep_too():
    e = ScheduleEndpoints(start_minutes=0).apply(usage_of(mode="async")).endpoints
    assert e.async_hours[0] == pytest.approx(2 * 730 * 50 / 168)


def test_history_tells_the_window_the_account_needs():
    assert ScheduleEndpoints.history(usage_of())["on_hours_per_week"][0] == 50
    assert ScheduleEndpoints.history(usage_of([1.0] * 672)) == {}
    assert ScheduleEndpoints.history(usage_of([0.0] * 672)) == {}
