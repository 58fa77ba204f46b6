"""Governance: automatic shutdown of endpoints after 24 hours without a call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.levers.endpoints.fleet import RUNNING_METERS, not_its_own, without_instances
from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.silence import SHUTDOWN_AFTER_HOURS
from simulator.usage.tables import Usage

FORTNIGHT_HOURS = 336.0


@dataclass(frozen=True)
class ShutdownAfter24h(Lever):
    """A rule shuts endpoints down after 24 hours without a call, until somebody needs them again.

    Of each silence only the first 24 hours are paid: the exposure of a forgotten endpoint is 24 h × instances
    × price. The hours after them become zero as far as the plan has not taken them already: what is stopped
    or scheduled has no such hours left, and none is saved twice. Computed from the silences of the window,
    never a percentage. A bad idea for endpoints that are called once in days and must answer at once: the
    first call after a silence fails until the endpoint is created again, in 5 to 15 minutes.

    Source: rules.md#idle and rules.md#what-is-generated; CloudWatch Invocations of AWS/SageMaker.
    """

    id = "shutdown_after_24h"
    title = "Automatic shutdown after 24 silent hours"
    stage = 6
    table = "endpoints"
    effort_hours = 12.0
    phase = 4

    obeyed_ratio: float = param(
        "Share of forgotten endpoints the rule reaches", "ratio", 0.9, low=0.7, high=1.0, step=0.05,
        grade="assumed", source="Our judgement: some are exempt by tag or restarted at once",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Endpoints in service that were silent for more than 24 hours at a time."""
        e = usage.endpoints
        return decide(
            e,
            refuse(e.veto == 1, "Its owner's tag says keep."),
            *without_instances(e),
            not_its_own(e),
            refuse(~e.in_service, "Is not in service."),
            unsure(
                e.observed_hours <= SHUTDOWN_AFTER_HOURS, "Its traffic was observed for 24 hours at most."
            ),
            refuse(e.long_silence_hours == 0, "Was never silent for more than 24 hours at a time."),
            otherwise="Was silent for more than 24 hours at a time: the rule ends what follows them.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours after 24 hours of silence become zero; the profile is zero in them."""
        e, ok = usage.endpoints, self.verdicts(usage).applies
        if not ok.any():
            return usage
        hourly = e.profile.hourly(ok)
        silent = np.zeros(len(e))
        silent[ok] = (hourly * e.long_silence[ok]).mean(axis=1) / np.maximum(hourly.mean(axis=1), 1e-12)

        def shape() -> NDArray[np.float64]:
            return np.where(e.long_silence[ok], 1 - at_setting(self.obeyed_ratio), 1.0) * hourly

        scaled = e.scaled(RUNNING_METERS, 1 - silent * self.obeyed_ratio, ok)
        return rewritten(usage, "endpoints", profile=e.profile.with_shape(ok, shape), **scaled)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of hourly traffic."""
        observed = usage.endpoints.observed_hours >= FORTNIGHT_HOURS
        return (Evidence(observed, "Its traffic was observed for less than 14 days."),)
