"""B6 service tier: flex or priority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import missing_tokens, only_billed, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Bedrock, Usage


@dataclass(frozen=True)
class ServiceTier(Lever):
    """Serve a share of the requests in the flex tier (cheaper, slower) or the priority tier (dearer, faster).

    No tier price is in the price book, so moved tokens are counted as on-demand tokens of equal cost: tokens
    × the tier's factor, at the on-demand price. Cached tokens of these requests get no discount, as none is
    confirmed, but do get the premium. Of a measured share that can wait, what already went to batch is taken
    off first. Priority is a cost, bought for latency: never a saving.

    Source: Bedrock API, ServiceTierType (priority, default, flex, reserved); factors unconfirmed, DOMAIN B6.
    """

    id = "service_tier"
    title = "Flex or priority tier"
    family = "bedrock"
    stage = 7
    table = "bedrock"
    effort_hours = 4.0
    phase = 3
    source = "Bedrock API, ServiceTierType; DOMAIN B6, factors unconfirmed"

    tier: str = param(
        "Tier", "tier", "flex", choices=("flex", "priority"), grade="official",
        source="Bedrock API, ServiceTierType",
    )  # fmt: skip
    share_ratio: float = param(
        "Share of on-demand requests moved to the tier", "ratio", 0.20, low=0.0, high=0.60, step=0.05,
        grade="assumed", source="As for batch; a model's own share that can wait is used where known",
    )  # fmt: skip
    flex_ratio: float = param(
        "Flex price over on-demand price", "ratio", 0.50, low=0.50, high=0.80, step=0.05, minimum=0.1,
        grade="assumed", source="Unconfirmed (DOMAIN B6); taken no lower than batch",
    )  # fmt: skip
    priority_ratio: float = param(
        "Priority price over on-demand price", "ratio", 1.75, low=1.25, high=2.0, step=0.05, minimum=1.0,
        maximum=4.0, grade="assumed", source="Unconfirmed (DOMAIN B6)",
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
        cached = 1 + share * (np.maximum(factor, 1.0) - 1)
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
            write_equivalent_tokens=b.write_equivalent_tokens * cached,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A published price, which there is none."""
        b = usage.bedrock
        return (
            Evidence(np.zeros(len(b), bool), "The tier's price is not published in our price book."),
            Evidence(
                ~np.isnan(b.latency_tolerant_ratio),
                "How many of its requests can wait is assumed, not measured.",
            ),
        )

    def _share(self, b: Bedrock) -> Any:
        if self.tier == "priority":
            return self.share_ratio
        total = b.output_tokens + b.batch_output_tokens
        waiting = b.latency_tolerant_ratio * total - b.batch_output_tokens
        left = np.clip(waiting / np.where(b.output_tokens > 0, b.output_tokens, np.inf), 0.0, 1.0)
        return np.where(np.isnan(b.latency_tolerant_ratio), self.share_ratio, left)
