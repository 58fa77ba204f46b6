"""T2 right-size training: fewer GPUs of the same family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.training.hours import NOTHING_BILLED, UNKNOWN_HOURS, billed_hours
from simulator.params import param
from simulator.usage.tables import Usage

JOBS_FOR_EVIDENCE = 3
MOVES = (
    ("billable_hours", "resized_hours"),
    ("spot_hours", "resized_spot_hours"),
    ("warm_pool_hours", "resized_warm_pool_hours"),
)


@dataclass(frozen=True)
class RightsizeTraining(Lever):
    """Train on a type of the same family with fewer GPUs, where the job does not use what it has.

    Hours × slowdown at the smaller type's price. The slowdown is the work its GPUs did, in GPUs, over the
    GPUs left: GPU count × utilisation ÷ new count, at least 1, times a margin. It pays while the slowdown is
    below the ratio of the two prices (g5.12xlarge → g5.2xlarge: 7.09 ÷ 1.515 = 4.68). Peak GPU memory must
    fit. A bad idea for jobs that people wait for, or where a smaller batch needs more epochs.
    Utilisation is CloudWatch's sum over GPUs divided by their count, measured over the whole job.

    Source: rules.md#right-size-training; SageMaker developer guide, monitoring-cloudwatch (GPUUtilization);
    SageMaker API, TrainingInstanceType.
    """

    id = "rightsize_training"
    title = "Right-size training instances"
    stage = 4
    table = "training"
    effort_hours = 8.0
    phase = 2

    slowdown_margin: float = param(
        "Slowdown over the GPU work to be done", "times", 1.1, low=1.0, high=1.5, step=0.05,
        minimum=1.0, maximum=4.0, grade="assumed", source="rules.md#right-size-training: 1 to 4 times, by GPU work",
    )  # fmt: skip
    longest_slowdown: float = param(
        "Longest acceptable slowdown", "times", 1.5, step=0.1, minimum=1.0, maximum=4.0, grade="assumed",
        source="A decision of yours: at 1 only jobs that fit the GPUs left are moved (rules.md#right-size-training)",
    )  # fmt: skip
    memory_ratio: float = param(
        "Share of the smaller type's GPU memory to fill", "ratio", 0.9, step=0.05, minimum=0.5, maximum=1.0,
        grade="assumed", source="rules.md#right-size-endpoints: memory × 0.9",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """GPU jobs whose peak memory and work fit the next smaller type of the family."""
        t, c = usage.training, usage.catalog
        gpus, limit = c.gpu_count[t.instance_type], np.max(self.longest_slowdown)
        needed_gib = t.gpu_memory_ratio * c.gpu_memory_gib[t.instance_type]
        return decide(
            t,
            unsure(np.isnan(gpus), "How many GPUs its type has is not known."),
            refuse(gpus == 0, "Trains without GPUs: this lever compares GPU work."),
            refuse(gpus == 1, "Has a single GPU already."),
            refuse(t.smaller_type < 0, "No type of its family with fewer GPUs can train."),
            unsure(np.isnan(t.gpu_utilization_ratio), "Its GPU utilisation was not measured."),
            unsure(np.isnan(needed_gib), "Its peak GPU memory was not measured."),
            refuse(
                needed_gib > self.memory_ratio * c.gpu_memory_gib[t.smaller_type],
                "Its peak GPU memory does not fit the smaller type.",
            ),
            refuse(
                self._work(usage) > limit,
                f"Its GPUs are busy: it would take over {limit:g} times as long.",
            ),
            unsure(np.isnan(billed_hours(t)), UNKNOWN_HOURS),
            refuse(billed_hours(t) == 0, NOTHING_BILLED),
            otherwise="Peak memory and work fit the type of its family with fewer GPUs.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move the hours, times the slowdown, to the smaller type."""
        t, ok = usage.training, self.verdicts(usage).applies
        slowdown = self.slowdown_ratio(usage)
        moved: dict[str, Any] = {}
        for old, new in MOVES:
            hours = getattr(t, old)
            longer = hours if old == "warm_pool_hours" else hours * slowdown
            moved[old] = np.where(ok, 0.0, hours)
            moved[new] = np.where(ok, getattr(t, new) + longer, getattr(t, new))
        attached = np.where(usage.catalog.nvme[t.smaller_type], 0.0, t.volume_gb_month * slowdown)
        return rewritten(
            usage,
            "training",
            **moved,
            resized_type=np.where(ok, t.smaller_type, t.resized_type),
            slowdown_ratio=np.where(ok, slowdown, t.slowdown_ratio),
            volume_gb_month=np.where(ok, attached, t.volume_gb_month),
        )

    def slowdown_ratio(self, usage: Usage) -> Any:
        """How many times as long a job takes on its smaller type; never below 1."""
        return np.maximum(self._work(usage) * self.slowdown_margin, 1.0)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Three like jobs."""
        enough = usage.training.alike_jobs >= JOBS_FOR_EVIDENCE
        return (Evidence(enough, "Fewer than 3 completed jobs like it; try one run on the smaller type."),)

    def _work(self, usage: Usage) -> Any:
        t, count = usage.training, usage.catalog.gpu_count
        return t.gpu_utilization_ratio * count[t.instance_type] / count[t.smaller_type]


def break_even_slowdown(price: Any, smaller_price: Any) -> Any:
    """Slowdown at which the smaller type costs the same; both prices per hour."""
    return price / smaller_price
