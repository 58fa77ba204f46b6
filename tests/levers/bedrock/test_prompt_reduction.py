from __future__ import annotations

import pytest

from simulator import Scenario, simulate
from simulator.levers.bedrock.prompt_caching import PromptCaching
from simulator.levers.bedrock.prompt_reduction import PromptReduction
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import MILLION, SONNET, known_by_bill, tokens, usage_of


def test_only_uncached_input_shrinks() -> None:
    usage = usage_of({"cache_read_tokens": 72e6, "cache_write_tokens": 7.2e6})
    after = tokens(PromptReduction(reduction_ratio=0.25).apply(usage))
    assert after["input_tokens"] == pytest.approx(547.5 * MILLION)
    assert after["output_tokens"] == pytest.approx(73 * MILLION)
    assert after["cache_read_tokens"] == pytest.approx(73 * MILLION)


def test_thirty_percent_of_input_is_fifteen_percent_of_the_bill_at_1500_and_300_tokens() -> None:
    row = {"model_id": SONNET, "input_tokens": 1500e6, "output_tokens": 300e6}
    result = simulate(
        account_with(bedrock=[row]), Scenario((PromptReduction(reduction_ratio=0.3),)), prices()
    )
    assert result.saving_ratio == pytest.approx(0.15)


def test_with_caching_on_only_the_rest_is_left_to_shorten() -> None:
    usage = usage_of({"cacheable_ratio": 0.5, "prefix_tokens": 4000, "requests_per_ttl": 5})
    after = tokens(PromptReduction(reduction_ratio=0.2).apply(PromptCaching().apply(usage)))
    assert after["input_tokens"] == pytest.approx(730e6 * 0.5 * 0.8)
    assert after["cache_read_tokens"] == pytest.approx(
        730e6 * 0.5 * 0.8
    )  # four of five requests: not shortened


def test_a_bill_without_tokens_shrinks_by_its_input_share() -> None:
    after = tokens(PromptReduction(reduction_ratio=0.2, input_share_ratio=0.4).apply(known_by_bill(72.0)))
    assert after == {"billed_units": pytest.approx(73 * 0.92)}


def test_unknown_tokens_without_a_cost_are_a_question() -> None:
    ((verdict, sentence, _),) = PromptReduction().verdicts(usage_of({"output_tokens": None})).summary()
    assert verdict == "unknown"
    assert "Cost Explorer" in sentence
