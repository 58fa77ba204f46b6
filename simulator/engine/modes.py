"""Serving modes exclude each other per endpoint: of those that are on, the cheapest feasible one acts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.engine.applying import apply_lever
from simulator.levers import mode_levers
from simulator.levers.lever import Lever
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import Charges, price_table
from simulator.usage.rows import taken
from simulator.usage.tables import ANY_MODE, NO_MODE, Endpoints, Usage

Array = NDArray[np.float64]


AS_IT_IS = "as it is"


@dataclass(frozen=True, eq=False)
class Modes:
    """What every endpoint would cost in a month under each serving mode that is on, and as it is.

    Infinite where a mode does not apply. A mode that is the only one to apply anywhere acts, gain or loss: it was
    asked for. `eligible_usd` is the part of each cost that a Savings Plan may cover (also `as it is`); `settled` the
    choice on the bill under the plans, where plans decide it.
    """

    cost_usd: dict[str, Array]
    as_it_is_usd: Array
    eligible_usd: dict[str, Array] = field(default_factory=dict)
    settled: NDArray[np.int64] | None = None

    def choose(self, usage: Usage, active: Collection[str]) -> Usage:
        """Usage in which each endpoint is open to the cheapest of the active modes only, or to none."""
        if not self.cost_usd:
            return usage
        ids = [i for i, cost in self.cost_usd.items() if i in active and np.isfinite(cost).any()]
        choice = self.chosen(ids) if len(ids) > 1 else np.full(len(usage.endpoints), ANY_MODE)
        return usage.with_tables(endpoints=usage.endpoints.changed(mode_choice=choice))

    def chosen(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The choice under the plans where it is one of these modes, else the cheapest on demand."""
        cheapest = self.cheapest(ids)
        if self.settled is None:
            return cheapest
        codes = [NO_MODE, *(mode_levers().index(i) for i in ids)]
        return np.where(np.isin(self.settled, codes), self.settled, cheapest)

    def cheapest(self, ids: Sequence[str], plan_price_ratio: float = 1.0) -> NDArray[np.int64]:
        """The cheapest mode where what a plan may cover costs this share of its on-demand price."""
        covered = 1 - plan_price_ratio
        costs = np.array([self.usd(i) - covered * self.eligible_usd[i] for i in (AS_IT_IS, *ids)])
        return self.codes(ids)[np.argmin(costs, axis=0)]

    def usd(self, mode: str) -> Array:
        """Cost under a mode, or as it is."""
        return self.as_it_is_usd if mode == AS_IT_IS else self.cost_usd[mode]

    @staticmethod
    def codes(ids: Sequence[str]) -> NDArray[np.int64]:
        """As it is, then the modes, as `mode_choice` codes them."""
        return np.array([NO_MODE, *(mode_levers().index(i) for i in ids)])

    def contests(self, usage: Usage) -> list[dict[str, object]]:
        """Endpoints a mode could serve: the winner, and what each would cost per month on demand.

        `under_plans`: the winner is not the cheapest on demand, but the bill under the Savings Plans is lower with it.
        """
        ids = [AS_IT_IS, *self.cost_usd]
        if len(ids) < 3:
            return []
        costs = np.array([self.as_it_is_usd, *self.cost_usd.values()])
        codes = list(self.codes(ids[1:]))
        feasible = [i for i in ids[1:] if np.isfinite(self.cost_usd[i]).any()]
        winner, cheapest = self.chosen(feasible), self.cheapest(feasible)
        contested = np.flatnonzero(np.isfinite(costs).sum(axis=0) >= 2)
        return [
            {
                "resource_id": str(usage.endpoints.resource_id[row]),
                "winner": ids[codes.index(winner[row])],
                "under_plans": bool(winner[row] != cheapest[row]),
                "cost_usd": {i: float(c) for i, c in zip(ids, costs[:, row], strict=True) if np.isfinite(c)},
            }
            for row in contested
        ]


def weigh_modes(usage: Usage, levers: Sequence[Lever], book: PriceBook) -> Modes:
    """Cost per endpoint under each serving mode alone, every other endpoint lever of the scenario being on.

    Only endpoints a mode applies to are priced, with all their variants: as it is and in each mode, side by side in one
    table, so that every lever is applied once.
    """
    modes = [x for x in levers if x.mode]
    nothing = np.zeros(len(usage.endpoints))
    if len(modes) < 2:
        return Modes({}, nothing)
    feasible = [m.verdicts(usage).applies for m in modes]
    wanted = [np.any(feasible, axis=0), *feasible]
    codes = [NO_MODE, *(mode_levers().index(m.id) for m in modes)]
    rows = [_rows_of(usage.endpoints, of) for of in wanted]
    choices = [np.where(of[r], code, NO_MODE) for of, r, code in zip(wanted, rows, codes, strict=True)]
    after = _side_by_side(usage, rows, choices)
    for lever in sorted((x for x in levers if x.table == "endpoints"), key=_turn):
        after = apply_lever(lever, after, book)
    usd, may = ([nothing.copy() for _ in rows] for _ in range(2))
    ends = np.cumsum([len(r) for r in rows])[:-1]
    for filled, priced in zip((usd, may), _cost(after, book), strict=True):
        for column, r, part in zip(filled, rows, np.split(priced, ends), strict=True):
            column[r] = part
    costs = {m.id: np.where(f, cost, np.inf) for m, f, cost in zip(modes, feasible, usd[1:], strict=True)}
    return Modes(costs, usd[0], dict(zip((AS_IT_IS, *costs), may, strict=True)))


def _side_by_side(
    usage: Usage, rows: Sequence[NDArray[np.int64]], choices: Sequence[NDArray[np.int64]]
) -> Usage:
    """Usage with these rows of endpoints, set by set; what is in two sets stands twice, as two endpoints, open to the
    mode of its set only: endpoints of two sets share nothing."""
    e = usage.endpoints
    together = taken(e, np.concatenate(rows))
    number = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    own = np.where(together.endpoint < 0, -1, together.endpoint + number * (e.endpoint.max(initial=-1) + 1))
    return usage.with_tables(endpoints=together.changed(mode_choice=np.concatenate(choices), endpoint=own))


def _turn(lever: Lever) -> tuple[int, str]:
    return lever.stage, lever.id


def _rows_of(endpoints: Endpoints, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """All variants of the wanted endpoints."""
    of = endpoints.endpoint
    chosen = np.zeros(of.max(initial=-1) + 2, bool)  # the last is that of -1, no known endpoint
    chosen[of[wanted]] = True
    return np.flatnonzero(chosen[of])


def _cost(usage: Usage, book: PriceBook) -> tuple[Array, Array]:
    """Cost per endpoint, and the part of it that a Savings Plan may cover."""
    priced = Charges(tuple(price_table(usage, "endpoints", book)))
    may = Charges(tuple(b for b in priced.blocks if b.meter.eligible))
    rows = len(usage.endpoints)
    return priced.by_resource("endpoints", rows), may.by_resource("endpoints", rows)
