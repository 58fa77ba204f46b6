"""Training on EC2 as SageMaker training jobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.compute.accelerators import running_hours, without_accelerators
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class Ec2ToSagemaker(Lever):
    """Run what trains on EC2 nodes as SageMaker training jobs: a costlier hour, billed only while a job runs.

    Hours in which the nodes work become hours of training jobs of the same type, times one plus the time a job takes to
    download and start. Idle hours end. It pays where the nodes stand idle for more than the price of SageMaker is above
    EC2's (15 to 25 %): with nodes at work day and night it costs more. Volumes end with the nodes. Jobs can then run on
    managed spot and under SageMaker Savings Plans. A bad idea for what serves callers.

    Source: rules.md#cost-identities (training jobs are billed from start to end); rules.md#training-levers.
    """

    id = "ec2_to_sagemaker"
    title = "EC2 training to SageMaker jobs"
    stage = 3
    table = "compute"
    excludes = ("accelerator_idle", "accelerator_schedule")
    effort_hours = 60.0
    phase = 3

    start_ratio: float = param(
        "Time jobs take to download and start, over the time they work", "ratio", 0.05, low=0.02, high=0.15, step=0.01,
        grade="assumed", source="Our judgement: some minutes a job, for jobs of hours",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """EC2 nodes on demand with measured idle hours, of a type that SageMaker trains on."""
        t, catalog = usage.compute, usage.catalog
        return decide(
            t,
            refuse(t.kind == "cluster", "Is a HyperPod cluster: it is SageMaker's already."),
            *without_accelerators(t),
            refuse(~catalog.training_ok[t.instance_type], "SageMaker does not train on its type."),
            unsure(
                np.isnan(t.idle_hours),
                "Its idle hours were not measured, and jobs are billed while they work.",
            ),
            otherwise="Could run as training jobs, billed only while they work.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Working hours become hours of jobs; idle hours and volumes end."""
        t, ok = usage.compute, self.verdicts(usage).applies
        hours = np.where(ok, running_hours(t), 0.0)
        work = np.maximum(hours - np.where(ok, t.idle_hours, 0.0), 0.0)
        return rewritten(
            usage,
            "compute",
            ec2_hours=np.where(ok, 0.0, t.ec2_hours),
            job_hours=t.job_hours + work * (1 + self.start_ratio),
            volume_gb_month=np.where(ok, 0.0, t.volume_gb_month),
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A job, with its phases."""
        return (Evidence(np.zeros(len(usage.compute), bool), "How long jobs take to start is assumed."),)
