"""Smaller types for HyperPod clusters and EC2 accelerators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.compute.accelerators import HOUR_METERS, running_hours, without_accelerators
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class AcceleratorRightsize(Lever):
    """Run nodes whose GPUs are half empty on the next smaller type of their family, for longer.

    The GPUs in use must fit into those of the smaller type: GPUs × measured use and GPUs × peak memory. What is done
    by fewer GPUs takes as much longer as the used GPUs are more than the new ones, at least the stated slowdown. A node
    that also stands idle is given back first. A bad idea for training that is bound by the network between GPUs.

    Source: rules.md#right-size-training; EC2 user guide, instance tables.
    """

    id = "accelerator_rightsize"
    title = "Smaller accelerators"
    stage = 4
    table = "compute"
    effort_hours = 24.0
    phase = 2

    slowdown: float = param(
        "Hours on the smaller type over hours now", "ratio", 1.1, low=1.0, high=1.5, step=0.05, minimum=1.0,
        maximum=8.0, grade="assumed", source="Our judgement: the GPUs in use fit; a trial run tells",
    )  # fmt: skip
    full_ratio: float = param(
        "Most use and memory of the smaller type's GPUs", "ratio", 0.9, low=0.8, high=0.95, step=0.05, minimum=0.3,
        grade="assumed", source="Our judgement: some room for peaks",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Nodes on demand whose measured GPU use fits on a smaller type."""
        t, catalog = usage.compute, usage.catalog
        share = catalog.gpu_count[t.instance_type] / catalog.gpu_count[t.smaller_type]
        return decide(
            t,
            *without_accelerators(t),
            refuse(t.smaller_type < 0, "We know no smaller GPU type of its family."),
            unsure(np.isnan(t.gpu_utilization_ratio), "The use of its GPUs was not measured."),
            unsure(np.isnan(t.gpu_memory_ratio), "The peak of its GPU memory was not measured."),
            refuse(
                t.gpu_utilization_ratio * share > self.full_ratio, "Its work would not fit on fewer GPUs."
            ),
            refuse(t.gpu_memory_ratio * share > self.full_ratio, "Its memory would not fit on fewer GPUs."),
            otherwise="The use and memory of its GPUs fit on the next smaller type of its family.",
        )

    def apply(self, usage: Usage) -> Usage:
        """The same work on the smaller type, for as much longer as it takes."""
        t, ok = usage.compute, self.verdicts(usage).applies
        hours: Any = {name: np.where(ok, getattr(t, name), 0.0) for name in HOUR_METERS}
        return rewritten(
            usage,
            "compute",
            resized_type=np.where(ok, t.smaller_type, t.resized_type),
            resized_cluster_hours=t.resized_cluster_hours + hours["cluster_hours"] * self.slowdown,
            resized_ec2_hours=t.resized_ec2_hours + hours["ec2_hours"] * self.slowdown,
            **{name: getattr(t, name) - hours[name] for name in HOUR_METERS},
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A trial run on the smaller type."""
        known = running_hours(usage.compute) > 0
        return (
            Evidence(~known, "How much longer it takes on the smaller type is assumed; a trial run tells."),
        )
