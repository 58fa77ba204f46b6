"""Prompt caching off where it loses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.bedrock.traffic import already_cached, missing_tokens, only_billed, wrong_tier
from simulator.levers.lever import Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class CacheOff(Lever):
    """Take the cache point out where prefixes are written more often than they are read.

    A write costs w times the input price, a read r times. With W tokens written and R read, the cache costs
    w·W + r·R and plain input W + R: it loses where R ÷ W is below (w − 1) ÷ (1 − r), 0.28 at 1.25 and 0.10. Only
    models that lose are touched. A bad idea where traffic is about to grow, or latency is what the cache is for.

    Source: rules.md#prompt-caching; Amazon Bedrock user guide, prompt caching.
    """

    id = "cache_off"
    title = "Prompt caching off where it loses"
    stage = 2
    table = "bedrock"
    excludes = ("cache_one_hour",)
    effort_hours = 4.0
    phase = 1

    write_1h_ratio: float = param(
        "One-hour cache write over input price", "ratio", 2.0, low=1.6, high=2.5, step=0.05, minimum=1.0,
        maximum=3.0,
        grade="secondary", source="2.0 for every model that publishes both (litellm, July 2026)",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models on demand whose cache costs more than plain input would."""
        b, catalog = usage.bedrock, usage.catalog
        cached = already_cached(b)
        with_cache = (
            b.cache_write_tokens * catalog.cache_write_factor[b.model]
            + b.cache_write_1h_tokens * self.write_1h_ratio
            + b.cache_read_tokens * catalog.cache_read_factor[b.model]
        )
        return decide(
            b,
            *wrong_tier(b),
            missing_tokens(b),
            only_billed(b),
            refuse(cached == 0, "Caches no prompts."),
            unsure(np.isnan(with_cache), "What its cache writes and reads cost is not known."),
            refuse(with_cache <= cached, "Its cache pays: it is read often enough for what is written."),
            otherwise="Its cache is written more often than it is read: plain input would cost less.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Cache reads and writes become plain input."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        return rewritten(
            usage,
            "bedrock",
            input_tokens=b.input_tokens + np.where(ok, already_cached(b), 0.0),
            cache_read_tokens=np.where(ok, 0.0, b.cache_read_tokens),
            cache_write_tokens=np.where(ok, 0.0, b.cache_write_tokens),
            cache_write_1h_tokens=np.where(ok, 0.0, b.cache_write_1h_tokens),
        )
