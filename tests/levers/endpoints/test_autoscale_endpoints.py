"""E4: instances hour by hour, worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.levers.endpoints.autoscale_endpoints import (
    AutoscaleEndpoints,
    instances_by_hour,
    mean_instances,
)
from simulator.usage.rows import taken
from tests.accounts import account_with, traffic

# MAX_RPS 2, headroom 0.5: 60 calls per minute, 3,600 per hour and instance.
ROW = {"endpoint_name": "a", "instance_count": 4, "max_rps": 2.0}


def usage_of(calls, **columns):
    return account_with(endpoints=[ROW | columns], endpoint_traffic=traffic("a", calls)).usage


def hours_after(usage, **setting):
    return AutoscaleEndpoints(**setting).apply(usage).endpoints.instance_hours[..., 0]


def why(usage, **setting):
    return AutoscaleEndpoints(**setting).verdicts(usage).sentence(0)


def test_target_is_half_the_measured_capacity_per_minute():
    assert AutoscaleEndpoints().target_per_minute(10.0) == 300  # 10/s x 0.5 x 60


def test_each_hour_has_the_instances_its_calls_need():
    # 6 h of 0, 6 h of 3,600 (1), 6 h of 3,601 (2), 6 h of 20,000 (6, but 4 run today): 6 x (1+1+2+4) / 24 = 2
    calls = ([0.0] * 6 + [3600.0] * 6 + [3601.0] * 6 + [20_000.0] * 6) * 30
    assert hours_after(usage_of(calls)) == pytest.approx(2 * 730)


def test_the_minimum_is_held_at_night():
    calls = ([0.0] * 12 + [20_000.0] * 12) * 30
    assert hours_after(usage_of(calls), min_instances=2) == pytest.approx((2 + 4) / 2 * 730)


def test_less_headroom_needs_fewer_instances():
    usage = usage_of([7200.0] * 720)  # 2 instances at 3,600 each; 2 at 0.7 x 7,200 = 5,040; 3 at 0.4 x 7,200
    drawn = hours_after(usage, headroom_ratio=np.array([[0.4], [0.5], [0.7]]))
    np.testing.assert_allclose(drawn, np.array([3, 2, 2]) * 730)


def test_hours_never_observed_are_left_out_of_the_mean():
    assert hours_after(usage_of([3600.0] * 24)) == pytest.approx(730)


def test_one_instance_saves_nothing_and_says_so():
    usage = usage_of([1.0] * 720, instance_count=1)
    assert why(usage) == "Runs one instance, and one must stay: auto-scaling saves nothing."
    assert hours_after(usage) == 730


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"max_rps": None}, "capacity of one instance is unknown"),
        ({"scaling_min": 1, "scaling_max": 6}, "Scales already"),
        ({"mode": "components"}, "scale by copies"),
        ({"mode": "serverless"}, "has no instances"),
        ({"instance_count": None}, "instance count is unknown"),
    ],
)
def test_what_cannot_scale_says_why(columns, words):
    assert words in why(usage_of([1.0] * 720, **columns))


def test_traffic_of_less_than_a_day_is_a_question():
    assert "not observed for a day" in why(usage_of([1.0] * 23))


def test_the_profile_follows_the_instances():
    calls = ([0.0] * 12 + [20_000.0] * 12) * 30
    e = AutoscaleEndpoints().apply(usage_of(calls)).endpoints
    by_hour = e.profile.spread(e.instance_hours)
    assert by_hour[12] / by_hour[0] == pytest.approx(4)


def test_counting_ranks_equals_clipping_every_hour():
    rng = np.random.default_rng(7)
    rows = [
        ROW | {"endpoint_name": f"e{i}", "instance_count": int(n)}
        for i, n in enumerate(rng.integers(2, 9, 20))
    ]
    calls = rng.poisson(6000, (20, 48)).astype(float)
    hourly = [r for i in range(20) for r in traffic(f"e{i}", calls[i])]
    e = account_with(endpoints=rows, endpoint_traffic=hourly).usage.endpoints
    target = np.array([[1000.0], [2500.0], [6000.0]]) * np.ones(20)
    low, high = np.ones(20), e.instance_count
    got = mean_instances(e, np.arange(20), target, low, high)
    for draw in range(3):
        np.testing.assert_allclose(got[draw], instances_by_hour(calls, target[draw], low, high).mean(axis=1))


def test_rows_taken_out_of_the_table_count_the_same():
    calls = [traffic("a", [0.0, 9000.0] * 24), traffic("b", [4000.0] * 48)]
    usage = account_with(
        endpoints=[ROW, ROW | {"endpoint_name": "b"}], endpoint_traffic=[r for rows in calls for r in rows]
    ).usage
    part = replace(usage, endpoints=taken(usage.endpoints, np.array([1, 0, 1])))
    whole, got = hours_of_all(usage), hours_of_all(part)
    np.testing.assert_allclose(got, whole[[1, 0, 1]])


def hours_of_all(usage):
    return AutoscaleEndpoints().apply(usage).endpoints.instance_hours
