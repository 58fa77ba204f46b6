"""E13 endpoint hygiene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.endpoints.fleet import HOUR_METERS
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Usage

DAY = 24.0


@dataclass(frozen=True)
class EndpointHygiene(Lever):
    """Remove what no caller sees: shadow variants, and variants left over beside one that takes all calls.

    A shadow variant runs instances like its production variant, and answers nobody. A leftover is a variant
    of a called endpoint that was itself silent for the quiet period: a canary, or the old fleet of a
    blue/green update. Failed endpoints never had instances: tidying them saves nothing. A bad idea while a
    shadow test still runs.

    Source: rules.md#endpoint-hygiene; SageMaker developer guide, deployment-guardrails-blue-green and shadow tests.
    """

    id = "endpoint_hygiene"
    title = "Endpoint hygiene"
    stage = 1
    table = "endpoints"
    across = True
    effort_hours = 2.0
    phase = 1

    quiet_days: float = param(
        "Silence of a leftover variant", "days", 14, step=1, minimum=1, maximum=60, integer=True,
        grade="assumed", source="rules.md#idle: 14-30 days prove that nobody calls",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Shadow variants, and silent variants of endpoints that are called."""
        e = usage.endpoints
        busiest = np.zeros(e.endpoint.max(initial=-1) + 1)
        np.maximum.at(busiest, e.endpoint, np.nan_to_num(e.calls_per_month))
        leftover = (e.silent_hours >= self.quiet_days * DAY) & (busiest[e.endpoint] > 0)
        hours = e.instance_hours + e.resized_hours + e.async_hours
        return decide(
            e,
            refuse(e.veto == 1, "Its owner's tag says keep."),
            refuse(
                (e.status == "Failed") & ~(hours > 0),
                "Failed at creation: it has no instances, so deleting it saves nothing.",
            ),
            refuse(hours == 0, "Has no instance hours left in this scenario."),
            refuse(
                (e.shadow != 1) & (e.variants == 1),
                "Is the only variant of its endpoint: nothing runs beside it.",
            ),
            refuse(
                (e.shadow != 1) & ~leftover, "Serves calls, or its silence is not long enough to be sure."
            ),
            otherwise="Runs beside the variant that answers the callers: shadow, canary or old fleet.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours of shadow and leftover variants become zero."""
        e = usage.endpoints
        return rewritten(usage, "endpoints", **e.scaled(HOUR_METERS, 0.0, self.verdicts(usage).applies))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The shadow flag is a fact; a leftover is inferred from silence."""
        return (Evidence(usage.endpoints.shadow == 1, "It is inferred from silence, not declared."),)
