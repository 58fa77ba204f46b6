"""Idle nodes of HyperPod clusters and idle accelerators on EC2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.compute.accelerators import without_accelerators, without_hours
from simulator.levers.lever import APPLIES, Evidence, Lever, Rule, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class AcceleratorIdle(Lever):
    """Give back nodes on which nothing runs: a HyperPod cluster and an EC2 node are billed until they are.

    Of the measured idle hours the reached share becomes zero: by a smaller instance group (UpdateCluster), by
    the autoscaling of the cluster, or by a scale-down of the EKS node group. Nodes of a training plan are paid
    for in any case. A bad idea where capacity is hard to get back: a p5 given back may not return for days.

    Source: rules.md#hyperpod; SageMaker API, UpdateCluster; SageMaker developer guide, sagemaker-hyperpod.
    """

    id = "accelerator_idle"
    title = "Give back idle accelerators"
    stage = 6
    table = "compute"
    effort_hours = 16.0
    phase = 2

    reached_ratio: float = param(
        "Share of the idle hours that is given back", "ratio", 0.6, low=0.3, high=0.9, step=0.05,
        grade="assumed", source="Our judgement: gaps between jobs are too short to give all of it back",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Clusters and accelerators with measured idle hours."""
        t = usage.compute
        return decide(
            t,
            *without_accelerators(t, resized=True),
            unsure(
                np.isnan(t.idle_hours),
                "Its idle hours were not measured: see the GPU utilization of its nodes.",
            ),
            refuse(t.idle_hours == 0, "Was never idle."),
            Rule(t.kind == "cluster", APPLIES, "Nodes of the cluster run idle: scale its instance group."),
            otherwise="Runs idle on EC2: scale the node group, or stop it.",
        )

    def apply(self, usage: Usage) -> Usage:
        """The reached share of the idle hours becomes zero."""
        t, ok = usage.compute, self.verdicts(usage).applies
        return rewritten(usage, "compute", **without_hours(t, t.idle_hours * self.reached_ratio, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The gaps between jobs, which a snapshot adds up to idle hours."""
        return (Evidence(np.zeros(len(usage.compute), bool), "How long its idle gaps last is assumed."),)
