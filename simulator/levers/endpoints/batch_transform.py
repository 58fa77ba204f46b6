"""E10 batch transform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.endpoints.fleet import (
    instances_now,
    moved,
    other_modes,
    running_hours,
    stopped,
    without_instances,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import HOURS_PER_MONTH, MINUTES_PER_HOUR, SECONDS_PER_HOUR
from simulator.usage.tables import Usage

FORTNIGHT_HOURS = 336.0


@dataclass(frozen=True)
class BatchTransform(Lever):
    """Answer offline calls in a job: instances exist while it runs, and for its start.

    Instance hours = calls × latency / (3600 × records at once) + runs × start, at the batch transform price
    of the same type. An instance works on as many records at once as it was seen to in the busiest hour, and
    the calls never take more instance hours than answer them today. Types that batch transform does not offer
    (p4d and others) are refused. A bad idea where an answer from last night is too old.

    Source: rules.md#batch-transform; SageMaker developer guide, batch-transform; botocore TransformInstanceType.
    """

    id = "batch_transform"
    title = "Batch transform"
    stage = 3
    table = "endpoints"
    mode = True
    effort_hours = 16.0
    phase = 3

    runs_per_month: float = param(
        "Runs per month", "runs/month", 30.0, low=4.0, high=120.0, step=1.0, minimum=1.0, maximum=3000.0,
        grade="assumed", source="a daily run; our judgement",
    )  # fmt: skip
    records_at_once: float = param(
        "Records an instance works on at once", "records", 1.0, low=1.0, high=8.0, step=1.0, minimum=1.0,
        maximum=100.0, grade="assumed", source="MaxConcurrentTransforms; 1 is the careful end",
    )  # fmt: skip
    start_minutes: float = param(
        "Minutes to start a run, billed", "minutes", 5.0, low=3.0, high=10.0, step=1.0, maximum=60.0,
        grade="assumed", source="container and model download; our judgement",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Endpoints that only batch jobs call, of known traffic and latency, on a type that transforms."""
        e = usage.endpoints
        return decide(
            e,
            *other_modes(e, self.id),
            *without_instances(e),
            refuse(e.shadow == 1, "Is a shadow variant: it must follow its production variant."),
            refuse(e.offline == 0, "Is called online: a nightly run cannot answer."),
            unsure(np.isnan(e.offline), "Whether only batch jobs call it is unknown: ask its callers."),
            refuse(
                ~usage.catalog.transform_ok[e.instance_type],
                "Batch transform does not offer its instance type.",
            ),
            unsure(np.isnan(e.calls_per_month), "Its traffic is unknown."),
            unsure(np.isnan(e.latency_seconds), "Its latency is unknown: so is the length of a run."),
            otherwise="Only batch jobs call it: a run needs instances for its own length.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Real-time hours → the hours of the runs."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies & (running_hours(e) > 0)
        runs = self.runs_per_month * usage.period_hours / HOURS_PER_MONTH
        work = np.minimum(self.work_hours(usage), running_hours(e))
        new = stopped(e) | {"transform_hours": work + runs * self.start_minutes / MINUTES_PER_HOUR}
        return rewritten(usage, "endpoints", **moved(e, ok, **new))

    def work_hours(self, usage: Usage) -> Any:
        """Instance-hours in which `calls` records are answered, without the starts of the runs."""
        e = usage.endpoints
        at_once = np.fmax(self.records_at_once, observed_concurrency(usage))
        return e.calls_per_month * e.latency_seconds / (SECONDS_PER_HOUR * at_once)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of traffic."""
        observed = usage.endpoints.observed_hours >= FORTNIGHT_HOURS
        return (Evidence(np.asarray(observed), "Its traffic was observed for less than 14 days."),)


def observed_concurrency(usage: Usage) -> Any:
    """Records that one instance worked on at once in the busiest hour (Little's law); NaN unknown.

    The busiest hour is given the most instances there may have been, which is careful.
    """
    e = usage.endpoints
    most = np.fmax(instances_now(usage), e.scaling_max)
    return e.peak_calls_per_hour * e.latency_seconds / SECONDS_PER_HOUR / np.where(most > 0, most, np.nan)
