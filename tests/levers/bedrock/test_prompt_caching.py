from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Scenario, simulate
from simulator.levers.bedrock.prompt_caching import PromptCaching, cost_factor
from simulator.pricing.charges import price_usage
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import MILLION, SONNET, known_by_bill, tokens, usage_of

MEASURED = {"cacheable_ratio": 0.5, "prefix_tokens": 4_000, "requests_per_ttl": 5}


@pytest.mark.parametrize(("requests", "change"), [(1, 0.25), (2, -0.325), (5, -0.67), (10, -0.785)])
def test_caching_a_prefix_costs_what_domain_says(requests: int, change: float) -> None:
    assert cost_factor(requests) - 1 == pytest.approx(change)


def test_one_request_in_five_writes_the_cache_and_four_read_it() -> None:
    after = tokens(PromptCaching().apply(usage_of(MEASURED)))
    assert after["input_tokens"] == pytest.approx(365 * MILLION)
    assert after["cache_write_tokens"] == pytest.approx(73 * MILLION)
    assert after["cache_read_tokens"] == pytest.approx(292 * MILLION)
    assert after["output_tokens"] == pytest.approx(73 * MILLION)


def test_priced_saving_is_the_cacheable_half_times_the_cost_factor() -> None:
    account = account_with(
        bedrock=[{"model_id": SONNET, "input_tokens": 720e6, "output_tokens": 0, **MEASURED}]
    )
    result = simulate(account, Scenario((PromptCaching(),)), prices())
    # 730 M tokens at 1.1 x $3 a million (in region) are $2,409; half of it costs (1.25 + 4 x 0.10) / 5 = 33 %.
    assert result.baseline.total_usd == pytest.approx(2409)
    assert result.saving_usd == pytest.approx(2409 * 0.5 * 0.67)


def test_a_prefix_used_once_costs_more_with_caching() -> None:
    account = account_with(
        bedrock=[
            {"model_id": SONNET, "input_tokens": 720e6, "output_tokens": 0, **MEASURED, "requests_per_ttl": 1}
        ]
    )
    result = simulate(account, Scenario((PromptCaching(),)), prices())
    assert result.saving_usd == pytest.approx(-2409 * 0.5 * 0.25)


def test_one_hour_writes_cost_twice_the_input_and_reach_further() -> None:
    lever = PromptCaching(ttl="1h", hour_reach=4.0)
    after = tokens(lever.apply(usage_of(MEASURED)))
    # 1 + 4 x 4 = 17 requests share a write; it costs 2.0 input tokens.
    assert "cache_write_tokens" not in after
    assert after["write_equivalent_tokens"] == pytest.approx(365 * MILLION / 17 * 2.0)
    assert after["cache_read_tokens"] == pytest.approx(365 * MILLION * 16 / 17)


def test_nova_writes_the_cache_for_nothing() -> None:
    row = {"model_id": "amazon.nova-pro-v1:0", **MEASURED}
    after = tokens(PromptCaching().apply(usage_of(row)))
    assert after["cache_write_tokens"] == pytest.approx(73 * MILLION)
    assert "write_equivalent_tokens" not in after
    block = next(
        b for b in price_usage(PromptCaching().apply(usage_of(row)), prices()).blocks
        if b.meter.name == "cache_write_tokens"
    )  # fmt: skip
    assert block.cost_usd[0] == 0


