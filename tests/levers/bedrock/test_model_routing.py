from __future__ import annotations

import numpy as np
import pytest

from simulator import Scenario, simulate
from simulator.catalog import load_catalog
from simulator.levers.bedrock.model_routing import ModelRouting, cheaper_codes
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import HAIKU, SONNET, known_by_bill, tokens, usage_of

PLAIN = ModelRouting(routed_ratio=0.3, escalated_ratio=0.0, router_ratio=0.0)


def test_every_smaller_model_is_cheaper_in_both_directions() -> None:
    models = load_catalog().models
    target = cheaper_codes(load_catalog())
    known = np.flatnonzero(target >= 0)
    assert len(known) > 20
    for component in ("bedrock_input", "bedrock_output"):
        usd = prices().table(component, models, ("us-east-1",)).usd[:, 0]
        priced = known[~np.isnan(usd[known])]
        dearer = [(models[i], models[target[i]]) for i in priced if not usd[target[i]] < usd[i]]
        assert dearer == []


def test_a_model_is_routed_within_its_provider_and_profile() -> None:
    models = load_catalog().models
    target = cheaper_codes(load_catalog())
    for code in np.flatnonzero(target >= 0):
        assert models[target[code]].split(".")[:-1][:2] == models[code].split(".")[:-1][:2]


def test_no_target_is_dead_legacy_or_of_unknown_lifecycle() -> None:
    catalog = load_catalog()
    target = cheaper_codes(catalog)
    assert set(catalog.lifecycle[target[target >= 0]]) == {"active"}
    assert not (catalog.end_of_life[target[target >= 0]] != "").any()


def test_a_prompt_longer_than_the_smaller_models_context_stays() -> None:
    # 720 M tokens in 2,400 requests: 300,000 a prompt, Haiku 4.5 reads 200,000.
    ((verdict, sentence, _),) = ModelRouting().verdicts(usage_of({"requests": 2_400})).summary()
    assert (verdict, "longer than the smaller model's context" in sentence) == ("not_applicable", True)


def test_thirty_percent_on_haiku_saves_thirty_percent_of_two_thirds() -> None:
    row = {"model_id": SONNET, "input_tokens": 720e6, "output_tokens": 72e6, "requests": 72_000}
    result = simulate(account_with(bedrock=[row]), Scenario((PLAIN,)), prices())
    # Sonnet 4.5 $3/$15, Haiku 4.5 $1/$5: each routed request costs a third.
    assert result.saving_ratio == pytest.approx(0.3 * 2 / 3)


def test_repeated_and_router_tokens_are_paid() -> None:
    after = tokens(ModelRouting(routed_ratio=0.3, escalated_ratio=0.2, router_ratio=0.1).apply(usage_of()))
    assert after["input_tokens"] == pytest.approx(730e6 * (1 - 0.3 * 0.8))
    assert after["output_tokens"] == pytest.approx(73e6 * (1 - 0.3 * 0.8))
    assert after["routed_input_tokens"] == pytest.approx(730e6 * (0.3 + 0.1))
    assert after["routed_output_tokens"] == pytest.approx(73e6 * 0.3)


def test_routing_lowers_the_hit_rate_of_the_cache() -> None:
    row = {"cache_read_tokens": 576e6, "cache_write_tokens": 144e6, "prefix_tokens": 5_000}
    usage = usage_of(row)
    after = tokens(PLAIN.apply(usage))
    # Of 730 M cached tokens 511 M stay, and the 146 M of writes stay with them: reads fall from 584 to 365 M.
    assert after["cache_write_tokens"] == pytest.approx(146e6)
    assert after["cache_read_tokens"] == pytest.approx(365e6)
    # 219 M go to Haiku, whose minimum of 4,096 tokens the prefix reaches: 146 M written again, 73 M read.
    assert after["routed_cache_write_tokens"] == pytest.approx(146e6)
    assert after["routed_cache_read_tokens"] == pytest.approx(73e6)


def test_a_prefix_below_the_smaller_models_minimum_is_paid_as_plain_input() -> None:
    row = {"cache_read_tokens": 576e6, "cache_write_tokens": 144e6, "prefix_tokens": 2_000}
    after = tokens(PLAIN.apply(usage_of(row)))
    assert after["routed_input_tokens"] == pytest.approx(0.3 * (730e6 + 730e6))
    assert "routed_cache_read_tokens" not in after


@pytest.mark.parametrize(
    ("usage", "state", "words"),
    [
        (usage_of({"model_id": HAIKU}), "not_applicable", "no smaller model"),
        (usage_of({"tier": "batch"}), "not_applicable", "batch"),
        (known_by_bill(10.0), "unknown", "Only its cost is known"),
    ],
)
def test_what_rules_routing_out_is_said(usage: object, state: str, words: str) -> None:
    ((verdict, sentence, _),) = ModelRouting().verdicts(usage).summary()  # type: ignore[arg-type]
    assert (verdict, words in sentence) == (state, True), sentence
