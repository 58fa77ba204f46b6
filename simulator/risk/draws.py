"""Draws of parameters: one stream per parameter, so that scenarios share the same luck.

A parameter's uniform draws depend on the seed and its name alone: the same seed gives the same draws whatever
else is on, and the first n of N draws are the n draws. Distribution: PERT (a beta on low..high with its mode
at the setting) or triangular. Source: D. Vose, Risk Analysis (PERT, lambda = 4).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.levers.lever import Lever
from simulator.params import Param

Array = NDArray[np.float64]
Distribution = Literal["pert", "triangular"]
SHAPE = 4.0
GRID = np.linspace(0.0, 1.0, 513)
CELLS = 8192
TAIL_CELLS = 8


@lru_cache(maxsize=256)
def uniforms(name: str, draws: int, seed: int) -> Array:
    """`draws` numbers in (0, 1) of the stream `name` under `seed`."""
    key = int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest(), "little")
    values = np.random.Generator(np.random.Philox(key=key)).random(draws)
    clipped: Array = np.clip(values, 1e-12, 1 - 1e-12)
    clipped.flags.writeable = False
    return clipped


def quantile(u: Array, low: float, mode: float, high: float, distribution: Distribution = "pert") -> Array:
    """The value of the distribution on low..high with this mode at each probability u."""
    mode = min(max(mode, low), high)
    width = high - low
    if width <= 0:
        return np.full_like(u, low)
    if distribution == "triangular":
        split = (mode - low) / width
        rising = low + np.sqrt(u * width * (mode - low))
        falling = high - np.sqrt((1 - u) * width * (high - mode))
        return np.where(u < split, rising, falling)
    a, b = 1 + SHAPE * (mode - low) / width, 1 + SHAPE * (high - mode) / width
    return low + width * _beta_quantile(u, a, b)


def two_sided(u: Array, p10: float, middle: float, p90: float) -> Array:
    """The value of a normal distribution whose halves have spreads of their own, so that P10, P50 and P90 are these."""
    from scipy import special

    score = special.ndtri(u) / special.ndtri(0.9)
    return middle + np.where(score < 0, (middle - p10) * score, (p90 - middle) * score)


def _beta_quantile(u: Array, a: float, b: float) -> Array:
    """Linear between even probabilities; exact in the tails, where the quantile is steep."""
    from scipy import special

    cells = beta_cells(a, b)
    place = u * CELLS
    cell = place.astype(np.intp)
    values: Array = cells[cell] + (place - cell) * (cells[cell + 1] - cells[cell])
    tail = np.flatnonzero((place < TAIL_CELLS) | (place > CELLS - TAIL_CELLS))
    values[tail] = special.betaincinv(a, b, u[tail])
    return values


@lru_cache(maxsize=64)
def beta_cells(a: float, b: float) -> Array:
    """Quantiles of the beta distribution at CELLS + 1 even probabilities: to look one up needs no search."""
    from scipy import special

    cells = np.interp(np.linspace(0.0, 1.0, CELLS + 1), special.betainc(a, b, GRID), GRID)
    cells.flags.writeable = False
    return cells


@lru_cache(maxsize=512)
def drawn(
    name: str, low: float, mode: float, high: float, draws: int, seed: int, distribution: Distribution
) -> Array:
    """Draws of one parameter as a vector; kept, so that the next slider position pays for its own lever only."""
    values = quantile(uniforms(name, draws, seed), low, mode, high, distribution)
    values.flags.writeable = False
    return values


def range_of(declared: Param, value: float) -> tuple[float, float, float]:
    """Low, mode, high around a setting: the declared range, shifted to the setting where it lies outside."""
    low, high = declared.low or 0.0, declared.high or 0.0
    if value < low or value > high:
        shift = value - declared.default
        low = max(low + shift, declared.minimum)
        high = min(high + shift, declared.maximum)
        low, high = min(low, value), max(high, value)
    return low, value, high


def drawn_lever(lever: Lever, draws: int, seed: int, distribution: Distribution = "pert") -> Lever:
    """The setting with each uncertain parameter replaced by a column of draws (draws, 1)."""
    columns: dict[str, Any] = {}
    for name, declared in lever.params().items():
        if declared.is_drawn:
            low, mode, high = range_of(declared, float(getattr(lever, name)))
            values = drawn(f"{lever.id}.{name}", low, mode, high, draws, seed, distribution)
            columns[name] = (np.round(values) if declared.integer else values)[:, None]
    return replace(lever, **columns) if columns else lever
