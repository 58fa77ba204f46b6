"""AWS's own router between two models of a family."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.catalog import base_model
from simulator.levers.bedrock.model_routing import cheaper_codes, smaller_model, to_smaller
from simulator.levers.bedrock.traffic import missing_tokens, only_billed, other_tier, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

ROUTED_FAMILIES = ("amazon.nova-pro", "meta.llama3-1-70b", "meta.llama3-3-70b", "meta.llama3-2-90b")
"""What ids of models begin with whose family AWS's router takes, less those AWS retires."""


@dataclass(frozen=True)
class PromptRouting(Lever):
    """Let Bedrock's intelligent prompt router choose between a model and the smaller one of its family.

    The router predicts per request how well both would answer, and takes the smaller where the difference is within a
    tolerance. No router of one's own, no second call; AWS charges each request that the router reads: that price is not
    in our data, so that the lever asks for it (`bedrock_prompt_router` in own prices) before it saves. A bad idea where
    all requests are hard, and for languages other than English.

    Source: rules.md#model-routing; Bedrock user guide, prompt-routing (families Nova, Llama and retired Claude models;
    up to 30 % lower cost).
    """

    id = "prompt_routing"
    title = "Bedrock's prompt router"
    stage = 4
    table = "bedrock"
    excludes = ("model_routing", "distillation")
    effort_hours = 16.0
    phase = 2

    routed_ratio: float = param(
        "Share of requests the router sends to the smaller model", "ratio", 0.30, low=0.10, high=0.60, step=0.05,
        grade="secondary", source="AWS: up to 30 % lower cost; the share depends on the requests",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models whose family the router takes, with known tokens and requests."""
        b, catalog = usage.bedrock, usage.catalog
        return decide(
            b,
            *wrong_tier(b),
            other_tier(b),
            missing_tokens(b),
            only_billed(b),
            *smaller_model(b, catalog),
            unsure(
                ~_routed(catalog.models)[b.model],
                "Whether AWS's router takes its family is not in our data: ask AWS.",
            ),
            unsure(np.isnan(b.requests), "Its requests are unknown, and the router is charged per request."),
            otherwise="AWS's router can choose per request between it and the smaller model of its family.",
        )

    def apply(self, usage: Usage) -> Usage:
        """A share of every direction at the smaller model; every request read by the router."""
        b, catalog = usage.bedrock, usage.catalog
        ok = self.verdicts(usage).applies
        target = np.where(ok, cheaper_codes(catalog)[b.model], b.routed_model)
        moved = np.where(ok, self.routed_ratio, 0.0)
        return rewritten(
            usage,
            "bedrock",
            router_requests=b.router_requests + np.where(ok, b.requests, 0.0),
            **to_smaller(b, catalog, ok, target, moved, moved),
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A day behind the router."""
        nowhere = np.zeros(len(usage.bedrock), bool)
        return (
            Evidence(nowhere, "How many requests the router sends on is assumed; a day of it would show it."),
        )


@cache
def _routed(models: tuple[str, ...]) -> NDArray[np.bool_]:
    """Models whose family the router takes; the last entry is unknown's."""
    return np.array([*(base_model(m).startswith(ROUTED_FAMILIES) for m in models), False], bool)