def test_a_measured_share_that_is_cached_already_is_not_cached_again() -> None:
    # Half of 10 M is repeated, and 4.5 M are read and 0.5 M written already; at 3 M cached, 2 M are left.
    row = {
        "input_tokens": 5 * MILLION,
        "cacheable_ratio": 0.5,
        "prefix_tokens": 5_000,
        "requests_per_ttl": 10,
    }
    full = usage_of(row | {"cache_read_tokens": 4.5 * MILLION, "cache_write_tokens": 0.5 * MILLION})
    assert "Already caches all" in PromptCaching().verdicts(full).sentence(0)
    assert tokens(PromptCaching().apply(full)) == tokens(full)
    partly = usage_of(row | {"input_tokens": 7 * MILLION, "cache_read_tokens": 3 * MILLION})
    after = tokens(PromptCaching().apply(partly))
    assert after["input_tokens"] == pytest.approx(5 * MILLION * 730 / 720)


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 1), st.floats(0, 20), st.floats(0, 20), st.floats(0.1, 20))
def test_never_more_is_cached_than_the_snapshot_measured(
    share: float, read: float, written: float, rest: float
) -> None:
    usage = usage_of(
        {"input_tokens": rest * MILLION, "cache_read_tokens": read * MILLION, "requests": 10,
         "cache_write_tokens": written * MILLION, "cacheable_ratio": share, "prefix_tokens": 5_000}
    )  # fmt: skip
    before, after = (tokens(u) for u in (usage, PromptCaching().apply(usage)))
    cached = [sum(t.get(f"cache_{d}_tokens", 0) for d in ("read", "write")) for t in (before, after)]
    assert cached[1] <= max(cached[0], share * (rest + read + written) * MILLION * 730 / 720) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        ({"prefix_tokens": 900}, "not_applicable", "shorter than the model's minimum"),
        ({"requests": 720_000}, "not_applicable", "mean prompt is too short"),  # 1,000 tokens, half cacheable
        ({"model_id": "meta.llama3-1-70b-instruct-v1:0"}, "not_applicable", "does not offer prompt caching"),
        ({"tier": "batch"}, "not_applicable", "batch"),
        ({"tier": "provisioned", "provisioned_units": 1}, "not_applicable", "by the hour"),
        ({"cache_read_tokens": 1_000}, "not_applicable", "Already caches"),
        ({"input_tokens": None}, "unknown", "tokens are unknown"),
        ({"model_id": "unknown"}, "unknown", "model is unknown"),
        ({"model_id": "anthropic.claude-3-5-sonnet-20241022-v2:0"}, "unknown", "shortest prefix"),
    ],
)
def test_what_rules_caching_out_is_said(row: dict[str, object], state: str, words: str) -> None:
    ((verdict, sentence, _),) = PromptCaching().verdicts(usage_of(row)).summary()
    assert (verdict, words in sentence) == (state, True), sentence


def test_too_short_a_prompt_caches_nothing_in_the_draws_where_it_is_too_short() -> None:
    usage = usage_of({"requests": 360_000})  # 2,000 tokens a prompt; the minimum is 1,024
    draws: dict[str, Any] = {"cacheable_ratio": np.array([[0.4], [0.6]])}
    after = PromptCaching(**draws).apply(usage).bedrock
    assert after.cache_read_tokens[:, 0] == pytest.approx([0, 730e6 * 0.6 * 0.8])


def test_a_bill_without_tokens_saves_on_its_assumed_input_share() -> None:
    usage = known_by_bill(720.0, **MEASURED)
    assert tokens(usage) == {"billed_units": pytest.approx(730)}
    after = tokens(PromptCaching().apply(usage))
    assert after == {"billed_units": pytest.approx(730 * (1 - 0.5 * 0.5 * 0.67))}


def test_history_tells_the_measured_share_weighted_by_tokens() -> None:
    usage = usage_of(
        MEASURED | {"cacheable_ratio": 0.8},
        MEASURED | {"region": "us-west-2", "cacheable_ratio": 0.2, "input_tokens": 240e6},
    )
    share, words = PromptCaching.history(usage)["cacheable_ratio"]
    assert share == pytest.approx((0.8 * 720 + 0.2 * 240) / 960)
    assert "2 models" in words


def test_history_of_a_model_that_caches_is_what_it_realised() -> None:
    found = PromptCaching.history(
        usage_of({"cache_read_tokens": 160e6, "cache_write_tokens": 20e6, "input_tokens": 180e6})
    )
    assert found["cacheable_ratio"][0] == pytest.approx(0.5)
    assert found["requests_per_ttl"][0] == pytest.approx(9)
