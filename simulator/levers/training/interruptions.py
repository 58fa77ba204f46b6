"""What interruptions cost a training job, as ratios of useful compute (rules.md#spot-overhead). All times in hours.

M is the mean time between interruptions of the whole cluster, C the time to write a checkpoint, R to restart,
L the job's useful length. Sources: Young 1974; Daly 2006; Herault and Robert, hal.inria.fr/hal-02514107.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ADVISOR_ERROR: dict[str, Any] = {
    "label": "Spot discount above the advisor's mean", "unit": "ratio", "default": 0.0, "low": -0.12, "high": 0.12,
    "step": 0.01, "minimum": -0.5, "maximum": 0.5, "grade": "secondary",
    "source": "39 spot prices of 2026-09-24 against the advisor of that day: 8 in 10 within 12 points",
}  # fmt: skip
INTERRUPTION_HOURS: dict[str, Any] = {
    "label": "Mean time between interruptions", "unit": "hours", "default": 20.0, "low": 5.0, "high": 100.0,
    "step": 1.0, "minimum": 0.5, "maximum": 500.0, "grade": "assumed",
    "source": "AWS publishes monthly bands, no MTBF; rules.md#spot-overhead",
}  # fmt: skip
CHECKPOINT_MINUTES: dict[str, Any] = {
    "label": "Time to write a checkpoint", "unit": "minutes", "default": 2.0, "low": 0.5, "high": 10.0, "step": 0.5,
    "maximum": 120.0, "grade": "assumed", "source": "rules.md#spot-overhead",
}  # fmt: skip
RESTART_MINUTES: dict[str, Any] = {
    "label": "Time to restart after an interruption", "unit": "minutes", "default": 5.0, "low": 2.0, "high": 15.0,
    "step": 1.0, "maximum": 240.0, "grade": "assumed",
    "source": "rules.md#spot-overhead: download and initialisation",
}  # fmt: skip
QUICK_CHECKPOINT = 0.1
FIRST_ORDER_WASTE, RATIO_WASTE = 0.11, 0.16
LEAST_GOODPUT_RATIO = 1e-3
LARGEST_EXPONENT = 500.0


def best_checkpoint_interval(mean_time_hours: Any, checkpoint_hours: Any) -> Any:
    """T* = √(2CM), the hours of work between checkpoints that waste least (Young); for C well below M."""
    return np.sqrt(2 * checkpoint_hours * mean_time_hours)


def checkpoint_waste_ratio(interval_hours: Any, mean_time_hours: Any, checkpoint_hours: Any) -> Any:
    """C/T for writing checkpoints plus T/(2M) for the half interval lost at each interruption."""
    return checkpoint_hours / interval_hours + interval_hours / (2 * mean_time_hours)


def overhead_ratio(
    mean_time_hours: Any, checkpoint_hours: Any, restart_hours: Any, length_hours: Any, checkpoints: Any
) -> Any:
    """Compute lost over useful compute, w: the one answer of lever, command and page."""
    without = restarted_overhead_ratio(mean_time_hours, length_hours, restart_hours)
    resumed = checkpointed_overhead_ratio(mean_time_hours, checkpoint_hours, restart_hours)
    return lesser_overhead_ratio(resumed, without, checkpoints)


def lesser_overhead_ratio(resumed: Any, without: Any, checkpoints: Any) -> Any:
    """With checkpoints where they pay: a job so short that starting anew is cheaper needs none."""
    return np.where(checkpoints, np.minimum(resumed, without), without)


def checkpointed_overhead_ratio(mean_time_hours: Any, checkpoint_hours: Any, restart_hours: Any) -> Any:
    """w at Young's interval. Its terms may be added up while they are small, √(2C/M) + R/M, up to 11 %; from
    16 % on w is the exact 1/goodput − 1 of them together; in between it goes over from the one to the other.
    Where writing a checkpoint takes over a tenth of M, the exact expectation (`exact_overhead_ratio`).

    Published for C 60 s, M 2 h, R 300 s at a discount of 10 %: spot costs 1.077 of on demand.
    """
    first_order = np.sqrt(2 * checkpoint_hours / mean_time_hours) + restart_hours / mean_time_hours
    interval = best_checkpoint_interval(mean_time_hours, np.maximum(checkpoint_hours, 1e-9))
    useful = goodput_ratio(interval, mean_time_hours, checkpoint_hours, restart_hours)
    together = 1 / np.maximum(useful, LEAST_GOODPUT_RATIO) - 1
    share = np.clip((first_order - FIRST_ORDER_WASTE) / (RATIO_WASTE - FIRST_ORDER_WASTE), 0.0, 1.0)
    return np.where(
        checkpoint_hours / mean_time_hours > QUICK_CHECKPOINT,
        exact_overhead_ratio(mean_time_hours, checkpoint_hours, restart_hours),
        first_order + share * (together - first_order),
    )


def exact_overhead_ratio(mean_time_hours: Any, checkpoint_hours: Any, restart_hours: Any) -> Any:
    """w when work T and its checkpoint must fit between interruptions: (M + R)(e^((T+C)/M) − 1)/T − 1.

    T is Daly's interval: √(2CM)·(1 + √(C/2M)/3 + (C/2M)/9) − C for C < 2M, else M.
    """
    ratio = np.maximum(checkpoint_hours, 1e-9) / (2 * mean_time_hours)
    daly = 2 * mean_time_hours * (np.sqrt(ratio) * (1 + np.sqrt(ratio) / 3 + ratio / 9) - ratio)
    interval = np.where(ratio < 1, daly, mean_time_hours)
    return restarted_overhead_ratio(mean_time_hours, interval + checkpoint_hours, restart_hours, interval)


def restarted_overhead_ratio(
    mean_time_hours: Any, length_hours: Any, restart_hours: Any, useful_hours: Any = None
) -> Any:
    """w when an interruption loses the whole length: (M + R)(e^(L/M) − 1)/useful − 1; all of L is useful."""
    useful = length_hours if useful_hours is None else useful_hours
    exponent = np.minimum(length_hours / mean_time_hours, LARGEST_EXPONENT)
    return (mean_time_hours + restart_hours) * np.expm1(exponent) / useful - 1


def goodput_ratio(
    interval_hours: Any, mean_time_hours: Any, checkpoint_hours: Any, restart_hours: Any
) -> Any:
    """Useful share of paid time, (1 − C/T)(1 − (T/2 + R)/M), 0 where nothing is left. Spot wins above 1 − d."""
    writing = np.maximum(1 - checkpoint_hours / interval_hours, 0.0)
    lost = (interval_hours / 2 + restart_hours) / mean_time_hours
    return writing * np.maximum(1 - lost, 0.0)


def cost_ratio(discount: Any, overhead: Any) -> Any:
    """(1 − d)(1 + w): what spot costs over on demand for the same work; above 1 on demand is cheaper."""
    return (1 - discount) * (1 + overhead)


def break_even_discount_ratio(overhead: Any) -> Any:
    """1 − 1/(1 + w): the discount below which on demand is cheaper."""
    return 1 - 1 / (1 + overhead)


def saving_at_goodput_ratio(discount: Any, goodput: Any) -> Any:
    """1 − (1 − d)/goodput: what spot saves per useful hour, below the discount by what interruptions waste."""
    return 1 - (1 - discount) / goodput


def break_even_goodput_ratio(discount: Any) -> Any:
    """1 − d: the goodput below which an hour of useful work costs more on spot than on demand."""
    return 1 - discount


def break_even_length_hours(discount: Any, mean_time_hours: Any, restart_hours: Any = 0.0) -> Any:
    """Length above which a job without checkpoints costs more on spot: (1 − d)(1 + w(L)) = 1."""
    low, high = np.zeros_like(mean_time_hours, float), mean_time_hours * LARGEST_EXPONENT
    for _ in range(80):
        middle = (low + high) / 2
        cheaper = (1 - discount) * (1 + restarted_overhead_ratio(mean_time_hours, middle, restart_hours)) < 1
        low, high = np.where(cheaper, middle, low), np.where(cheaper, high, middle)
    return low
