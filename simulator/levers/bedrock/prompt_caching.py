"""B1 prompt caching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import (
    INPUT_SHARE,
    already_cached,
    bill_evidence,
    missing_tokens,
    not_offered,
    wrong_tier,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Bedrock, Usage


@dataclass(frozen=True)
class PromptCaching(Lever):
    """Mark the repeated prefix of prompts so that the model reads it from a cache.

    Of the cacheable share of the input tokens, one request in R (those that share a prefix inside the time to
    live) writes the cache and R − 1 read it; the rest of the input and all output stay. At R = 1 the lever
    loses money: a write costs more than plain input. Prefixes below the model's minimum are not cached at
    all: where the prefix is not measured, it is taken as the cacheable share of the mean prompt. Writes whose
    price is not in the price book (one hour, Nova) are billed as input tokens times an assumed ratio.

    Source: rules.md#prompt-caching (write 1.25, read 0.10 of the input price where the model says nothing else);
    Amazon Bedrock user guide, prompt caching.
    """

    id = "prompt_caching"
    title = "Prompt caching"
    stage = 2
    table = "bedrock"
    effort_hours = 8.0
    phase = 2

    ttl: str = param(
        "Time to live", "duration", "5m", choices=("5m", "1h"), grade="official",
        source="Bedrock API, CacheTTL: 5m by default, 1h for some models",
    )  # fmt: skip
    cacheable_ratio: float = param(
        "Cacheable share of input tokens", "ratio", 0.50, low=0.20, high=0.80, step=0.05, maximum=0.95,
        grade="assumed", source="rules.md#prompt-caching; a model\'s own measured share where the snapshot has one",
    )  # fmt: skip
    requests_per_ttl: float = param(
        "Requests on one prefix within five minutes", "requests", 5.0, low=2.0, high=10.0, step=0.5,
        minimum=1.0, maximum=1000.0, grade="assumed",
        source="rules.md#prompt-caching; a model's own arrivals are used where known",
    )  # fmt: skip
    hour_reach: float = param(
        "Follow-up requests within an hour over those within five minutes", "times", 4.0, low=1.5, high=12.0,
        step=0.5, minimum=1.0, maximum=12.0, grade="assumed",
        source="12 at steady arrivals; fewer when they come in bursts. Used with a time to live of 1h",
    )  # fmt: skip
    write_1h_ratio: float = param(
        "One-hour cache write over input price", "ratio", 2.0, low=1.6, high=2.5, step=0.05, minimum=1.0,
        maximum=3.0,
        grade="secondary", source="2.0 for every model that publishes both (litellm, July 2026)",
    )  # fmt: skip
    unpriced_write_ratio: float = param(
        "Five-minute cache write over input price, where it has no price of its own", "ratio", 1.25, low=0.0,
        high=1.25, step=0.05, maximum=3.0, grade="assumed",
        source="rules.md#prompt-caching; Nova's writes are free and have a price row of 0",
    )  # fmt: skip
    adoption_ratio: float = param(
        "Share of this traffic that adopts it", "ratio", 1.0, low=0.6, high=1.0, step=0.05, grade="assumed",
        source="How much of the code that calls the model will be changed",
    )  # fmt: skip
    input_share_ratio: float = param(**INPUT_SHARE)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models that can cache, with prefixes that are long enough and not cached yet."""
        b = usage.bedrock
        minimum = usage.catalog.cache_min_tokens[b.model]
        read = usage.catalog.cache_read_factor[b.model]
        cached = already_cached(b) > 0
        return decide(
            b,
            *wrong_tier(b),
            unsure(
                ~usage.catalog.model_known[b.model],
                "The model is unknown, and so is whether it can cache prompts.",
            ),
            missing_tokens(b),
            refuse(
                np.isnan(minimum) & np.isnan(read),
                "The model does not offer prompt caching, as far as we know.",
            ),
            unsure(
                np.isnan(minimum),
                "The model has cache prices, but the shortest prefix it caches is not known.",
            ),
            unsure(np.isnan(read), "The model caches prompts, but the price of a cache read is not known."),
            *(
                not_offered(usage.catalog.cache_1h_offered[b.model], "a time to live of one hour")
                if self.ttl == "1h"
                else ()
            ),
            refuse((b.input_tokens == 0) & (b.billed_units == 0), "Has no uncached input tokens."),
            refuse(b.cacheable_ratio == 0, "None of its input was measured as repeated."),
            refuse(
                cached & np.isnan(b.cacheable_ratio),
                "Already caches its prompts, and no measured share says that more could be cached.",
            ),
            refuse(
                cached & (b.cacheable_ratio * (b.input_tokens + already_cached(b)) <= already_cached(b)),
                "Already caches all of its input that was measured as repeated.",
            ),
            refuse(
                b.prefix_tokens < minimum,
                "Its repeated prefix is shorter than the model's minimum: the cache would do nothing.",
            ),
            refuse(
                np.isnan(b.prefix_tokens) & (self._estimated_prefix(b) < minimum),
                "Its mean prompt is too short: the cacheable share of it is below the model's minimum.",
            ),
            otherwise="The model caches prompts and nothing rules it out.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move cacheable input tokens to cache writes (one request in R) and cache reads."""
        b, catalog = usage.bedrock, usage.catalog
        ok = self.verdicts(usage).applies
        long_enough = ~np.isnan(b.prefix_tokens) | ~(
            self._estimated_prefix(b) < catalog.cache_min_tokens[b.model]
        )
        share = np.where(ok & long_enough, self._share(b) * self.adoption_ratio, 0.0)
        requests = self.requests(b)
        moved = np.where(share > 0, b.input_tokens * share, 0.0)
        write = moved / requests
        write_ratio = catalog.cache_write_factor[b.model]
        assumed_ratio = self.write_1h_ratio if self.ttl == "1h" else self.unpriced_write_ratio
        priced = ~np.isnan(write_ratio) & (self.ttl == "5m")
        effect = cost_factor(
            requests, np.where(priced, write_ratio, assumed_ratio), catalog.cache_read_factor[b.model]
        )
        left = np.where(share > 0, 1 - self.input_share_ratio * share * (1 - effect), 1.0)
        return rewritten(
            usage,
            "bedrock",
            input_tokens=b.input_tokens - moved,
            cache_read_tokens=b.cache_read_tokens + (moved - write),
            cache_write_tokens=b.cache_write_tokens + np.where(priced, write, 0.0),
            write_equivalent_tokens=b.write_equivalent_tokens + np.where(priced, 0.0, write * assumed_ratio),
            billed_units=b.billed_units * left,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The model's own arrivals, prefix and tokens."""
        b = usage.bedrock
        return (
            bill_evidence(b),
            Evidence(
                ~np.isnan(b.cacheable_ratio), "The cacheable share of its input is assumed, not measured."
            ),
            Evidence(
                ~np.isnan(b.requests_per_ttl), "How many requests share a prefix is assumed, not measured."
            ),
            Evidence(~np.isnan(b.prefix_tokens), "The length of its repeated prefix is not measured."),
            Evidence(
                ~np.isnan(usage.catalog.cache_write_factor[b.model]),
                "The price of its cache writes is assumed.",
            ),
        )

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """Share and arrivals of the account's own models: measured, or realised where they cache already."""
        b = usage.bedrock
        cached = np.nan_to_num(b.cache_read_tokens + b.cache_write_tokens)
        offered = np.nan_to_num(b.input_tokens) + cached
        found: dict[str, tuple[float, str]] = {}
        able = (offered > 0) & ~np.isnan(usage.catalog.cache_min_tokens[b.model])
        measured = able & ~np.isnan(b.cacheable_ratio)
        realised = (cached > 0) & (b.cache_write_tokens > 0)
        if measured.any():
            share = np.average(b.cacheable_ratio[measured], weights=offered[measured])
            found["cacheable_ratio"] = (
                min(float(share), 0.95),
                _from(measured, "measured, weighted by input tokens"),
            )
        elif realised.any():
            share = cached[realised].sum() / offered[realised].sum()
            found["cacheable_ratio"] = (min(float(share), 0.95), _from(realised, "that cache already"))
        counted = able & ~np.isnan(b.requests_per_ttl)
        if counted.any():
            requests = np.average(b.requests_per_ttl[counted], weights=offered[counted])
            found["requests_per_ttl"] = (
                max(float(requests), 1.0),
                _from(counted, "measured, weighted by input tokens"),
            )
        elif realised.any():
            requests = cached[realised].sum() / b.cache_write_tokens[realised].sum()
            found["requests_per_ttl"] = (
                float(requests),
                _from(realised, "that cache already: cached over written tokens"),
            )
        return found

    def _share(self, b: Bedrock) -> Any:
        """Share of the input not cached yet that could be: what is cached already is taken off a measured share."""
        cached = already_cached(b)
        left = (b.cacheable_ratio * (b.input_tokens + cached) - cached) / np.where(
            b.input_tokens > 0, b.input_tokens, np.nan
        )
        measured = np.where(cached > 0, np.clip(np.nan_to_num(left), 0.0, 1.0), b.cacheable_ratio)
        return np.where(np.isnan(b.cacheable_ratio), self.cacheable_ratio, measured)

    def requests(self, b: Bedrock) -> Any:
        """Requests of a prefix within the time to live, the one that writes it included."""
        requests = np.where(np.isnan(b.requests_per_ttl), self.requests_per_ttl, b.requests_per_ttl)
        reach = self.hour_reach if self.ttl == "1h" else 1.0
        return 1 + (np.maximum(requests, 1.0) - 1) * reach

    def _estimated_prefix(self, b: Bedrock) -> Any:
        prompt_tokens = b.input_tokens / np.where(b.requests > 0, b.requests, np.nan)
        return np.where(prompt_tokens > 0, prompt_tokens * self._share(b), np.nan)


def cost_factor(requests: Any, write_factor: Any = 1.25, read_factor: Any = 0.10) -> Any:
    """Cost of a prefix with caching over without: (w + (R − 1)·r)/R."""
    return (write_factor + (requests - 1) * read_factor) / requests


def break_even_requests(write_factor: Any = 1.25, read_factor: Any = 0.10) -> Any:
    """R = (w − r)/(1 − r): requests within the time to live from which caching costs less than none."""
    return (write_factor - read_factor) / (1 - read_factor)


def _from(rows: Any, how: str) -> str:
    count = int(rows.sum())
    return f"{count} model{'s' if count > 1 else ''} of this account, {how}."
