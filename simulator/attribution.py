"""Credit: what each lever saves alone, and what it is credited with so that the credits add up.

A lever rewrites one usage table, so tables without commitments are separate games whose Shapley values add.
Tables with usage a Savings Plan may cover are one game with the plan as a player: their costs add, and the
plan acts on the sum of their hourly eligible usage.
Source: L. Shapley (1953), "A value for n-person games"; efficiency makes the credits add to the total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from simulator.charges import Charges, price_table
from simulator.commitments import Plan, allocate, best_commitment, eligible_usd_per_hour
from simulator.levers.commitments.savings_plan import SavingsPlan
from simulator.levers.lever import Lever
from simulator.prices import PriceBook
from simulator.simulate import Result, state
from simulator.units import HOURS_PER_MONTH
from simulator.usage.tables import TABLES, Usage

Array = NDArray[np.float64]
COVERED_TABLES = ("training", "endpoints", "compute")


@dataclass(frozen=True)
class Credit:
    """One lever's saving per month: with nothing else on, and its Shapley share of the total."""

    lever_id: str
    alone_usd: float
    attributed_usd: float


def attribute(result: Result) -> list[Credit]:
    """Credits of all levers of a result, in the order of application; attributed adds up to the saving."""
    usage = result.baseline.usage
    levers = result.scenario.ordered()
    tables = {name: _costs(usage, [x for x in levers if x.table == name], name, result.book) for name in TABLES}
    plan = next((x for x in levers if isinstance(x, SavingsPlan)), None)
    separate = [tables[n] for n in TABLES if n not in COVERED_TABLES]
    games = [(t.ids, t.cost_usd) for t in separate]
    games.append(_committed_game([tables[n] for n in COVERED_TABLES], result.account.plans, plan))
    credit = {c.lever_id: c for ids, cost in games for c in _credits(ids, cost)}
    return [credit[x.id] for x in levers]


@dataclass(frozen=True)
class _Costs:
    """Cost (2^n,) and hourly eligible usage (2^n, hours) of one table under every subset of its levers."""

    ids: tuple[str, ...]
    cost_usd: Array
    eligible_usd: Array


def _costs(usage: Usage, levers: Sequence[Lever], name: str, book: PriceBook) -> _Costs:
    states = [usage]
    for lever in levers:
        states += [lever.apply(s) for s in states]
    priced = [Charges(tuple(price_table(s, name, book))) for s in states]
    cost = np.array([float(c.total_usd()) for c in priced])
    eligible = np.array([eligible_usd_per_hour(c, s, name) for c, s in zip(priced, states, strict=True)])
    return _Costs(tuple(x.id for x in levers), cost, eligible)


def _committed_game(
    tables: Sequence[_Costs], plans: Sequence[Plan], plan: SavingsPlan | None
) -> tuple[tuple[str, ...], Array]:
    """Cost of every subset of the levers on covered tables, existing plans and the new plan settled.

    Bit i of a subset's number is the i-th lever; the plan is the last.
    """
    ids = tuple(i for t in tables for i in t.ids)
    cost, eligible = tables[0].cost_usd, tables[0].eligible_usd
    for table in tables[1:]:
        cost = (table.cost_usd[:, None] + cost[None, :]).ravel()
        eligible = (table.eligible_usd[:, None] + eligible[None, :]).reshape(-1, eligible.shape[-1])
    for existing in plans:
        cost, eligible = _covered(cost, eligible, existing.discount_ratio, np.float64(existing.commitment_usd_per_hour))
    if plan is None:
        return ids, cost
    discount = np.array([plan.discount_ratio])
    size = np.array([best_commitment(u[None, :], discount) for u in eligible]) * plan.size_ratio
    with_plan, _ = _covered(cost, eligible, plan.discount_ratio, size)
    return (*ids, plan.id), np.concatenate([cost, with_plan])


def _covered(cost: Array, eligible: Array, discount: float, commitment: Array) -> tuple[Array, Array]:
    """Costs and open usage once a commitment (a number, or one per subset) has been settled."""
    level = np.reshape(commitment, (-1, 1, 1))
    covered, _ = allocate(eligible[:, None, :], np.array([discount]), level)
    covered = covered[:, 0, :]
    saving = covered.mean(axis=1) - level[:, 0, 0]
    return cost - saving * HOURS_PER_MONTH, eligible - covered


def _credits(ids: tuple[str, ...], cost: Array) -> list[Credit]:
    shares = shapley(-cost)
    return [Credit(i, float(cost[0] - cost[1 << k]), float(shares[k])) for k, i in enumerate(ids)]


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


def waterfall(result: Result) -> list[tuple[str, float]]:
    """Marginal saving of each lever in the order of application; adds up to the saving exactly."""
    levers = result.scenario.ordered()
    totals = [result.baseline.total_usd]
    for step, last in zip(result.steps, [*[False] * (len(levers) - 1), True], strict=True):
        totals.append(result.outcome.total_usd if last else _total(result, step.after))
    return [(x.id, before - after) for x, (before, after) in zip(levers, zip(totals, totals[1:], strict=False), strict=True)]


def _total(result: Result, usage: Usage) -> float:
    return state(usage, result.book, result.account.plans).total_usd
