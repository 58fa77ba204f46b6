"""E1 stop idle endpoints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Endpoints, Usage

DAY = 24.0
HOUR_METERS = ("instance_hours", "resized_hours", "async_hours", "transform_hours", "volume_gb_month")
SERVERLESS_METERS = ("provisioned_gb_seconds",)


@dataclass(frozen=True)
class StopIdleEndpoints(Lever):
    """Delete endpoints nobody calls: their instance hours end. The configuration and the model stay.

    Idle = in service for at least a day and not one call in the last 24 complete hours, nor in the quiet
    period where traffic was observed that long: an endpoint that was called within it may follow a weekly
    pattern and is left alone. Traffic that was not observed is unknown, never idle. A bad idea where a cold
    restart of minutes would hurt, or the owner vetoes it with a tag.

    Source: DOMAIN 3.3 E1 and 3.4 (idle rule).
    """

    id = "stop_idle_endpoints"
    title = "Stop idle endpoints"
    family = "endpoints"
    stage = 1
    table = "endpoints"
    effort_hours = 2.0
    phase = 1
    source = "DOMAIN E1, 3.4; SageMaker developer guide, delete endpoints and resources"

    quiet_days: float = param(
        "Silence needed when history is longer", "days", 14, low=7, high=30, step=1, minimum=1, maximum=60,
        integer=True, grade="assumed", source="DOMAIN 3.4: 24 h proves a candidate, 14-30 days prove idleness",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """The idle rule; the sentence says which clause fired. All variants of an endpoint must be silent."""
        e = usage.endpoints
        silent, observed = least_of_endpoint(e, e.silent_hours), least_of_endpoint(e, e.observed_hours)
        called = silent < observed
        return decide(
            e,
            refuse(e.veto == 1, "Its owner's tag says keep."),
            refuse(e.status == "Failed", "Failed at creation: it has no instance, deleting it saves nothing."),
            refuse(e.status != "InService", "Is not in service."),
            refuse(e.mode == "serverless", "Serverless: without calls it costs nothing."),
            unsure(observed < DAY, "Its traffic was not observed for 24 hours: it may or may not be idle."),
            refuse(e.age_hours < DAY, "Is younger than 24 hours."),
            refuse(silent < DAY, "Was called in the last 24 hours."),
            refuse(
                called & (silent < np.max(self.quiet_days) * DAY),
                "Silent for a day, but called within the quiet period: it may follow a weekly pattern.",
            ),
            otherwise="In service without a single call for as long as required.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours of idle endpoints become zero."""
        e = usage.endpoints
        idle = self.verdicts(usage).applies
        return rewritten(usage, "endpoints", **e.scaled((*HOUR_METERS, *SERVERLESS_METERS), 0.0, idle))


def least_of_endpoint(e: Endpoints, value: np.ndarray) -> np.ndarray:
    """Each variant's value replaced by the least of its endpoint's variants."""
    _, code = np.unique(e.endpoint_name.astype(str), return_inverse=True)
    least = np.full(code.max() + 1 if len(code) else 0, np.inf)
    np.minimum.at(least, code, value)
    return least[code]
