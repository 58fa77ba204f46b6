"""E10: hours of the runs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.levers.endpoints.batch_transform import BatchTransform
from tests.accounts import account_with, traffic


def usage_of(**columns):
    row = {"endpoint_name": "a", "offline": True, "latency_ms": 200} | columns
    return account_with(endpoints=[row], endpoint_traffic=traffic("a", [720.0] * 720)).usage


def test_a_run_lasts_as_long_as_its_records_and_its_start():
    after = BatchTransform(runs_per_month=30, start_minutes=6, records_at_once=2).apply(usage_of()).endpoints
    # 720 x 730 records of 0.2 s, two at once: 14.6 h; 30 starts of 0.1 h
    assert after.transform_hours[0] == pytest.approx(14.6 + 3.0)
    assert after.instance_hours[0] == 0


def test_one_instance_that_answers_all_calls_today_needs_no_more_hours_in_runs():
    row = {"endpoint_name": "a", "offline": True, "latency_ms": 2000}
    usage = account_with(endpoints=[row], endpoint_traffic=traffic("a", [5000.0] * 720)).usage
    after = BatchTransform(runs_per_month=30, start_minutes=5).apply(usage).endpoints
    # 5,000 × 2 s an hour are 2.78 at once on the one instance: 730 h today, and 30 starts of 5 minutes.
    assert after.transform_hours[0] == pytest.approx(730 + 2.5)


@settings(max_examples=40, deadline=None)
@given(
    calls=st.lists(st.floats(0, 20_000), min_size=24, max_size=24), latency=st.floats(1, 60_000),
    count=st.integers(1, 5), at_once=st.floats(1, 100),
)  # fmt: skip
def test_the_runs_never_take_more_than_the_hours_that_answer_the_calls_today(calls, latency, count, at_once):
    row = {"endpoint_name": "a", "offline": True, "latency_ms": latency, "instance_count": count}
    usage = account_with(endpoints=[row], endpoint_traffic=traffic("a", calls), days=1).usage
    after = BatchTransform(records_at_once=at_once, runs_per_month=4, start_minutes=0).apply(usage).endpoints
    assert after.transform_hours[0] <= usage.endpoints.instance_hours[0] * (1 + 1e-9)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"offline": False}, "called online"),
        ({"offline": None}, "ask its callers"),
        ({"latency_ms": None}, "latency is unknown"),
        ({"instance_type": "ml.p4d.24xlarge"}, "does not offer its instance type"),
    ],
)
def test_what_cannot_run_as_a_batch_says_why(columns, words):
    usage = usage_of(**columns)
    assert words in BatchTransform().verdicts(usage).sentence(0)
    assert BatchTransform().apply(usage).endpoints.transform_hours[0] == 0
