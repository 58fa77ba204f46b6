"""B6 service tier: flex or priority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from simulator.levers.bedrock.traffic import missing_tokens, not_offered, only_billed, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.bedrock import tier_codes
from simulator.usage.tables import Bedrock, Usage

IN_TIER = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


@dataclass(frozen=True)
class ServiceTier(Lever):
    """Serve a share of the requests in the flex tier (cheaper, slower) or the priority tier (more expensive, faster).

    Each direction has a price of its own in the tier, cached tokens too: flex is half of on demand, priority about
    1.75 times. Flex acts before batch, which takes the requests back where it is cheaper on the bill. Only models
    for which AWS offers the tier are moved, at the prices it lists: no Anthropic model is among them. Priority is a
    cost, bought for latency: never a saving.

    Source: rules.md#service-tiers; Bedrock API, ServiceTierType (priority, default, flex,
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

    @classmethod
    def create(cls, values: Mapping[str, Any]) -> Self:
        """As every lever; a factor of an older version is refused in words: the tier has a price of its own."""
        for name in ("flex_ratio", "priority_ratio"):
            if name in values:
                tier = name.partition("_")[0]
                raise ValueError(
                    f"{cls.id}.{name}: no longer a parameter, as the tier is priced by the price list; give a price of "
                    f"your own for MODEL#{tier} instead"
                )
        return super().create(values)

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
            unsure(
                tier_codes(usage.catalog.models, self.tier, b.priced_model) < 0,
                f"The price of its {self.tier} tier is not in our data.",
            ),
            refuse((b.latency_tolerant_ratio == 0) & (self.tier == "flex"), "None of its requests can wait."),
            refuse((b.input_tokens + b.output_tokens) == 0, "Has no on-demand tokens left in this scenario."),
            otherwise="On-demand requests in the default tier.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move a share of the requests with all their tokens; what is cached stays cached."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        share = np.where(ok, self._share(b), 0.0)
        flexed = b.flexed_ratio + (1 - b.flexed_ratio) * (share if self.tier == "flex" else 0.0)
        columns: dict[str, Any] = {
            "tier_model": np.where(
                ok, tier_codes(usage.catalog.models, self.tier, b.priced_model), b.tier_model
            ),
            "flexed_ratio": flexed,
        }
        for name in IN_TIER:
            columns[name] = getattr(b, name) * (1 - share)
            columns[f"tier_{name}"] = getattr(b, f"tier_{name}") + np.where(ok, getattr(b, name) * share, 0.0)
        equivalent = np.where(ok, b.write_equivalent_tokens * share, 0.0)
        columns["write_equivalent_tokens"] = b.write_equivalent_tokens - equivalent
        columns["tier_input_tokens"] = columns["tier_input_tokens"] + equivalent
        return rewritten(usage, "bedrock", **columns)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The share that can wait."""
        b = usage.bedrock
        return (
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
