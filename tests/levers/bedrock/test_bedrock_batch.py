from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import PriceBook, Scenario, simulate
from simulator.levers.bedrock.bedrock_batch import BedrockBatch
from simulator.levers.bedrock.model_routing import ModelRouting
from simulator.levers.bedrock.service_tier import ServiceTier
from simulator.levers.lever import Lever
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import NOVA_2_LITE, SONNET, known_by_bill, tokens, usage_of


def test_a_fifth_in_batch_at_half_price_saves_a_tenth() -> None:
    row = {"model_id": SONNET, "input_tokens": 720e6, "output_tokens": 72e6}
    result = simulate(account_with(bedrock=[row]), Scenario((BedrockBatch(eligible_ratio=0.2),)), prices())
    assert result.saving_ratio == pytest.approx(0.1)


def test_the_models_own_share_beats_the_parameter() -> None:
    after = tokens(BedrockBatch(eligible_ratio=0.2).apply(usage_of({"latency_tolerant_ratio": 0.5})))
    assert after["batch_input_tokens"] == pytest.approx(365e6)
    assert after["output_tokens"] == pytest.approx(36.5e6)


def test_a_batched_request_pays_its_cached_prefix_as_plain_input() -> None:
    row = {"cache_read_tokens": 576e6, "cache_write_tokens": 144e6, "latency_tolerant_ratio": 0.5}
    after = tokens(BedrockBatch().apply(usage_of(row)))
    assert after["batch_input_tokens"] == pytest.approx(0.5 * (730e6 + 730e6))
    # 365 M cached tokens stay; each prefix is still written: 146 M, so 219 M are read.
    assert after["cache_write_tokens"] == pytest.approx(146e6)
    assert after["cache_read_tokens"] == pytest.approx(219e6)


def test_routed_requests_can_wait_too() -> None:
    routed = ModelRouting(routed_ratio=0.3, escalated_ratio=0.0, router_ratio=0.0).apply(usage_of())
    after = tokens(BedrockBatch(eligible_ratio=0.2).apply(routed))
    assert after["routed_batch_output_tokens"] == pytest.approx(73e6 * 0.3 * 0.2)
    assert after["routed_output_tokens"] == pytest.approx(73e6 * 0.3 * 0.8)


@pytest.mark.parametrize(
    ("usage", "state", "words"),
    [
        (usage_of({"tier": "batch"}), "not_applicable", "Already runs in batch"),
        (usage_of({"latency_tolerant_ratio": 0}), "not_applicable", "None of its requests can wait"),
        (usage_of({"input_tokens": None}), "unknown", "tokens are unknown"),
        (known_by_bill(10.0), "unknown", "Only its cost is known"),
    ],
)
def test_what_rules_batch_out_is_said(usage: object, state: str, words: str) -> None:
    ((verdict, sentence, _),) = BedrockBatch().verdicts(usage).summary()  # type: ignore[arg-type]
    assert (verdict, words in sentence) == (state, True), sentence


BOOK = cache(prices)


def flex_at(ratio: float) -> PriceBook:
    """Prices in which Nova 2 Lite's flex tier costs this share of on demand."""
    rows, places = BOOK().rows.copy(), ["component", "region"]
    here = rows["region"] == "us-east-1"
    plain = rows[here & (rows["item"] == NOVA_2_LITE)].set_index(places)["usd"]
    flex = rows.index[here & (rows["item"] == f"{NOVA_2_LITE}#flex")]
    rows.loc[flex, "usd"] = plain.loc[pd.MultiIndex.from_frame(rows.loc[flex, places])].to_numpy() * ratio
    return replace(BOOK(), rows=rows, _cache={}, _later={}, _plan_rates={})


def billed_usd(row: dict[str, object], *levers: Lever, flex: float | None = None) -> float:
    book = BOOK() if flex is None else flex_at(flex)
    return simulate(account_with(bedrock=[row]), Scenario(levers), book).outcome.total_usd


def test_requests_go_to_flex_or_batch_whichever_is_cheaper_on_the_bill() -> None:
    # 730 M in, 73 M out; half of the requests can wait. Batch halves their price, flex at 0.8 takes a fifth off.
    row = {
        "model_id": NOVA_2_LITE,
        "input_tokens": 720e6,
        "output_tokens": 72e6,
        "latency_tolerant_ratio": 0.5,
    }
    before, batch = billed_usd(row), BedrockBatch()
    assert billed_usd(row, batch, ServiceTier(), flex=0.8) == pytest.approx(before * 0.75)
    assert billed_usd(row, ServiceTier(), flex=0.8) == pytest.approx(before * 0.9)
    assert billed_usd(row, batch, ServiceTier(), flex=0.4) == pytest.approx(before * 0.7)


def test_flex_keeps_requests_that_read_a_cache_at_any_price_below_what_the_batch_costs() -> None:
    # 40 M in, 10 M out, 720 M read at a quarter of the input price: a batch pays half of all 760 M as plain input.
    row = {
        "model_id": NOVA_2_LITE, "input_tokens": 40e6, "output_tokens": 10e6, "cache_read_tokens": 720e6,
        "latency_tolerant_ratio": 1.0,
    }  # fmt: skip
    flex = ServiceTier()
    assert billed_usd(row, BedrockBatch(), flex, flex=0.8) == pytest.approx(billed_usd(row, flex, flex=0.8))
    assert billed_usd(row, BedrockBatch()) > billed_usd(row)


@settings(max_examples=15, deadline=None)
@given(
    flex=st.floats(0.1, 1.0),
    share=st.floats(0.0, 0.6),
    waiting=st.floats(0.0, 1.0),
    read=st.floats(0.0, 900e6),
)
def test_with_both_on_the_bill_is_never_above_flex_alone_or_batch_alone(
    flex: float, share: float, waiting: float, read: float
) -> None:
    row = {
        "model_id": NOVA_2_LITE, "input_tokens": 72e6, "output_tokens": 7.2e6, "cache_read_tokens": read,
        "latency_tolerant_ratio": waiting,
    }  # fmt: skip
    tier, batch = ServiceTier(share_ratio=share), BedrockBatch()
    both = billed_usd(row, tier, batch, flex=flex)
    assert both <= min(billed_usd(row, tier, flex=flex), billed_usd(row, batch)) + 1e-6
