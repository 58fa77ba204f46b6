"""What hourly calls imply: counts by hand."""

import numpy as np
import pandas as pd
import pytest

from simulator.usage.endpoint_traffic import (
    Ranks,
    busy_ratio,
    fold_week,
    hour_of_week,
    hours_above,
    inside_window,
    peak_calls,
    silent_hours,
    wakeups_per_hour,
    weekday_windows,
)
from tests.accounts import account_with, traffic

NAN = np.nan
CALLS = np.array([[0, 5, 10, 0, NAN, 2.0], [NAN] * 6, [0] * 6])


def test_peak_and_busy_share_ignore_hours_never_observed():
    np.testing.assert_array_equal(peak_calls(CALLS), [10, NAN, 0])
    np.testing.assert_allclose(busy_ratio(CALLS), [3 / 5, NAN, 0])


def test_a_wakeup_is_a_busy_hour_after_a_silent_one_and_not_after_an_unknown_one():
    np.testing.assert_allclose(wakeups_per_hour(CALLS), [1 / 5, NAN, 0])


def test_silence_is_counted_back_from_the_end_and_ends_at_a_call_or_the_unknown():
    np.testing.assert_array_equal(silent_hours(CALLS), [0, 0, 6])
    np.testing.assert_array_equal(silent_hours(np.array([[NAN, 0, 0], [1, 0, 0.0]])), [2, 2])


def test_hours_above_counts_strictly_and_leaves_the_unknown_out():
    rank, rows = Ranks.of(CALLS), np.arange(3)
    np.testing.assert_array_equal(hours_above(rank, rows, np.array([0.0, 0.0, 0.0])), [3, 0, 0])
    np.testing.assert_array_equal(hours_above(rank, rows, np.array([0.5, 0.5, 0.5])), [1, 0, 0])
    np.testing.assert_array_equal(hours_above(rank, rows, np.array([1.0, 1.0, 1.0])), [0, 0, 0])


def test_hours_above_equals_counting_for_many_rows_and_draws():
    calls = np.random.default_rng(1).poisson(3.0, (200, 50)).astype(float)
    rank, peak = Ranks.of(calls), peak_calls(calls)
    limit = np.array([[0.5], [2.0], [3.0], [7.5]])
    expected = (calls[None] > limit[:, :, None]).sum(axis=2)
    np.testing.assert_array_equal(hours_above(rank, np.arange(200), limit / peak), expected)


def test_the_week_begins_on_monday():
    assert hour_of_week(pd.Timestamp("2026-10-05", tz="UTC")) == 0  # a Monday
    assert hour_of_week(pd.Timestamp("2026-10-01 06:00", tz="UTC")) == 3 * 24 + 6  # a Thursday


def test_folding_a_window_on_the_week_averages_what_was_observed():
    week = fold_week(np.full((1, 720), 4.0), 72.0, mean=True)
    np.testing.assert_array_equal(week, np.full((1, 168), 4.0))
    assert fold_week(np.ones((1, 720)), 72.0, mean=False).sum() == 720


def test_office_hours_in_tokyo_are_found_although_the_clock_is_utc():
    # 09:00-17:00 in Tokyo is 00:00-08:00 UTC; four weeks from Monday 00:00 UTC.
    day = np.r_[np.full(8, 10.0), np.zeros(16)]
    calls = np.tile(np.r_[np.tile(day, 5), np.zeros(48)], 4)[None]
    share, start = weekday_windows(calls, 0.0)
    assert share[0, 8] == pytest.approx(1.0)
    assert start[0, 8] == 0
    assert share[0, 4] == pytest.approx(0.5)
    mask = inside_window(0.0, calls.shape[1], start[:, 8], 8)
    np.testing.assert_array_equal(mask > 0, calls > 0)


def test_constant_traffic_lies_in_a_window_in_proportion_to_its_length():
    share, _ = weekday_windows(np.ones((1, 672)), 0.0)
    np.testing.assert_allclose(share[0], 5 * np.arange(25) / 168)
    assert np.isnan(weekday_windows(np.zeros((1, 672)), 0.0)[0]).all()


def test_traffic_of_an_endpoint_of_the_same_name_elsewhere_is_not_mixed_in():
    rows = [{"endpoint_name": "a", "region": "us-east-1"}, {"endpoint_name": "a", "region": "us-west-2"}]
    calls = [r | {"region": "us-west-2"} for r in traffic("a", [7.0])]
    endpoints = account_with(endpoints=rows, endpoint_traffic=calls).usage.endpoints
    assert np.isnan(endpoints.traffic[0]).all()
    assert endpoints.traffic[1, 0] == 7.0
