"""Bedrock situations worked out by hand: other models, scopes, caches and tiers than the published cases.

Thirty days of 2026-10 become a month by 730/720, so a day's dollars count 30 x 730/720 = 30.4167 times.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from simulator import Scenario, simulate
from simulator.analysis.verdict import Status, verdict
from simulator.engine.simulate import Result
from simulator.levers import lever
from tests.accounts import account_with, prices

BOOK = cache(prices)
DAYS = 30 * 730 / 720
SONNET, HAIKU = "anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"


def worked(model: str, *ids: str, **day: float) -> Result:
    """One model with a day's figures, 30 times."""
    ratios = ("cacheable_ratio", "prefix_tokens", "requests_per_ttl", "latency_tolerant_ratio")
    row: dict[str, Any] = {n: v if n in ratios else v * 30 for n, v in day.items()}
    account = account_with(bedrock=[{"model_id": model} | row])
    return simulate(account, Scenario(tuple(lever(i).create({}) for i in ids)), BOOK())


def status(result: Result) -> Status:
    return verdict(result, result.scenario.levers[0]).status


def test_flex_of_an_open_model_halves_both_directions() -> None:
    """gpt-oss-120b: 100 M x 0.15 + 10 M x 0.60 = 21.00 a day, 638.75 a month; all can wait: 319.38."""
    result = worked(
        "openai.gpt-oss-120b-1:0", "service_tier", input_tokens=100e6, output_tokens=10e6, latency_tolerant_ratio=1
    )  # fmt: skip
    assert result.baseline.total_usd == pytest.approx(638.75)
    assert result.saving_usd == pytest.approx(319.375)


@pytest.mark.parametrize("model", [f"us.{HAIKU}", "amazon.nova-lite-v1:0", "anthropic.claude-opus-4-8"])
def test_flex_is_not_applicable_where_aws_does_not_offer_it(model: str) -> None:
    result = worked(model, "service_tier", input_tokens=8e6, output_tokens=5e5, latency_tolerant_ratio=1)
    assert (result.saving_usd, status(result)) == (0, Status.NOT_APPLICABLE)


def test_nova_lite_writes_its_cache_for_nothing() -> None:
    """20 M in at 0.06 and 1 M out at 0.24: 1.44 a day. Of 12 M repeated a third is written (free), 8 M read at 0.015:
    8 x 0.06 + 8 x 0.015 + 0.24 = 0.84 a day, 25.55 a month. No number of requests turns it: nothing is said of one."""
    result = worked(
        "amazon.nova-lite-v1:0", "prompt_caching", input_tokens=20e6, output_tokens=1e6, requests=5000,
        cacheable_ratio=0.6, prefix_tokens=2400, requests_per_ttl=3,
    )  # fmt: skip
    assert result.outcome.total_usd == pytest.approx(25.55)
    assert "It pays" not in verdict(result, result.scenario.levers[0]).sentence


def test_of_a_measured_share_only_what_is_not_cached_yet_saves() -> None:
    """Of 10 M a day 8 M repeat, 5 M are cached: 3 M more, a tenth written. 3 x 3.00 - (0.3 x 3.75 + 2.7 x 0.30)
    = 7.065 a day, 214.89 a month."""
    result = worked(
        f"global.{SONNET}", "prompt_caching", input_tokens=5e6, output_tokens=1e5, cache_read_tokens=4.5e6,
        cache_write_tokens=0.5e6, requests=1000, cacheable_ratio=0.8, prefix_tokens=8000, requests_per_ttl=10,
    )  # fmt: skip
    assert result.saving_usd == pytest.approx(7.065 * DAYS)


@pytest.mark.parametrize(
    ("cache", "usd_a_day"),
    [
        # 1 M written at 3.75 and 0.1 M read at 0.30 = 3.78; as plain input 1.1 M x 3.00 = 3.30.
        ({"cache_write_tokens": 1e6, "cache_read_tokens": 0.1e6}, 0.48),
        # 1 M written for an hour at 6.00 and 0.8 M read at 0.30 = 6.24; as plain input 5.40.
        ({"cache_write_1h_tokens": 1e6, "cache_read_tokens": 0.8e6}, 0.84),
        # 1 M written at 3.75 and 4 M read at 0.30 = 4.95; as plain input 15.00: it pays.
        ({"cache_write_tokens": 1e6, "cache_read_tokens": 4e6}, 0.0),
    ],
)
def test_a_cache_is_turned_off_where_plain_input_costs_less(
    cache: dict[str, float], usd_a_day: float
) -> None:
    result = worked(
        f"global.{SONNET}", "cache_off", input_tokens=1e6, output_tokens=1e5, requests=1000, **cache
    )
    assert result.saving_usd == pytest.approx(usd_a_day * DAYS)


