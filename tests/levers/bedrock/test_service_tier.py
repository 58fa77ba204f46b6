from __future__ import annotations

import pytest

from simulator import Scenario, simulate
from simulator.levers.bedrock.bedrock_batch import BedrockBatch
from simulator.levers.bedrock.service_tier import ServiceTier
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import SONNET, tokens, usage_of

ROW = {"model_id": SONNET, "input_tokens": 720e6, "output_tokens": 72e6}


def saving_ratio(lever: ServiceTier) -> float:
    return simulate(account_with(bedrock=[ROW]), Scenario((lever,)), prices()).saving_ratio


def test_flex_saves_its_discount_on_its_share() -> None:
    assert saving_ratio(ServiceTier(share_ratio=0.2, flex_ratio=0.6)) == pytest.approx(0.2 * 0.4)


def test_priority_is_a_cost() -> None:
    lever = ServiceTier(tier="priority", share_ratio=0.2, priority_ratio=1.75)
    assert saving_ratio(lever) == pytest.approx(-0.2 * 0.75)


def test_what_batch_took_is_not_flexed_again() -> None:
    usage = BedrockBatch().apply(usage_of({"latency_tolerant_ratio": 0.5}))
    after = tokens(ServiceTier().apply(usage))
    assert "tier_output_tokens" not in after
    assert after["output_tokens"] == pytest.approx(36.5e6)


def test_cached_tokens_get_no_discount_but_the_premium() -> None:
    usage = usage_of({"cache_read_tokens": 72e6})
    flex = tokens(ServiceTier(share_ratio=0.2).apply(usage))
    priority = tokens(ServiceTier(tier="priority", share_ratio=0.2, priority_ratio=1.5).apply(usage))
    assert flex["cache_read_tokens"] == pytest.approx(73e6)
    assert priority["cache_read_tokens"] == pytest.approx(73e6 * 1.1)


def test_a_model_that_runs_in_another_tier_is_left_alone() -> None:
    ((verdict, sentence, _),) = (
        ServiceTier().verdicts(usage_of({"tier": "priority", "cost_usd": 5})).summary()
    )
    assert verdict == "not_applicable"
    assert "another service tier" in sentence


def test_tokens_of_a_tier_without_a_price_have_an_unknown_cost() -> None:
    account = account_with(bedrock=[ROW | {"tier": "priority"}])
    result = simulate(account, Scenario((ServiceTier(),)), prices())
    assert [b.meter.name for b, _ in result.baseline.charges.unknown()] == [
        "tier_input_tokens",
        "tier_output_tokens",
    ]
    assert result.saving_usd == 0
