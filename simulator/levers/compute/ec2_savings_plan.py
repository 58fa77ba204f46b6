"""Compute Savings Plans for EC2 accelerators that run day and night."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.compute.accelerators import without_accelerators
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class Ec2SavingsPlan(Lever):
    """Commit to the EC2 accelerators that run day and night by a Compute Savings Plan, for one or three years.

    Covered are whole nodes: those that run on average, rounded down, times the share. They are paid at the plan's rate
    every hour, used or not; what runs beyond stays on demand. Rates come from `prices refresh --savings-plans`;
    without one the lever asks for it (`compute_savings_plan` in own prices, item `ec2:ml.p5.48xlarge#1y_no_upfront`).
    Compute plans cover EC2, Fargate and Lambda, never SageMaker. A bad idea before idle nodes are given back and types
    are right-sized, and for types that will be replaced within the term.

    Source: rules.md#savings-plans; Savings Plans user guide, plan types.
    """

    id = "ec2_savings_plan"
    title = "Compute Savings Plan for EC2"
    stage = 7
    table = "compute"
    excludes = ("accelerator_spot", "capacity_block")
    effort_hours = 3.0
    reversible = False
    phase = 4

    offer: str = param(
        "Term", "offer", "1y_no_upfront", choices=("1y_no_upfront", "3y_no_upfront"), grade="official",
        source="Savings Plans user guide: one or three years; without upfront payment",
    )  # fmt: skip
    covered_ratio: float = param(
        "Share of the nodes that run on average", "ratio", 0.8, low=0.5, high=1.0, step=0.05, minimum=0.05,
        grade="assumed", source="Our judgement: below what runs, as for SageMaker plans (rules.md#sizing-a-plan)",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Accelerators on EC2 on demand of which at least one runs day and night."""
        t = usage.compute
        return decide(
            t,
            refuse(t.kind == "cluster", "Compute Savings Plans do not cover SageMaker."),
            *without_accelerators(t),
            refuse(t.ec2_hours < usage.period_hours, "None of its nodes runs day and night."),
            otherwise="Some of its nodes run day and night, and a Compute Savings Plan covers EC2.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours of the covered nodes at the plan's rate."""
        t, ok = usage.compute, self.verdicts(usage).applies
        nodes = np.floor(t.ec2_hours / usage.period_hours + 1e-9)
        name = "ec2_plan_3y_hours" if self.offer == "3y_no_upfront" else "ec2_plan_1y_hours"
        covered = np.where(ok, nodes * usage.period_hours, 0.0) * self.covered_ratio
        return rewritten(
            usage,
            "compute",
            ec2_hours=np.maximum(t.ec2_hours - covered, 0.0),
            **{name: getattr(t, name) + covered},
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Hours measured on the bill."""
        return (Evidence(~np.isnan(usage.compute.metered_hours), "Its hours are unknown."),)
