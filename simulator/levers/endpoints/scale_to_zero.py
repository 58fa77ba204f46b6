"""E5 scale to zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.endpoints.fleet import (
    RUNNING_METERS,
    START_MINUTES,
    awake_ratio,
    busy_profile,
    not_its_own,
    other_modes,
    without_instances,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

DAY, FORTNIGHT_HOURS = 24.0, 336.0


@dataclass(frozen=True)
class ScaleToZero(Lever):
    """Let endpoints of inference components sleep: in hours without a copy they have no instance.

    Hours become hours × (share of busy hours + wake-ups × (start + idle wait)). Needs inference components,
    ManagedInstanceScaling with MinInstanceCount 0, a step policy and an alarm. A bad idea where a call may
    not fail: for the minutes of scaling out from zero, calls are answered with an error.

    Source: rules.md#scale-to-zero; SageMaker developer guide, endpoint-auto-scaling-zero-instances.
    """

    id = "scale_to_zero"
    title = "Scale to zero"
    stage = 6
    table = "endpoints"
    mode = True
    effort_hours = 8.0
    phase = 2

    start_minutes: float = param("Minutes to start again", **START_MINUTES)
    idle_minutes: float = param(
        "Minutes without calls before it sleeps", "minutes", 15.0, low=5.0, high=60.0, step=5.0,
        maximum=240.0, grade="assumed", source="the alarm of the step policy; our judgement",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Endpoints of inference components with hours without calls."""
        e = usage.endpoints
        return decide(
            e,
            *other_modes(e, self.id),
            *without_instances(e),
            not_its_own(e),
            refuse(
                ~e.has_components,
                "A plain real-time variant keeps one instance: only inference components go to zero.",
            ),
            unsure(e.observed_hours < DAY, "Its traffic was not observed for a day."),
            refuse(e.busy_ratio == 1, "Is called in every hour: it would never sleep."),
            otherwise="Hosts inference components, with hours without calls; the call that wakes it fails.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Keep the busy hours and the wake-ups."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies
        if not ok.any():
            return usage
        awake = awake_ratio(usage, self.start_minutes + self.idle_minutes)
        hours = e.scaled(RUNNING_METERS, awake, ok)
        return rewritten(usage, "endpoints", profile=busy_profile(e, ok), **hours)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of hourly traffic."""
        observed = usage.endpoints.observed_hours >= FORTNIGHT_HOURS
        return (Evidence(np.asarray(observed), "Its traffic was observed for less than 14 days."),)
