"""More situations by hand, in other regions and with two or three levers at once. Prices of 2026-11-28, as named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from simulator import PriceBook, Scenario, project, simulate
from simulator.engine.simulate import Result
from simulator.levers import lever
from tests.accounts import START, account_with, traffic

SONNET, HAIKU = "anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"
TOKENS = {"requests": 72_000, "input_tokens": 720e6, "output_tokens": 72e6}
G5: dict[str, Any] = {"instance_type": "ml.g5.xlarge", "region": "eu-west-1"}


@cache
def book() -> PriceBook:
    return PriceBook.load(datetime(2026, 11, 28, tzinfo=UTC).date())


def run(*levers: str, **tables: Any) -> Result:
    on = tuple(lever(x).create({}) for x in levers)
    return simulate(account_with(**tables), Scenario(on), book())


def plan(usd_per_hour: float, end: datetime) -> dict[str, Any]:
    return {
        "plan_id": "p", "hourly_commitment_usd": usd_per_hour, "start": START - timedelta(days=200), "end": end,
    }  # fmt: skip


def test_a_plan_that_ends_inside_a_month_in_another_region() -> None:
    """Three at 1.57: 2.00 an hour covers 2.50 until 15 January. (2 + 4.71 - 2.5) x 730 = 3,073.30, then 3,438.30."""
    account = {
        "endpoints": [G5 | {"endpoint_name": "a", "instance_count": 3}],
        "endpoint_traffic": traffic("a", [50] * 720),
    }
    result = run(**account, commitments=[plan(2.0, datetime(2027, 1, 16, tzinfo=UTC))])
    months = [m.baseline_usd for m in project(result, 3)]
    assert months == pytest.approx([3073.30, (3073.30 * 15 + 3438.30 * 16) / 31, 3438.30], abs=0.01)


def test_what_a_plan_covers_is_no_cash_until_nothing_else_needs_it() -> None:
    """Two at 1.57 under a plan that covers 1.25: the idle one stopped saves all of 1.57 x 730; the other keeps the
    plan busy."""
    two = [G5 | {"endpoint_name": n, "created_at": START - timedelta(days=60)} for n in ("idle", "busy")]
    calls = traffic("idle", [0] * 720) + traffic("busy", [50] * 720)
    held = plan(1.0, datetime(2027, 12, 1, tzinfo=UTC))
    result = run("stop_idle_endpoints", endpoints=two, endpoint_traffic=calls, commitments=[held])
    assert result.baseline.total_usd == pytest.approx((1.0 + 2 * 1.57 - 1.25) * 730)
    assert result.saving_usd == pytest.approx(1.57 * 730)


def test_an_asynchronous_endpoint_of_two_sleeps_between_its_hours() -> None:
    """eu-central-1, 0.921 an hour: two run 2 h and 25 minutes a day, of 24."""
    queued: dict[str, Any] = {
        "endpoint_name": "a", "instance_type": "ml.g4dn.xlarge", "instance_count": 2, "region": "eu-central-1",
        "mode": "async", "scaling_min": 2, "scaling_max": 2, "async_tolerant": True, "latency_ms": 30_000,
    }  # fmt: skip
    calls = traffic("a", ([0] * 9 + [40] * 2 + [0] * 13) * 30)
    result = run("async_scale_to_zero", endpoints=[queued], endpoint_traffic=calls)
    assert result.baseline.total_usd == pytest.approx(2 * 730 * 0.921)
    assert result.outcome.total_usd == pytest.approx(2 * 0.921 * 730 / 24 * (2 + 25 / 60), rel=1e-6)


def test_glacier_instant_retrieval_bills_minimum_reads_and_retrieval() -> None:
    """4,700 GiB and 15 M objects at 128 KiB (1,831.05 GiB) at 0.004; 2 M GETs at 0.01 a thousand; 100 GiB at 0.03."""
    bucket = {
        "bucket": "a", "region": "us-west-2", "storage_class": "GLACIER_IR", "gib": 5000, "objects": 20e6,
        "small_objects": 15e6, "small_gib": 300, "get_requests": 2e6, "retrieved_gib": 100,
    }  # fmt: skip
    held = (4700 + 15e6 * 128 / 1024**2) * 0.004
    assert run(storage=[bucket]).baseline.total_usd == pytest.approx(held + 20.0 + 3.0)


def test_restores_of_three_speeds_and_the_overhead_of_archived_objects() -> None:
    """150 GiB standard at 0.01, 100 expedited at 0.03, 250 in bulk free; 1 M objects add 32 KiB there and 8 here."""
    bucket = {
        "bucket": "a", "storage_class": "GLACIER", "gib": 10_000, "objects": 1e6, "small_objects": 0, "small_gib": 0,
        "retrieved_gib": 500, "expedited_retrieved_gib": 100, "bulk_retrieved_gib": 250,
    }  # fmt: skip
    held = (10_000 + 1e6 * 32 / 1024**2) * 0.0036 + 1e6 * 8 / 1024**2 * 0.023
    assert run(storage=[bucket]).baseline.total_usd == pytest.approx(held + 1.5 + 3.0)


def test_three_steps_of_a_price_over_two_buckets() -> None:
    """700 TiB in us-east-1: 50 at 0.023, 450 at 0.022, 200 at 0.021."""
    buckets = [{"bucket": n, "gib": t * 1024, "objects": 3e6} for n, t in (("a", 300), ("b", 400))]
    by_hand = 1024 * (50 * 0.023 + 450 * 0.022 + 200 * 0.021)
    assert run(storage=buckets).baseline.total_usd == pytest.approx(by_hand)


def test_of_flex_and_batch_the_one_that_keeps_the_cache_takes_what_can_wait() -> None:
    """Nova 2 Lite, global: 511.00, 1,440 M of it read from the cache. Half can wait: a quarter saved, by flex alone."""
    row = TOKENS | {"cache_read_tokens": 1440e6, "latency_tolerant_ratio": 0.5, "scope": "global"}
    result = run("service_tier", "bedrock_batch", bedrock=[row | {"model_id": "amazon.nova-2-lite-v1:0"}])
    assert result.baseline.total_usd == pytest.approx(511.0)
    assert result.saving_usd == pytest.approx(511.0 / 4)


def test_a_batch_loses_where_most_of_the_prompt_is_read_from_the_cache() -> None:
    """Haiku 4.5, us.: 730 x 1.10 + 73 x 5.50 + 1,460 x 0.11 + 146 x 1.375. Two fifths in a batch read all 2,336 M of
    their prompts at 0.55; the rest still writes every prefix."""
    row = TOKENS | {"cache_read_tokens": 1440e6, "cache_write_tokens": 144e6, "latency_tolerant_ratio": 0.4}
    result = run("bedrock_batch", bedrock=[row | {"model_id": HAIKU, "scope": "us"}])
    before = 730 * 1.10 + 73 * 5.50 + 1460 * 0.11 + 146 * 1.375
    batch = 0.4 * (2336 * 0.55 + 73 * 2.75)
    rest = 0.6 * (730 * 1.10 + 73 * 5.50) + (0.6 * 1606 - 146) * 0.11 + 146 * 1.375
    assert result.baseline.total_usd == pytest.approx(before)
    assert result.saving_usd == pytest.approx(before - batch - rest)
    assert result.saving_usd < 0


def test_routing_pays_the_router_and_asks_a_tenth_again() -> None:
    """Sonnet 4.5 to Haiku 4.5, eu.: 27 % of 3,613.50 leaves, 30 % of 1,204.50 comes, the router reads 73 M at 1.10."""
    result = run(
        "model_routing", bedrock=[TOKENS | {"model_id": SONNET, "scope": "eu", "region": "eu-west-1"}]
    )
    assert result.saving_usd == pytest.approx(0.27 * 3613.50 - 0.30 * 1204.50 - 73 * 1.10)


def test_idle_nodes_under_a_training_plan_save_nothing_more() -> None:
    """Four ml.p5.48xlarge for 730 h at 63.296, reserved at 36.1836 whether they idle or not."""
    nodes = {
        "kind": "cluster", "name": "g", "instance_type": "ml.p5.48xlarge", "region": "us-west-2", "instance_count": 4,
        "hours": 720, "idle_hours": 200, "checkpointing": True,
    }  # fmt: skip
    for levers in (("training_plan",), ("accelerator_idle", "training_plan")):
        assert run(*levers, compute=[nodes]).saving_usd == pytest.approx(4 * 730 * (63.296 - 36.1836))
