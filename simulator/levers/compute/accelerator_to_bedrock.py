"""Accelerators on EC2 or EKS that serve a model: tokens of Bedrock instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.bedrock.traffic import alive
from simulator.levers.compute.accelerators import running_hours, without_accelerators
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

MILLION = 1e6
STATED: dict[str, Any] = {
    "unit": "million tokens", "default": 0.0, "step": 10.0, "minimum": 0.0, "maximum": 10_000_000.0, "grade": "assumed",
    "source": "To be stated from the server's own metrics (vLLM: prompt and generation tokens); 0: not known",
}  # fmt: skip


@dataclass(frozen=True)
class AcceleratorToBedrock(Lever):
    """Buy the tokens that nodes on EC2 or EKS generate from Bedrock on demand, and end the nodes.

    A bill shows the hours of a node, never its tokens: how many it answers per month is to be stated, for each of the
    resources the lever may touch (limit it to those that serve a model). Tokens at the model's price take the place of
    all hours and volumes. A bad idea for what trains, under steady high load, where tokens cost more than the node,
    and before an evaluation: another model gives other answers.

    Source: rules.md#move-to-bedrock; Amazon Bedrock user guide, on-demand pricing by token.
    """

    id = "accelerator_to_bedrock"
    title = "EC2 serving to Bedrock"
    stage = 3
    table = "compute"
    effort_hours = 60.0
    phase = 4
    dual_running_days = 14.0

    target_model: str = param(
        "Bedrock model", "model", "openai.gpt-oss-120b-1:0",
        choices=(
            "amazon.nova-micro-v1:0",
            "amazon.nova-lite-v1:0",
            "amazon.nova-2-lite-v1:0",
            "anthropic.claude-haiku-4-5-20251001-v1:0",
            "openai.gpt-oss-20b-1:0",
            "openai.gpt-oss-120b-1:0",
        ),
        grade="assumed", source="Models that could take over; quality is for an evaluation to say",
    )  # fmt: skip
    input_million_tokens: float = param("Prompt tokens per month of each resource", **STATED)
    output_million_tokens: float = param("Generated tokens per month of each resource", **STATED)

    def verdicts(self, usage: Usage) -> Verdicts:
        """EC2 nodes on demand, once their tokens are stated."""
        t = usage.compute
        every = np.ones(len(t), bool)
        return decide(
            t,
            refuse(
                t.kind == "cluster", "Is a HyperPod cluster: what it trains cannot be bought by the token."
            ),
            *without_accelerators(t),
            refuse(
                every & ~alive(usage.catalog, self._code(usage)),
                "Bedrock does not list the model as active: it is not open to new users, or gone.",
            ),
            unsure(
                every & (self.input_million_tokens + self.output_million_tokens == 0),
                "How many tokens per month it answers is not known: a bill of EC2 has none. State them, and limit the "
                "lever to what serves a model.",
            ),
            otherwise="Its stated tokens could come from Bedrock: evaluate the answers first.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours and volumes become tokens."""
        t = usage.compute
        ok = self.verdicts(usage).applies & (running_hours(t) > 0)
        if not ok.any():
            return usage
        return rewritten(
            usage,
            "compute",
            bedrock_model=np.where(ok, self._code(usage), t.bedrock_model),
            bedrock_input_tokens=t.bedrock_input_tokens
            + np.where(ok, self.input_million_tokens * MILLION, 0.0),
            bedrock_output_tokens=t.bedrock_output_tokens
            + np.where(ok, self.output_million_tokens * MILLION, 0.0),
            ec2_hours=np.where(ok, 0.0, t.ec2_hours),
            volume_gb_month=np.where(ok, 0.0, t.volume_gb_month),
        )

    def _code(self, usage: Usage) -> NDArray[np.int64]:
        """The target's code, for every resource."""
        return np.full(len(usage.compute), usage.catalog.model_code([self.target_model])[0], np.int64)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Tokens that were measured, and an evaluation: neither is in a snapshot."""
        nowhere = np.zeros(len(usage.compute), bool)
        return (
            Evidence(nowhere, "Its tokens are stated, not measured."),
            Evidence(nowhere, "Another model would answer; no evaluation is known."),
        )
