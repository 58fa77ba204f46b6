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
from simulator.usage.rows import taken, unshaped
from simulator.usage.tables import ANY_MODE, MODE_LEVERS, NO_MODE, Usage

Array = NDArray[np.float64]


AS_IT_IS = "as it is"
INSTANCE_METERS = ("instance_hours", "resized_hours", "async_hours")


@dataclass(frozen=True, eq=False)
class Modes:
    """What every endpoint would cost in a month under each serving mode that is on, and as it is.

    Infinite where a mode does not apply. A mode that is the only one to apply anywhere acts, gain or loss: it was
    asked for.
    """

    cost_usd: dict[str, Array]
    as_it_is_usd: Array

    def choose(self, usage: Usage, active: Collection[str]) -> Usage:
        """Usage in which each endpoint is open to the cheapest of the active modes only, or to none."""
        if not self.cost_usd:
            return usage
        ids = [i for i, cost in self.cost_usd.items() if i in active and np.isfinite(cost).any()]
        choice = self._cheapest(ids) if len(ids) > 1 else np.full(len(usage.endpoints), ANY_MODE)
        return replace(usage, endpoints=usage.endpoints.changed(mode_choice=choice))

    def _cheapest(self, ids: Sequence[str]) -> NDArray[np.int64]:
        costs = np.array([self.as_it_is_usd, *(self.cost_usd[i] for i in ids)])
        codes = np.array([NO_MODE, *(MODE_LEVERS.index(i) for i in ids)])
        return codes[np.argmin(costs, axis=0)]

    def contests(self, usage: Usage) -> list[dict[str, object]]:
        """Endpoints a mode could serve: the winner, and what each would cost a month."""
        ids = [AS_IT_IS, *self.cost_usd]
        if len(ids) < 3:
            return []
        costs = np.array([self.as_it_is_usd, *self.cost_usd.values()])
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

    Only endpoints a mode applies to are priced, with all their variants.
    """
    modes = [x for x in levers if x.mode]
    stays = np.zeros(len(usage.endpoints))
    if len(modes) < 2:
        return Modes({}, stays)
    others = [x for x in levers if x.table == "endpoints" and not x.mode]
    feasible = np.array([m.verdicts(usage).applies for m in modes])
    stays = _priced(usage, others, np.asarray(feasible.any(axis=0)), book)
    costs = {
        m.id: np.where(feasible[n], _priced(usage, [*others, m], feasible[n], book), np.inf)
        for n, m in enumerate(modes)
    }
    return Modes(costs, stays)


def _priced(usage: Usage, levers: Sequence[Lever], wanted: NDArray[np.bool_], book: PriceBook) -> Array:
    """Monthly cost of the wanted endpoints under these levers; 0 for the others, which are left out."""
    e = usage.endpoints
    cost = np.zeros(len(e))
    rows = np.flatnonzero(np.isin(e.endpoint, e.endpoint[wanted]))
    if len(rows) > len(e) / 2:
        return np.where(wanted, _cost(replace(usage, endpoints=unshaped(e)), levers, book), 0.0)
    if len(rows):
        cost[rows] = _cost(replace(usage, endpoints=taken(e, rows)), levers, book)
    return cost


def _cost(usage: Usage, levers: Sequence[Lever], book: PriceBook) -> Array:
    mode_done = not any(x.mode for x in levers)
    for lever in sorted(levers, key=lambda x: (x.stage, x.id)):
        usage = apply_lever(lever, usage, book)
        mode_done |= lever.mode
        if mode_done and not any(getattr(usage.endpoints, m).any() for m in INSTANCE_METERS):
            break  # nothing runs on instances any more: what follows changes nothing
    return Charges(tuple(price_table(usage, "endpoints", book))).by_resource(
        "endpoints", len(usage.endpoints)
    )
