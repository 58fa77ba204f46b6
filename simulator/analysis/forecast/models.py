"""Simple forecasts of a series, from every origin at once.

A model tells at origin t (the first t values known) the next values. `naive` repeats the last one, `seasonal_naive` the
last season. The `smooth` models are a level (exponentially weighted mean of the values without their season), with or
without the mean shape of the past seasons and a damped slope. `trend` is the straight line of least squares through the
last values, `growth` the same through their logarithms: so much a period, or so many percent. Source: Hyndman &
Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), 5.2, 7.1, 7.7 and 8.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SEASONS = 6
"""Past seasons the shape is the mean of."""
SLOPE_MEMORY, SLOPE_DAMPING = 0.1, 0.9
LEAST_FOR_A_LINE, MOST_FOR_A_LINE = 4, 60
LARGEST_LOG = 300.0


@dataclass(frozen=True)
class Model:
    """One way to look ahead: share of the newest value in the level, seasonal shape, slope."""

    name: str
    weight: float = 1.0
    seasonal: bool = False
    sloped: bool = False


NAIVE, SEASONAL_NAIVE = Model("naive"), Model("seasonal_naive", seasonal=True)
WEIGHTS = (0.1, 0.3, 0.6)
SMOOTH = tuple(
    Model(f"smooth_{w:g}{'_seasonal' * s}{'_slope' * d}", w, s, d)
    for w in WEIGHTS
    for s in (False, True)
    for d in (False, True)
)
TREND, GROWTH = Model("trend"), Model("growth")
MODELS = (NAIVE, SEASONAL_NAIVE, *SMOOTH, TREND, GROWTH)


def usable(model: Model, season: int, known: int) -> bool:
    """Whether the history is long enough: a season to repeat, two seasons for a shape."""
    if not model.seasonal:
        return True
    return season > 1 and known >= (season if model is SEASONAL_NAIVE else 2 * season)


def ahead(values: Array, model: Model, season: int, horizon: int) -> Array:
    """The next `horizon` values."""
    if model is NAIVE:
        return np.full(horizon, values[-1])
    if model is SEASONAL_NAIVE:
        return np.resize(values[-season:], horizon)
    if model in (TREND, GROWTH):
        return _line(values[-MOST_FOR_A_LINE:], horizon, logarithmic=model is GROWTH)
    shape = _shape(values, season) if model.seasonal else np.zeros(1)
    flat = values - np.resize(shape, len(values)) if model.seasonal else values
    level, slope = _level(flat, model)
    steps = np.arange(1, horizon + 1)
    damped = np.cumsum(SLOPE_DAMPING**steps) if model.sloped else np.zeros(horizon)
    return level + slope * damped + shape[(len(values) + steps - 1) % len(shape)]


def _line(values: Array, horizon: int, *, logarithmic: bool) -> Array:
    """The line of least squares, further on; where none can be told (few values, or nothing billed) the last value."""
    if len(values) < LEAST_FOR_A_LINE or (logarithmic and not (values > 0).all()):
        return np.full(horizon, values[-1])
    heights = np.log(values) if logarithmic else values
    middle = (len(values) - 1) / 2
    places = np.arange(len(values)) - middle
    slope = float(places @ heights) / float(places @ places)
    found = heights.mean() + slope * (middle + np.arange(1, horizon + 1))
    return np.exp(np.minimum(found, LARGEST_LOG)) if logarithmic else found


def _level(flat: Array, model: Model) -> tuple[float, float]:
    """Weighted mean of the past with weights falling by 1 − weight per step, and the same of the changes."""
    level = _weighted(flat, model.weight)
    slope = _weighted(np.diff(flat), SLOPE_MEMORY) if model.sloped and len(flat) > 2 else 0.0
    return level, slope


def _weighted(values: Array, weight: float) -> float:
    weights = (1 - weight) ** np.arange(len(values) - 1, -1, -1)
    return float(values @ weights / weights.sum())


def _shape(values: Array, season: int) -> Array:
    """Mean distance of each place in the season from its season's mean, by place counted from the first value."""
    whole = min(len(values) // season, SEASONS)
    last = values[len(values) - whole * season :].reshape(whole, season)
    shape = (last - last.mean(axis=1, keepdims=True)).mean(axis=0)
    return np.roll(shape, (len(values) - whole * season) % season)
