"""B5 Bedrock batch inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.service_tier import IN_TIER
from simulator.levers.bedrock.traffic import (
    cache_that_stays,
    missing_tokens,
    not_offered,
    only_billed,
    other_tier,
    wrong_tier,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Bedrock, Usage


@dataclass(frozen=True)
class BedrockBatch(Lever):
    """Collect the requests that can wait, and run them as batch jobs at half the on-demand price.

    A share of the requests moves with all its tokens. A request has one price class: what it would have read
    from a cache is plain input in a batch, so a batch takes back part of what caching saved. With the flex
    tier on too, the requests that can wait go to whichever is cheaper on the bill, model by model: flex, which
    keeps the cache, or the batch. Answers come within 24 hours, from a file and not as a stream. A bad idea for
    anything a person waits for; a job needs a minimum number of records that AWS states per model and we do
    not know.

    Source: rules.md#batch-inference; Bedrock user guide, capacity, limits and cost optimization (50 %, 24-hour
    window).
    """

    id = "bedrock_batch"
    title = "Batch inference for what can wait"
    stage = 7
    table = "bedrock"
    effort_hours = 24.0
    phase = 2

    eligible_ratio: float = param(
        "Share of requests that can wait a day", "ratio", 0.20, low=0.0, high=0.60, step=0.05,
        grade="assumed", source="rules.md#batch-inference; a model\'s own measured share where the snapshot has one",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models on demand with known tokens, of which some requests can wait."""
        b = usage.bedrock
        return decide(
            b,
            *wrong_tier(b),
            other_tier(b),
            missing_tokens(b),
            only_billed(b),
            *not_offered(usage.catalog.batch_offered[b.model], "batch inference"),
            refuse(b.latency_tolerant_ratio == 0, "None of its requests can wait."),
            refuse(
                (b.input_tokens + b.output_tokens + b.routed_input_tokens) + b.tier_output_tokens == 0,
                "Has no on-demand tokens left in this scenario.",
            ),
            otherwise="On-demand requests of which some can wait up to 24 hours.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move a share of the requests, own and routed, to batch tokens; those that flex took stay there."""
        b = usage.bedrock
        share = _left_after_flex(self._waiting(b), b.flexed_ratio)
        return self._moved(usage, np.where(self.verdicts(usage).applies, share, 0.0))

    def alternative(self, usage: Usage) -> Usage | None:
        """The same requests taken from flex to the batch; None where flex took none."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies & (at_setting(b.flexed_ratio) > 0)
        if not ok.any():
            return None
        waiting = np.where(ok, self._waiting(b), 0.0)
        taken = np.minimum(waiting, b.flexed_ratio)
        left = b.flexed_ratio - taken
        back = rewritten(usage, "bedrock", **_out_of_flex(b, left))
        return self._moved(back, np.where(ok, waiting / np.where(left < 1, 1 - left, 1.0), 0.0))

    def _waiting(self, b: Bedrock) -> Any:
        """Share of all requests that can wait."""
        return np.where(np.isnan(b.latency_tolerant_ratio), self.eligible_ratio, b.latency_tolerant_ratio)

    @staticmethod
    def _moved(usage: Usage, share: Any) -> Usage:
        """A share of the requests on demand as batch tokens."""
        b = usage.bedrock
        ok = share > 0
        hourly = b.cache_write_1h_tokens * share
        columns: dict[str, Any] = {"cache_write_1h_tokens": b.cache_write_1h_tokens - hourly}
        for own in ("", "routed_"):
            get = {
                n: getattr(b, f"{own}{n}_tokens") for n in ("input", "output", "cache_read", "cache_write")
            }
            read, write = cache_that_stays(get["cache_read"], get["cache_write"], share)
            uncached = np.where(ok, (get["input"] + get["cache_read"] + get["cache_write"]) * share, 0.0)
            if not own:
                uncached = uncached + hourly
            batch_input = getattr(b, f"{own}batch_input_tokens")
            batch_output = getattr(b, f"{own}batch_output_tokens")
            columns |= {
                f"{own}input_tokens": get["input"] * (1 - share),
                f"{own}output_tokens": get["output"] * (1 - share),
                f"{own}cache_read_tokens": np.where(ok, read, get["cache_read"]),
                f"{own}cache_write_tokens": np.where(ok, write, get["cache_write"]),
                f"{own}batch_input_tokens": batch_input + uncached,
                f"{own}batch_output_tokens": batch_output + np.where(ok, get["output"] * share, 0.0),
            }
        return rewritten(usage, "bedrock", **columns)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The share that can wait, and the model's support."""
        b = usage.bedrock
        return (
            Evidence(
                ~np.isnan(b.latency_tolerant_ratio),
                "How many of its requests can wait is assumed, not measured.",
            ),
        )

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """What share the account's models that state it can wait."""
        b = usage.bedrock
        stated = ~np.isnan(b.latency_tolerant_ratio) & (np.nan_to_num(b.output_tokens) > 0)
        if not stated.any():
            return {}
        share = float(np.average(b.latency_tolerant_ratio[stated], weights=b.output_tokens[stated]))
        return {"eligible_ratio": (share, f"{int(stated.sum())} models of this account state it.")}


def _out_of_flex(b: Bedrock, left: Any) -> dict[str, Any]:
    """Columns with only the share `left` of all requests in flex: the others are on demand again."""
    flexed = b.flexed_ratio
    out = np.where(flexed > 0, (flexed - left) / np.where(flexed > 0, flexed, 1.0), 0.0)
    columns: dict[str, Any] = {"flexed_ratio": left + np.zeros_like(flexed)}
    for name in IN_TIER:
        moved = getattr(b, f"tier_{name}") * out
        columns |= {name: getattr(b, name) + moved, f"tier_{name}": getattr(b, f"tier_{name}") - moved}
    return columns


def _left_after_flex(waiting: Any, flexed: Any) -> Any:
    """Share of the requests still on demand that can wait and that flex did not take: (w − f) ÷ (1 − f)."""
    return np.clip((waiting - flexed) / np.where(flexed < 1, 1 - flexed, 1.0), 0.0, 1.0)
