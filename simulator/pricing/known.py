"""Quantities and dollars of which some are unknown (NaN): they add nothing to a sum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def is_used(quantity: Array) -> bool:
    """Whether anything is not zero: of few numbers it is quicker to count them, of many draws to stop at the first."""
    return bool(np.count_nonzero(quantity) if quantity.ndim == 1 else quantity.any())


def known_only(values: Array) -> Array:
    """Values with unknown ones as nothing: `np.nan_to_num` in a tenth of its time, where all are known."""
    unknown = np.isnan(values)
    return np.where(unknown, 0.0, values) if np.count_nonzero(unknown) else values


def known_sum(quantity: Array, rows: NDArray[np.bool_]) -> Array:
    """Sum over some resources, unknown quantities counted as nothing."""
    chosen = rows.astype(float)
    total: Array = np.asarray(quantity @ chosen)
    return np.asarray(known_only(quantity) @ chosen) if np.isnan(total).any() else total
