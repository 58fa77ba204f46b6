"""Accelerators on EC2 or EKS outside office hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.compute.accelerators import all_hours, without_accelerators, without_hours
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class AcceleratorSchedule(Lever):
    """Stop accelerators on EC2 or EKS outside office hours by a schedule.

    Hours outside office hours × the share the schedule reaches become zero; what idle shutdown took before is
    taken as out of hours first. Volumes stay and are billed on. A HyperPod cluster cannot be stopped, only made
    smaller: it is left alone. A bad idea where training runs overnight, and where a type is scarce in the morning.

    Source: rules.md#schedule-endpoints; EC2 user guide, Stop_Start.
    """

    id = "accelerator_schedule"
    title = "Schedule EC2 accelerators"
    stage = 6
    table = "compute"
    effort_hours = 6.0
    phase = 2

    reached_ratio: float = param(
        "Share of out-of-hours hours the schedule ends", "ratio", 0.8, low=0.5, high=1.0, step=0.05,
        grade="assumed", source="Our judgement: some are exempt or started again",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Accelerators on EC2 with measured hours outside office hours."""
        t = usage.compute
        return decide(
            t,
            *without_accelerators(t, resized=True),
            refuse(
                t.kind == "cluster", "A HyperPod cluster cannot be stopped by a schedule, only made smaller."
            ),
            unsure(np.isnan(t.out_of_hours_hours), "When it runs was not measured."),
            refuse(t.out_of_hours_hours == 0, "Never runs outside office hours."),
            otherwise="Runs on EC2 outside office hours.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours outside office hours that are left become zero."""
        t, ok = usage.compute, self.verdicts(usage).applies
        gone = np.maximum(t.metered_hours - all_hours(t), 0.0)
        left = np.maximum(t.out_of_hours_hours - gone, 0.0)
        return rewritten(usage, "compute", **without_hours(t, left * self.reached_ratio, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Measured hours decide; the reach of a schedule is a judgement."""
        return (
            Evidence(np.zeros(len(usage.compute), bool), "How many are exempt or started again is assumed."),
        )
