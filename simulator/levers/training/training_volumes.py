"""T8 smaller volumes of training jobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class TrainingVolumes(Lever):
    """Attach smaller volumes (VolumeSizeInGB) to training jobs: GB × price × hours ÷ 730.

    Types with their own NVMe disks (g4dn, g5, p4d …) get no gp2 volume, so they save nothing. Seldom worth
    much, as volumes are billed while the job runs only. A bad idea without a look at DiskUtilization: a full
    disk ends the job.

    Source: rules.md#training-volumes; SageMaker API, ResourceConfig.VolumeSizeInGB ("SageMaker doesn't provision"
    gp2 for such types).
    """

    id = "training_volumes"
    title = "Smaller training volumes"
    stage = 4
    table = "training"
    effort_hours = 4.0
    phase = 3

    cut_ratio: float = param(
        "Share of the volume not needed", "ratio", 0.3, low=0.1, high=0.6, step=0.05, maximum=0.95,
        grade="assumed", source="Our judgement; rules.md#training-volumes gives no range. DiskUtilization shows it",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Jobs that have a volume of their own."""
        t = usage.training
        return decide(
            t,
            refuse(
                usage.catalog.nvme[t.resized_type],
                "Its type brings NVMe disks: SageMaker attaches no volume that could be smaller.",
            ),
            unsure(np.isnan(t.volume_gb), "The size of its volume is unknown."),
            refuse(t.volume_gb_month == 0, "Has no billed volume in this scenario."),
            otherwise="Has a gp2 volume, billed while it runs; check DiskUtilization before you shrink it.",
        )

    def apply(self, usage: Usage) -> Usage:
        """GB-months shrink by the share not needed."""
        t, ok = usage.training, self.verdicts(usage).applies
        return rewritten(usage, "training", **t.scaled(("volume_gb_month",), 1 - self.cut_ratio, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The disk's own use, which a snapshot does not hold."""
        return (Evidence(np.zeros(len(usage.training), bool), "How full its disk gets is assumed."),)
