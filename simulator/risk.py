"""Risk: the bill as a distribution. Draws of the uncertain parameters go through the same levers and prices.

Parameters are independent, except growth, which is one driver for all that grows with it. Scenarios share
their luck: a parameter's draws depend on the seed and its name alone (`simulator.draws`). Draws are worked in
blocks that fit the cache; a Savings Plan is settled on hours grouped by similar usage (see `_hour_groups`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.applying import apply_lever
from simulator.charges import Charges, price_table
from simulator.commitments import Plan, eligible_groups, eligible_usd_per_hour
from simulator.draws import Distribution, drawn, drawn_lever, range_of
from simulator.levers.lever import Lever
from simulator.plan_rates import rated
from simulator.simulate import Result
from simulator.units import HOURS_PER_MONTH
from simulator.usage.blend import DRIVERS, blend
from simulator.usage.rows import taken
from simulator.usage.tables import TABLES, Usage

Array = NDArray[np.float64]
BLOCK_CELLS = 131_072
GROUPS = 24
DRAWS_AT_ONCE = 256
# Tables whose resources are billed each for itself: no tiers, no shared instances.
SEPARABLE = ("training", "compute")
COVERED = ("training", "endpoints", "compute")
GROWTH = {"training": "training_growth", "traffic": "traffic_growth", "data": "data_growth"}


@dataclass(frozen=True)
class Percentiles:
    """P10, P50 and P90 in dollars: numbers, or one per month."""

    p10_usd: Any
    p50_usd: Any
    p90_usd: Any

    @classmethod
    def of(cls, values: Array) -> Percentiles:
        """Percentiles over the first axis (draws)."""
        count = len(values)
        places = [round(q * (count - 1)) for q in (0.1, 0.5, 0.9)]
        ordered = np.partition(np.ascontiguousarray(values.T), places, axis=-1)
        p10, p50, p90 = (ordered[..., k] for k in places)
        return cls(p10, p50, p90)


@dataclass(frozen=True, eq=False)
class Risk:
    """`bill_usd` and `saving_usd` are (draws, months); run rates are per draw at full effect, first month.

    `table_usd` is each usage table's run rate per draw, before any plan covers part of it.
    """

    draws: int
    seed: int
    run_rate_usd: Array
    saving_run_rate_usd: Array
    bill_usd: Array
    saving_usd: Array
    table_usd: dict[str, Array]

    @property
    def range(self) -> Percentiles:
        """Of the scenario's monthly run rate."""
        return Percentiles.of(self.run_rate_usd)

    @property
    def saving_range(self) -> Percentiles:
        """Of the monthly saving at run rate."""
        return Percentiles.of(self.saving_run_rate_usd)

    @property
    def months(self) -> Percentiles:
        """Of each month's bill."""
        return Percentiles.of(self.bill_usd)

    def chance_of_saving(self, target_usd: float) -> float:
        """Share of the draws whose saving over all months reaches a target."""
        return float((self.saving_usd.sum(axis=1) >= target_usd).mean())


def assess(
    result: Result,
    months: int = 12,
    *,
    draws: int = 2_000,
    seed: int = 0,
    distribution: Distribution = "pert",
) -> Risk:
    """Distribution of a scenario's bill over the months. Raises ValueError unless 2 <= draws <= 1,000,000."""
    if not 2 <= draws <= 1_000_000:
        raise ValueError(f"draws: expected 2 to 1,000,000, not {draws}")
    work = _Work(result, draws, seed, distribution)
    full = tuple(1.0 for _ in result.scenario.ordered())
    bill = np.empty((months, draws))
    base = np.empty((months, draws))
    for m in range(1, months + 1):
        shares = tuple(result.scenario.share(x, m) for x in result.scenario.ordered())
        bill[m - 1] = work.bill(shares, m, m)
        base[m - 1] = work.bill(None, m, m)
    rate, rate_before = work.bill(full, 1, LAST_MONTH), work.bill(None, 1, 1)
    return Risk(draws, seed, rate, rate_before - rate, bill.T, (base - bill).T, work.by_table(full))


LAST_MONTH = 10_000

Shares = tuple[float, ...] | None


