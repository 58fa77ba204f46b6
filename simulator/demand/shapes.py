"""Shapes of traffic over a week, from real traffic; each adds up to 168, so that 1 is the mean hour.

`office`: weekdays from 8 to 18, a tenth at other times (ours). `web`: day rhythm of a load balancer, 2014-04-10
to 24 (Numenta Anomaly Benchmark, realAWSCloudWatch elb_request_count). `bursty`: day and week rhythm of mentions,
2015-02-26 to 04-22 (Numenta Anomaly Benchmark, realTweets AMZN). Hours are UTC, the week starts on Monday.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

WEB_BY_HOUR = (
    0.959,
    0.997,
    0.853,
    0.854,
    0.847,
    0.778,
    0.683,
    0.712,
    0.73,
    0.735,
    0.763,
    0.646,
    0.992,
    1.11,
    1.207,
    1.196,
    1.216,
    1.532,
    1.235,
    1.382,
    1.488,
    1.257,
    0.898,
    0.93,
)
BURSTY_BY_HOUR = (
    1.185,
    1.084,
    1.015,
    0.927,
    0.782,
    0.648,
    0.559,
    0.565,
    0.573,
    0.635,
    0.664,
    0.781,
    0.955,
    1.113,
    1.182,
    1.24,
    1.322,
    1.346,
    1.359,
    1.301,
    1.268,
    1.216,
    1.146,
    1.132,
)
WEEKEND_OF_BURSTY = 0.821
SHAPES = ("flat", "office", "web", "bursty")
HOURS_PER_DAY, DAYS_PER_WEEK = 24, 7


def week(shape: str) -> tuple[float, ...]:
    """168 weights from Monday 00:00, mean 1. Raises KeyError for a shape that is not there."""
    if shape not in SHAPES:
        raise KeyError(shape)
    days = [(day, hour) for day in range(DAYS_PER_WEEK) for hour in range(HOURS_PER_DAY)]
    values = [_weight(shape, day, hour) for day, hour in days]
    mean = sum(values) / len(values)
    return tuple(v / mean for v in values)


def _weight(shape: str, day: int, hour: int) -> float:
    """One hour of the shape, before its mean is made 1."""
    if shape == "office":
        return 1.0 if day < 5 and 8 <= hour < 18 else 0.1
    if shape == "web":
        return WEB_BY_HOUR[hour]
    if shape == "bursty":
        return BURSTY_BY_HOUR[hour] * (WEEKEND_OF_BURSTY if day >= 5 else 1.0)
    return 1.0


def weights(shape: str, hours: Sequence[datetime]) -> list[float]:
    """The share of each hour in the calls of all these hours; they add up to 1."""
    pattern = week(shape)
    raw = [pattern[h.weekday() * HOURS_PER_DAY + h.hour] for h in hours]
    total = sum(raw)
    return [r / total for r in raw]
