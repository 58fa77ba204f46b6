"""Shapley values of a game of a few players, exact or sampled. What a subset is worth is the caller's.

Source: L. Shapley (1953), "A value for n-person games"; efficiency makes the shares add to the total.
Sampling: Castro, Gómez, Tejada (2009), with each permutation also taken backwards.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def shapley(value: Array) -> Array:
    """Exact Shapley values of a game: `value[s]` is the worth of the subset whose bits are s."""
    players = int(np.log2(len(value)))
    subsets = np.arange(len(value))
    size = np.array([s.bit_count() for s in range(len(value))])
    shares = np.zeros(players)
    for k in range(players):
        without = subsets[(subsets >> k) & 1 == 0]
        weight = np.array([1 / (players * comb(players - 1, n)) for n in range(players)])[size[without]]
        shares[k] = weight @ (value[without | (1 << k)] - value[without])
    return shares


def sampled_shapley(
    value: Callable[[int], float], players: int, orders: int, seed: int
) -> tuple[Array, Array]:
    """Shapley values from random orders (each also backwards) and their standard errors; they add up exactly."""
    known = cache(value)
    random = np.random.default_rng(seed)
    gains = np.zeros((orders, players))
    for n in range(orders):
        order = random.permutation(players)
        for path in (order, order[::-1]):
            subset = 0
            for k in path:
                grown = subset | 1 << int(k)
                gains[n, k] += (known(grown) - known(subset)) / 2
                subset = grown
    return gains.mean(axis=0), gains.std(axis=0, ddof=1) / np.sqrt(orders)
