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
from simulator.usage.rows import taken
from simulator.usage.tables import ANY_MODE, MODE_LEVERS, NO_MODE, Usage

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Modes:
    """What every endpoint would cost in a month under each serving mode that is on.

    Infinite where the mode does not apply; NaN where it is the only one that does, so that it need not be weighed.
    """

    cost_usd: dict[str, Array]

    def choose(self, usage: Usage, active: Collection[str]) -> Usage:
        """Usage in which each endpoint is open to the cheapest of the active modes only."""
        if not self.cost_usd:
            return usage
        ids = [i for i in self.cost_usd if i in active]
        choice = self._cheapest(ids) if len(ids) > 1 else np.full(len(usage.endpoints), ANY_MODE)
        return replace(usage, endpoints=replace(usage.endpoints, mode_choice=choice))

    def _cheapest(self, ids: Sequence[str]) -> NDArray[np.int64]:
        costs = np.nan_to_num(np.array([self.cost_usd[i] for i in ids]), nan=0.0, posinf=np.inf)
        codes = np.array([MODE_LEVERS.index(i) for i in ids])
        return np.where(np.isinf(costs).all(axis=0), NO_MODE, codes[np.argmin(costs, axis=0)])

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
    """Cost per endpoint under each serving mode alone, every other endpoint lever of the scenario being on.

    Only endpoints open to several modes are priced, together with their pools, which share instances.
    """
    modes = [x for x in levers if x.mode]
    if len(modes) < 2:
        return Modes({})
    e = usage.endpoints
    feasible = np.array([m.verdicts(usage).applies for m in modes])
    contested = feasible.sum(axis=0) >= 2
    cost = np.where(feasible, np.nan, np.inf)
    if contested.any():
        rows = np.flatnonzero(np.isin(e.endpoint, e.endpoint[contested]) | np.isin(e.pool, e.pool[contested]))
        part = replace(usage, endpoints=taken(e, rows))
        others = [x for x in levers if x.table == "endpoints" and not x.mode]
        for n, mode in enumerate(modes):
            if feasible[n, contested].any():
                priced = np.where(feasible[n, rows], _cost(part, [*others, mode], book), np.inf)
                cost[n, rows] = np.where(contested[rows], priced, cost[n, rows])
    return Modes({m.id: cost[n] for n, m in enumerate(modes)})


def _cost(usage: Usage, levers: Sequence[Lever], book: PriceBook) -> Array:
    for lever in sorted(levers, key=lambda x: (x.stage, x.id)):
        usage = apply_lever(lever, usage, book)
    return Charges(tuple(price_table(usage, "endpoints", book))).by_resource(
        "endpoints", len(usage.endpoints)
    )
