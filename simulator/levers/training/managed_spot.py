"""T1 managed spot training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

CAN_ONLY_SHORT = 1.0


@dataclass(frozen=True)
class ManagedSpot(Lever):
    """Train on spare capacity: AWS bills fewer seconds at the on-demand price.

    The billed hours become hours × (1 − discount) × (1 + overhead). The overhead is the work lost to
    interruptions: with checkpoints √(2C/M) + R/M, without (M + R)(e^(L/M) − 1)/L − 1, where M is the mean
    time between interruptions of the whole cluster, C a checkpoint, R a restart and L the job's length.
    A bad idea for jobs with a hard deadline, and for long jobs that cannot resume: those may cost more.
    Spot hours are outside Savings Plans.

    Source: DOMAIN 3.1 T1 and 3.2 (Young/Daly, hal-02514107); SageMaker developer guide, managed spot training.
    """

    id = "managed_spot"
    title = "Managed spot training"
    family = "training"
    stage = 7
    table = "training"
    effort_hours = 16.0
    phase = 2
    source = "SageMaker developer guide, model-managed-spot-training; DOMAIN T1"

    discount: float = param(
        "Spot discount", "ratio", 0.60, low=0.50, high=0.75, step=0.01, maximum=0.95, grade="assumed",
        source="AWS says up to 90 %; Spot Instance Advisor's band for GPU types is 50-75 %",
    )  # fmt: skip
    interruption_hours: float = param(
        "Mean time between interruptions", "hours", 20.0, low=5.0, high=100.0, step=1.0, minimum=0.5, maximum=500.0,
        grade="assumed", source="AWS publishes monthly interruption bands, no MTBF; DOMAIN 3.2",
    )  # fmt: skip
    checkpoint_minutes: float = param(
        "Time to write a checkpoint", "minutes", 2.0, low=0.5, high=10.0, step=0.5, minimum=0.0, maximum=120.0,
        grade="assumed", source="DOMAIN 3.2",
    )  # fmt: skip
    restart_minutes: float = param(
        "Time to restart after an interruption", "minutes", 5.0, low=2.0, high=15.0, step=1.0, minimum=0.0,
        maximum=240.0, grade="assumed", source="DOMAIN 3.2: download and initialisation",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Jobs on demand that can resume, or are too short to need it."""
        t = usage.training
        long = t.job_hours > CAN_ONLY_SHORT
        return decide(
            t,
            refuse((t.spot_hours > 0) | (t.spot == 1), "Already runs on spot: its billed seconds are already reduced."),
            refuse(t.warm_pool == 1, "Uses a warm pool, which cannot be combined with spot."),
            refuse((t.billable_hours + t.resized_hours) == 0, "Has no billed hours left in this plan."),
            unsure(np.isnan(t.billable_hours), "Its billed time is unknown."),
            refuse(
                long & (t.checkpointing == 0),
                "Runs longer than an hour without checkpoints: an interruption would lose all work. Add checkpoints first.",
            ),
            unsure(long & np.isnan(t.checkpointing), "Runs longer than an hour and it is unknown whether it can resume."),
            otherwise="On-demand training that can resume, or is short enough to start again.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move on-demand hours to (fewer) spot hours."""
        t = usage.training
        factor = (1 - self.discount) * (1 + self.overhead_ratio(t.job_hours, t.instance_count, t.checkpointing == 1))
        ok = self.verdicts(usage).applies
        return rewritten(
            usage,
            "training",
            billable_hours=np.where(ok, 0.0, t.billable_hours),
            resized_hours=np.where(ok, 0.0, t.resized_hours),
            spot_hours=np.where(ok, t.billable_hours * factor, t.spot_hours),
            resized_spot_hours=np.where(ok, t.resized_hours * factor, t.resized_spot_hours),
        )

    def overhead_ratio(self, job_hours: Any, instances: Any, checkpoints: Any) -> Any:
        """Compute lost to interruptions over useful compute, w of DOMAIN 3.2."""
        mean_time = self.interruption_hours / np.maximum(instances, 1)
        length = np.maximum(np.nan_to_num(job_hours), 1e-9)
        with_checkpoints = checkpointed_overhead(mean_time, self.checkpoint_minutes / 60, self.restart_minutes / 60)
        without = restarted_overhead(mean_time, length, self.restart_minutes / 60)
        return np.where(checkpoints, np.minimum(with_checkpoints, without), without)


def best_checkpoint_interval(mean_time_hours: Any, checkpoint_hours: Any) -> Any:
    """T* = √(2CM), the hours of work between checkpoints that waste least (Young)."""
    return np.sqrt(2 * checkpoint_hours * mean_time_hours)


def checkpointed_overhead(mean_time_hours: Any, checkpoint_hours: Any, restart_hours: Any) -> Any:
    """w at the best interval: √(2C/M) + R/M, as long as C is well below M."""
    return np.sqrt(2 * checkpoint_hours / mean_time_hours) + restart_hours / mean_time_hours


def restarted_overhead(mean_time_hours: Any, length_hours: Any, restart_hours: Any) -> Any:
    """w when an interruption loses everything: (M + R)(e^(L/M) − 1)/L − 1."""
    ratio = np.minimum(length_hours / mean_time_hours, 500.0)
    return (mean_time_hours + restart_hours) * np.expm1(ratio) / length_hours - 1
