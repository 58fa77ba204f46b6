"""E10: hours of the runs."""

import pytest

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
