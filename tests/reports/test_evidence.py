"""Evidence of a resource: what was seen of it, by hand; what nobody saw is unknown and never 0."""

import json
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.reports.evidence import NO_CALL, UNKNOWN, daily, evidence_table, tags_of
from tests.accounts import account_with, traffic


def seen(**tables):
    return evidence_table(account_with(**tables)).iloc[0]


def test_calls_busy_share_and_last_call_are_those_of_the_traffic() -> None:
    # 2 calls in each of the first 3 of 48 observed hours: 6 calls, 3/48 busy, the last at 02:00 of the first day
    row = seen(
        days=2,
        endpoints=[{"endpoint_name": "a"}],
        endpoint_traffic=traffic("a", [2.0] * 3 + [0.0] * 45),
    )
    assert (row["calls_quantity"], row["busy_ratio"]) == (6, 0.0625)
    assert row["last_call"] == "2026-10-01 02:00"
    assert row["daily_calls"] == [6, 0]


def test_traffic_nobody_observed_is_unknown_and_silence_is_said() -> None:
    row = seen(endpoints=[{"endpoint_name": "a"}])
    assert math.isnan(row["calls_quantity"])
    assert math.isnan(row["busy_ratio"])
    assert row["last_call"] == UNKNOWN
    assert row["daily_calls"] is None
    assert row["why_idle"] == ""
    silent = seen(endpoints=[{"endpoint_name": "a"}], endpoint_traffic=traffic("a", [0.0] * 720))
    assert silent["last_call"] == NO_CALL
    assert silent["calls_quantity"] == 0
    assert silent["why_idle"]


def test_an_idle_notebook_says_its_share_of_idle_hours() -> None:
    row = seen(compute=[{"name": "n", "kind": "notebook", "hours": 100, "idle_hours": 80}])
    assert row["why_idle"] == "Nobody used it in 80% of the hours it ran."


def test_account_tags_and_gpu_use_are_the_snapshots() -> None:
    row = seen(
        endpoints=[
            {
                "account_id": "012345678901",
                "tags": json.dumps({"team": "x", "env": "p"}),
                "gpu_utilization_ratio": 0.25,
            }
        ]
    )
    assert (row["account"], row["tags"]) == ("012345678901", ("env=p", "team=x"))
    assert row["gpu_use_ratio"] == 0.25
    assert math.isnan(row["gpu_memory_ratio"])


def test_no_tag_known_is_no_tag() -> None:
    assert tags_of(None) == tags_of("") == tags_of(float("nan")) == ()


@given(st.lists(st.one_of(st.just(math.nan), st.integers(0, 1000)), min_size=1, max_size=200))
def test_days_hold_every_observed_call_and_no_other(calls) -> None:
    days = daily(np.array(calls, float))
    observed = [c for c in calls if not math.isnan(c)]
    if days is None:
        assert not observed
    else:
        assert len(days) == math.ceil(len(calls) / 24)
        assert sum(d for d in days if d is not None) == sum(observed)


def test_a_machine_used_most_of_the_time_is_not_called_idle() -> None:
    row = seen(compute=[{"name": "n", "kind": "notebook", "hours": 100, "idle_hours": 50}])
    assert row["why_idle"] == ""
