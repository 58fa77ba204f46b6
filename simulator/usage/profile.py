"""When usage happens: how a row's monthly quantity spreads over the hours of the window.

A commitment is settled hour by hour, so the hours matter; the levers mostly do not care.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """Hourly profile of the rows of one table.

    Row r is active with constant intensity from `start[r]` to `end[r]` (hours from the window's start,
    end exclusive, end > start). Rows listed in `shaped` follow `shape` instead: shape[i, h] >= 0 with
    mean 1 over the hours belongs to row shaped[i].
    """

    hours: int
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    shaped: NDArray[np.int64]
    shape: NDArray[np.float32]

    @classmethod
    def flat(cls, rows: int, hours: int) -> Profile:
        """Every row is active in every hour."""
        none = np.zeros(0, np.int64), np.zeros((0, hours), np.float32)
        return cls(hours, np.zeros(rows, np.int64), np.full(rows, hours, np.int64), *none)

    @classmethod
    def intervals(cls, start: Array, end: Array, hours: int) -> Profile:
        """Rows active from `start` to `end` (hours; NaN = unknown, then spread over the whole window)."""
        known = np.isfinite(start) & np.isfinite(end) & (end > 0) & (start < hours)
        first = np.where(known, np.clip(np.floor(np.nan_to_num(start)), 0, hours - 1), 0).astype(np.int64)
        last = np.where(known, np.clip(np.ceil(np.nan_to_num(end)), 1, hours), hours).astype(np.int64)
        last = np.maximum(last, first + 1)
        return cls(hours, first, last, np.zeros(0, np.int64), np.zeros((0, hours), np.float32))

    def with_shape(self, rows: NDArray[np.bool_], shape: Array | Callable[[], Array]) -> Profile:
        """Let the rows of the mask `rows` follow `shape` (any scale; a row of zeros stays flat).

        `shape` has a line per row of the table, or per chosen row only; as a function it is made when needed.
        """
        chosen = np.flatnonzero(rows)
        shape = shape() if callable(shape) else shape
        shape = shape if len(shape) == len(chosen) else shape[chosen]
        total = shape.mean(axis=1)
        some = total > 0
        keep = ~rows[self.shaped]
        kept = np.count_nonzero(keep)
        weights = np.empty((kept + len(chosen), self.hours), np.float32)
        weights[:kept] = self.shape if kept == len(keep) else self.shape[keep]
        np.divide(shape, np.where(some, total, 1.0)[:, None], out=weights[kept:], casting="same_kind")
        weights[kept:][~some] = 1.0
        return replace(self, shaped=np.concatenate([self.shaped[keep], chosen]), shape=weights)

    def taken(self, rows: NDArray[np.int64]) -> Profile:
        """The profile of these rows, in their order."""
        line = np.full(len(self.start), -1)
        line[self.shaped] = np.arange(len(self.shaped))
        shaped = np.flatnonzero(line[rows] >= 0)
        return replace(
            self,
            start=self.start[rows],
            end=self.end[rows],
            shaped=shaped,
            shape=self.shape[line[rows[shaped]]],
        )

    def hourly(self, rows: NDArray[np.bool_]) -> Array:
        """(chosen rows, hours): the shape of the rows of the mask that have one, ones for the others."""
        shape = np.ones((np.count_nonzero(rows), self.hours))
        chosen, place = rows[self.shaped], np.cumsum(rows) - 1
        shape[place[self.shaped[chosen]]] = self.shape[chosen]
        return shape

    def spread(self, amount: Array) -> Array:
        """Sum of the rows' `amount` (whole-window totals, by row) per hour: array of `hours` values."""
        interval = amount.copy()
        interval[self.shaped] = 0.0
        per_hour = interval / (self.end - self.start)
        edges = np.bincount(self.start, per_hour, self.hours + 1) - np.bincount(
            self.end, per_hour, self.hours + 1
        )
        curve = np.maximum(np.cumsum(edges)[: self.hours], 0.0)
        shaped = amount[self.shaped].astype(np.float32) @ self.shape
        return curve + shaped / self.hours

    def average(self, value: Array) -> Array:
        """Mean of the hourly `value` seen by each row, weighted by when the row is active."""
        total = np.concatenate([[0.0], np.cumsum(value)])
        seen = (total[self.end] - total[self.start]) / (self.end - self.start)
        seen[self.shaped] = self.shape @ value.astype(np.float32) / self.hours
        return seen
