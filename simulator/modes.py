"""Serving modes exclude each other per endpoint: of those that are on, the cheapest feasible one acts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.applying import apply_lever
from simulator.charges import Charges, price_table
from simulator.levers.lever import Lever
from simulator.prices import PriceBook
from simulator.usage.tables import ANY_MODE, MODE_LEVERS, NO_MODE, Usage

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Modes:
    """Monthly cost of every endpoint under each serving mode that is on: infinite where it does not apply."""

    cost_usd: dict[str, Array]

    def choose(self, usage: Usage, active: Collection[str]) -> Usage:
        """Usage in which each endpoint is open to the cheapest of the active modes only."""
        ids = [i for i in self.cost_usd if i in active]
        if not self.cost_usd:
            return usage
        if len(ids) < 2:
            choice = np.full(len(usage.endpoints), ANY_MODE)
        else:
            costs = np.array([self.cost_usd[i] for i in ids])
            codes = np.array([MODE_LEVERS.index(i) for i in ids])
            choice = np.where(np.isinf(costs).all(axis=0), NO_MODE, codes[np.argmin(costs, axis=0)])
        return replace(usage, endpoints=replace(usage.endpoints, mode_choice=choice))

    def contests(self, usage: Usage) -> list[dict[str, object]]:
        """Endpoints for which two or more modes are feasible: the winner and what each would cost."""
        ids = list(self.cost_usd)
        if len(ids) < 2:
            return []
        costs = np.array([self.cost_usd[i] for i in ids])
        contested = np.flatnonzero(np.isfinite(costs).sum(axis=0) >= 2)
        return [
            {
                "resource_id": str(usage.endpoints.resource_id[row]),
                "winner": ids[int(np.argmin(costs[:, row]))],
                "cost_usd": {i: float(c) for i, c in zip(ids, costs[:, row], strict=True) if np.isfinite(c)},
            }
            for row in contested
        ]


def weigh_modes(usage: Usage, levers: Sequence[Lever], book: PriceBook) -> Modes:
    """Cost per endpoint under each serving mode alone, every other endpoint lever of the scenario being on."""
    modes = [x for x in levers if x.mode]
    if len(modes) < 2:
        return Modes({})
    others = [x for x in levers if x.table == "endpoints" and not x.mode]
    return Modes({m.id: _cost(usage, [*others, m], m, book) for m in modes})


def _cost(usage: Usage, levers: Sequence[Lever], mode: Lever, book: PriceBook) -> Array:
    state = replace(usage, endpoints=replace(usage.endpoints, mode_choice=np.full(len(usage.endpoints), ANY_MODE)))
    feasible = np.zeros(len(usage.endpoints), bool)
    for lever in sorted(levers, key=lambda x: (x.stage, x.id)):
        if lever is mode:
            feasible = lever.verdicts(state).applies
        state = apply_lever(lever, state, book)
    cost = Charges(tuple(price_table(state, "endpoints", book))).by_resource("endpoints", len(usage.endpoints))
    return np.where(feasible, cost, np.inf)
