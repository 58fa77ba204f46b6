"""E11 move to Bedrock on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from simulator.levers.bedrock.traffic import alive
from simulator.levers.endpoints.fleet import (
    moved,
    other_modes,
    running_hours,
    stopped,
    without_instances,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

SAME = "same"
FORTNIGHT_HOURS = 336.0
# Targets of older versions that AWS retires: their end of life (pricing_data/bedrock_offers.csv) and what follows.
DROPPED = {
    "meta.llama3-1-8b-instruct-v1:0": ("2027-03-30", "openai.gpt-oss-20b-1:0"),
    "meta.llama3-3-70b-instruct-v1:0": ("2027-03-30", "openai.gpt-oss-120b-1:0"),
    "anthropic.claude-3-haiku-20240307-v1:0": ("2026-09-10", "anthropic.claude-haiku-4-5-20251001-v1:0"),
    "mistral.mistral-7b-instruct-v0:2": ("2027-03-30", "openai.gpt-oss-20b-1:0"),
}


@dataclass(frozen=True)
class ToBedrock(Lever):
    """Buy tokens instead of instance hours: the endpoint's calls go to a Bedrock model on demand.

    Tokens = calls × tokens per call, in and out, at the model's price. "same" takes the Bedrock model of the
    endpoint's own name and touches no other; another choice is another model, with other answers. Custom
    weights need Custom Model Import, which bills model units and is not what this lever prices. A bad idea
    under steady load, where tokens cost more than the instances, and before an evaluation of the answers.

    Source: rules.md#move-to-bedrock; Amazon Bedrock user guide, on-demand pricing by token.
    """

    id = "to_bedrock"
    title = "Move to Bedrock"
    stage = 3
    table = "endpoints"
    mode = True
    effort_hours = 60.0
    phase = 4
    dual_running_days = 14.0

    target_model: str = param(
        "Bedrock model", "model", SAME,
        choices=(
            SAME,
            "amazon.nova-micro-v1:0",
            "amazon.nova-lite-v1:0",
            "amazon.nova-2-lite-v1:0",
            "anthropic.claude-haiku-4-5-20251001-v1:0",
            "openai.gpt-oss-20b-1:0",
            "openai.gpt-oss-120b-1:0",
        ),
        grade="assumed", source="models that could take over; quality is for an evaluation to say",
    )  # fmt: skip

    @classmethod
    def create(cls, values: Mapping[str, Any]) -> Self:
        """As every lever; a target of an older version that AWS retires is refused with its date and another target."""
        target = str(values.get("target_model", ""))
        if target in DROPPED:
            end, instead = DROPPED[target]
            raise ValueError(
                f"{cls.id}.target_model: {target} is no longer a target, as AWS ends it on {end}; save the scenario "
                f"with {instead}, or with {SAME!r}"
            )
        return super().create(values)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Language models of known traffic and tokens per call that Bedrock offers."""
        e = usage.endpoints
        tokens = e.tokens_in_per_call + e.tokens_out_per_call
        return decide(
            e,
            *other_modes(e, self.id),
            *without_instances(e),
            refuse(e.shadow == 1, "Is a shadow variant: it must follow its production variant."),
            unsure(np.isnan(tokens), "Its tokens per call are unknown: Bedrock bills tokens."),
            refuse(tokens == 0, "Its calls carry no tokens: it is no language model."),
            unsure(np.isnan(e.calls_per_month), "Its traffic is unknown: Bedrock bills tokens."),
            refuse(
                self.model(usage) < 0,
                "Bedrock is not known to offer its model: choose a target model, or keep it.",
            ),
            refuse(
                ~alive(usage.catalog, self.model(usage)),
                "Bedrock does not list the model as active: it is not open to new users, or gone.",
            ),
            otherwise="Its calls have known tokens and Bedrock offers the model: evaluate the answers first.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Instance hours → tokens of the Bedrock model."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies & (running_hours(e) > 0)
        if not ok.any():
            return usage
        new = stopped(e) | {
            "bedrock_model": self.model(usage),
            "bedrock_input_tokens": e.calls_per_month * e.tokens_in_per_call,
            "bedrock_output_tokens": e.calls_per_month * e.tokens_out_per_call,
        }
        return rewritten(usage, "endpoints", **moved(e, ok, **new))

    def model(self, usage: Usage) -> NDArray[np.int64]:
        """Code of the Bedrock model that takes over each endpoint, -1 none."""
        same = usage.endpoints.bedrock_model
        if self.target_model == SAME:
            return same
        return np.full(len(same), usage.catalog.model_code([self.target_model])[0], np.int64)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of traffic, and the same model."""
        e = usage.endpoints
        same = (self.model(usage) == e.bedrock_model) & (e.bedrock_model >= 0)
        return (
            Evidence(e.observed_hours >= FORTNIGHT_HOURS, "Its traffic was observed for less than 14 days."),
            Evidence(same, "Another model would answer; no evaluation is known."),
        )
