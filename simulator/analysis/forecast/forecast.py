"""A forecast with its fan, and the same method tried on the past.

From every earlier origin each model looks ahead; the one with the least mean absolute error so far is used: if that is
the naive one, the naive is used, and `model` says so. The fan's edges are quantiles of the chosen model's own errors at
the same distance, no others' and none of the future; their level follows how often earlier fans held (adaptive
conformal inference, Gibbs & Candès 2021), so that P10 to P90 comes to hold four values in five. With less than
`FEW_ERRORS` errors at a distance the fan is at least as wide as PRIOR_RATIO × √distance of the level on each side.
A step (a launch, a move) that has lasted `STEP_LENGTH` values cuts off the history before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.forecast.models import MODELS, NAIVE, SEASONAL_NAIVE, ahead, usable
from simulator.words import count

Array = NDArray[np.float64]
HELD = 0.8
LEARNING = 0.02
FEW_ERRORS, PRIOR_RATIO = 16, 0.25
LEAST_VALUES = 3
STEP_LENGTH, STEP_SIZE, STEP_BEFORE = 4, 6.0, 8
RECENT = 3
BETTER = 0.95
"""The naive model gives way to one whose error is 5 % less."""
NARROWEST, WIDEST = 0.02, 0.5


@dataclass(frozen=True, eq=False)
class Forecast:
    """The fan of the next values, never below 0; which model, on how many values, after which step (None: none)."""

    model: str
    p10: Array
    p50: Array
    p90: Array
    values_used: int
    step_at: int | None

    def sentence(self) -> str:
        """How it was made, in words."""
        step = "" if self.step_at is None else f", from the step at value {self.step_at + 1} on"
        naive = "" if self.model != NAIVE.name else " No other model was better on this history."
        if self.values_used <= LEAST_VALUES:
            naive = " Too few values to try models on: the last one is repeated, in a wide fan."
        return f"Model {self.model} on {count(self.values_used, 'value')}{step}.{naive}"


@dataclass(frozen=True)
class Backtest:
    """How it would have done: mean absolute errors in the series' unit, share of values inside P10 to P90, held out.

    `seasonal_error` is NaN where no season is known; `naive_used_ratio` the share of origins the naive was used at.
    """

    error: float
    naive_error: float
    seasonal_error: float
    coverage_ratio: float
    held_out: int
    naive_used_ratio: float
    model: str

    @property
    def beats_naive(self) -> bool:
        """Less error than repeating the last value, and than repeating the last season."""
        return self.error <= min(self.naive_error, np.nan_to_num(self.seasonal_error, nan=np.inf)) + 1e-12


def forecast(values: Array, horizon: int, season: int = 1) -> Forecast:
    """The next `horizon` values. Raises ValueError for an empty history, one that is no number, or a negative one."""
    known = _checked(values, horizon)
    step = step_at(known)
    cut = known[step:] if step is not None else known
    work = _Origins(cut, horizon, season)
    last = len(cut)
    model, low, high = work.fan(last)
    middle = np.maximum(work.point(model, last), 0.0)
    p10, p90 = np.maximum(middle + low, 0.0), np.maximum(middle + high, 0.0)
    return Forecast(MODELS[model].name, np.minimum(p10, middle), middle, np.maximum(p90, middle), last, step)


def backtest(values: Array, horizon: int, season: int = 1, first: int = 0) -> Backtest:
    """Every origin from `first` (by default three seasons or a third of the values) forecast from its past alone."""
    known = _checked(values, horizon)
    work = _Origins(known, horizon, season)
    first = first or min(max(3 * season, LEAST_VALUES + 1), max(len(known) // 3, LEAST_VALUES))
    errors, naive, seasonal, held, models = [], [], [], [], []
    for origin in range(first, len(known)):
        model, low, high = work.fan(origin)
        actual = known[origin : origin + horizon]
        n = len(actual)
        middle = work.point(model, origin)[:n]
        errors.append(np.abs(actual - middle))
        naive.append(np.abs(actual - work.point(MODELS.index(NAIVE), origin)[:n]))
        if usable(SEASONAL_NAIVE, season, origin):
            seasonal.append(np.abs(actual - work.point(MODELS.index(SEASONAL_NAIVE), origin)[:n]))
        inside = (actual >= np.maximum(middle + low[:n], 0) - 1e-9) & (
            actual <= np.maximum(middle + high[:n], 0) + 1e-9
        )
        held.append(inside)
        models.append(model)
    if not errors:
        raise ValueError(f"history: {len(known)} values are too few to hold some out")
    used = [MODELS[m].name for m in models]
    return Backtest(
        float(np.concatenate(errors).mean()),
        float(np.concatenate(naive).mean()),
        float(np.concatenate(seasonal).mean()) if seasonal else float("nan"),
        float(np.concatenate(held).mean()),
        int(sum(len(e) for e in errors)),
        used.count(NAIVE.name) / len(used),
        max(set(used), key=used.count),
    )


def step_at(values: Array) -> int | None:
    """Place of the last step: the values since lie all on one side of the ones before, far beyond their spread."""
    for start in range(STEP_BEFORE, len(values) - STEP_LENGTH + 1):
        if _is_step(values[max(start - 4 * STEP_BEFORE, 0) : start], values[start:]):
            later = step_at(values[start:])
            return start if later is None else start + later
    return None


def _is_step(before: Array, after: Array) -> bool:
    middle = float(np.median(before))
    spread = max(1.4826 * float(np.median(np.abs(before - middle))), 0.02 * float(np.abs(before).mean()))
    moved = after - middle
    same_side = bool((moved > 0).all() or (moved < 0).all())
    return (
        spread > 0
        and same_side
        and bool(
            (np.abs(moved[:STEP_LENGTH]) > STEP_SIZE * spread).all()
            and (np.abs(moved) > STEP_SIZE * spread / 2).all()
        )
    )


class _Origins:
    """Errors of every model from every origin; a fan at an origin sees those alone that had come in by then."""

    def __init__(self, values: Array, horizon: int, season: int) -> None:
        self.values, self.horizon, self.season = values, horizon, season
        size = len(values)
        self.errors = np.full((len(MODELS), size + 1, horizon), np.nan)
        self.points: dict[tuple[int, int], Array] = {}
        self.best: dict[int, int] = {}
        for origin in range(1, size):
            actual = values[origin : origin + horizon]
            for m, model in enumerate(MODELS):
                if usable(model, season, origin):
                    self.errors[m, origin, : len(actual)] = actual - self.point(m, origin)[: len(actual)]
        self.miss = np.full(horizon, 1 - HELD)
        self.followed = 1

    def point(self, model: int, origin: int) -> Array:
        """The model's values from an origin."""
        key = (model, origin)
        if key not in self.points:
            self.points[key] = ahead(self.values[:origin], MODELS[model], self.season, self.horizon)
        return self.points[key]

    def fan(self, origin: int) -> tuple[int, Array, Array]:
        """The model chosen at an origin, and what is added to its values at P10 and P90. Origins go upward."""
        self._follow(origin)
        model = self._best(origin)
        low, high = self._edges(model, origin, self.miss)
        return model, low, high

    def _follow(self, origin: int) -> None:
        """Move the level of each distance by how the fans of earlier origins held, in the order they came in."""
        while self.followed < origin:
            self.followed += 1
            now = self.followed
            for h in range(self.horizon):
                then = now - 1 - h
                if then < LEAST_VALUES:
                    continue
                model = self._best(then)
                edges = self._edges(model, then, self.miss, h)
                error = self.errors[model, then, h]
                out = not edges[0][0] <= error <= edges[1][0]
                self.miss[h] += LEARNING * ((1 - HELD) - out)
            self.miss = np.clip(self.miss, NARROWEST, WIDEST)

    def _best(self, origin: int) -> int:
        """The model with the least mean absolute error so far, among those with as many errors as any."""
        if origin not in self.best:
            self.best[origin] = self._judged(origin)
        return self.best[origin]

    def _judged(self, origin: int) -> int:
        known = self._known(origin)
        with np.errstate(invalid="ignore"):
            counts = np.sum(~np.isnan(known), axis=(1, 2))
            mean = np.nansum(np.abs(known), axis=(1, 2)) / np.where(counts, counts, 1)
        mean = np.where((counts == counts.max()) | (counts >= 2 * FEW_ERRORS), mean, np.inf)
        usable_now = [usable(m, self.season, origin) for m in MODELS]
        mean = np.where(usable_now, mean, np.inf)
        best = int(np.argmin(mean)) if np.isfinite(mean).any() else 0
        return best if mean[best] < BETTER * mean[0] or not np.isfinite(mean[0]) else 0

    def _known(self, origin: int) -> Array:
        """Errors that had come in by an origin, of the origins of the last seasons."""
        start = max(origin - max(RECENT * 4 * self.season, 60), 0)
        known = self.errors[:, start:origin].copy()
        for h in range(self.horizon):
            known[:, max(origin - start - h, 0) :, h] = np.nan
        return known

    def _edges(self, model: int, origin: int, miss: Array, only: int | None = None) -> tuple[Array, Array]:
        level = float(np.abs(self.values[max(origin - max(self.season, 3), 0) : origin]).mean())
        made: list[tuple[float, float]] = []
        for h in range(self.horizon) if only is None else (only,):
            errors = self.errors[model, : max(origin - h, 0), h]
            errors = errors[~np.isnan(errors)][-max(20 * self.season, 60) :]
            prior = PRIOR_RATIO * level * np.sqrt(h + 1)
            if len(errors) < 2:
                made.append((-prior, prior))
                continue
            tail = miss[h] / 2
            n = len(errors)
            low, high = _quantiles(errors, max(tail - 0.5 / (n + 1), 0.0))
            weight = max(1 - n / FEW_ERRORS, 0.0)
            made.append((min(low, 0.0) - weight * prior, max(high, 0.0) + weight * prior))
        return np.array([m[0] for m in made]), np.array([m[1] for m in made])


def _quantiles(errors: Array, tail: float) -> tuple[float, float]:
    """The values with this share of the errors below, and above; linear between them."""
    ordered = np.sort(errors)
    last = len(ordered) - 1
    place = tail * last
    cell = min(int(place), max(last - 1, 0))
    part = place - cell
    low = ordered[cell] + part * (ordered[cell + 1] - ordered[cell])
    high = ordered[last - cell] + part * (ordered[last - cell - 1] - ordered[last - cell])
    return float(low), float(high)


def _checked(values: Array, horizon: int) -> Array:
    known = np.asarray(values, dtype=float)
    if known.ndim != 1 or len(known) == 0:
        raise ValueError("history: expected at least one value")
    if not np.isfinite(known).all() or (known < 0).any():
        raise ValueError("history: expected numbers from 0")
    if not 1 <= horizon <= 60:
        raise ValueError(f"values to look ahead: expected 1 to 60, not {horizon}")
    return known
