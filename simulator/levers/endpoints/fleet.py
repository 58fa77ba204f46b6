"""What endpoints run on at this point of a plan, and the rules that levers on instances share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers import mode_levers
from simulator.levers.lever import Rule, refuse, unsure
from simulator.units import MINUTES_PER_HOUR
from simulator.usage.profile import Profile
from simulator.usage.tables import NO_MODE, Endpoints, Usage

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

RUNNING_METERS = ("instance_hours", "resized_hours", "volume_gb_month")
START_MINUTES: dict[str, Any] = {
    "unit": "minutes", "default": 10.0, "low": 5.0, "high": 15.0, "step": 1.0, "maximum": 60.0, "grade": "assumed",
    "source": "rules.md#schedule-endpoints: 5-15 minutes",
}  # fmt: skip
"""How long an endpoint takes to answer again once it has no instances; its lever says when that is."""
HOUR_METERS = ("instance_hours", "resized_hours", "async_hours", "transform_hours", "volume_gb_month")


def running_hours(e: Endpoints) -> Array:
    """Instance-hours of real-time instances per month, whatever their type."""
    return e.instance_hours + e.resized_hours


def instances_now(usage: Usage) -> Array:
    """Mean number of real-time instances in the plan so far."""
    return running_hours(usage.endpoints) / usage.period_hours


def awake_ratio(usage: Usage, minutes_per_wakeup: Any) -> Any:
    """Share of the time in which an endpoint that sleeps between calls is up: busy hours and wakings; NaN unknown."""
    e = usage.endpoints
    waking = e.wakeups_per_month * minutes_per_wakeup / MINUTES_PER_HOUR / usage.period_hours
    return np.minimum(e.busy_ratio + np.nan_to_num(waking), 1.0)


def busy_profile(e: Endpoints, rows: Mask) -> Profile:
    """Profile in which the chosen rows are up in hours with calls; hours never observed count on average."""

    def shape() -> Array:
        calls = e.traffic[rows]
        return np.where(np.isnan(calls), e.busy_ratio[rows, None], calls > 0)

    return e.profile.with_shape(rows, shape)


def on_gpu(usage: Usage) -> Mask:
    """Endpoints whose instance type in the plan has GPUs."""
    return usage.catalog.has_gpu[usage.endpoints.resized_type]


def stopped(e: Endpoints) -> dict[str, Any]:
    """Meters that no longer run when an endpoint's own instances are gone; nothing else."""
    return dict.fromkeys(RUNNING_METERS, np.zeros(len(e)))


def moved(e: Endpoints, rows: Mask, **new: Any) -> dict[str, Any]:
    """Columns in which the chosen rows take the new values.

    Rows may differ by draw in quantities; a code or a flag is one for all draws, that of any that moves.
    """
    chosen = {True: rows, False: rows if rows.ndim == 1 else rows.any(axis=0)}
    now = {name: getattr(e, name) for name in new}
    return {
        name: np.where(chosen[now[name].dtype.kind == "f"], value, now[name]) for name, value in new.items()
    }


def other_modes(e: Endpoints, lever_id: str) -> tuple[Rule, ...]:
    """Of the serving modes of a plan one acts per endpoint: refuse those another one serves."""
    modes = mode_levers()
    chosen = {code: modes[code] for code in sorted(set(e.mode_choice.tolist())) if code >= 0}
    return (
        refuse(e.mode_choice == NO_MODE, "No serving mode of this scenario suits it: it stays as it is."),
        *(
            refuse(
                e.mode_choice == code, f"Another serving mode of this scenario is cheaper for it: {other}."
            )
            for code, other in chosen.items()
            if other != lever_id
        ),
    )


def without_instances(e: Endpoints) -> tuple[Rule, ...]:
    """Refuse what has no real-time instances; unknown hours or types cannot be judged."""
    hours = running_hours(e)
    return (
        refuse(e.is_serverless, "Is serverless: it has no instances."),
        refuse(hours == 0, "Has no real-time instance hours left in this scenario."),
        unsure(np.isnan(hours), "Its instance count is unknown."),
        unsure(e.resized_type < 0, "Its instance type is unknown."),
    )


def not_its_own(e: Endpoints) -> Rule:
    """Refuse endpoints that a lever before this one put on shared instances."""
    return refuse(e.pooled, "Shares its instances with others in this scenario: they run for all of them.")
