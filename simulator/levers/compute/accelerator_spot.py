"""Spot for HyperPod clusters and EC2 accelerators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.compute.accelerators import running_hours, without_accelerators
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.training.interruptions import (
    ADVISOR_ERROR,
    CHECKPOINT_MINUTES,
    INTERRUPTION_HOURS,
    RESTART_MINUTES,
    cost_ratio,
    overhead_ratio,
)
from simulator.levers.training.managed_spot import advisors_mean
from simulator.params import param
from simulator.units import MINUTES_PER_HOUR
from simulator.usage.tables import Usage

LONGEST_JOB_HOURS = 1e4


@dataclass(frozen=True)
class AcceleratorSpot(Lever):
    """Run clusters and EC2 accelerators on spot capacity where what runs there can resume.

    On-demand hours become hours × (1 − discount) × (1 + overhead): the discount is the Spot Instance Advisor's of
    type and region (not known = unknown, nothing is saved), the overhead that of managed spot training with
    checkpoints, for a group of nodes that is interrupted as often as its nodes together. Outside Savings Plans
    and training plans. A bad idea for what serves callers, and for large groups of scarce types.

    Source: rules.md#spot-overhead; SageMaker developer guide, sagemaker-hyperpod (spot instances); EC2 user
    guide, using-spot-instances; EC2 Spot Instance Advisor.
    """

    id = "accelerator_spot"
    title = "Accelerators on spot"
    stage = 7
    table = "compute"
    excludes = ("training_plan",)
    effort_hours = 24.0
    phase = 3

    advisor_error: float = param(**ADVISOR_ERROR)
    interruption_hours: float = param(**INTERRUPTION_HOURS)
    checkpoint_minutes: float = param(**CHECKPOINT_MINUTES)
    restart_minutes: float = param(**RESTART_MINUTES)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Clusters and accelerators on demand that can resume, where the advisor knows the discount."""
        t = usage.compute
        return decide(
            t,
            *without_accelerators(t),
            refuse(t.checkpointing == 0, "Cannot resume: an interruption would lose its work."),
            unsure(np.isnan(t.checkpointing), "Whether what runs there can resume is unknown."),
            unsure(
                np.isnan(usage.catalog.spot_saving[t.instance_type, t.region]),
                "The spot discount of its type in its region is unknown.",
            ),
            otherwise="Can resume: its nodes may be spot instances.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move on-demand hours to fewer hours of equal cost."""
        t, ok = usage.compute, self.verdicts(usage).applies
        if not ok.any():
            return usage
        saving = usage.catalog.spot_saving[t.instance_type, t.region] + self.advisor_error
        factor = cost_ratio(np.clip(saving, 0.0, 0.95), self._overhead(t.instance_count))
        return rewritten(
            usage,
            "compute",
            cluster_hours=np.where(ok, 0.0, t.cluster_hours),
            ec2_hours=np.where(ok, 0.0, t.ec2_hours),
            cluster_spot_hours=np.where(ok, t.cluster_hours * factor, t.cluster_spot_hours),
            ec2_spot_hours=np.where(ok, t.ec2_hours * factor, t.ec2_spot_hours),
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """How often its nodes are interrupted, which nobody has measured."""
        busy = running_hours(usage.compute) < 0
        return (Evidence(busy, "How often its nodes would be interrupted is assumed."),)

    @classmethod
    def shown_from(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """The advisor's mean over the hours of this account's nodes."""
        t = usage.compute
        hours = np.where(t.is_accelerator, t.metered_hours, 0.0)
        return advisors_mean(usage.catalog.spot_saving[t.instance_type, t.region], hours)

    def _overhead(self, nodes: Any) -> Any:
        return overhead_ratio(
            self.interruption_hours / np.maximum(nodes, 1.0),
            self.checkpoint_minutes / MINUTES_PER_HOUR,
            self.restart_minutes / MINUTES_PER_HOUR,
            LONGEST_JOB_HOURS,
            np.ones(len(nodes), bool),
        )
