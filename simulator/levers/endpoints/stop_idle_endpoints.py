"""E1 stop idle endpoints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.endpoints.fleet import HOUR_METERS
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Endpoints, Usage

DAY = 24.0
FORTNIGHT = 14 * DAY
METERS = (*HOUR_METERS, "provisioned_gb_seconds")


@dataclass(frozen=True)
class StopIdleEndpoints(Lever):
    """Delete endpoints nobody calls: their instance hours end. The configuration and the model stay.

    Idle = in service, created and changed at least a day ago, and not one call to any of its variants in the
    last 24 complete hours. An endpoint that was called at all must have been silent for the quiet period: it
    may follow a weekly pattern. Traffic that was not observed is unknown, never idle. A bad idea where a cold
    restart of minutes would hurt; a tag of the owner that says keep is obeyed.

    Source: rules.md#stop-idle-endpoints and rules.md#idle; SageMaker developer guide, delete endpoints and
    resources.
    """

    id = "stop_idle_endpoints"
    title = "Stop idle endpoints"
    stage = 1
    table = "endpoints"
    across = True
    effort_hours = 2.0
    phase = 1

    quiet_days: float = param(
        "Silence needed when it was called before", "days", 14, step=1, minimum=1, maximum=60, integer=True,
        grade="assumed", source="rules.md#idle: 24 h proves a candidate, 14-30 days prove idleness",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """The idle rule; the sentence says which clause fired. All variants of an endpoint must be silent."""
        e = usage.endpoints
        silent, observed = least_of_endpoint(e, e.silent_hours), least_of_endpoint(e, e.observed_hours)
        called = least_of_endpoint(e, -np.nan_to_num(e.calls_per_month)) < 0
        return decide(
            e,
            refuse(e.veto == 1, "Its owner's tag says keep."),
            refuse(e.status == "Failed", "Failed at creation: without instances deleting saves nothing."),
            refuse(~e.in_service, "Is not in service."),
            refuse(
                e.is_serverless & (e.provisioned_gb_seconds == 0),
                "Serverless: without calls it costs nothing.",
            ),
            unsure(observed < DAY, "Its traffic was not observed for 24 hours: it may or may not be idle."),
            refuse(e.age_hours < DAY, "Was created or changed in the last 24 hours."),
            refuse(silent < DAY, "Was called in the last 24 hours."),
            refuse(
                called & (silent < self.quiet_days * DAY),
                "Silent for a day, but called within the quiet period: it may follow a weekly pattern.",
            ),
            otherwise="In service without a single call for as long as required.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours of idle endpoints become zero."""
        e = usage.endpoints
        idle = self.verdicts(usage).applies
        return rewritten(usage, "endpoints", **e.scaled(METERS, 0.0, idle))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Two weeks of silence prove what a day suggests."""
        e = usage.endpoints
        silent = least_of_endpoint(e, e.silent_hours) >= FORTNIGHT
        return (Evidence(silent, "Its silence was observed for less than 14 days."),)


def least_of_endpoint(e: Endpoints, value: np.ndarray) -> np.ndarray:
    """Each variant's value replaced by the least of its endpoint's variants."""
    least = np.full(e.endpoint.max(initial=-1) + 1, np.inf)
    np.minimum.at(least, e.endpoint, value)
    return least[e.endpoint]
