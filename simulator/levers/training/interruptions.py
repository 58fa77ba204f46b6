"""What interruptions cost a training job, as ratios of useful compute (DOMAIN 3.2). All times in hours.

M is the mean time between interruptions of the whole cluster, C the time to write a checkpoint, R to restart,
L the job's useful length. Sources: Young 1974; Daly 2006; Herault and Robert, hal.inria.fr/hal-02514107.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FIRST_ORDER_LIMIT = 0.1
LARGEST_EXPONENT = 500.0


def best_checkpoint_interval(mean_time_hours: Any, checkpoint_hours: Any) -> Any:
    """T* = √(2CM), the hours of work between checkpoints that waste least (Young); for C well below M."""
    return np.sqrt(2 * checkpoint_hours * mean_time_hours)


def checkpoint_waste_ratio(interval_hours: Any, mean_time_hours: Any, checkpoint_hours: Any) -> Any:
    """C/T for writing checkpoints plus T/(2M) for the half interval lost at each interruption."""
    return checkpoint_hours / interval_hours + interval_hours / (2 * mean_time_hours)


def checkpointed_overhead_ratio(mean_time_hours: Any, checkpoint_hours: Any, restart_hours: Any) -> Any:
    """w at the best interval: √(2C/M) + R/M while C/M ≤ 0.1, the exact expectation above."""
    first_order = np.sqrt(2 * checkpoint_hours / mean_time_hours) + restart_hours / mean_time_hours
    exact = exact_overhead_ratio(mean_time_hours, checkpoint_hours, restart_hours)
    return np.where(checkpoint_hours / mean_time_hours > FIRST_ORDER_LIMIT, exact, first_order)


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
    """Useful share of paid time, (1 − C/T)(1 − (T/2 + R)/M). Spot wins while it is above 1 − discount."""
    writing = 1 - checkpoint_hours / interval_hours
    return writing * (1 - (interval_hours / 2 + restart_hours) / mean_time_hours)


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
