"""Bedrock's reserved tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import missing_tokens, not_offered, only_billed, other_tier, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten
from simulator.params import param
from simulator.units import MINUTES_PER_HOUR
from simulator.usage.tables import Bedrock, Usage

LEAST_INPUT_TPM, LEAST_OUTPUT_TPM = 100_000.0, 10_000.0
"""Least reservation: tokens per minute in and out. Source: AWS's page of service tiers."""
TOKENS_PER_K = 1_000.0


@dataclass(frozen=True)
class ReservedTier(Lever):
    """Reserve tokens per minute of a model for one or three months, at a fixed price; what exceeds them is standard.

    Reserved are the mean tokens per minute times a share, in and out each for itself, at least 100,000 in and 10,000
    out. Of the reserved minutes the used share carries tokens; the rest is paid and lost. The price per thousand tokens
    a minute is not public (AWS's account team states it): the lever asks for it (`bedrock_reserved_input` and `_output`
    in own prices) before it saves. Cached tokens stay as they are. A bad idea for traffic that sleeps at night.

    Source: rules.md#service-tiers; AWS, Bedrock Reserved tier (November 2025): 1 or 3 months, a fixed price per 1,000
    tokens per minute, overflow to the standard tier.
    """

    id = "reserved_tier"
    title = "Bedrock's reserved tier"
    stage = 7
    table = "bedrock"
    excludes = ("provisioned_throughput",)
    effort_hours = 8.0
    reversible = False
    phase = 3

    reserved_ratio: float = param(
        "Reserved over the mean tokens per minute", "ratio", 0.5, low=0.3, high=1.0, step=0.05, minimum=0.05,
        maximum=5.0, grade="assumed", source="Our judgement: what runs day and night, not the mean",
    )  # fmt: skip
    used_ratio: float = param(
        "Share of the reserved tokens that is used", "ratio", 0.8, low=0.5, high=0.95, step=0.05, minimum=0.05,
        grade="assumed", source="Our judgement; tokens per minute of CloudWatch tell",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models that AWS offers reserved, with enough tokens per minute."""
        b = usage.bedrock
        least = at_setting(self.reserved_ratio)
        tokens_in, tokens_out = (x * least for x in _per_minute(b, usage))
        return decide(
            b,
            *wrong_tier(b),
            other_tier(b),
            missing_tokens(b),
            only_billed(b),
            refuse((b.input_tokens + b.output_tokens) == 0, "Has no on-demand tokens left in this scenario."),
            *not_offered(usage.catalog.reserved_offered[b.model], "the reserved tier"),
            refuse(
                (tokens_in < LEAST_INPUT_TPM) | (tokens_out < LEAST_OUTPUT_TPM),
                "Asks for less than the least reservation: 100,000 tokens per minute in and 10,000 out.",
            ),
            otherwise="AWS offers it reserved, and it has tokens enough for the least reservation.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Reserved tokens per minute, and that much less of the tokens on demand."""
        b, ok = usage.bedrock, self.verdicts(usage).applies
        minutes = usage.period_hours * MINUTES_PER_HOUR
        tpm_in, tpm_out = (np.where(ok, x * self.reserved_ratio, 0.0) for x in _per_minute(b, usage))
        carried_in, carried_out = (x * minutes * self.used_ratio for x in (tpm_in, tpm_out))
        return rewritten(
            usage,
            "bedrock",
            reserved_input_ktpm=b.reserved_input_ktpm + tpm_in / TOKENS_PER_K,
            reserved_output_ktpm=b.reserved_output_ktpm + tpm_out / TOKENS_PER_K,
            input_tokens=np.maximum(b.input_tokens - carried_in, 0.0),
            output_tokens=np.maximum(b.output_tokens - carried_out, 0.0),
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Tokens by minute."""
        nowhere = np.zeros(len(usage.bedrock), bool)
        return (Evidence(nowhere, "How evenly its tokens come is assumed; tokens by minute would show it."),)


def _per_minute(b: Bedrock, usage: Usage) -> tuple[Any, Any]:
    """Mean tokens per minute on demand, in and out."""
    minutes = usage.period_hours * MINUTES_PER_HOUR
    return b.input_tokens / minutes, b.output_tokens / minutes
