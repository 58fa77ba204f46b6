"""E9: an asynchronous endpoint that is always on may go to zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.endpoints.fleet import START_MINUTES, awake_ratio, busy_profile
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Endpoints, Usage

DAY, FORTNIGHT_HOURS = 24.0, 336.0


@dataclass(frozen=True)
class AsyncScaleToZero(Lever):
    """Let the instances of asynchronous endpoints go to zero while their queue is empty: MinCapacity 0.

    Of the instances that always run, hours become hours × (share of busy hours + wake-ups × (start + idle
    wait)); what scaling adds above its minimum stays. An asynchronous variant may have MinCapacity 0, unlike a
    real-time one; a step policy on HasBacklogWithoutCapacity starts it for the first request in the queue. A
    bad idea where the answer is wanted within minutes of the first request after a pause.

    Source: rules.md#asynchronous-inference; SageMaker developer guide, async-inference-autoscale.
    """

    id = "async_scale_to_zero"
    title = "Asynchronous endpoints to zero"
    stage = 6
    table = "endpoints"
    effort_hours = 3.0
    phase = 1

    start_minutes: float = param("Minutes to start from zero", **START_MINUTES)
    idle_minutes: float = param(
        "Minutes of empty queue before it stops", "minutes", 15.0, low=5.0, high=60.0, step=5.0,
        maximum=240.0, grade="assumed", source="the scale-in cooldown; our judgement",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Asynchronous endpoints with instances that always run, and hours without calls."""
        e = usage.endpoints
        return decide(
            e,
            refuse(~e.is_async, "Is not asynchronous."),
            unsure(np.isnan(e.async_hours), "Its instance count is unknown."),
            refuse(e.async_hours == 0, "Has no instance hours left in this scenario."),
            refuse(e.scaling_min == 0, "Its MinCapacity is 0 already."),
            unsure(e.observed_hours < DAY, "Its traffic was not observed for a day."),
            refuse(e.busy_ratio == 1, "Is called in every hour: its queue would never be empty."),
            otherwise="Always on, with hours without calls: MinCapacity 0 and a start by its queue.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Of the instances that always run, keep the busy hours and the wake-ups."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies
        if not ok.any():
            return usage
        asleep = 1 - awake_ratio(usage, self.start_minutes + self.idle_minutes)
        left = 1 - asleep * always_on_ratio(e, usage.period_hours)
        hours = e.scaled(("async_hours", "volume_gb_month"), left, ok)
        return rewritten(usage, "endpoints", profile=busy_profile(e, ok), **hours)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of hourly traffic."""
        observed = usage.endpoints.observed_hours >= FORTNIGHT_HOURS
        return (Evidence(np.asarray(observed), "Its traffic was observed for less than 14 days."),)


def always_on_ratio(e: Endpoints, period_hours: float) -> Any:
    """Share of the hours that the minimum of its scaling takes; all of them where it does not scale."""
    least = np.where(e.scaling_max > e.scaling_min, e.scaling_min * period_hours, e.async_hours)
    return np.minimum(np.nan_to_num(least) / np.where(e.async_hours > 0, e.async_hours, np.inf), 1.0)
