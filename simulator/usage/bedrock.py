"""Bedrock models by region and tier: their columns, summed over the days of the window."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from simulator.catalog import Catalog, base_model
from simulator.snapshot.snapshot import Snapshot
from simulator.usage.bedrock_days import DIRECTIONS, Days
from simulator.usage.profile import Profile
from simulator.usage.table import Array, Codes, Table, Texts, meter

CACHED = DIRECTIONS[2:]
TIERS = ("flex", "priority")
ABOVE = re.compile(r"#above_(\d+)k$")
MEASURED = [
    "cacheable_ratio", "prefix_tokens", "requests_per_ttl", "latency_tolerant_ratio", "provisioned_units",
]  # fmt: skip
MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True)
class Bedrock(Table):
    """Bedrock models by region and tier, per month, with tokens in disjoint directions.

    `routed_*` meters are requests sent to another, cheaper model. `tier_*` meters are tokens of the flex or
    priority tier, at the prices of `tier_model` (`model#flex`). `write_equivalent_tokens` are cache writes
    without a price of their own, as input tokens of equal cost.
    `priced_model` is the model's long-context price where the mean prompt is above its threshold: AWS bills
    every token of such a request at it. `flexed_ratio` is the share of requests a plan moved to flex.
    `provisioned_*` are hours of model units by commitment, priced by the model without its inference profile
    (`provisioned_model`); of units that the account has already the commitment is unknown: they are under "none".
    `reserved_*_ktpm` are thousands of tokens per minute of the reserved tier, `router_requests` what the managed router
    reads, `teacher_*` and `training_tokens` what a distilled model costs once.
    `billed_units` are dollars of the bill whose tokens nobody knows, at one dollar each.
    """

    model: Codes
    priced_model: Codes
    routed_model: Codes
    provisioned_model: Codes
    tier_model: Codes
    tier: Texts
    requests: Array
    cacheable_ratio: Array
    prefix_tokens: Array
    requests_per_ttl: Array
    latency_tolerant_ratio: Array
    flexed_ratio: Array
    peak_tokens_per_minute: Array
    reported_cost_usd: Array
    input_tokens: Array = meter("bedrock_input", "token", "bedrock", by="priced_model")
    output_tokens: Array = meter("bedrock_output", "token", "bedrock", by="priced_model")
    cache_read_tokens: Array = meter("bedrock_cache_read", "token", "bedrock", by="priced_model")
    cache_write_tokens: Array = meter("bedrock_cache_write", "token", "bedrock", by="priced_model")
    cache_write_1h_tokens: Array = meter("bedrock_cache_write_1h", "token", "bedrock", by="priced_model")
    write_equivalent_tokens: Array = meter("bedrock_input", "token", "bedrock", by="priced_model")
    batch_input_tokens: Array = meter("bedrock_batch_input", "token", "bedrock", by="priced_model")
    batch_output_tokens: Array = meter("bedrock_batch_output", "token", "bedrock", by="priced_model")
    tier_input_tokens: Array = meter("bedrock_input", "token", "bedrock", by="tier_model")
    tier_output_tokens: Array = meter("bedrock_output", "token", "bedrock", by="tier_model")
    tier_cache_read_tokens: Array = meter("bedrock_cache_read", "token", "bedrock", by="tier_model")
    tier_cache_write_tokens: Array = meter("bedrock_cache_write", "token", "bedrock", by="tier_model")
    routed_input_tokens: Array = meter("bedrock_input", "token", "bedrock", by="routed_model")
    routed_output_tokens: Array = meter("bedrock_output", "token", "bedrock", by="routed_model")
    routed_cache_read_tokens: Array = meter("bedrock_cache_read", "token", "bedrock", by="routed_model")
    routed_cache_write_tokens: Array = meter("bedrock_cache_write", "token", "bedrock", by="routed_model")
    routed_batch_input_tokens: Array = meter("bedrock_batch_input", "token", "bedrock", by="routed_model")
    routed_batch_output_tokens: Array = meter("bedrock_batch_output", "token", "bedrock", by="routed_model")
    provisioned_unit_hours: Array = meter(
        "bedrock_provisioned", "model_unit_hour", "bedrock", by="provisioned_model", item="{}#none"
    )
    provisioned_1m_unit_hours: Array = meter(
        "bedrock_provisioned", "model_unit_hour", "bedrock", by="provisioned_model", item="{}#1m"
    )
    provisioned_6m_unit_hours: Array = meter(
        "bedrock_provisioned", "model_unit_hour", "bedrock", by="provisioned_model", item="{}#6m"
    )
    reserved_input_ktpm: Array = meter("bedrock_reserved_input", "ktpm_month", "bedrock", by="priced_model")
    reserved_output_ktpm: Array = meter("bedrock_reserved_output", "ktpm_month", "bedrock", by="priced_model")
    router_requests: Array = meter("bedrock_prompt_router", "request", "bedrock", item="request")
    custom_models: Array = meter("bedrock_custom_model", "model_month", "bedrock", item="storage")
    billed_units: Array = meter("billed", "usd", "bedrock", item="bedrock")
    teacher_input_tokens: Array = meter("bedrock_input", "token", "bedrock", by="model", once=True)
    teacher_output_tokens: Array = meter("bedrock_output", "token", "bedrock", by="model", once=True)
    training_tokens: Array = meter("bedrock_training", "token", "bedrock", by="routed_model", once=True)


def bedrock_usage(s: Snapshot, catalog: Catalog, factor: float, basis: str, keep: Collection[str]) -> Bedrock:
    """Days are summed per model, region, tier and scope; a direction no day reports stays unknown.

    What cannot be priced by its tokens, but has a reported cost, is taken from the bill (`billed_units`).
    """
    days = Days(s)
    month = {name: days.total(name) * factor for name in (*DIRECTIONS, "requests", "cost_usd")}
    measured = {name: days.mean(name) for name in MEASURED}
    item, region, tier = (days.key(name) for name in ("item", "region", "tier"))
    ids = item + " " + region + np.where(tier == "on_demand", "", " " + tier)
    code = catalog.model_code(item)
    on_demand, batch, hourly = (tier == name for name in ("on_demand", "batch", "provisioned"))
    priced = _priced(code, month, catalog)
    tiered = np.where(np.isin(tier, TIERS), tier_codes(catalog.models, tier, priced), -1)
    in_tier = tiered >= 0
    known = ~np.isnan(month["input_tokens"]) & ~np.isnan(month["output_tokens"]) & (code >= 0)
    by_bill = (month["cost_usd"] >= 0) & ~(known & (on_demand | batch | in_tier))
    own, other = on_demand & ~by_bill, in_tier & ~by_bill
    unpriced = np.where(~(on_demand | batch | hourly | in_tier | by_bill), np.nan, 0.0)
    cached = {name: np.nan_to_num(month[name]) for name in CACHED}
    unit_hours = measured.pop("provisioned_units") * s.covered_hours * factor
    return Bedrock(
        resource_id=ids,
        region=catalog.region_code(region),
        owner=np.full(len(ids), "", object),
        tags=np.full(len(ids), "", object),
        profile=Profile.flat(len(ids), round(s.window_hours)),
        kept=np.isin(ids.astype(str), list(keep)) if keep else np.zeros(len(ids), bool),
        model=code,
        priced_model=priced,
        routed_model=code,
        provisioned_model=np.where(hourly, base_codes(catalog.models)[code], -1),
        tier_model=tiered,
        tier=tier,
        requests=month["requests"],
        **measured,
        flexed_ratio=np.zeros(len(ids)),
        peak_tokens_per_minute=days.busiest(DIRECTIONS[:2]) / MINUTES_PER_DAY,
        reported_cost_usd=month["cost_usd"],
        input_tokens=np.where(own, month["input_tokens"], 0.0),
        output_tokens=np.where(own, month["output_tokens"], 0.0),
        **{name: np.where(own, cached[name], 0.0) for name in CACHED},
        batch_input_tokens=np.where(batch & ~by_bill, month["input_tokens"], 0.0),
        batch_output_tokens=np.where(batch & ~by_bill, month["output_tokens"], 0.0),
        tier_input_tokens=np.where(other, month["input_tokens"], unpriced),
        tier_output_tokens=np.where(other, month["output_tokens"], unpriced),
        tier_cache_read_tokens=np.where(other, cached["cache_read_tokens"], 0.0),
        tier_cache_write_tokens=np.where(other, cached["cache_write_tokens"], 0.0),
        provisioned_unit_hours=np.where(hourly & ~by_bill, unit_hours, 0.0),
        billed_units=np.where(by_bill, month["cost_usd"], 0.0),
    )


def _priced(code: Codes, month: dict[str, Array], catalog: Catalog) -> Codes:
    """The code each model is priced under: that of its long-context price above its threshold.

    A mean prompt (input, cache reads and writes) longer than N thousand tokens is priced under `model#above_Nk`
    where the price book has it; single prompts are not known. Source: Bedrock pricing, long context.
    """
    prompt = np.nan_to_num(month["input_tokens"]) + sum(np.nan_to_num(month[name]) for name in CACHED)
    return priced_at(code, prompt, month["requests"], catalog)


def priced_at(code: Codes, prompt_tokens: Any, requests: Any, catalog: Catalog) -> Codes:
    """The code under which models are priced whose requests read so many tokens together (see `_priced`)."""
    mean = prompt_tokens / np.where(requests > 0, requests, np.nan)
    priced = np.array(code)
    for tokens, above in long_context(catalog.models):
        priced = np.where((mean > tokens) & (above[code] >= 0), above[code], priced)
    return priced


@cache
def long_context(models: tuple[str, ...]) -> list[tuple[float, Codes]]:
    """Thresholds in tokens, lowest first, with each model's code of the price above it; -1 none."""
    code = {name: number for number, name in enumerate(models)}
    steps = sorted({int(found[1]) for name in models if (found := ABOVE.search(name))})
    return [
        (step * 1000.0, np.array([*(code.get(f"{name}#above_{step}k", -1) for name in models), -1], np.int64))
        for step in steps
    ]


@cache
def base_codes(models: tuple[str, ...]) -> Codes:
    """Code of each model without its inference profile, its own where that one is unknown; the last entry is -1."""
    code = {name: number for number, name in enumerate(models)}
    return np.array(
        [*(code.get(base_model(name), number) for number, name in enumerate(models)), -1], np.int64
    )


def tier_codes(models: tuple[str, ...], tier: Any, priced: Codes) -> Codes:
    """Code of each priced model in a service tier (`model#flex`, `model#above_272k_flex`); -1 none listed."""
    found = np.full(len(priced), -1, np.int64)
    for name in TIERS:
        found = np.where(np.asarray(tier) == name, _in_tier(models, name)[priced], found)
    return found


@cache
def _in_tier(models: tuple[str, ...], tier: str) -> Codes:
    code = {name: number for number, name in enumerate(models)}
    return np.array(
        [*(code.get(f"{m}_{tier}" if "#" in m else f"{m}#{tier}", -1) for m in models), -1], np.int64
    )
