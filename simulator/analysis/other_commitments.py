"""Commitments other than SageMaker Savings Plans, each on what the scenario leaves: what it saves, or what it needs.

They cover other usage than the ladder's (EC2, clusters, tokens), so neither takes anything from the other. Where no
price is published, the answer is which price is needed, never a number.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.analysis.verdict import Status, verdict
from simulator.engine.simulate import Result
from simulator.levers import all_levers

COVERS = {
    "ec2_savings_plan": "EC2 accelerators that run day and night",
    "capacity_block": "EC2 accelerators for days or weeks",
    "training_plan": "HyperPod clusters",
    "reserved_tier": "Bedrock tokens per minute",
    "provisioned_throughput": "Bedrock models on model units",
}


@dataclass(frozen=True)
class OtherCommitment:
    """One kind of commitment. `usd` is per month: what it saves or costs more at its settings; None where a fact or a
    price is missing (the sentence says which) and where it is not applicable."""

    lever_id: str
    title: str
    covers: str
    status: str
    usd: float | None
    sentence: str


def other_commitments(result: Result) -> tuple[OtherCommitment, ...]:
    """Each kind at its settings in the scenario, or its defaults."""
    return tuple(_judged(result, lever_id, covers) for lever_id, covers in COVERS.items())


def _judged(result: Result, lever_id: str, covers: str) -> OtherCommitment:
    lever = result.scenario.setting(lever_id) or all_levers()[lever_id]()
    found = verdict(result, lever)
    worth = {Status.SAVES: found.usd, Status.COSTS_MORE: -found.usd}.get(found.status)
    return OtherCommitment(lever_id, lever.title, covers, str(found.status), worth, found.sentence)
