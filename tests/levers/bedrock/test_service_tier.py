from __future__ import annotations

import pytest

from simulator import Scenario, simulate
from simulator.levers.bedrock.bedrock_batch import BedrockBatch
from simulator.levers.bedrock.service_tier import ServiceTier
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import NOVA_2_LITE, SONNET, tokens, usage_of

ROW = {"model_id": NOVA_2_LITE, "input_tokens": 720e6, "output_tokens": 72e6}


def saving_ratio(lever: ServiceTier) -> float:
    return simulate(account_with(bedrock=[ROW]), Scenario((lever,)), prices()).saving_ratio


def test_flex_saves_its_discount_on_its_share() -> None:
    assert saving_ratio(ServiceTier(share_ratio=0.2, flex_ratio=0.6)) == pytest.approx(0.2 * 0.4)


def test_priority_is_a_cost() -> None:
    lever = ServiceTier(tier="priority", share_ratio=0.2, priority_ratio=1.75)
    assert saving_ratio(lever) == pytest.approx(-0.2 * 0.75)


def test_of_flex_and_batch_the_flex_tier_takes_the_requests() -> None:
    usage = usage_of(ROW | {"cache_read_tokens": 72e6, "latency_tolerant_ratio": 0.5})
    both = tokens(BedrockBatch().apply(ServiceTier().apply(usage)))
    assert both == tokens(ServiceTier().apply(usage))
    assert both["output_tokens"] == pytest.approx(36.5e6)


def test_batch_takes_what_flex_left_of_the_requests_that_can_wait() -> None:
    usage = usage_of(ROW)
    both = tokens(BedrockBatch(eligible_ratio=0.5).apply(ServiceTier(share_ratio=0.2).apply(usage)))
    # Of 73 M: 20 % flex, 30 % batch, 50 % stay.
    assert both["batch_output_tokens"] == pytest.approx(0.3 * 73e6)
    assert both["output_tokens"] == pytest.approx(0.5 * 73e6)


def test_flex_halves_and_priority_raises_cached_tokens_too() -> None:
    usage = usage_of(ROW | {"cache_read_tokens": 72e6})
    flex = tokens(ServiceTier(share_ratio=0.2).apply(usage))
    priority = tokens(ServiceTier(tier="priority", share_ratio=0.2, priority_ratio=1.5).apply(usage))
    assert flex["cache_read_tokens"] == pytest.approx(73e6 * 0.9)
    assert priority["cache_read_tokens"] == pytest.approx(73e6 * 1.1)


@pytest.mark.parametrize("tier", ["flex", "priority"])
def test_no_tier_is_offered_for_an_anthropic_model(tier: str) -> None:
    usage = usage_of({"model_id": SONNET})
    ((verdict, sentence, _),) = ServiceTier(tier=tier).verdicts(usage).summary()
    assert (verdict, "does not offer" in sentence) == ("not_applicable", True)


def test_a_model_whose_offers_are_not_listed_is_a_question() -> None:
    usage = usage_of({"model_id": "amazon.nova-2-sonic-v1:0"})
    ((verdict, sentence, _),) = ServiceTier().verdicts(usage).summary()
    assert (verdict, "not in our data" in sentence) == ("unknown", True)


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