@dataclass(frozen=True, eq=False)
class _TableCosts:
    """One table in one state: cost and eligible value per draw (draws,); at the settings, eligible dollars per
    hour, charges and usage."""

    cost_usd: Array
    eligible_usd: Array
    hourly_usd: Array
    charges: Charges
    usage: Usage


class _Work:
    """Costs by table and state, worked out once; months only scale them and settle plans."""

    def __init__(self, result: Result, draws: int, seed: int, distribution: Distribution) -> None:
        self.result, self.draws, self.seed, self.distribution = result, draws, seed, distribution
        self.order = result.scenario.ordered()
        self.drawn = {x.id: drawn_lever(x, draws, seed, distribution) for x in self.order if x.table}
        self.growth = self._growth()
        self.tables: dict[tuple[str, tuple[float, ...]], _TableCosts] = {}
        self.bills: dict[tuple[Any, ...], Array] = {}

    def bill(self, shares: Shares, month: int, plan_month: int) -> Array:
        """The bill per draw with the levers at these shares (None: today's account), grown to a month, under
        the plans in force in `plan_month`."""
        plans = [
            a.plan
            for a in self.result.outcome.settlement.allocations
            if self._in_force(a.plan, shares, plan_month)
        ]
        key = (shares, month if any(g.any() for g in self.growth.values()) else 1, len(plans))
        if key not in self.bills:
            self.bills[key] = self._bill(shares, month, plans)
        return self.bills[key]

    def by_table(self, shares: tuple[float, ...]) -> dict[str, Array]:
        """Cost of each table per draw with the levers at these shares, before plans."""
        share_of = {x.id: s for x, s in zip(self.order, shares, strict=True)}
        return {t: self._table(t, share_of).cost_usd for t in TABLES}

    def _bill(self, shares: Shares, month: int, plans: Sequence[Plan]) -> Array:
        share_of = {x.id: s for x, s in zip(self.order, shares, strict=True)} if shares is not None else {}
        costs = {t: self._table(t, share_of) for t in TABLES}
        factor = {k: (1 + g) ** ((month - 1) / 12) for k, g in self.growth.items()}
        scale = {t: factor.get(DRIVERS[t], 1.0) for t in TABLES}
        bill: Array = np.sum([costs[t].cost_usd * scale[t] for t in TABLES], axis=0)
        if not plans:
            return bill
        ratio = np.stack([_ratio(costs[t]) * scale[t] for t in COVERED], axis=1)
        if any(rated(costs[t].charges, plans) for t in COVERED):
            return bill - self._saved_by_type(ratio, [costs[t] for t in COVERED], plans)
        groups = _hour_groups(np.array([costs[t].hourly_usd for t in COVERED]))
        return bill - self._saved(ratio, groups, plans)

    def _table(self, name: str, share_of: dict[str, float]) -> _TableCosts:
        acting = [x for x in self.order if x.table == name and share_of.get(x.id, 0) > 0]
        key = (name, tuple(share_of.get(x.id, 0.0) for x in self.order if x.table == name))
        if key not in self.tables:
            cost, eligible = self._drawn_table(acting, name, share_of)
            at = self._at_settings(acting, name, share_of) if name in COVERED else self.result.prepared
            charges = Charges(tuple(price_table(at, name, self.result.book)) if name in COVERED else ())
            hourly = eligible_usd_per_hour(charges, at, name)
            self.tables[key] = _TableCosts(cost, eligible, hourly, charges, at)
        return self.tables[key]

    def _drawn_table(
        self, levers: Sequence[Lever], name: str, share_of: dict[str, float]
    ) -> tuple[Array, Array]:
        """Cost and eligible value of one table per draw, in blocks worked by two threads."""
        usage, book = self.result.prepared, self.result.book
        if not levers:
            cost, eligible = _priced(usage, name, self.result)
            return np.full(self.draws, cost), np.full(self.draws, eligible)
        rows = (
            self._touched(levers, name, share_of) if name in SEPARABLE else np.arange(len(usage.table(name)))
        )
        rest = _priced(
            _only(usage, name, np.setdiff1d(np.arange(len(usage.table(name))), rows)), name, self.result
        )
        usage = _only(usage, name, rows) if name in SEPARABLE else usage
        size = max(BLOCK_CELLS // max(len(rows), 1), 1)
        blocks = [slice(a, min(a + size, self.draws)) for a in range(0, self.draws, size)]

        def work(block: slice) -> tuple[Array, Array]:
            state = usage
            for lever in levers:
                after = apply_lever(_sliced(self.drawn[lever.id], block), state, book)
                state = blend(state, after, name, share_of[lever.id])
            size = block.stop - block.start
            cost, eligible = _priced(state, name, self.result)
            return np.broadcast_to(cost, size), np.broadcast_to(eligible, size)

        with ThreadPoolExecutor(2) as pool:
            parts = list(pool.map(work, blocks))
        cost, eligible = (np.concatenate([p[k] for p in parts]) for k in (0, 1))
        return cost + rest[0], eligible + rest[1]

    def _touched(self, levers: Sequence[Lever], name: str, share_of: dict[str, float]) -> NDArray[np.int64]:
        """Rows some lever changes with every parameter at its low end, its setting or its high end."""
        usage, book = self.result.prepared, self.result.book
        touched = np.zeros(len(usage.table(name)), bool)
        for end in (0, 1, 2):
            state = usage
            for lever in levers:
                state = blend(state, apply_lever(_at_end(lever, end), state, book), name, share_of[lever.id])
            for (_, old), (_, new) in zip(
                usage.table(name).meters(), state.table(name).meters(), strict=True
            ):
                touched |= (old != new) & ~(np.isnan(old) & np.isnan(new))
        return np.flatnonzero(touched)

    def _at_settings(self, levers: Sequence[Lever], name: str, share_of: dict[str, float]) -> Usage:
        """Usage with the parameters at their settings."""
        usage, book = self.result.prepared, self.result.book
        for lever in levers:
            usage = blend(usage, apply_lever(lever, usage, book), name, share_of[lever.id])
        return usage

    def _growth(self) -> dict[str, Array]:
        """Yearly growth per driver and draw; a driver the plan leaves at 0 is not made to grow."""
        planning = self.result.scenario.planning
        made = {}
        for driver, name in GROWTH.items():
            value = float(getattr(planning, name))
            low, mode, high = range_of(planning.params()[name], value)
            stream = drawn(f"planning.{name}", low, mode, high, self.draws, self.seed, self.distribution)
            made[driver] = stream if value else np.zeros(self.draws)
        return made

    def _in_force(self, plan: Plan, shares: Shares, month: int) -> bool:
        if plan.existing:
            return True
        setting = self.result.scenario.setting("savings_plan")
        return (
            shares is not None and setting is not None and month >= self.result.scenario.start_month(setting)
        )

    def _saved(self, ratio: Array, hours: Array, plans: Sequence[Plan]) -> Array:
        """What the plans save in a month per draw (draws,); single precision, in dollars per hour."""
        least = ratio.min(axis=0) @ hours
        open_usd: NDArray[np.float32] | None = None
        saved: Array = np.zeros(len(ratio))
        for plan in plans:
            discount = self._discount(plan)
            committed = plan.commitment_usd_per_hour
            if open_usd is None and (least * (1 - discount.max()) >= committed).all():
                covered = committed / (1 - discount)
                saved = saved + covered - committed
                least = least - covered.max()
                continue
            if open_usd is None:
                taken = sum(
                    p.commitment_usd_per_hour / (1 - self._discount(p)) for p in plans[: plans.index(plan)]
                )
                open_usd = (ratio.astype(np.float32) @ hours.astype(np.float32)) - np.asarray(
                    taken, np.float32
                ).reshape(-1, 1)
            level = (committed / (1 - discount)).astype(np.float32)[:, None]
            used = np.minimum(open_usd, level)
            saved = saved + used.mean(axis=1) - committed
            open_usd = open_usd - used
        return saved * HOURS_PER_MONTH

    def _saved_by_type(self, ratio: Array, tables: Sequence[_TableCosts], plans: Sequence[Plan]) -> Array:
        """As `_saved`, where the price book has rates: each type at its own discount, highest first. A draw scales
        its table's types alike; only assumed discounts are drawn."""
        parts = [eligible_groups(t.charges, t.usage, plans) for t in tables]
        hours = _hour_groups(np.concatenate([p.eligible_usd for p in parts]))
        table = np.repeat(np.arange(len(parts)), [len(p.eligible_usd) for p in parts])
        discounts, rates = (
            np.concatenate([getattr(p, name) for p in parts], axis=1) for name in ("discounts", "rates_usd")
        )
        drawn_discounts = [self._discount(p) for p in plans]
        saved: Array = np.zeros(len(ratio))
        for start in range(0, len(ratio), DRAWS_AT_ONCE):
            block = slice(start, start + DRAWS_AT_ONCE)
            open_usd = ratio[block][:, table, None] * hours
            for n, plan in enumerate(plans):
                assumed = drawn_discounts[n] if len(drawn_discounts[n]) == 1 else drawn_discounts[n][block]
                of = np.where(np.isinf(rates[n]), assumed[:, None], discounts[n])
                covered = _covered(open_usd, np.broadcast_to(of, open_usd.shape[:2]), plan)
                saved[block] += covered.sum(axis=1).mean(axis=1) - plan.commitment_usd_per_hour
                open_usd = open_usd - covered
        return saved * HOURS_PER_MONTH

    def _discount(self, plan: Plan) -> Array:
        setting = self.result.scenario.setting("savings_plan")
        if plan.existing or setting is None:
            return np.full(1, plan.discount_ratio)
        name = f"discount_{plan.offer}"
        low, mode, high = range_of(setting.params()[name], plan.discount_ratio)
        return drawn(f"savings_plan.{name}", low, mode, high, self.draws, self.seed, self.distribution)


def _covered(open_usd: Array, discounts: Array, plan: Plan) -> Array:
    """On-demand value covered (draws, groups, hours) with discounts (draws, groups), highest first in each draw."""
    order = np.argsort(-discounts, axis=1, kind="stable")
    rate = 1 - np.take_along_axis(discounts, order, axis=1)[:, :, None]
    value = np.take_along_axis(open_usd, order[:, :, None], axis=1) * rate
    before = np.cumsum(value, axis=1) - value
    covered = np.clip(plan.commitment_usd_per_hour - before, 0.0, value) / rate
    return np.take_along_axis(covered, np.argsort(order, axis=1)[:, :, None], axis=1)


def _priced(usage: Usage, name: str, result: Result) -> tuple[Any, Any]:
    charges = Charges(tuple(price_table(usage, name, result.book)))
    eligible = sum(
        (b.known_usd.sum(axis=-1) for b in charges.blocks if b.meter.eligible), start=np.float64(0.0)
    )
    return charges.total_usd(), eligible


def _only(usage: Usage, name: str, rows: NDArray[np.int64]) -> Usage:
    changed: dict[str, Any] = {name: taken(usage.table(name), rows)}
    return replace(usage, **changed)


def _at_end(lever: Lever, end: int) -> Lever:
    ends = {n: range_of(p, float(getattr(lever, n)))[end] for n, p in lever.params().items() if p.is_drawn}
    return replace(lever, **ends)


def _sliced(lever: Lever, block: slice) -> Lever:
    columns = {f.name: getattr(lever, f.name) for f in fields(lever)}
    return replace(lever, **{n: v[block] for n, v in columns.items() if isinstance(v, np.ndarray)})


def _ratio(costs: _TableCosts) -> Array:
    base = costs.hourly_usd.mean() * HOURS_PER_MONTH
    return costs.eligible_usd / base if base > 0 else np.zeros_like(costs.eligible_usd)


def _hour_groups(hourly_usd: Array) -> Array:
    """Hours of similar total usage averaged together: (tables, groups). Means are exact, extremes are softened."""
    order = np.argsort(hourly_usd.sum(axis=0), kind="stable")
    count = next(n for n in range(min(GROUPS, len(order)), 0, -1) if len(order) % n == 0)
    return hourly_usd[:, order].reshape(len(hourly_usd), count, -1).mean(axis=2)
