"""E9 asynchronous inference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.endpoints.fleet import (
    START_MINUTES,
    awake_ratio,
    busy_profile,
    moved,
    other_modes,
    running_hours,
    stopped,
    without_instances,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import SECONDS_PER_HOUR
from simulator.usage.tables import Usage

DAY, FORTNIGHT_HOURS = 24.0, 336.0
MAX_PAYLOAD_GIB = 1.0


@dataclass(frozen=True)
class AsyncInference(Lever):
    """Queue the calls: instances follow the queue and go to zero when it is empty.

    Real-time instance hours become asynchronous ones: hours × (share of busy hours + wake-ups × (start + idle
    wait)), at the asynchronous price of the type. The endpoint then accepts asynchronous calls only: callers
    must fetch the answer from S3. Payload up to 1 GB, an hour per call; a HasBacklogWithoutCapacity policy
    starts it from zero. Outside Savings Plans, as far as is known. A bad idea where somebody waits for the
    answer.

    Source: rules.md#asynchronous-inference; SageMaker developer guide, async-inference.
    """

    id = "async_inference"
    title = "Asynchronous inference"
    stage = 3
    table = "endpoints"
    mode = True
    effort_hours = 24.0
    phase = 3
    dual_running_days = 3.0

    start_minutes: float = param("Minutes to start from zero", **START_MINUTES)
    idle_minutes: float = param(
        "Minutes of empty queue before it stops", "minutes", 15.0, low=5.0, high=60.0, step=5.0,
        maximum=240.0, grade="assumed", source="the scale-in alarm; our judgement",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Endpoints whose callers can wait, with hours without calls, within the limits of a queued call."""
        e = usage.endpoints
        return decide(
            e,
            *other_modes(e, self.id),
            refuse(e.is_async, "Is asynchronous already."),
            *without_instances(e),
            refuse(e.has_components, "Hosts inference components: they scale to zero by themselves."),
            refuse(e.shadow == 1, "Is a shadow variant: it must follow its production variant."),
            refuse(e.async_tolerant == 0, "Its callers wait for the answer."),
            unsure(np.isnan(e.async_tolerant), "Whether its callers could wait is unknown: ask them."),
            refuse(e.payload_gib > MAX_PAYLOAD_GIB, "Its payload exceeds the 1 GB of an asynchronous call."),
            refuse(e.latency_seconds > SECONDS_PER_HOUR, "Takes longer than the hour of a queued call."),
            unsure(e.observed_hours < DAY, "Its traffic was not observed for a day."),
            refuse(e.busy_ratio == 1, "Is called in every hour: its queue would never be empty."),
            otherwise="Its callers can wait: instances run while there are calls in the queue.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Real-time hours → fewer asynchronous hours, in the hours with calls."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies
        if not ok.any():
            return usage
        awake = awake_ratio(usage, self.start_minutes + self.idle_minutes)
        new = stopped(e) | {
            "async_hours": running_hours(e) * awake,
            "volume_gb_month": e.volume_gb_month * awake,
        }
        return rewritten(usage, "endpoints", profile=busy_profile(e, ok), **moved(e, ok, **new))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of hourly traffic."""
        observed = usage.endpoints.observed_hours >= FORTNIGHT_HOURS
        return (Evidence(np.asarray(observed), "Its traffic was observed for less than 14 days."),)
