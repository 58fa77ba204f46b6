"""Prompts kept below the long-context threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import (
    missing_tokens,
    only_billed,
    other_tier,
    prompt_tokens,
    wrong_tier,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.bedrock import long_context
from simulator.usage.tables import Bedrock, Usage


@dataclass(frozen=True)
class PromptsBelowThreshold(Lever):
    """Shorten prompts that are just above the long-context threshold, where every token of a request costs more.

    Above 200 K tokens per request of Claude Sonnet costs twice for input and one and a half times for output, all of
    it. Uncached input is cut until the mean prompt is at the threshold; then the model's ordinary prices hold.
    Single prompts are not known: all are taken to be as long as the mean. A bad idea where the text cut away is
    what answers need.

    Source: rules.md#bedrock-tokens; Bedrock pricing, long context.
    """

    id = "prompts_below_threshold"
    title = "Prompts below the long-context threshold"
    stage = 2
    table = "bedrock"
    effort_hours = 24.0
    phase = 2

    longest_cut_ratio: float = param(
        "Largest share of a prompt that may be cut", "ratio", 0.30, low=0.10, high=0.50, step=0.05, maximum=0.9,
        grade="assumed", source="Our judgement, as for shorter prompts; a quality test would show it",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models priced above a threshold whose uncached input can be cut to below it."""
        b = usage.bedrock
        cut = _cut_tokens(usage)
        prompt = prompt_tokens(b)
        return decide(
            b,
            *wrong_tier(b),
            other_tier(b),
            missing_tokens(b),
            only_billed(b),
            refuse(b.priced_model == b.model, "Its mean prompt is below any long-context threshold."),
            unsure(~(b.requests > 0), "Its requests are unknown, and so is the length of its prompts."),
            refuse(
                (cut > self.longest_cut_ratio * prompt) | (cut > b.input_tokens),
                "Its prompts are too long to be cut below the threshold.",
            ),
            otherwise="Its mean prompt is just above the threshold at which every token costs more.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Uncached input down to the threshold, all tokens at the ordinary prices."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        return rewritten(
            usage,
            "bedrock",
            input_tokens=b.input_tokens - np.where(ok, np.maximum(_cut_tokens(usage), 0.0), 0.0),
            priced_model=np.where(ok, b.model, b.priced_model),
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The lengths of single prompts, and a quality test."""
        return (
            Evidence(
                np.zeros(len(usage.bedrock), bool),
                "All prompts are taken to be as long as the mean; the lengths of single prompts would show it.",
            ),
        )


def _cut_tokens(usage: Usage) -> Any:
    """Input tokens above the lowest threshold that the model has a price for, NaN where it has none."""
    b: Bedrock = usage.bedrock
    limit = np.full(len(b), np.nan)
    for tokens, above in reversed(long_context(usage.catalog.models)):
        limit = np.where(above[b.model] >= 0, tokens, limit)
    return prompt_tokens(b) - limit * b.requests
