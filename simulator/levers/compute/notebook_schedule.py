"""Schedule notebooks and Studio apps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.compute.notebook_idle_shutdown import (
    interactive_hours,
    interactive_only,
    without_hours,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class NotebookSchedule(Lever):
    """Stop notebooks and Studio apps outside office hours by a schedule.

    Out-of-hours hours × the share the schedule reaches become zero; volumes stay and are billed on. What idle
    shutdown took before is taken as out of hours first, so that no hour is saved twice. What is left of the
    hours outside office hours (8 to 18 UTC on working days) runs there, the rest inside: commitments see it.
    A bad idea for people who work in the evening, and for notebooks that compute overnight.

    Source: rules.md#notebooks-and-studio; SageMaker API, StopNotebookInstance and DeleteApp.
    """

    id = "notebook_schedule"
    title = "Schedule notebooks"
    stage = 6
    table = "compute"
    effort_hours = 4.0
    phase = 2

    reached_ratio: float = param(
        "Share of out-of-hours hours the schedule ends", "ratio", 0.8, low=0.5, high=1.0, step=0.05,
        grade="assumed", source="Our judgement: some are exempt or started again",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Notebooks and apps with measured hours outside office hours."""
        t = usage.compute
        return decide(
            t,
            *interactive_only(t),
            unsure(np.isnan(t.out_of_hours_hours), "When it runs was not measured."),
            refuse(t.out_of_hours_hours == 0, "Never runs outside office hours."),
            otherwise="Runs outside office hours.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours outside office hours that are left become zero."""
        t, ok = usage.compute, self.verdicts(usage).applies
        if not ok.any():
            return usage
        gone = t.metered_hours - interactive_hours(t)
        left = np.maximum(t.out_of_hours_hours - gone, 0.0)
        return rewritten(usage, "compute", **without_hours(t, left * self.reached_ratio, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Measured hours decide; the reach of a schedule is a judgement."""
        nowhere = np.zeros(len(usage.compute), bool)
        return (Evidence(nowhere, "How many notebooks are exempt or started again is assumed."),)
