"""Prices that fall with quantity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def tiered_usd(quantity: Array, bounds: Array, prices: Array) -> Array:
    """Cost of a quantity whose part above each lower bound costs that tier's price. Source: S3 pricing page."""
    upper = np.append(bounds[1:], np.inf)
    part = np.clip(np.asarray(quantity)[..., None], bounds, upper) - bounds
    cost: Array = (part * prices).sum(axis=-1)
    return cost
