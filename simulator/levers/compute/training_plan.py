"""Flexible training plans for HyperPod clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.compute.accelerators import running_hours, without_accelerators
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class TrainingPlan(Lever):
    """Reserve the nodes of a HyperPod cluster by a flexible training plan, at its lower price per hour.

    The nodes that run on average are reserved for the given share of the month and paid for whether they work or
    not; what runs beyond stays on demand. Plans are paid up front, last up to 182 days, start within eight
    weeks, and cannot be cancelled. It pays where reserved hours × plan price is below what they cost on demand:
    the break-even is a use of plan price ÷ on-demand price of the reserved hours. Only for types and regions
    that AWS lists.

    Source: rules.md#training-plans; SageMaker developer guide, reserve-capacity-with-training-plans; AWS price
    feed, training plans.
    """

    id = "training_plan"
    title = "Flexible training plan"
    stage = 7
    table = "compute"
    excludes = ("accelerator_spot",)
    effort_hours = 4.0
    reversible = False
    phase = 2

    reserved_ratio: float = param(
        "Share of the month for which the nodes are reserved", "ratio", 1.0, low=0.8, high=1.0, step=0.05,
        minimum=0.05, grade="assumed", source="Chosen with the plan: blocks of days; below 1 the rest is on demand",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Clusters on demand of a type and region with a listed plan price."""
        t = usage.compute
        return decide(
            t,
            refuse(t.kind == "ec2", "Training plans are SageMaker's: EC2 has Capacity Blocks instead."),
            *without_accelerators(t),
            refuse(
                ~usage.catalog.training_plan_ok[t.instance_type, t.region],
                "AWS lists no training plan for its type in its region.",
            ),
            otherwise="Its nodes can be reserved by a training plan, paid for whether they work or not.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Reserve the nodes that run on average; hours beyond stay on demand."""
        t, ok = usage.compute, self.verdicts(usage).applies
        nodes = np.ceil(running_hours(t) / usage.period_hours - 1e-9)
        reserved = np.where(ok, nodes * usage.period_hours * self.reserved_ratio, 0.0)
        used = np.where(ok, running_hours(t) * self.reserved_ratio, 0.0)
        return rewritten(
            usage,
            "compute",
            cluster_hours=np.maximum(t.cluster_hours - used, 0.0),
            plan_hours=t.plan_hours + reserved,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Hours measured on the bill."""
        return (Evidence(~np.isnan(usage.compute.metered_hours), "Its hours are unknown."),)
