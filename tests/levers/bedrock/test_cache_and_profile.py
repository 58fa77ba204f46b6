"""Global profile, caches that lose, one hour to live, prompts above the threshold: hand-worked months of 730 h."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator import Scenario, simulate
from simulator.analysis.verdict import Status, verdicts
from simulator.engine.simulate import Result
from simulator.levers.bedrock.cache_off import CacheOff
from simulator.levers.bedrock.cache_one_hour import CacheOneHour
from simulator.levers.bedrock.inference_profile import InferenceProfile
from simulator.levers.bedrock.prompts_below_threshold import PromptsBelowThreshold
from simulator.levers.lever import Lever
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import NOVA_2_LITE, SONNET, tokens, usage_of

BOOK = cache(prices)
GLOBAL_SONNET = f"global.{SONNET}"


def result_of(lever: Lever, **row: Any) -> Result:
    default = {"model_id": SONNET, "input_tokens": 720e6, "output_tokens": 72e6, "requests": 72_000}
    return simulate(account_with(bedrock=[default | row]), Scenario((lever,)), BOOK())


def sentence(lever: Lever, **row: Any) -> tuple[str, str]:
    ((verdict, text, _),) = lever.verdicts(usage_of(row)).summary()
    return verdict, text


def test_global_profile_saves_the_regional_tenth() -> None:
    # 730 M x 3.30 + 73 M x 16.50 = 3,613.50; global 730 M x 3 + 73 M x 15 = 3,285.00
    result = result_of(InferenceProfile())
    assert result.baseline.total_usd == pytest.approx(3613.50)
    assert result.outcome.total_usd == pytest.approx(3285.00)
    assert result_of(InferenceProfile(), scope="us").saving_usd == pytest.approx(328.50)


def test_global_profile_where_it_is_used_or_not_offered_does_nothing() -> None:
    assert sentence(InferenceProfile(), scope="global") == (
        "not_applicable",
        "Already uses the global profile.",
    )
    verdict, text = sentence(InferenceProfile(), model_id="amazon.nova-pro-v1:0")
    assert (verdict, "does not offer a global profile" in text) == ("not_applicable", True)
    assert sentence(InferenceProfile(), model_id="amazon.nova-2-sonic-v1:0")[0] == "unknown"


def test_cache_written_more_than_read_is_turned_off() -> None:
    # global: 73 M written at 3.75 and 7.3 M read at 0.30 cost 275.94; as plain input 80.3 M at 3 are 240.90
    row = {"scope": "global", "cache_write_tokens": 72e6, "cache_read_tokens": 7.2e6}
    result = result_of(CacheOff(), **row)
    assert result.saving_usd == pytest.approx(275.94 - 240.90)
    assert tokens(result.outcome.usage)["input_tokens"] == pytest.approx(730e6 + 80.3e6)


@given(read=st.floats(0, 1e9), written=st.floats(1e3, 1e9))
@settings(max_examples=15, deadline=None)
def test_cache_off_never_loses_and_acts_below_the_break_even_only(read: float, written: float) -> None:
    result = result_of(CacheOff(), scope="global", cache_write_tokens=written, cache_read_tokens=read)
    assert result.saving_usd >= -1e-6
    if read / written > 0.25 / 0.9 + 1e-6:
        assert result.saving_usd == 0


def test_one_hour_costs_the_dearer_write_unless_it_reaches_more_requests() -> None:
    # 73 M written, 292 M read: 5 requests a prefix. Reach 1: 73 M at 6.00 instead of 3.75 = +164.25.
    # Reach 4: 365 / (1 + 4 x 4) = 21.47 M written at 6.00, 343.53 M read at 0.30: 231.88 against 361.35.
    row = {"scope": "global", "cache_write_tokens": 72e6, "cache_read_tokens": 288e6}
    result = result_of(CacheOneHour(), **row)
    assert result.saving_usd == pytest.approx(-164.25)
    said = verdicts(result)["cache_one_hour"]
    assert said.status is Status.COSTS_MORE
    assert said.break_even is not None
    assert said.break_even.parameter == "hour_reach"
    assert result_of(CacheOneHour(hour_reach=4.0), **row).saving_usd == pytest.approx(
        361.35 - 231.88, abs=0.01
    )


@given(written=st.floats(0, 1e15), read=st.floats(0, 1e15), reach=st.floats(1, 12))
@example(written=1e-308, read=1e6, reach=1.0)
def test_tokens_of_the_cache_are_kept_however_few_were_written(
    written: float, read: float, reach: float
) -> None:
    """Some 1e-308 tokens written for a million read overflowed a quotient."""
    usage = usage_of({"model_id": SONNET, "cache_write_tokens": written, "cache_read_tokens": read})
    before, after = usage.bedrock, CacheOneHour(hour_reach=reach).apply(usage).bedrock
    held = [b.cache_read_tokens + b.cache_write_tokens + b.cache_write_1h_tokens for b in (before, after)]
    assert held[1] == pytest.approx(held[0])
    assert (after.cache_write_1h_tokens <= before.cache_write_tokens * (1 + 1e-9)).all()


def test_one_hour_is_not_offered_for_nova() -> None:
    row = {"model_id": NOVA_2_LITE, "cache_write_tokens": 72e6, "cache_read_tokens": 72e6}
    assert "does not offer" in sentence(CacheOneHour(), **row)[1]


def test_prompts_just_above_200_k_are_cut_to_it_and_pay_the_ordinary_price() -> None:
    # 7,300 requests of 220,000 tokens; cut to 200,000: 1,460 M of input are left, at the price of short prompts
    row = {"input_tokens": 7_200 * 220_000, "output_tokens": 7.2e6, "requests": 7_200}
    result = result_of(PromptsBelowThreshold(), **row)
    assert result.outcome.usage.bedrock.input_tokens[0] == pytest.approx(1460e6)
    assert result.outcome.total_usd == pytest.approx(1460 * 3.30 + 7.3 * 16.50)
    assert result.saving_usd > 0
    assert result_of(PromptsBelowThreshold(longest_cut_ratio=0.05), **row).saving_usd == 0
    assert result_of(PromptsBelowThreshold()).saving_usd == 0
