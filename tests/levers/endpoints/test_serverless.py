"""E8: billed per call. Figures by hand or from the sources named."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.levers import mode_levers
from simulator.levers.endpoints.serverless import Serverless, break_even_calls, gb_seconds
from simulator.usage.tables import Usage
from tests.accounts import account_with, traffic

CPU = {
    "endpoint_name": "a", "instance_type": "ml.m5.large", "needs_gpu": False, "model_gib": 1.2,
    "latency_ms": 100, "payload_kb": 64,
}  # fmt: skip


def usage_of(calls=(10.0,) * 720, **columns) -> Usage:
    return account_with(endpoints=[CPU | columns], endpoint_traffic=traffic("a", calls)).usage


def why(usage: Usage, **setting) -> str:
    return Serverless(**setting).verdicts(usage).sentence(0)


def test_instance_hours_become_gb_seconds_of_the_calls():
    e = Serverless().apply(usage_of()).endpoints
    calls = 10 * 730  # 10 an hour, all month, never asleep
    assert e.instance_hours[0] == 0
    assert e.serverless_gb_seconds[0] == pytest.approx(calls * 0.1 * 2)  # 1.2 GiB x 1.5 = 1.8: 2 GB
    assert e.serverless_io_gb[0] == pytest.approx(calls * 64 / 2**20)


def test_each_waking_bills_a_cold_start():
    # 12 silent hours, 12 busy ones, 30 times: 30 wake-ups in 720 h, 30 x 730/720 a month.
    calls = ([0.0] * 12 + [10.0] * 12) * 30
    e = Serverless(cold_start_seconds=8.0).apply(usage_of(calls)).endpoints
    month = 730 / 720
    assert e.serverless_gb_seconds[0] == pytest.approx((3600 * 0.1 + 30 * 8.0) * 2 * month)


def test_memory_is_the_smallest_whole_gb_that_holds_the_model():
    lever = Serverless(memory_overhead_ratio=1.5)
    np.testing.assert_array_equal(lever.memory_gib(np.array([0.1, 2.0, 2.1, 4.0])), [1, 3, 4, 6])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"instance_type": "ml.g5.xlarge", "needs_gpu": True}, "needs a GPU: serverless inference has none"),
        ({"instance_type": "ml.g5.xlarge", "needs_gpu": None}, "whether its model needs one is unknown"),
        ({"model_gib": 4.1}, "more than the 6 GB"),
        ({"model_gib": None}, "model size is unknown"),
        ({"latency_ms": 61_000}, "60 seconds"),
        ({"latency_ms": None}, "latency is unknown"),
        ({"payload_kb": 5000}, "4 MB"),
        ({"mode": "components"}, "inference components"),
        ({"instance_count": 0}, "no real-time instance hours left"),
    ],
)
def test_what_serverless_cannot_host_is_refused_with_the_limit(columns, words):
    usage = usage_of(**columns)
    assert words in why(usage)
    assert not Serverless().verdicts(usage).applies.any()


def test_more_than_200_calls_at_once_are_refused():
    # 200 concurrent = 200 / 0.1 s x 3600 = 7.2 million calls per hour
    assert "200 concurrent" in why(usage_of([7.3e6] * 24))
    assert Serverless().verdicts(usage_of([7.1e6] * 24)).applies.all()


def test_unknown_traffic_is_a_question_and_not_a_saving():
    usage = account_with(endpoints=[CPU]).usage
    assert "traffic is unknown" in why(usage)
    assert Serverless().apply(usage).endpoints.instance_hours[0] == 730


def test_the_mode_chosen_for_the_endpoint_wins():
    usage = usage_of()
    chosen = np.array([mode_levers().index("async_inference")])
    usage = replace(usage, endpoints=replace(usage.endpoints, mode_choice=chosen))
    assert why(usage) == "Another serving mode of this scenario is cheaper for it: async_inference."


def test_a_draw_that_needs_more_than_six_gb_stays_on_its_instance():
    usage = usage_of(model_gib=3.0)
    e = Serverless(memory_overhead_ratio=np.array([[1.5], [2.5]])).apply(usage).endpoints  # type: ignore[arg-type]
    np.testing.assert_array_equal(e.instance_hours[:, 0], [0, 730])
    assert e.serverless_gb_seconds[1, 0] == 0


def test_break_even_is_where_both_cost_the_same():
    # 1 x 0.115 x 730 = 83.95 USD; a call of 0.1 s at 2 GB costs 4e-6 USD: 20,987,500 calls.
    assert break_even_calls(1, 0.115, 0.1, 2, 2e-5) == pytest.approx(20_987_500)


def test_aws_benchmark_of_mobilenet_is_met():
    # aws-samples serverless benchmark: 2048 MB, 96.18791880264831 ms, 39,817.7 bytes: 4.440846e-06 USD a call
    usd = gb_seconds(1, 0.09618791880264831, 2) * 2e-5 + 39_817.7 / 2**30 * 0.016
    assert usd == pytest.approx(4.440846221468827e-06, rel=1e-4)


def test_history_tells_the_payload_where_it_was_measured():
    assert Serverless.history(usage_of())["payload_kib"][0] == pytest.approx(64)
    assert Serverless.history(usage_of(payload_kb=None)) == {}
