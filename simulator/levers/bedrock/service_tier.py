"""B6 service tier: flex or priority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import missing_tokens, not_offered, only_billed, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Bedrock, Usage


@dataclass(frozen=True)
class ServiceTier(Lever):
    """Serve a share of the requests in the flex tier (cheaper, slower) or the priority tier (dearer, faster).

    The tier's price is a factor on each of the on-demand rates, those of cached tokens included: moved tokens
    are counted as on-demand tokens of equal cost. Flex acts before batch, which takes the requests back where it
    is cheaper on the bill. Only models for which AWS offers the tier are moved: no Anthropic model is among them.
    Priority is a cost, bought for latency: never a saving.

    Source: rules.md#service-tiers (factors unconfirmed); Bedrock API, ServiceTierType (priority, default, flex,
    reserved).
    """

    id = "service_tier"
    title = "Flex or priority tier"
    stage = 6  # before batch and provisioned throughput, which take what it leaves
    table = "bedrock"
    effort_hours = 4.0
    phase = 3

    tier: str = param(
        "Tier", "tier", "flex", choices=("flex", "priority"), grade="official",
        source="Bedrock API, ServiceTierType",
    )  # fmt: skip
    share_ratio: float = param(
        "Share of on-demand requests moved to the tier", "ratio", 0.20, low=0.0, high=0.60, step=0.05,
        grade="assumed", source="As for batch; a model's own share that can wait is used where known",
    )  # fmt: skip
    flex_ratio: float = param(
        "Flex price over on-demand price", "ratio", 0.50, step=0.05, minimum=0.1,
        grade="secondary", source="Half of every rate, cache reads included: usage types and a measured bill",
    )  # fmt: skip
    priority_ratio: float = param(
        "Priority price over on-demand price", "ratio", 1.75, low=1.25, high=2.0, step=0.05, minimum=1.0,
        maximum=4.0, grade="assumed", source="Unconfirmed (rules.md#service-tiers)",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models on demand in the default tier with known tokens."""
        b = usage.bedrock
        return decide(
            b,
            *wrong_tier(b),
            refuse((b.tier == "flex") | (b.tier == "priority"), "Already runs in another service tier."),
            missing_tokens(b),
            only_billed(b),
            *not_offered(self._offered(usage), f"the {self.tier} tier"),
            refuse((b.latency_tolerant_ratio == 0) & (self.tier == "flex"), "None of its requests can wait."),
            refuse((b.input_tokens + b.output_tokens) == 0, "Has no on-demand tokens left in this plan."),
            otherwise="On-demand requests in the default tier.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move a share of input and output to tokens of equal cost."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        factor = self.flex_ratio if self.tier == "flex" else self.priority_ratio
        share = np.where(ok, self._share(b), 0.0)
        cached = 1 + share * (factor - 1)
        flexed = b.flexed_ratio + (1 - b.flexed_ratio) * (share if self.tier == "flex" else 0.0)
        return rewritten(
            usage,
            "bedrock",
            input_tokens=b.input_tokens * (1 - share),
            output_tokens=b.output_tokens * (1 - share),
            tier_input_tokens=np.where(
                ok, b.tier_input_tokens + b.input_tokens * share * factor, b.tier_input_tokens
            ),
            tier_output_tokens=np.where(
                ok, b.tier_output_tokens + b.output_tokens * share * factor, b.tier_output_tokens
            ),
            cache_read_tokens=b.cache_read_tokens * cached,
            cache_write_tokens=b.cache_write_tokens * cached,
            cache_write_1h_tokens=b.cache_write_1h_tokens * cached,
            flexed_ratio=flexed,
            flex_factor=np.where(ok & (self.tier == "flex"), factor, b.flex_factor),
            write_equivalent_tokens=b.write_equivalent_tokens * cached,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The tier's price and the share that can wait."""
        b = usage.bedrock
        return (
            Evidence(np.zeros(len(b), bool), "The tier's price is a factor, not a price of the price book."),
            Evidence(
                ~np.isnan(b.latency_tolerant_ratio),
                "How many of its requests can wait is assumed, not measured.",
            ),
        )

    def _offered(self, usage: Usage) -> Any:
        catalog = usage.catalog
        offered = catalog.flex_offered if self.tier == "flex" else catalog.priority_offered
        return offered[usage.bedrock.model]

    def _share(self, b: Bedrock) -> Any:
        if self.tier == "priority":
            return self.share_ratio
        total = b.output_tokens + b.batch_output_tokens
        waiting = b.latency_tolerant_ratio * total - b.batch_output_tokens
        left = np.clip(waiting / np.where(b.output_tokens > 0, b.output_tokens, np.inf), 0.0, 1.0)
        return np.where(np.isnan(b.latency_tolerant_ratio), self.share_ratio, left)
