"""Commitments other than SageMaker Savings Plans, each on what the scenario leaves: what it saves, or what it needs.

They cover other usage than SageMaker's plans (EC2, clusters, tokens), so neither takes anything from the other. Where
they have a price and their usage is known by the hour, the ladder chooses their sizes and dates as well. Where no price
is published, the answer is which price is needed, never a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.analysis.ladder_pools import Pool
from simulator.analysis.verdict import Status, verdict
from simulator.engine.simulate import Result
from simulator.levers import all_levers

COVERS = {
    "ec2_savings_plan": "EC2 accelerators that run day and night",
    "capacity_block": "EC2 accelerators for days or weeks",
    "training_plan": "HyperPod clusters",
    "feature_store_throughput": "feature groups with even traffic",
    "reserved_tier": "Bedrock tokens per minute",
    "provisioned_throughput": "Bedrock models on model units",
}
OFFERS = {
    "training_plan": "training_plan",
    "capacity_block": "capacity_block",
    "compute_savings_plan": "ec2_savings_plan",
    "reserved_tier": "reserved_tier",
    "provisioned_throughput": "provisioned_throughput",
}
"""Offers of a pool → the lever of the same commitment."""


@dataclass(frozen=True)
class OtherCommitment:
    """One kind of commitment. `usd` is per month: what it saves or costs more at its settings; None where a fact or a
    price is missing (the sentence says which) and where it is not applicable. `in_ladder`: the ladder chooses its size
    and dates, for at least one type and region."""

    lever_id: str
    title: str
    covers: str
    status: str
    usd: float | None
    sentence: str
    in_ladder: bool = False


def other_commitments(result: Result, pools: Sequence[Pool] = ()) -> tuple[OtherCommitment, ...]:
    """Each kind at its settings in the scenario, or its defaults."""
    chosen = {OFFERS.get(o.name.partition(":")[0], "") for pool in pools for o in pool.offers}
    return tuple(_judged(result, lever_id, covers, lever_id in chosen) for lever_id, covers in COVERS.items())


def _judged(result: Result, lever_id: str, covers: str, in_ladder: bool) -> OtherCommitment:
    lever = result.scenario.setting(lever_id) or all_levers()[lever_id]()
    found = verdict(result, lever)
    worth = {Status.SAVES: found.usd, Status.COSTS_MORE: -found.usd}.get(found.status)
    return OtherCommitment(lever_id, lever.title, covers, str(found.status), worth, found.sentence, in_ladder)