def test_writes_kept_for_an_hour_cost_twice_the_input() -> None:
    """Opus 4.6, global: 1 M x 5.00 + 1 M x 25.00 + 40 M x 0.50 + 10 M x 10.00 = 150.00 a day: 4,562.50."""
    result = worked(
        "global.anthropic.claude-opus-4-6-v1", input_tokens=1e6, output_tokens=1e6, cache_read_tokens=40e6,
        cache_write_1h_tokens=10e6, requests=1000,
    )  # fmt: skip
    assert result.baseline.total_usd == pytest.approx(4562.50)


def test_the_global_profile_takes_a_tenth_off_the_regional_price() -> None:
    """us.: 10 M x 3.30 + 1 M x 16.50 + 10 M x 0.33 = 52.80 a day; global 30 + 15 + 3 = 48.00: 4.80 less."""
    day = {"input_tokens": 10e6, "output_tokens": 1e6, "cache_read_tokens": 10e6, "requests": 1000.0}
    assert worked(f"us.{SONNET}", "inference_profile", **day).saving_usd == pytest.approx(4.80 * DAYS)
    nova = worked("us.amazon.nova-lite-v1:0", "inference_profile", **day)
    assert (nova.saving_usd, status(nova)) == (0, Status.NOT_APPLICABLE)


def test_a_batch_halves_what_can_wait_and_pays_a_cached_prefix_in_full() -> None:
    """Haiku 4.5, global: 10 M x 1.00 + 1 M x 5.00 = 15.00; two fifths at half the price save 3.00.

    With 50 M read at 0.10 and 0.1 M written at 1.25: 1 + 0.50 + 5.00 + 0.125 = 6.625; a batch of all costs
    51.1 M x 0.50 + 0.1 M x 2.50 = 25.80: 19.175 more.
    """
    model = f"global.{HAIKU}"
    plain = worked(model, "bedrock_batch", input_tokens=10e6, output_tokens=1e6, latency_tolerant_ratio=0.4)
    assert plain.saving_usd == pytest.approx(3.00 * DAYS)
    cached = worked(
        model, "bedrock_batch", input_tokens=1e6, output_tokens=1e5, cache_read_tokens=50e6,
        cache_write_tokens=0.1e6, latency_tolerant_ratio=1,
    )  # fmt: skip
    assert cached.saving_usd == pytest.approx(-19.175 * DAYS)
    assert status(cached) == Status.COSTS_MORE


def test_long_prompts_count_their_cache_and_cost_more_in_every_direction() -> None:
    """250,000 tokens a request, 200,000 of them read: 5 M x 6.00 + 20 M x 0.60 + 0.1 M x 22.50 = 44.25 a day."""
    day = {"input_tokens": 5e6, "output_tokens": 1e5, "cache_read_tokens": 20e6, "requests": 100.0}
    assert worked(f"global.{SONNET}", **day).baseline.total_usd == pytest.approx(44.25 * DAYS)


def test_a_batch_of_long_prompts_needs_the_price_it_would_move_to() -> None:
    """30 M x 6.00 + 0.1 M x 22.50 = 182.25 a day: all of it may hang on the missing price, and it is named."""
    result = worked(
        f"global.{SONNET}", "bedrock_batch", input_tokens=30e6, output_tokens=1e5, requests=100,
        latency_tolerant_ratio=1,
    )  # fmt: skip
    found = verdict(result, result.scenario.levers[0])
    assert (found.status, result.saving_usd) == (Status.NEEDS_FACT, 0)
    assert found.hangs_usd == pytest.approx(182.25 * DAYS)
    assert "price of bedrock_batch_input" in found.facts[0]


def test_prompts_just_above_the_threshold_can_be_cut() -> None:
    """22 M x 6.00 + 0.1 M x 22.50 = 134.25 a day; at 200,000 a request 20 M x 3.00 + 0.1 M x 15.00 = 61.50."""
    result = worked(
        f"global.{SONNET}", "prompts_below_threshold", input_tokens=22e6, output_tokens=1e5, requests=100
    )  # fmt: skip
    assert result.saving_usd == pytest.approx((134.25 - 61.50) * DAYS)


@pytest.mark.parametrize(
    "model",
    ["anthropic.claude-3-5-sonnet-20240620-v1:0", "meta.llama3-1-70b-instruct-v1:0", "deepseek.v3-v1:0"],
)
def test_no_request_is_routed_to_a_model_that_is_dead_or_dying(model: str) -> None:
    result = worked(model, "model_routing", input_tokens=10e6, output_tokens=1e6, requests=1000)
    assert (result.saving_usd, status(result)) == (0, Status.NOT_APPLICABLE)


def test_a_model_whose_lifecycle_is_not_listed_is_a_question_not_a_comfort() -> None:
    result = worked(
        "anthropic.claude-3-opus-20240229-v1:0", "model_upgrade", input_tokens=10e6, output_tokens=1e6
    )
    found = verdict(result, result.scenario.levers[0])
    assert found.status == Status.NEEDS_FACT
    assert "not in our data" in found.facts[0]
