"""Flexible training plans for endpoints: instances reserved for inference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.endpoints.fleet import instances_now, not_its_own, running_hours, without_instances
from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.profile import Profile
from simulator.usage.tables import Array, Usage

WHOLE = 1e-9


@dataclass(frozen=True)
class InferenceReservation(Lever):
    """Reserve the instances of an endpoint that run day and night by a training plan whose target is the endpoint.

    The plan names a type, a count and days, is paid up front, used or not, and cannot be cancelled; an endpoint takes
    one plan, of its own instance type. What runs beyond stays on demand. When the plan ends, an endpoint that may use
    reserved capacity only stops answering. The price comes with an offering and is not in our data: the lever asks for
    it (`inference_plan` in own prices, from SearchTrainingPlanOfferings) before it saves. SageMaker Savings Plans do
    not cover reserved hours. A bad idea for traffic that may move to another type or to Bedrock within the term.

    Source: rules.md#training-plans; SageMaker developer guide, training-plan-utilization-for-inference-endpoints.
    """

    id = "inference_reservation"
    title = "Reserve inference capacity"
    stage = 7
    table = "endpoints"
    effort_hours = 4.0
    reversible = False
    phase = 2

    reserved_ratio: float = param(
        "Share of the month for which the instances are reserved", "ratio", 1.0, low=0.8, high=1.0, step=0.05,
        minimum=0.05, grade="assumed", source="Chosen with the plan: blocks of days; below 1 the rest is on demand",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Endpoints with accelerators that run day and night, of types with training plans in their region."""
        e, catalog = usage.endpoints, usage.catalog
        return decide(
            e,
            *without_instances(e),
            not_its_own(e),
            refuse(
                ~catalog.training_plan_ok[e.resized_type, e.region],
                "AWS lists no training plan for its type in its region.",
            ),
            refuse(self._nodes(usage) == 0, "None of its instances runs day and night."),
            otherwise="Its instances can be reserved by a training plan, paid for whether they answer or not.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Reserve the instances that always run; hours beyond stay on demand."""
        e, ok = usage.endpoints, self.verdicts(usage).applies
        if not ok.any():
            return usage
        reserved = np.where(ok, self._nodes(usage) * usage.period_hours * self.reserved_ratio, 0.0)
        running = running_hours(e)
        left = 1 - np.minimum(reserved / np.where(running > 0, running, 1.0), 1.0)
        hours = e.scaled(("instance_hours", "resized_hours"), left, ok)
        return rewritten(usage, "endpoints", **hours, reserved_hours=e.reserved_hours + reserved)

    def _nodes(self, usage: Usage) -> Array:
        """Whole instances that run in every hour; one number for all draws, that of the setting."""
        always = at_setting(instances_now(usage)) * _lowest(usage.endpoints.profile)
        return np.floor(np.nan_to_num(always) + WHOLE)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Instances known from the account."""
        return (Evidence(~np.isnan(usage.endpoints.instance_count), "Its number of instances is unknown."),)


def _lowest(profile: Profile) -> Array:
    """Per row its lowest hour over its mean hour: 1 where it runs evenly through the window."""
    lowest = np.where((profile.start == 0) & (profile.end == profile.hours), 1.0, 0.0)
    if len(profile.shaped):
        lowest[profile.shaped] = profile.shape.min(axis=1)
    return lowest
