from __future__ import annotations

import pytest

from simulator import Scenario, simulate
from simulator.levers.bedrock.bedrock_batch import BedrockBatch
from simulator.levers.bedrock.prompt_reduction import PromptReduction
from simulator.levers.bedrock.service_tier import ServiceTier
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import NOVA_2_LITE, SONNET, tokens, usage_of

ROW = {"model_id": NOVA_2_LITE, "input_tokens": 720e6, "output_tokens": 72e6}


def saving_ratio(lever: ServiceTier) -> float:
    return simulate(account_with(bedrock=[ROW]), Scenario((lever,)), prices()).saving_ratio


def test_flex_saves_its_discount_on_its_share() -> None:
    assert saving_ratio(ServiceTier(share_ratio=0.2)) == pytest.approx(0.2 * 0.5)


def test_priority_is_a_cost() -> None:
    lever = ServiceTier(tier="priority", share_ratio=0.2)
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


@pytest.mark.parametrize("tier", ["flex", "priority"])
def test_cached_tokens_move_to_the_tier_too(tier: str) -> None:
    usage = usage_of(ROW | {"cache_read_tokens": 72e6})
    after = tokens(ServiceTier(tier=tier, share_ratio=0.2).apply(usage))
    assert after["cache_read_tokens"] == pytest.approx(73e6 * 0.8)
    assert after["tier_cache_read_tokens"] == pytest.approx(73e6 * 0.2)


def test_nova_pro_with_a_cache_halves_all_of_what_can_wait() -> None:
    """10 M in at 0.80, 1 M out at 3.20 and 20 M read at 0.20 a day: 15.20 x 30 x 730/720 = 462.33; half can wait,
    at half the price: a quarter, 115.58, is saved."""
    day = {"input_tokens": 300e6, "output_tokens": 30e6, "cache_read_tokens": 600e6}
    row = day | {"model_id": "amazon.nova-pro-v1:0", "latency_tolerant_ratio": 0.5}
    result = simulate(account_with(bedrock=[row]), Scenario((ServiceTier(),)), prices())
    assert result.baseline.total_usd == pytest.approx(462.33, abs=0.01)
    assert result.saving_usd == pytest.approx(115.58, abs=0.01)


@pytest.mark.parametrize(("tier", "usd"), [("flex", 170.33), ("priority", 596.17)])
def test_what_runs_in_a_tier_already_costs_its_price(tier: str, usd: float) -> None:
    """300 M in at 0.80 and 30 M out at 3.20 a window are 336.00, x 730/720 = 340.67 on demand; half, and 1.75 times."""
    row = {"model_id": "amazon.nova-pro-v1:0", "tier": tier, "input_tokens": 300e6, "output_tokens": 30e6}
    result = simulate(account_with(bedrock=[row]), Scenario((ServiceTier(),)), prices())
    assert result.baseline.total_usd == pytest.approx(usd, abs=0.01)
    assert result.saving_usd == 0


def test_shorter_prompts_and_answers_save_in_the_flex_tier_too() -> None:
    """Flex of 300 M in at 0.40: 120.00 x 730/720 = 121.67; a fifth less input is 24.33."""
    row = {"model_id": "amazon.nova-pro-v1:0", "tier": "flex", "input_tokens": 300e6, "output_tokens": 30e6}
    account = account_with(bedrock=[row])
    result = simulate(account, Scenario((PromptReduction(reduction_ratio=0.2),)), prices())
    assert result.saving_usd == pytest.approx(24.33, abs=0.01)


def test_a_factor_of_an_older_version_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="price of your own for MODEL#flex"):
        ServiceTier.create({"flex_ratio": 0.6})


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
    account = account_with(bedrock=[ROW | {"model_id": SONNET, "tier": "priority"}])
    result = simulate(account, Scenario((ServiceTier(),)), prices())
    assert [b.meter.name for b, _ in result.baseline.charges.unknown()] == [
        "tier_input_tokens",
        "tier_output_tokens",
    ]
    assert result.saving_usd == 0
