"""B1 prompt caching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class PromptCaching(Lever):
    """Mark the repeated prefix of prompts so that the model reads it from a cache.

    Of the cacheable share of the input tokens, one request in R (those that share a prefix inside the time to
    live) writes the cache and R − 1 read it; the rest of the input and all output stay. At R = 1 the lever
    loses money: a write costs more than plain input. Prefixes below the model's minimum are not cached at all.

    Source: DOMAIN 3.5 B1 (write 1.25, read 0.10 of the input price where the model says nothing else).
    """

    id = "prompt_caching"
    title = "Prompt caching"
    family = "bedrock"
    stage = 2
    table = "bedrock"
    effort_hours = 8.0
    phase = 2
    source = "Amazon Bedrock user guide, prompt caching; DOMAIN B1"

    cacheable_ratio: float = param(
        "Cacheable share of input tokens", "ratio", 0.50, low=0.20, high=0.80, step=0.05, maximum=0.95,
        grade="assumed", source="DOMAIN B1; a model's own measured share is used where the snapshot has one",
    )  # fmt: skip
    requests_per_ttl: float = param(
        "Requests on one prefix within the time to live", "requests", 5.0, low=2.0, high=10.0, step=0.5, minimum=1.0,
        maximum=1000.0, grade="assumed", source="DOMAIN B1; a model's own arrivals are used where known",
    )  # fmt: skip
    adoption_ratio: float = param(
        "Share of this traffic that adopts it", "ratio", 1.0, low=0.6, high=1.0, step=0.05, grade="assumed",
        source="How much of the code that calls the model will be changed",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models that can cache, with prefixes that are long enough and not cached yet."""
        b = usage.bedrock
        minimum = usage.catalog.cache_min_tokens[b.model]
        return decide(
            b,
            refuse(b.tier == "batch", "Runs in batch: caching inside batch jobs is not confirmed."),
            refuse(b.tier == "provisioned", "Provisioned throughput is paid by the hour, not by token."),
            unsure(np.isnan(b.input_tokens), "Its tokens are unknown: find them in Cost Explorer's usage quantities first."),
            refuse(b.input_tokens == 0, "Has no uncached input tokens."),
            refuse(np.isnan(minimum), "The model does not offer prompt caching, as far as we know."),
            refuse(b.prefix_tokens < minimum, "Its repeated prefix is shorter than the model's minimum for caching."),
            otherwise="The model caches prompts and nothing rules it out.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move cacheable input tokens to cache writes (one request in R) and cache reads."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        share = np.where(np.isnan(b.cacheable_ratio), self.cacheable_ratio, b.cacheable_ratio) * self.adoption_ratio
        requests = np.where(np.isnan(b.requests_per_ttl), self.requests_per_ttl, b.requests_per_ttl)
        moved = np.where(ok, b.input_tokens * share, 0.0)
        write = moved / np.maximum(requests, 1.0)
        return rewritten(
            usage,
            "bedrock",
            input_tokens=np.where(ok, b.input_tokens - moved, b.input_tokens),
            cache_write_tokens=np.where(ok, b.cache_write_tokens + write, b.cache_write_tokens),
            cache_read_tokens=np.where(ok, b.cache_read_tokens + (moved - write), b.cache_read_tokens),
        )


def cost_factor(requests: Any, write_factor: Any = 1.25, read_factor: Any = 0.10) -> Any:
    """Cost of a prefix with caching over without: (w + (R − 1)·r)/R."""
    return (write_factor + (requests - 1) * read_factor) / requests
