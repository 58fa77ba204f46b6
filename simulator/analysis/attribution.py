"""Credit: what each lever saves alone, and what it is credited with so that the credits add up.

A lever rewrites one usage table, so tables are separate games whose Shapley values add. Tables with usage a
Savings Plan may cover are one game when a plan can tell their mixes apart: their costs add, and the plan acts
on the sum of their hourly eligible usage. Games too large for all subsets are sampled, with the error stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.shapley import sampled_shapley, shapley
from simulator.engine.acting import CENT, acting_ids, leaving_out_usd
from simulator.engine.applying import apply_lever
from simulator.engine.simulate import Result, simulate
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.levers.lever import Lever
from simulator.plans.rates import rated
from simulator.plans.settlement import (
    Plan,
    allocate,
    best_commitment,
    best_commitments,
    eligible_groups,
    eligible_usd_per_hour,
    settle,
)
from simulator.pricing.charges import Charges, price_table
from simulator.units import HOURS_PER_MONTH
from simulator.usage.rows import changed_rows
from simulator.usage.tables import TABLES, Usage

Array = NDArray[np.float64]
Key = tuple[float, ...]
Hourly = dict[Key, Array]
COVERED_TABLES = ("training", "endpoints", "compute")
MOST_EXACT = 12
MOST_EXACT_BY_TYPE = 8
SAMPLED_ORDERS = 64


@dataclass(frozen=True)
class Credit:
    """One lever's saving per month: with nothing else on, its Shapley share of the total with that share's standard
    error (0 when exact), and the dollars by which the bill is higher when it is left out.

    The game is played among the levers that act: one whose absence changes nothing is credited with nothing.
    """

    lever_id: str
    alone_usd: float
    attributed_usd: float
    error_usd: float = 0.0
    leaving_out_usd: float = 0.0


def attribute(result: Result, *, seed: int = 0) -> list[Credit]:
    """Credits of all levers of a result, in the order of application; attributed adds up to the saving."""
    out = leaving_out_usd(result)
    core = acting_ids(result)
    result, whole = _core(result, core), result
    levers = result.scenario.ordered()
    acting = [x for x in levers if x.table and _acts(result, x)]
    plan = next((x for x in levers if isinstance(x, SavingsPlan)), None)
    games = [_Game(result, [x for x in acting if x.table == name], (name,)) for name in TABLES]
    covered = [g for g in games if g.tables[0] in COVERED_TABLES]
    by_type = any(g.has_rates() for g in covered)
    if plan is not None or by_type or not _same_for_all(covered, result.account.plans):
        rest = [g for g in games if g not in covered]
        players = [x for x in acting if x.table in COVERED_TABLES]
        games = [*rest, _Game(result, players, COVERED_TABLES, plan)]
    credit = {c.lever_id: c for game in games for c in game.credits(seed)}
    silent = {
        x.id: Credit(x.id, _alone(whole, x), 0.0) for x in whole.scenario.ordered() if x.id not in credit
    }
    return [
        replace((credit | silent)[x.id], leaving_out_usd=out[x.id] if abs(out[x.id]) >= CENT else 0.0)
        for x in whole.scenario.ordered()
    ]


def _core(result: Result, ids: frozenset[str]) -> Result:
    """The result of the levers that act alone: the same bill."""
    if len(ids) == len(result.scenario.levers):
        return result
    return simulate(result.account, result.scenario.only(ids), result.book, baseline=result.baseline)


def _alone(result: Result, lever: Lever) -> float:
    """What a lever would save with nothing else on."""
    only = result.scenario.only([lever.id])
    return simulate(result.account, only, result.book, baseline=result.baseline).saving_usd


def table_costs(result: Result, levers: Sequence[Lever], table: str) -> Array:
    """Monthly cost of one table under every subset of its levers (bit i = lever i), before any plan."""
    return _Game(result, levers, (table,)).all_costs()


def _acts(result: Result, lever: Lever) -> bool:
    """Whether a lever changes anything, alone or in the plan; one that does not gets no credit and costs no time."""
    step = next(s for s in result.steps if s.lever.id == lever.id)
    alone = result.modes.choose(result.prepared, [lever.id])
    after = apply_lever(lever, alone, result.book)
    pairs = ((step.before, step.after), (alone, after))
    return any(changed_rows(b.table(lever.table), a.table(lever.table)).any() for b, a in pairs)


class _Game:
    """Levers of some tables, and maybe a new Savings Plan, as players; worth is dollars saved.

    Bit i of a subset's number is the i-th lever; the plan is the last player.
    """

    def __init__(
        self,
        result: Result,
        levers: Sequence[Lever],
        tables: tuple[str, ...],
        plan: SavingsPlan | None = None,
    ) -> None:
        self.result, self.tables, self.plan = result, tables, plan
        self.settled = len(tables) > 1
        self.part = {t: [x for x in levers if x.table == t] for t in tables}
        self.levers = [x for t in tables for x in self.part[t]]
        self.ids = [x.id for x in self.levers] + ([plan.id] if plan else [])
        new = (Plan("", 0.0, plan.discount_ratio, plan.offer),) if plan else ()
        self.plans: tuple[Plan, ...] = (*result.account.plans, *new)
        self._states: dict[tuple[str, int], tuple[float, Hourly]] = {}
        self._known: dict[tuple[str, tuple[str, ...], int], Usage] = {}

    def credits(self, seed: int) -> list[Credit]:
        """Exact where all subsets can be worked out, else sampled."""
        players = len(self.ids)
        if not players:
            return []
        by_type = self.settled and self.has_rates()
        if players <= (MOST_EXACT_BY_TYPE if by_type else MOST_EXACT):
            cost = self.all_costs()
            shares, error = shapley(-cost), np.zeros(players)
            alone = [cost[0] - cost[1 << k] for k in range(players)]
        else:
            shares, error = sampled_shapley(lambda s: -self.cost(s), players, SAMPLED_ORDERS, seed)
            alone = [self.cost(0) - self.cost(1 << k) for k in range(players)]
        rows = zip(self.ids, alone, shares, error, strict=True)
        return [Credit(i, float(a), float(s), float(e)) for i, a, s, e in rows]

    def all_costs(self) -> Array:
        """Cost of every subset."""
        states = {
            t: [self.table_state(t, bits) for bits in range(2 ** len(self.part[t]))] for t in self.tables
        }
        cost = np.zeros(1)
        for table in self.tables:
            cost = (np.array([c for c, _ in states[table]])[:, None] + cost[None, :]).ravel()
        if not self.settled:
            return cost
        keys = list(dict.fromkeys(k for s in states.values() for _, hourly in s for k in hourly))
        eligible = np.zeros((1, len(keys), round(self.result.prepared.window_hours)))
        for table in self.tables:
            hourly = np.array([_stacked(h, keys, eligible.shape[-1]) for _, h in states[table]])
            eligible = (hourly[:, None] + eligible[None, :]).reshape(-1, *eligible.shape[1:])
        cost, eligible = self._under_plans(cost, eligible, keys)
        if self.plan is None:
            return cost
        return np.concatenate([cost, self._under_new_plan(cost, eligible, keys)])

    def cost(self, subset: int) -> float:
        """Cost of one subset."""
        cost, shift = 0.0, 0
        parts: list[Hourly] = []
        for table in self.tables:
            size = len(self.part[table])
            table_cost, hourly = self.table_state(table, subset >> shift & (2**size - 1))
            cost, shift = cost + table_cost, shift + size
            parts.append(hourly)
        if not self.settled:
            return cost
        keys = list(dict.fromkeys(k for part in parts for k in part))
        hours = round(self.result.prepared.window_hours)
        eligible = np.sum([_stacked(part, keys, hours) for part in parts], axis=0)[None]
        costs, open_usd = self._under_plans(np.array([cost]), eligible, keys)
        if self.plan is not None and subset >> shift & 1:
            costs = self._under_new_plan(costs, open_usd, keys)
        return float(costs[0])

    def has_rates(self) -> bool:
        """Whether the price book has plan rates for the tables as they are or as any one lever leaves them."""
        if not self.result.book.plan_offers() & {p.offer for p in self.plans}:
            return False
        for table in self.tables:
            levers = len(self.part[table])
            states = {0, *(1 << k for k in range(levers)), 2**levers - 1}
            if any(rated(self._charges(table, bits), self.plans) for bits in states):
                return True
        return False

    def _under_plans(self, cost: Array, eligible: Array, keys: list[Key]) -> tuple[Array, Array]:
        for n, plan in enumerate(self.result.account.plans):
            committed = np.full(len(cost), plan.commitment_usd_per_hour)
            cost, eligible = _covered(cost, eligible, *self._terms(keys, n), committed)
        return cost, eligible

    def _under_new_plan(self, cost: Array, eligible: Array, keys: list[Key]) -> Array:
        assert self.plan is not None
        discounts, rates = self._terms(keys, len(self.plans) - 1)
        if len(keys) == 1:
            size = best_commitments(eligible[:, 0], float(discounts[0]))
        else:
            size = np.array([best_commitment(e, discounts) for e in eligible])
        return _covered(cost, eligible, discounts, rates, size * self.plan.size_ratio)[0]

    def _terms(self, keys: list[Key], plan: int) -> tuple[Array, Array]:
        """Discounts and plan rates of the groups under the n-th plan (see `Groups.keys`)."""
        terms = np.array(keys).T
        return terms[plan], terms[len(self.plans) + plan]

    def least_eligible(self) -> Array:
        """Per hour, the least eligible usage of the (one) table over all subsets."""
        table = self.tables[0]
        hourly = []
        for bits in range(2 ** len(self.levers)):
            usage = self._usage(table, bits)
            charges = Charges(tuple(price_table(usage, table, self.result.book)))
            hourly.append(eligible_usd_per_hour(charges, usage, table))
        least: Array = np.min(hourly, axis=0)
        return least

    def table_state(self, table: str, bits: int) -> tuple[float, Hourly]:
        """Cost and hourly eligible usage of one table under a subset of its levers, kept."""
        if (table, bits) not in self._states:
            self._states[table, bits] = self._table_state(table, bits)
        return self._states[table, bits]

    def _table_state(self, table: str, bits: int) -> tuple[float, Hourly]:
        """As `table_state`; shares the longest prefix."""
        charges = self._charges(table, bits)
        hourly: Hourly = {}
        if self.settled:
            groups = eligible_groups(charges, self._usage(table, bits), self.plans)
            hourly = dict(zip(groups.keys(), groups.eligible_usd, strict=True))
        return float(charges.total_usd()), hourly

    def _charges(self, table: str, bits: int) -> Charges:
        return Charges(tuple(price_table(self._usage(table, bits), table, self.result.book)))

    def _usage(self, table: str, bits: int) -> Usage:
        on = [x for i, x in enumerate(self.part[table]) if bits >> i & 1]
        modes = tuple(x.id for x in on if x.mode)
        return self._after(table, modes, bits)

    def _after(self, table: str, modes: tuple[str, ...], bits: int) -> Usage:
        key = (table, modes, bits)
        if key not in self._known:
            if not bits:
                self._known[key] = self.result.modes.choose(self.result.prepared, modes)
            else:
                last = bits.bit_length() - 1
                before = self._after(table, modes, bits & ~(1 << last))
                self._known[key] = apply_lever(self.part[table][last], before, self.result.book)
        return self._known[key]


def _same_for_all(games: Sequence[_Game], plans: Sequence[Plan]) -> bool:
    """Whether the existing plans are used up in every hour whatever the levers do: then they favour none."""
    if not plans:
        return True
    if any(len(g.levers) > MOST_EXACT for g in games):
        return False
    committed = sum(p.commitment_usd_per_hour / (1 - p.discount_ratio) for p in plans)
    least = sum((g.least_eligible() for g in games), start=np.zeros(1))
    return bool((least >= committed).all())


def _stacked(hourly: Hourly, keys: list[Key], hours: int) -> Array:
    return np.array([hourly.get(k, np.zeros(hours)) for k in keys]).reshape(len(keys), hours)


def _covered(
    cost: Array, eligible: Array, discounts: Array, rates: Array, commitment: Array
) -> tuple[Array, Array]:
    """Costs and open usage (subsets, groups, hours) once a commitment (one per subset) has been settled."""
    covered, _ = allocate(eligible, discounts, commitment[:, None, None], rates)
    saving = covered.sum(axis=1).mean(axis=1) - commitment
    return cost - saving * HOURS_PER_MONTH, eligible - covered


def waterfall(result: Result) -> list[tuple[str, float]]:
    """Marginal saving of each lever in the order of application; adds up to the saving exactly."""
    totals = [result.baseline.total_usd]
    priced = {t: tuple(price_table(result.prepared, t, result.book)) for t in TABLES}
    for step in result.steps[:-1]:
        if step.lever.table:
            priced[step.lever.table] = tuple(price_table(step.after, step.lever.table, result.book))
        charges, _ = settle(Charges(sum(priced.values(), ())), step.after, result.account.plans)
        totals.append(float(charges.total_usd()))
    totals += [result.outcome.total_usd] if result.steps else []
    gains = np.subtract(totals[:-1], totals[1:])
    return [(s.lever.id, float(usd)) for s, usd in zip(result.steps, gains, strict=True)]
