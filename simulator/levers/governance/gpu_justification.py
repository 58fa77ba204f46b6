"""Governance: GPU training jobs need a reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.training.hours import HOUR_METERS, NOTHING_BILLED, UNKNOWN_HOURS, billed_hours
from simulator.params import param
from simulator.usage.tables import COMPLETED, Usage
from simulator.words import percent


@dataclass(frozen=True)
class GpuJustification(Lever):
    """Ask for a reason before a job takes GPUs (a CostJustification tag, without which it is denied).

    Hours of jobs that hardly used their GPUs × (1 − share that would not run). A habit, not a mechanism:
    nobody can measure beforehand how many jobs a question prevents, so the share is small and an assumption.
    Jobs that would run on fewer GPUs are right-sizing's, failed ones those of fewer failures. A bad idea
    where the question costs people more time than the hours it saves.

    Source: rules.md#gpu-justification and rules.md#what-is-generated; CloudWatch GPUUtilization of
    /aws/sagemaker/TrainingJobs.
    """

    id = "gpu_justification"
    title = "Justify GPU training jobs"
    stage = 2
    table = "training"
    effort_hours = 16.0
    phase = 4

    not_run_ratio: float = param(
        "Share of such hours that would not run", "ratio", 0.05, low=0.0, high=0.15, step=0.01, maximum=0.5,
        grade="assumed", source="Our judgement, kept small: no study measures it",
    )  # fmt: skip
    low_utilization_ratio: float = param(
        "GPU utilisation below which a job is asked", "ratio", 0.2, step=0.05, maximum=1.0, grade="assumed",
        source="A decision of yours",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Completed GPU jobs whose GPUs were hardly used."""
        t, limit = usage.training, np.max(self.low_utilization_ratio)
        gpus = usage.catalog.gpu_count[t.instance_type]
        return decide(
            t,
            unsure(np.isnan(gpus), "How many GPUs its type has is not known."),
            refuse(gpus == 0, "Trains without GPUs."),
            refuse(t.outcome != COMPLETED, "Did not complete: preventing failures saves its hours."),
            unsure(np.isnan(t.gpu_utilization_ratio), "Its GPU utilisation was not measured."),
            refuse(t.gpu_utilization_ratio >= limit, f"Used its GPUs to {percent(limit, 0)} or more."),
            unsure(np.isnan(billed_hours(t)), UNKNOWN_HOURS),
            refuse(billed_hours(t) == 0, NOTHING_BILLED),
            otherwise=f"Used its GPUs below {percent(limit, 0)}: it should say why it needs them.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours of the share that would not run become zero."""
        t, ok = usage.training, self.verdicts(usage).applies
        return rewritten(usage, "training", **t.scaled(HOUR_METERS, 1 - self.not_run_ratio, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Nothing measures how many jobs a question prevents."""
        nowhere = np.zeros(len(usage.training), bool)
        return (Evidence(nowhere, "How many jobs a question prevents is assumed."),)
