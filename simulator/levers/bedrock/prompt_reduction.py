"""B2 prompt reduction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import (
    INPUT_SHARE,
    bill_evidence,
    missing_tokens,
    prompt_tokens,
    wrong_tier,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.bedrock import priced_at
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class PromptReduction(Lever):
    """Say the same with fewer words: shorter instructions, fewer examples, less retrieved text.

    Input tokens become tokens × (1 − reduction). Only the part that is not read from a cache shrinks: with
    caching on, what is left to shorten is the part that differs between requests. Where the mean prompt falls
    below the long-context threshold, the model's ordinary prices hold. A bad idea without a test of the answers'
    quality; and a saving on input only, which is often half of the bill or less.

    Source: rules.md#prompt-reduction; range of the seed report.
    """

    id = "prompt_reduction"
    title = "Shorter prompts"
    stage = 2
    table = "bedrock"
    effort_hours = 24.0
    phase = 2

    reduction_ratio: float = param(
        "Input tokens saved", "ratio", 0.20, low=0.10, high=0.40, step=0.05, maximum=0.9, grade="assumed",
        source="rules.md#prompt-reduction: 10 to 40 %, to be confirmed by a quality test",
    )  # fmt: skip
    input_share_ratio: float = param(**INPUT_SHARE)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models paid per token that have uncached input."""
        b = usage.bedrock
        return decide(
            b,
            *wrong_tier(b),
            missing_tokens(b),
            refuse(
                (b.input_tokens == 0) & (b.tier_input_tokens == 0) & (b.billed_units == 0),
                "Has no uncached input tokens.",
            ),
            otherwise="Prompts are paid per token; test the quality of the answers before rolling out.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Scale uncached input tokens; of a bill without tokens, its input share."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        left = 1 - self.reduction_ratio
        left_of_bill = 1 - self.reduction_ratio * self.input_share_ratio
        return rewritten(
            usage,
            "bedrock",
            input_tokens=np.where(ok, b.input_tokens * left, b.input_tokens),
            tier_input_tokens=np.where(ok, b.tier_input_tokens * left, b.tier_input_tokens),
            billed_units=np.where(ok, b.billed_units * left_of_bill, b.billed_units),
            priced_model=self._priced(usage, ok),
        )

    def _priced(self, usage: Usage, ok: Any) -> Any:
        """The price codes of the shorter prompts: one for all draws, that of the setting."""
        b = usage.bedrock
        shorter = at_setting(prompt_tokens(b) - b.input_tokens * self.reduction_ratio)
        below = priced_at(b.model, shorter, b.requests, usage.catalog)
        return np.where(ok & (b.priced_model != b.model) & (b.requests > 0), below, b.priced_model)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Tokens, and a trial that nobody has reported."""
        b = usage.bedrock
        return (
            bill_evidence(b),
            Evidence(np.zeros(len(b), bool), "How far prompts can shrink is assumed until it is tested."),
        )
