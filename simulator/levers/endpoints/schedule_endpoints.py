"""E2 schedule endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.endpoints.fleet import HOUR_METERS, START_MINUTES, not_its_own, running_hours
from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import HOURS_PER_WEEK, MINUTES_PER_HOUR
from simulator.usage.endpoint_traffic import (
    DAY_HOURS,
    FIRST_START,
    WORKDAYS,
    cumulated_workdays,
    fold_week,
    inside_window,
)
from simulator.usage.tables import Endpoints, Usage

Array = NDArray[np.float64]

FOUR_WEEKS_HOURS, LONGEST_DAY_HOURS = 672.0, 16


@dataclass(frozen=True)
class ScheduleEndpoints(Lever):
    """Run endpoints in a daily window on five working days; outside it their instances are gone.

    A plain real-time variant cannot go to zero (its minimum is 1): a job deletes the endpoint in the evening
    and re-creates it in the morning; inference components and asynchronous endpoints go to zero. Hours become
    hours × (hours on + starts) / 168. The window is laid where each endpoint's own calls are, whatever the
    time zone, and only endpoints whose calls outside it are within the tolerance are touched. Of an endpoint
    that auto-scales, only the hours that are left outside the window are saved. A bad idea where a call at
    night must not fail, and for scarce GPU types, which may not be had in the morning.

    Source: rules.md#schedule-endpoints; SageMaker developer guide, endpoint-auto-scaling-prerequisites (minimum 1).
    """

    id = "schedule_endpoints"
    title = "Schedule endpoints"
    stage = 6
    table = "endpoints"
    effort_hours = 8.0
    phase = 2

    on_hours_per_week: float = param(
        "Hours on per week, on five days", "hours/week", 50.0, low=40.0, high=84.0, step=1.0, minimum=10.0,
        maximum=120.0, grade="assumed", source="rules.md#schedule-endpoints: 40-50-84 h per week",
    )  # fmt: skip
    lost_calls_ratio: float = param(
        "Largest share of calls outside the window", "ratio", 0.01, step=0.01, maximum=0.5, grade="assumed",
        source="a schedule is for endpoints nobody calls at night; our judgement",
    )  # fmt: skip
    start_minutes: float = param("Minutes to start in the morning, billed", **START_MINUTES)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Endpoints observed for a week whose calls fall into a daily window of the chosen length."""
        e = usage.endpoints
        hours = running_hours(e) + e.async_hours
        return decide(
            e,
            refuse(e.veto == 1, "Its owner's tag says keep."),
            refuse(e.is_serverless, "Is serverless: nights without calls cost nothing."),
            refuse(hours == 0, "Has no instance hours left in this scenario."),
            unsure(np.isnan(hours), "Its instance count is unknown."),
            not_its_own(e),
            unsure(e.observed_hours < HOURS_PER_WEEK, "Its traffic was not observed for a whole week."),
            refuse(e.calls_per_month == 0, "Was not called at all: stop it rather than schedule it."),
            refuse(~self._fits(e), "More calls than tolerated fall outside any window of this length."),
            otherwise="Its calls fall into a daily window: outside it, nobody would miss it.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Keep the hours inside the window, and the starts; the profile is zero outside."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies
        if not ok.any():
            return usage
        length = self._daily_hours()
        starts = WORKDAYS * self.start_minutes / MINUTES_PER_HOUR / HOURS_PER_WEEK
        kept = np.minimum(by_length(share_inside(e, ok), length) + starts, 1.0)
        factor = np.where(self._fits(e), kept, 1.0)
        set_length = float(np.squeeze(at_setting(length)))
        begin = by_length(e.window_start.astype(float), np.floor(set_length)).astype(np.int64)
        whole = int(np.ceil(set_length))

        def shape() -> Array:
            return inside_window(e.first_hour_of_week, e.profile.hours, begin[ok], whole) * e.profile.hourly(
                ok
            )

        profile = e.profile.with_shape(ok, shape)
        return rewritten(usage, "endpoints", profile=profile, **e.scaled(HOUR_METERS, factor, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Four weeks of hourly traffic."""
        observed = usage.endpoints.observed_hours >= FOUR_WEEKS_HOURS
        return (Evidence(observed, "Its traffic was observed for less than four weeks."),)

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """The daily window that three quarters of the endpoints with nights need for 99 % of their calls."""
        e = usage.endpoints
        enough = e.window_share >= 1 - cls.params()["lost_calls_ratio"].default
        needed = np.where(enough.any(axis=1), enough.argmax(axis=1), DAY_HOURS)
        needed = needed[(needed <= LONGEST_DAY_HOURS) & (e.observed_hours >= FOUR_WEEKS_HOURS)]
        if not len(needed):
            return {}
        hours = float(np.quantile(needed, 0.75, method="higher")) * WORKDAYS
        told = f"Window that 3 of 4 of the {len(needed)} endpoints with quiet nights need for their calls."
        return {"on_hours_per_week": (max(hours, 10.0), told)}

    def _daily_hours(self) -> Any:
        return np.asarray(self.on_hours_per_week) / WORKDAYS

    def _fits(self, e: Endpoints) -> Any:
        inside = by_length(e.window_share, self._daily_hours())
        return ~np.isnan(inside) & (inside >= 1 - self.lost_calls_ratio - 1e-9)


def by_length(table: Array, hours: Any) -> Array:
    """Values of a (rows, 25) table at a window of `hours`, a number or (draws, 1); linear in between."""
    low = np.clip(np.floor(hours), 0, DAY_HOURS - 1).astype(np.int64)
    rows, part = np.arange(len(table)), hours - low
    return table[rows, low] * (1 - part) + table[rows, low + 1] * part


def share_inside(e: Endpoints, rows: NDArray[np.bool_]) -> Array:
    """Share of each row's hours that lie inside its window of 0 to 24 hours: (rows, 25).

    A row that runs all the time has 5 × length / 168; one that auto-scales has what its profile says.
    """
    share = np.tile(WORKDAYS * np.arange(DAY_HOURS + 1.0) / HOURS_PER_WEEK, (len(e), 1))
    shaped = e.profile.shaped[rows[e.profile.shaped]]
    if len(shaped):
        shapes = e.profile.shape[rows[e.profile.shaped]].astype(float)
        week = fold_week(shapes, e.first_hour_of_week, mean=True)
        cumulated = cumulated_workdays(week)
        begin = e.window_start[shaped] - FIRST_START
        inside = np.take_along_axis(cumulated, begin + np.arange(DAY_HOURS + 1), axis=1)
        inside -= np.take_along_axis(cumulated, begin, axis=1)
        total = week.sum(axis=1, keepdims=True)
        share[shaped] = inside / np.where(total > 0, total, 1.0)
    return share
