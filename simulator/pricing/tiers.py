"""Prices that fall with quantity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def tiered_usd(quantity: Array, bounds: Array, prices: Array) -> Array:
    """Cost of a quantity whose part above each lower bound costs that tier's price. Source: S3 pricing page."""
    cost: Array = np.zeros(np.shape(quantity))
    for bound, upper, price in zip(bounds, (*bounds[1:], np.inf), prices, strict=True):
        cost = cost + (np.minimum(np.maximum(quantity, bound), upper) - bound) * price
    return cost
