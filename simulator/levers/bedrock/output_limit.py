"""B3 output limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import INPUT_SHARE, bill_evidence, missing_tokens, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class OutputLimit(Lever):
    """Cap the length of answers (maxTokens), so that the longest are cut.

    What is left is E[min(length, cap)], not the cap: lengths are taken as log-normal around the model's mean.
    Some of the cut answers are asked for again, at the full price of the request. A bad idea where a cut
    answer is useless (JSON, code): with many repeats the lever costs more than it saves.

    Source: rules.md#output-limit; real spreads (standard deviation over mean): 0.73 conversations (Mooncake trace),
    2.1 code completion (Azure LLM trace 2023).
    """

    id = "output_limit"
    title = "Limit the length of answers"
    stage = 2
    table = "bedrock"
    effort_hours = 6.0
    phase = 1

    cap_ratio: float = param(
        "Cap, in mean answer lengths", "times", 1.8, low=1.1, high=3.1, step=0.1, minimum=0.2, maximum=20.0,
        grade="assumed", source="At a spread of 1 these cut 30 %, 15 % and 5 %: the range of rules.md#output-limit",
    )  # fmt: skip
    spread_ratio: float = param(
        "Spread of answer lengths (standard deviation over mean)", "ratio", 1.0, low=0.7, high=2.0, step=0.1,
        minimum=0.05, maximum=5.0, grade="secondary",
        source="0.73 in the Mooncake conversations, 2.1 in the Azure code completions",
    )  # fmt: skip
    repeated_ratio: float = param(
        "Share of cut answers that are requested again", "ratio", 0.10, low=0.0, high=0.30, step=0.05,
        grade="assumed", source="rules.md#output-limit: truncation causes retries",
    )  # fmt: skip
    input_share_ratio: float = param(**INPUT_SHARE)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models paid per token that generate text."""
        b = usage.bedrock
        return decide(
            b,
            *wrong_tier(b),
            missing_tokens(b),
            refuse(
                (b.output_tokens == 0) & (b.tier_output_tokens == 0) & (b.billed_units == 0),
                "Generates no output tokens (embeddings).",
            ),
            otherwise="Answers are paid per token; check first that a cut answer is still of use.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Cut output to E[min(length, cap)] and repeat some of the cut requests."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        kept, cut = limited_mean(self.cap_ratio, self.spread_ratio)
        again = 1 + cut * self.repeated_ratio
        share = self.input_share_ratio
        left_of_bill = again * (share + (1 - share) * kept)
        factors = {
            "input_tokens": again,
            "cache_read_tokens": again,
            "output_tokens": kept * again,
            "tier_input_tokens": again,
            "tier_cache_read_tokens": again,
            "tier_output_tokens": kept * again,
            "billed_units": left_of_bill,
        }
        columns = {name: np.where(ok, getattr(b, name) * f, getattr(b, name)) for name, f in factors.items()}
        return rewritten(usage, "bedrock", **columns)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Tokens, and lengths that metrics do not hold."""
        b = usage.bedrock
        return (
            bill_evidence(b),
            Evidence(
                np.zeros(len(b), bool),
                "The spread of answer lengths is assumed; invocation logs would show it.",
            ),
        )


def limited_mean(cap_ratio: Any, spread_ratio: Any) -> tuple[Any, Any]:
    """E[min(X, cap)] over E[X] and P(X > cap), for log-normal X; cap in means, spread = deviation over mean.

    With s² = ln(1 + spread²) and z = ln(cap)/s + s/2: Φ(z − s) + cap·(1 − Φ(z)), and 1 − Φ(z).
    """
    from scipy.special import ndtr

    sigma = np.sqrt(np.log1p(np.square(spread_ratio)))
    z = np.log(cap_ratio) / sigma + sigma / 2
    cut = ndtr(-z)
    return ndtr(z - sigma) + cap_ratio * cut, cut
