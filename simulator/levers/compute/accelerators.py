"""What the levers on HyperPod clusters and EC2 accelerators share. They act on what runs on demand."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.lever import Rule, refuse, unsure
from simulator.usage.tables import Compute

HOUR_METERS = ("cluster_hours", "ec2_hours")
RESIZED_METERS = ("resized_cluster_hours", "resized_ec2_hours")
"""Hours that right-sizing moved to a smaller type: they can still be idle or out of hours."""
NOT_ONE = "Is neither a HyperPod cluster nor an accelerator on EC2."


def running_hours(t: Compute) -> NDArray[np.float64]:
    """Instance-hours of clusters and accelerators on demand in the plan so far."""
    return t.cluster_hours + t.ec2_hours


def all_hours(t: Compute) -> Any:
    """Instance-hours on demand, those on a smaller type with them."""
    return running_hours(t) + t.resized_cluster_hours + t.resized_ec2_hours


def without_accelerators(t: Compute, *, resized: bool = False) -> tuple[Rule, ...]:
    """Refuse what has no such hours; unknown hours cannot be judged. `resized`: hours on a smaller type count, too."""
    hours = all_hours(t) if resized else running_hours(t)
    return (
        refuse(~t.is_accelerator, NOT_ONE),
        refuse(t.spot == 1, "Already runs on spot."),
        unsure(np.isnan(hours), "Its running hours are unknown."),
        refuse(hours == 0, "Has no hours on demand left in this scenario."),
    )


def without_hours(t: Compute, hours: Any, rows: NDArray[np.bool_]) -> dict[str, Any]:
    """The meters of the chosen rows after `hours` of them end; volumes run on."""
    running = all_hours(t)
    left = 1 - np.clip(hours / np.where(running > 0, running, 1.0), 0.0, 1.0)
    return t.scaled(HOUR_METERS + RESIZED_METERS, left, rows)
