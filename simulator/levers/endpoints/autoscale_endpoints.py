"""E4 auto-scale endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.endpoints.fleet import (
    RUNNING_METERS,
    instances_now,
    not_its_own,
    without_instances,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR
from simulator.usage.endpoint_traffic import hours_above
from simulator.usage.tables import Endpoints, Usage

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

DAY, FORTNIGHT_HOURS = 24.0, 336.0
SECONDS_PER_MINUTE = SECONDS_PER_HOUR / MINUTES_PER_HOUR


@dataclass(frozen=True)
class AutoscaleEndpoints(Lever):
    """Follow the traffic: in each hour as many instances as its calls need, never fewer than the minimum.

    Instances in an hour = clip(ceil(calls / target), minimum, today's count), with target per minute =
    MAX_RPS × headroom × 60. Computed from the hourly calls, never a percentage; the hours saved are the same
    hours a schedule would save. Saves nothing when one instance runs, because one must stay. A bad idea for
    bursts shorter than the minutes a new instance takes; scaling in waits for a cooldown of 300 s.

    Source: rules.md#auto-scaling; SageMaker developer guide, endpoint-scaling-loadtest (target) and
    endpoint-auto-scaling-prerequisites (minimum 1).
    """

    id = "autoscale_endpoints"
    title = "Auto-scale endpoints"
    stage = 6
    table = "endpoints"
    effort_hours = 8.0
    phase = 2

    headroom_ratio: float = param(
        "Share of an instance's capacity to plan with", "ratio", 0.5, low=0.4, high=0.7, step=0.05,
        minimum=0.1, grade="official", source="developer guide, endpoint-scaling-loadtest: factor 0.5",
    )  # fmt: skip
    min_instances: float = param(
        "Fewest instances of an endpoint", "instances", 1, step=1, minimum=1, maximum=20, integer=True,
        grade="official", source="SageMaker developer guide: the minimum of a real-time variant is 1",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Several instances of known capacity under observed traffic, not scaling yet."""
        e = usage.endpoints
        now = instances_now(usage)
        return decide(
            e,
            *without_instances(e),
            not_its_own(e),
            refuse(e.has_components, "Hosts inference components: they scale by copies."),
            refuse(e.shadow == 1, "Is a shadow variant: it must follow its production variant."),
            refuse(e.scaling_max > e.scaling_min, "Scales already."),
            refuse(now <= 1, "Runs one instance, and one must stay: auto-scaling saves nothing."),
            refuse(now <= self.min_instances, "Runs no more instances than the minimum you set."),
            unsure(np.isnan(e.max_rps), "The capacity of one instance is unknown: load-test it."),
            unsure(e.observed_hours < DAY, "Its traffic was not observed for a day."),
            otherwise="Several instances run whatever the traffic: each hour can have what its calls need.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Scale instance hours to the mean of what the hours need; the profile takes their shape."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies
        rows = np.flatnonzero(ok)
        if not len(rows):
            return usage
        now = instances_now(usage)[..., rows]
        target = self.target_per_minute(e.max_rps[..., rows]) * MINUTES_PER_HOUR
        needed = mean_instances(e, rows, target, np.minimum(self.min_instances, now), now)
        factor = np.ones((*needed.shape[:-1], len(e)))
        factor[..., rows] = needed / np.maximum(now, 1e-9)

        def shape() -> Array:
            by_hour = instances_by_hour(e.traffic[rows], *map(at_setting, (target, self.min_instances, now)))
            return np.where(np.isnan(by_hour), at_setting(needed)[:, None], by_hour)

        profile = e.profile.with_shape(ok, shape)
        return rewritten(usage, "endpoints", profile=profile, **e.scaled(RUNNING_METERS, factor, ok))

    def target_per_minute(self, max_rps: Any) -> Any:
        """SageMakerVariantInvocationsPerInstance to aim at: MAX_RPS × headroom × 60 calls per minute."""
        return max_rps * self.headroom_ratio * SECONDS_PER_MINUTE

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of hourly traffic."""
        observed = usage.endpoints.observed_hours >= FORTNIGHT_HOURS
        return (Evidence(observed, "Its traffic was observed for less than 14 days."),)


def instances_by_hour(calls: Array, target_per_hour: Any, low: Any, high: Any) -> Array:
    """clip(ceil(calls / target), low, high) for rows of hourly calls; the other arguments are per row."""
    target, high = np.asarray(target_per_hour)[..., None], np.asarray(high)[..., None]
    return np.clip(np.ceil(calls / target - 1e-9), np.minimum(np.asarray(low)[..., None], high), high)


def mean_instances(e: Endpoints, rows: Codes, target_per_hour: Array, low: Array, high: Array) -> Array:
    """Mean over the observed hours of clip(ceil(calls / target), low, high), by row and draw.

    Counted from the ranks of the hours: one more instance in every hour whose calls exceed k × target. Without traffic
    or capacity, which only an assumption passes, the fewest: the best case.
    """
    peak = np.where(e.peak_calls_per_hour[rows] > 0, e.peak_calls_per_hour[rows], 1.0)
    shape = np.broadcast_shapes(target_per_hour.shape, low.shape, high.shape)
    share, low, high = (np.broadcast_to(x, shape) for x in (target_per_hour / peak, low, high))
    place = e.rank_row[rows]
    high = np.where((e.observed_hours[rows] > 0) & ~np.isnan(share), high, low)
    extra = np.zeros(shape)
    for k in range(int(low.min()), int(np.ceil(high.max()))):
        more = high > k
        part = np.flatnonzero(more if more.ndim == 1 else more.any(axis=0))
        step = np.clip(np.minimum(high[..., part] - k, k + 1 - low[..., part]), 0.0, 1.0)
        extra[..., part] += step * hours_above(e.ranks, place[part], share[..., part] * k)
    return low + extra / np.maximum(e.observed_hours[rows], 1.0)
