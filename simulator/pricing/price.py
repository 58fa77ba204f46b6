"""One price and where it comes from; prices of one component as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.errors import SimulatorError


class PriceNotFound(SimulatorError, LookupError):
    """No row in force for this key on this date."""


@dataclass(frozen=True)
class Price:
    """One price: `usd` per single `unit` after discount, and where it comes from."""

    component: str
    item: str
    region: str
    usd: float
    list_usd: float
    unit: str
    effective_from: str
    checked_on: str
    grade: str
    source: str
    note: str
    effective_to: str = ""


@dataclass(frozen=True)
class PriceTable:
    """Prices of one component over vocabularies: `usd[item, region]` per single unit, NaN where unknown.

    The arrays have one more row and column, unknown, so that the code -1 finds no price.
    `row` indexes the book's rows (-1 unknown). `tiers[item, region]` holds (lower bounds, prices) where the
    price falls with quantity; `usd` is then the first tier's.
    """

    usd: NDArray[np.float64]
    row: NDArray[np.int32]
    tiers: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.float64]]]
