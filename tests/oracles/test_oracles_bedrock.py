"""Bedrock: tokens × price, provisioned units, batch, prompt caching, against published worked examples."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.levers.bedrock.bedrock_batch import BedrockBatch
from simulator.levers.bedrock.provisioned_throughput import ProvisionedThroughput
from tests.accounts import prices
from tests.oracles.published import book_of, cost_usd, costs_usd, meets, metered, oracle

NOVA_PRO = "amazon.nova-pro-v1:0"
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
UNITS = "cohere.command-text-v14"
PER_MILLION = {
    "i": "bedrock_input",
    "o": "bedrock_output",
    "r": "bedrock_cache_read",
    "w": "bedrock_cache_write",
}


def tokens(
    model: str, *, input_k: float = 0, output_k: float = 0, read_k: float = 0, write_k: float = 0
) -> Any:
    """What a model metered, in thousands of tokens."""
    row = {
        "model_id": model, "input_tokens": input_k * 1000, "output_tokens": output_k * 1000,
        "cache_read_tokens": read_k * 1000, "cache_write_tokens": write_k * 1000,
    }  # fmt: skip
    return metered(bedrock=[row])


def test_input_and_output_are_priced_apart() -> None:
    example = oracle("br-claude-11k-4k")
    i = example["inputs"]
    book = book_of(
        ("bedrock_input", NOVA_PRO, i["in_per_1k"], 1000), ("bedrock_output", NOVA_PRO, i["out_per_1k"], 1000)
    )
    usage = tokens(NOVA_PRO, input_k=i["input_tokens"] / 1000, output_k=i["output_tokens"] / 1000)
    cost = costs_usd(usage, book)
    found = {"input_cost": cost["input_tokens"], "output_cost": cost["output_tokens"]}
    meets(found | {"total": cost_usd(usage, book)}, example)


def provisioned_month(units: int, usd_per_hour: float, days: int, commitment: str = "1_month") -> float:
    """Cost of model units over a month of some days, through the lever that rents them."""
    usage = metered(days=days, bedrock=[{"model_id": UNITS, "input_tokens": 1440e3, "output_tokens": 0}])
    # 1.44 M tokens on the one day are 1,000 a minute, so a unit of 1,000 / units carries 1 / units of it.
    lever = ProvisionedThroughput(commitment=commitment, peak_ratio=1.0, tokens_per_minute=1000.0 / units)
    suffix = {"1_month": "#1m", "6_months": "#6m"}[commitment]
    return cost_usd(lever.apply(usage), book_of(("bedrock_provisioned", UNITS + suffix, usd_per_hour)))


def test_two_model_units_are_billed_every_hour_of_31_days() -> None:
    example = oracle("br-pt-titan-2mu")
    i = example["inputs"]
    meets({"month": provisioned_month(i["model_units"], i["rate_per_mu_hour"], i["days"])}, example)


def test_length_of_the_month_matters_for_model_units() -> None:
    example = oracle("br-pt-llama2-30-31d")
    i = example["inputs"]
    months = [provisioned_month(i["model_units"], i["rate_1month"], hours // 24) for hours in i["hours"]]
    meets({"month": months}, example)
    longer = provisioned_month(i["model_units"], i["rate_6month"], 31, "6_months")
    assert longer == pytest.approx(example["derived_not_published"]["month_744h_with_6month_rate"])


def test_shipped_batch_prices_are_half_of_on_demand() -> None:
    example = oracle("br-batch-claude35-haiku45")
    book, found = prices(), {}
    models = {"sonnet35": "anthropic.claude-3-5-sonnet-20240620-v1:0", "haiku45": HAIKU}
    for name, model in models.items():
        usage = metered(bedrock=[
            {"model_id": model, "input_tokens": 1000, "output_tokens": 1000, "latency_tolerant_ratio": 1.0}
        ])  # fmt: skip
        before, after = costs_usd(usage, book), costs_usd(BedrockBatch().apply(usage), book)
        assert {"i": before["input_tokens"], "o": before["output_tokens"]} == pytest.approx(
            example["inputs"][name]
        )
        found[f"{name}_batch"] = {"i": after["batch_input_tokens"], "o": after["batch_output_tokens"]}
    meets(found, example)


def nova_book(example: dict[str, Any]) -> Any:
    rates = example["inputs"]["rates_per_1m"]
    return book_of(*((PER_MILLION[k], NOVA_PRO, usd, 1_000_000) for k, usd in rates.items()))


def test_without_caching_every_turn_pays_the_whole_prompt() -> None:
    example = oracle("br-cache-nova-pro-baseline")
    i, book = example["inputs"], nova_book(example)
    cost = {
        run: cost_usd(tokens(NOVA_PRO, input_k=i[run]["input"] / 1e3, output_k=i[run]["output"] / 1e3), book)
        for run in ("run_a", "run_b")
    }
    found = {"cost_a": cost["run_a"], "month_a": cost["run_a"] * i["conversations_per_month"]}
    meets(found | {"cost_b": cost["run_b"]}, example)


def test_four_token_directions_are_disjoint() -> None:
    example = oracle("br-cache-nova-pro-cached")
    i = example["inputs"]
    usage = tokens(
        NOVA_PRO, input_k=i["uncached_input"] / 1e3, output_k=i["output"] / 1e3,
        read_k=i["cache_read"] / 1e3, write_k=i["cache_write"] / 1e3,
    )  # fmt: skip
    meets({"cost": cost_usd(usage, nova_book(example))}, example)


def test_first_turn_pays_the_write_and_later_turns_read() -> None:
    example = oracle("br-cache-haiku45-3turns")
    i = example["inputs"]
    book = book_of(
        ("bedrock_input", HAIKU, i["in_per_1k"], 1000),
        ("bedrock_cache_write", HAIKU, i["write_per_1k"], 1000),
        ("bedrock_cache_read", HAIKU, i["read_per_1k"], 1000),
    )
    before = [cost_usd(tokens(HAIKU, input_k=k), book) for k in i["before_input_k"]]
    after = [cost_usd(tokens(HAIKU, **turn), book) for turn in i["after"]]
    meets({"before": before, "before_total": sum(before), "after": after, "after_total": sum(after)}, example)
