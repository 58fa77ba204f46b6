"""Endpoints that could share instances, group by group: sums and maxima over the members of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Pools:
    """`rows` are the members, pool after pool; `of_row[r]` is the pool of table row r, -1 = none."""

    rows: Codes
    starts: Codes
    of_row: Codes

    @classmethod
    def of(cls, key: Codes, members: Mask) -> Pools:
        """Pools of the member rows that have the same key."""
        rows = members.nonzero()[0]
        rows = rows[np.argsort(key[rows], kind="stable")]
        first = np.diff(key[rows], prepend=key[rows[:1]] - 1).nonzero()[0]
        of_row = np.full(len(key), -1, np.int64)
        of_row[rows] = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(rows))))
        return cls(rows, first, of_row)

    def total(self, per_row: Any) -> Array:
        """Sum over the members of each pool; draws first, if any."""
        return np.add.reduceat(per_row[..., self.rows], self.starts, axis=-1)

    def largest(self, per_row: Any) -> Array:
        """Maximum over the members of each pool."""
        return np.maximum.reduceat(per_row[..., self.rows], self.starts, axis=-1)

    def spread(self, per_pool: Any, elsewhere: float) -> Array:
        """A pool's value at each of its members, `elsewhere` at all other rows."""
        outside = np.full((*np.shape(per_pool)[:-1], 1), elsewhere)
        return np.concatenate([per_pool, outside], axis=-1)[..., self.of_row]


def bins_needed(pools: Pools, size_ratio: Any) -> Array:
    """Instances that surely hold the members: a packing that exists, though perhaps not the tightest.

    `size_ratio` is a member's size over an instance's. One instance where all fit; else one for each member
    above a half, one for two above a third, and the small ones fill theirs to two thirds.
    """
    big, middle = size_ratio > 1 / 2 + 1e-9, size_ratio > 1 / 3 + 1e-9
    small = pools.total(np.where(middle, 0.0, size_ratio))
    pairs = pools.total(np.where(middle & ~big, 1.0, 0.0))
    apart = pools.total(big.astype(float)) + np.ceil(pairs / 2) + np.ceil(small * 1.5 - 1e-9)
    return np.where(pools.total(size_ratio) <= 1 + 1e-9, 1.0, apart)
