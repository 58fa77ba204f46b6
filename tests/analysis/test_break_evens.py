"""Break-evens as facts of the account: hand-worked, and on the side of the bill that follows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import simulate
from simulator.analysis.verdict import Status, Verdict, verdicts
from simulator.engine.scenario import everything
from tests.accounts import account_with, prices, traffic

MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
GIB_PER_OBJECT_AT_BREAK_EVEN = 2.5e-6 / (0.023 - 0.0125)


def judged(lever: str, **tables: Any) -> Verdict:
    return verdicts(simulate(account_with(**tables), everything().only([lever]), prices()))[lever]


def bucket(gib: float, objects: float) -> dict[str, Any]:
    """A bucket in us-east-1 that nobody has read for a month."""
    return {
        "bucket": "b", "region": "us-east-1", "storage_class": "STANDARD", "gib": gib, "objects": objects,
        "small_objects": 0, "small_gib": 0, "lifecycle": False, "gib_not_accessed_30d": gib,
        "gib_not_accessed_90d": 0, "gib_not_accessed_180d": 0, "retrieved_gib": 0,
    }  # fmt: skip


def prompts(requests_per_ttl: float) -> dict[str, Any]:
    return {
        "model_id": MODEL, "region": "us-east-1", "date": "2026-10-01", "requests": 1000,
        "input_tokens": 10_000_000, "output_tokens": 0, "cacheable_ratio": 0.5, "prefix_tokens": 5000,
        "requests_per_ttl": requests_per_ttl,
    }  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(kib=st.floats(140, 1000))
def test_tiering_pays_from_the_size_at_which_monitoring_costs_what_it_saves(kib: float) -> None:
    # 0.0025 USD per 1,000 objects over 0.023 − 0.0125 USD a GB: 249.7 KB an object
    found = judged("intelligent_tiering", storage=[bucket(1000.0, 1000.0 * 2**20 / kib)])
    if found.status is Status.NOT_APPLICABLE:
        assert kib == pytest.approx(249.66, abs=0.5)
        return
    assert found.turn is not None
    assert found.turn.value == pytest.approx(GIB_PER_OBJECT_AT_BREAK_EVEN * 2**20)
    assert found.turn.now == pytest.approx(kib, rel=1e-6)
    assert (found.status is Status.SAVES) == (found.turn.now > found.turn.value)


@pytest.mark.parametrize(("requests", "status"), [(1.27, Status.COSTS_MORE), (1.29, Status.SAVES)])
def test_caching_pays_from_1_28_requests_within_the_time_to_live(requests: float, status: Status) -> None:
    # written at 1.25, read at 0.10 of input: (1.25 − 0.10)/(1 − 0.10) = 1.278
    found = judged("prompt_caching", bedrock=[prompts(requests)])
    assert found.status is status
    assert found.turn is not None
    assert (found.turn.value, found.turn.now) == pytest.approx((1.15 / 0.9, requests))
    assert "It pays above 1.28 requests" in found.sentence


def test_shared_gpus_pay_when_one_instance_replaces_what_it_costs() -> None:
    # ml.g5.12xlarge 7.09 USD/h for four ml.g5.2xlarge at 1.515: 4.68 of them
    endpoints = [{"endpoint_name": n, "model_gib": 14, "needs_gpu": True} for n in "abcd"]
    found = judged("inference_components", endpoints=endpoints)
    assert found.status is Status.COSTS_MORE
    assert found.usd == pytest.approx((7.09 - 4 * 1.515) * 730)
    assert found.turn is not None
    assert (found.turn.value, found.turn.now) == pytest.approx((7.09 / 1.515, 4.0))


def test_spot_pays_above_the_goodput_of_its_price() -> None:
    # one instance, M 20 h, C 2 min, R 5 min: w = √(2/30/20) + 1/240 = 0.0619; p5 in us-west-2 saves 46 %
    job = {
        "job_name": "j", "region": "us-west-2", "instance_type": "ml.p5.48xlarge", "instance_count": 1,
        "training_seconds": 72_000, "billable_seconds": 72_000, "checkpointing": True,
        "max_runtime_seconds": 172_800, "spot_enabled": False,
    }  # fmt: skip
    found = judged("managed_spot", training_jobs=[job])
    assert found.turn is not None
    assert (found.turn.value, found.turn.now) == pytest.approx((54.0, 100 / 1.0619), abs=0.01)


def test_lever_without_a_closed_form_tells_none() -> None:
    assert judged("stop_idle_endpoints", endpoints=[{"endpoint_name": "a"}]).turn is None


def test_serverless_turns_where_its_seconds_and_bytes_cost_what_the_instance_does() -> None:
    """730 x 0.23 = 167.90; a call of 50 ms in 1 GB is 0.000001, its 100 KB are 100 / 1,048,576 x 0.016 = 0.0000015259:
    167.90 / 0.0000025259 = 66.47 million calls, not the 167.9 million without bytes."""
    row = {"endpoint_name": "cpu", "instance_type": "ml.m5.xlarge", "latency_ms": 50, "payload_kb": 100,
           "needs_gpu": False, "model_gib": 0.5}  # fmt: skip
    turn = judged("serverless", endpoints=[row], endpoint_traffic=traffic("cpu", [100] * 720)).turn
    assert turn is not None
    assert turn.value == pytest.approx(66_471_912, rel=1e-6)
