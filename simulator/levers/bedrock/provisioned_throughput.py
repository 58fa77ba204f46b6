"""B7 provisioned throughput."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import missing_tokens, only_billed, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.bedrock import base_codes
from simulator.usage.tables import Usage

SUFFIX = {"none": "#none", "1_month": "#1m", "6_months": "#6m"}
HOURS = {
    "none": "provisioned_unit_hours",
    "1_month": "provisioned_1m_unit_hours",
    "6_months": "provisioned_6m_unit_hours",
}
"""Commitment → the meter of its model units."""
REPLACED = (
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens",
    "write_equivalent_tokens",
    "tier_input_tokens", "tier_output_tokens", "tier_cache_read_tokens", "tier_cache_write_tokens",
)  # fmt: skip


@dataclass(frozen=True)
class ProvisionedThroughput(Lever):
    """Rent model units by the hour instead of paying per token.

    Units must carry the busiest minute, and are billed every hour, used or not, until they are deleted (or
    the commitment ends). So this is a cost at low or uneven volume, and a saving only near full load all
    month: `break_even_tokens` tells from where. Routed and batch requests are not moved. Few models publish a
    price; without one the lever asks for it (`bedrock_provisioned`, item `model#1m` or `#6m`, in own prices). The
    default quota is 0 units: ask AWS first.

    Source: rules.md#provisioned-throughput; Bedrock user guide, provisioned throughput (commitments none,
    OneMonth, SixMonths).
    """

    id = "provisioned_throughput"
    title = "Provisioned throughput"
    stage = 7
    table = "bedrock"
    effort_hours = 16.0
    reversible = False
    phase = 4

    commitment: str = param(
        "Commitment", "term", "1_month", choices=("none", "1_month", "6_months"), grade="official",
        source="Bedrock API, CommitmentDuration",
    )  # fmt: skip
    tokens_per_minute: float = param(
        "Tokens a model unit serves per minute", "tokens", 20_000.0, low=5_000.0, high=100_000.0,
        step=1_000.0, minimum=100.0, maximum=10_000_000.0, grade="assumed",
        source="Not published: AWS states it per model on request",
    )  # fmt: skip
    peak_ratio: float = param(
        "Busiest minute over the mean minute of the busiest day", "times", 3.0, low=1.5, high=6.0, step=0.5,
        minimum=1.0, maximum=100.0, grade="secondary",
        source="Azure LLM trace 2023: 585 requests in the busiest minute, 152 in the mean one",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models on demand with known tokens and a known peak."""
        b = usage.bedrock
        return decide(
            b,
            *wrong_tier(b),
            missing_tokens(b),
            only_billed(b),
            refuse((b.input_tokens + b.output_tokens) == 0, "Has no on-demand tokens left in this scenario."),
            unsure(
                np.isnan(b.peak_tokens_per_minute),
                "Its busiest day is unknown, and so are the units it needs.",
            ),
            otherwise="Can run on model units: billed every hour, used or not, so check the volume.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Replace on-demand tokens by model-unit hours of the whole month."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        units = units_needed(b.peak_tokens_per_minute * self.peak_ratio, self.tokens_per_minute)
        hours = np.where(ok, units * usage.period_hours, 0.0)
        meter = HOURS[self.commitment]
        moved: dict[str, Any] = {name: np.where(ok, 0.0, getattr(b, name)) for name in REPLACED}
        moved[meter] = getattr(b, meter) + hours
        priced = base_codes(usage.catalog.models)[b.model]
        return rewritten(
            usage, "bedrock", provisioned_model=np.where(ok, priced, b.provisioned_model), **moved
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A quoted capacity, which is not published."""
        return (
            Evidence(np.zeros(len(usage.bedrock), bool), "The capacity of a model unit is assumed: ask AWS."),
        )


def units_needed(peak_tokens_per_minute: Any, tokens_per_minute: Any) -> Any:
    """Whole model units that carry the busiest minute, at least one."""
    return np.maximum(np.ceil(peak_tokens_per_minute / tokens_per_minute), 1.0)


def break_even_tokens(units: Any, usd_per_unit_hour: Any, hours: Any, usd_per_token: Any) -> Any:
    """Tokens a month above which the units cost less than paying per token (at the blended token price)."""
    return units * usd_per_unit_hour * hours / usd_per_token
