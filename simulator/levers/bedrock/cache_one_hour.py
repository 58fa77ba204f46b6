"""One-hour time to live for caches that are written again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.bedrock.traffic import missing_tokens, not_offered, only_billed, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class CacheOneHour(Lever):
    """Keep what is cached for an hour instead of five minutes, so that it is written less often and read more.

    n = (read + written) ÷ written requests share a prefix today; with an hour 1 + (n − 1) × reach do. Writes are
    fewer, at the price of one-hour writes (2 × input for Claude), and what is no longer written is read. It pays
    only where requests come less often than every five minutes: with a steady stream the five minutes renew
    themselves, reach is 1 and the costlier writes lose. Nobody measures the reach, so 1 is the default: the verdict
    tells from which reach on it would save.

    Source: rules.md#prompt-caching; Amazon Bedrock user guide, prompt caching; Bedrock API, CacheTTL.
    """

    id = "cache_one_hour"
    title = "Cache for one hour"
    stage = 2
    table = "bedrock"
    excludes = ("cache_off",)
    effort_hours = 4.0
    phase = 2

    hour_reach: float = param(
        "Follow-up requests within an hour over those within five minutes", "times", 1.0, low=1.0, high=4.0,
        step=0.5, minimum=1.0, maximum=12.0, grade="assumed",
        source="1 where each request renews the five minutes; nobody has measured more, and unknown saves nothing",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models on demand that write caches of five minutes and are offered one hour."""
        b = usage.bedrock
        return decide(
            b,
            *wrong_tier(b),
            missing_tokens(b),
            only_billed(b),
            refuse(b.cache_write_tokens == 0, "Writes no cache of five minutes."),
            *not_offered(usage.catalog.cache_1h_offered[b.model], "a time to live of one hour"),
            otherwise="Writes caches of five minutes, and AWS offers one hour for its model.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Five-minute writes → fewer one-hour writes; the others become reads."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        written, read = (np.where(ok, tokens, 0.0) for tokens in (b.cache_write_tokens, b.cache_read_tokens))
        cached = written + read
        # cached / (1 + reads per write × reach), multiplied out: hardly any writes make the quotient overflow
        still = written + read * self.hour_reach
        hourly = written * cached / np.where(still > 0, still, 1.0)
        return rewritten(
            usage,
            "bedrock",
            cache_read_tokens=np.where(ok, cached - hourly, b.cache_read_tokens),
            cache_write_tokens=np.where(ok, 0.0, b.cache_write_tokens),
            cache_write_1h_tokens=b.cache_write_1h_tokens + hourly,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """When requests arrive, which daily totals do not tell."""
        return (
            Evidence(
                np.zeros(len(usage.bedrock), bool),
                "How many requests a one-hour cache would reach is assumed; arrival times would show it.",
            ),
        )
