"""A ladder of commitments: how much of each offer to buy at each date when demand is uncertain.

Each rung is a purchase of one offer in one month. Bought capacity counts in on-demand dollars per hour: a commitment c
at discount d covers k = c / (1 - d). With K_m the capacity in force in month m, and U the month's eligible usage, the
month costs sum((1 - d) k) + E[(U - K_m)+] per hour: convex, and the order in which plans apply does not matter. The
expected cost is then a sum of convex functions of one number per month (newsvendor), and the choice a linear program
(HiGHS) over tangents of them, refined until the gap is closed. Regret is the cost over what it would have been had
demand been known and every month been free to choose its size; its CVaR is the mean of the worst draws
(R. T. Rockafellar, S. Uryasev, Optimization of Conditional Value-at-Risk, Journal of Risk 2, 2000).

Usage that other commitments cover (reserved nodes) is a pool of its own with the same draws; nodes are whole numbers,
and the program a mixed-integer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simulator.plans.ladder_demand import Array, Demand, Rung
from simulator.plans.tangents import Master

TOLERANCE, WHOLE_TOLERANCE = 2e-5, 3e-4
"""Of the on-demand cost: how near to the bound a choice is, without and with whole units."""
MOST_ROUNDS = 25
HALVINGS = 26


@dataclass(frozen=True, eq=False)
class Ladder:
    """A chosen portfolio. `commitments_usd_per_hour` are at plan rates, one per rung; costs are over all months."""

    rungs: tuple[Rung, ...]
    commitments_usd_per_hour: Array
    expected_usd: float
    cvar_regret_usd: float
    costs_usd: Array
    gap_ratio: float = 0.0

    @property
    def bought(self) -> list[tuple[Rung, float]]:
        """Rungs of a size that matters, by date."""
        chosen = [
            (r, float(c)) for r, c in zip(self.rungs, self.commitments_usd_per_hour, strict=True) if c > 5e-4
        ]
        return sorted(chosen, key=lambda x: (x[0].start_month, x[0].months))


@dataclass(frozen=True)
class Wish:
    """How to choose. `regret_weight` 0 looks at the expected cost only, 1 at the CVaR of regret only, which is the mean
    of the worst 1 - `tail_ratio` of the draws. `most_expected_usd` and `most_stranded_usd` (at demand times
    `1 - fall_ratio`) are limits, infinite when there are none; `most_capacity_usd` is what new plans may cover in each
    month, in on-demand dollars per hour, empty when there is no limit.

    What is stranded is bounded from above while choosing, every unused dollar at the highest rate of any rung;
    `stranded_slack` above 1 lets that bound exceed the limit so many times. The answer keeps to the limit itself."""

    regret_weight: float = 0.25
    tail_ratio: float = 0.9
    fall_ratio: float = 0.3
    most_expected_usd: float = np.inf
    most_stranded_usd: float = np.inf
    most_capacity_usd: tuple[float, ...] = ()
    stranded_slack: float = 1.0


def choose(
    demand: Demand, rungs: Sequence[Rung], wish: Wish = Wish(), *, known: Ladder | None = None
) -> Ladder | None:
    """The best ladder, or None where the limits cannot be met. `known`: a portfolio of these rungs to start from."""
    work = _Work(demand, tuple(rungs), wish)
    return work.run(known)


def priced(
    demand: Demand, rungs: Sequence[Rung], commitments_usd_per_hour: Array, tail_ratio: float = 0.9
) -> Ladder:
    """A given portfolio, with its expected cost and the CVaR of its regret."""
    work = _Work(demand, tuple(rungs), Wish(tail_ratio=tail_ratio))
    return work.judged(commitments_usd_per_hour / work.rates)


def best_single(demand: Demand, rungs: Sequence[Rung], wish: Wish = Wish()) -> Ladder:
    """The one rung and size with the lowest expected cost; none bought where none pays. Of the wish only the tail and
    `most_capacity_usd` count."""
    work = _Work(demand, tuple(rungs), wish)
    sizes = [np.zeros(len(rungs))]
    for n, rung in enumerate(rungs):
        room = _room(rung, wish.most_capacity_usd)
        sizes += [
            _alone(len(rungs), n, min(c, room)) for c in _bought(rung, _best_capacity(demand, rung), room)
        ]
    return min((work.judged(s) for s in sizes), key=lambda x: x.expected_usd)


def _alone(count: int, place: int, capacity: float) -> Array:
    made = np.zeros(count)
    made[place] = capacity
    return made


def _bought(rung: Rung, capacity: float, room: float) -> list[float]:
    """The capacity; in whole units those on both sides of it that there is room for."""
    if rung.unit_usd <= 0:
        return [capacity]
    low = np.floor(min(capacity, room) / rung.unit_usd + 1e-9)
    return [n * rung.unit_usd for n in (low, low + 1) if n * rung.unit_usd <= room]


def _room(rung: Rung, most_capacity_usd: Sequence[float]) -> float:
    """The most of one rung that its months allow."""
    return min((c for m, c in enumerate(most_capacity_usd) if rung.active(m + 1)), default=np.inf)


def _best_capacity(demand: Demand, rung: Rung) -> float:
    """Where a further dollar of capacity saves as often as it costs: sum over its months of P(U > K) = n (1 - d)."""
    months = [m for m in range(len(demand.hourly_usd)) if rung.active(m + 1)]
    low, high = 0.0, float(demand.highest_usd[months].max(initial=0.0))
    owed = len(months) * (1 - rung.discount_ratio) + 1e-12
    if sum(demand.reached(m, 0.0) for m in months) <= owed:
        return 0.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        pays = sum(demand.reached(m, middle) for m in months) > owed
        low, high = (middle, high) if pays else (low, middle)
    return high


def stranded_usd(
    demand: Demand, rungs: Sequence[Rung], commitments_usd_per_hour: Array, fall_ratio: float
) -> float:
    """Commitment that no hour uses when demand is lower by `fall_ratio` in every month, over all months.

    Existing plans are used first, then new ones by the highest discount, as AWS applies them.
    """
    fallen = demand.at(1 - fall_ratio)
    order = np.argsort([-r.discount_ratio for r in rungs], kind="stable")
    total = 0.0
    for month in range(len(demand.hourly_usd)):
        before, left = 0.0, float(fallen.open_of(month, 0.0)[0][0])
        for n in order:
            rung, rate = rungs[n], 1 - rungs[n].discount_ratio
            if rung.active(month + 1) and commitments_usd_per_hour[n] > 0:
                before += commitments_usd_per_hour[n] / rate
                now = float(fallen.open_of(month, before)[0][0])
                total += (commitments_usd_per_hour[n] - rate * (left - now)) * demand.hours
                left = now
    return total


class _Work:
    """One choice: the master program, and the true cost of what it proposes."""

    def __init__(self, demand: Demand, rungs: tuple[Rung, ...], wish: Wish) -> None:
        self.demand, self.rungs, self.wish = demand, rungs, wish
        self.months = len(demand.hourly_usd)
        self.active = np.array([[r.active(m + 1) for r in rungs] for m in range(self.months)], float).reshape(
            self.months, len(rungs)
        )
        self.rates = np.array([1 - r.discount_ratio for r in rungs])
        self.units = np.array([r.unit_usd for r in rungs])
        self.fee = self.rates * self.active.sum(axis=0) * demand.hours
        self.draws = len(demand.factors)

    @cached_property
    def hindsight_usd(self) -> Array:
        """Per draw, the least the months could cost: known demand, each month at the size and offer that suit it."""
        best = np.empty((self.draws, self.months))
        for m in range(self.months):
            rates = self.rates[self.active[m] > 0]
            rate = float(rates.min(initial=1.0))
            ordered = self.demand.ordered[m]
            place = min(max(int(np.ceil(len(ordered) * (1 - rate) - 1e-9)), 1) - 1, len(ordered) - 1)
            level = self.demand.factors[:, m] * ordered[place]
            capacity = np.maximum(level - self.demand.existing_usd[m], 0.0)
            best[:, m] = self.demand.open_of(m, capacity)[0] + rate * capacity
        return best.sum(axis=1) * self.demand.hours

    def tail(self, regret: Array) -> Array:
        """Weights of the worst draws: they add up to 1, none above 1 / (draws × (1 - tail))."""
        most = 1.0 / max((1 - self.wish.tail_ratio) * len(regret), 1.0)
        weights = np.zeros(len(regret))
        order = np.argsort(-regret, kind="stable")
        weights[order] = np.clip(1 - most * np.arange(len(regret)), 0.0, most)
        return weights

    def judged(self, capacity: Array, gap: float = 0.0) -> Ladder:
        """A portfolio at its true cost."""
        capacity = np.maximum(capacity, 0.0)
        left, _ = self.demand.open_usd(self.active @ capacity)
        costs = left.sum(axis=1) * self.demand.hours + float(self.fee @ capacity)
        regret = costs - self.hindsight_usd
        cvar = float(self.tail(regret) @ regret)
        return Ladder(self.rungs, capacity * self.rates, float(costs.mean()), cvar, costs, gap)

    def value(self, ladder: Ladder) -> float:
        """What is made as small as possible, in dollars: expected cost and CVaR of regret by the wish's weight."""
        weight = self.wish.regret_weight
        return (1 - weight) * ladder.expected_usd + weight * ladder.cvar_regret_usd

    def run(self, known: Ladder | None = None) -> Ladder | None:
        """Solve, add tangents where the answer lies, until the bound meets the true cost; whole units come last."""
        if not self.rungs:
            return self.judged(np.zeros(0))
        demand, wish = self.demand, self.wish
        master = Master(
            self.active, self.fee, demand.hours, wish.regret_weight, wish.most_expected_usd, self.units
        )
        even = np.full(self.draws, 1 / self.draws)
        master.add_family(self._tangents(even, self._grid()))
        weights = [even]
        if wish.most_capacity_usd:
            master.most_capacity = np.array(wish.most_capacity_usd)
        if np.isfinite(wish.most_stranded_usd):
            rate = float(self.rates.max(initial=0.0))
            unused = self._stranded(self._grid(), rate)
            master.limit_stranded(unused, wish.most_stranded_usd * wish.stranded_slack)
        best = known if known is not None and self._fits(known) else None
        scale = max(
            float(demand.open_usd(np.zeros(self.months))[0].mean()) * demand.hours * self.months, 1e-9
        )
        units = bool((self.units > 0).any())
        near = (WHOLE_TOLERANCE if units else TOLERANCE) * scale
        master.relaxed = units
        for _ in range(MOST_ROUNDS):
            found = master.solve()
            if found is None:
                return best
            capacity, bound = found
            made = self.judged(capacity)
            fits = self._fits(made) and not master.relaxed
            if fits and (best is None or self.value(made) < self.value(best)):
                best = made
            if master.relaxed:
                master.relaxed = self.value(made) - bound > near / 2
            elif best is not None and (master.is_cut or self.value(best) - bound <= near):
                return replace(best, gap_ratio=max(self.value(best) - bound, 0.0) / scale)
            elif master.is_cut or (wish.stranded_slack > 1 and self.value(made) - bound <= near):
                return best  # what the loose bound leads to does not keep to the limit
            at = (self.active @ (made.commitments_usd_per_hour / self.rates))[:, None]
            self._refine(master, weights, made, at)
        return best

    def _fits(self, made: Ladder) -> bool:
        wish = self.wish
        if made.expected_usd > wish.most_expected_usd * (1 + 1e-12):
            return False
        if wish.most_capacity_usd and not self._within(made, np.array(wish.most_capacity_usd)):
            return False
        if np.isinf(wish.most_stranded_usd):
            return True
        lost = stranded_usd(self.demand, self.rungs, made.commitments_usd_per_hour, wish.fall_ratio)
        return lost <= wish.most_stranded_usd * (1 + 1e-9) + 1e-9

    def _within(self, made: Ladder, most_capacity_usd: Array) -> bool:
        capacity = self.active @ (made.commitments_usd_per_hour / self.rates)
        return bool((capacity <= most_capacity_usd * (1 + 1e-9) + 1e-9).all())

    def _refine(self, master: Master, weights: list[Array], made: Ladder, at: Array) -> None:
        if self.wish.regret_weight > 0:
            regret = made.costs_usd - self.hindsight_usd
            tail = self.tail(regret)
            if not any(np.array_equal(tail, w) for w in weights[1:]):
                weights.append(tail)
                points = np.concatenate([self._grid(), at], axis=1)
                master.add_family(self._tangents(tail, points), known_usd=float(tail @ self.hindsight_usd))
        for n, weight in enumerate(weights):
            master.add_tangents(n, self._tangents(weight, at))
        if np.isfinite(self.wish.most_stranded_usd):
            master.add_stranded(self._stranded(at, float(self.rates.max())))

    def _grid(self) -> Array:
        """First tangents: even steps of each month's capacity (months, points)."""
        return self.demand.highest_usd[:, None] * np.linspace(0.0, 1.0, 13)[None, :]

    def _tangents(self, weights: Array, points: Array) -> tuple[Array, Array, Array]:
        """Points, values and slopes (months, points) of the weighted usage left on demand."""
        value, slope = np.empty(points.shape), np.empty(points.shape)
        for m in range(self.months):
            left, falls = self.demand.open_of(m, np.broadcast_to(points[m], (self.draws, points.shape[1])))
            value[m], slope[m] = weights @ left, weights @ falls
        return points, value, slope

    def _stranded(self, points: Array, rate: float) -> tuple[Array, Array, Array]:
        """As `_tangents`, of the commitment unused after the fall, every dollar at the highest rate: an upper bound."""
        fallen = self.demand.at(1 - self.wish.fall_ratio)
        none = np.array([fallen.open_of(m, 0.0)[0][0] for m in range(self.months)])
        value, slope = np.empty(points.shape), np.empty(points.shape)
        for m in range(self.months):
            left, falls = fallen.open_of(m, points[m][None, :])
            value[m] = rate * (points[m] - (none[m] - left[0]))
            slope[m] = rate * (1 + falls[0])
        return points, value, slope
