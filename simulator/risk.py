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
from simulator.commitments import Plan, eligible_usd_per_hour
from simulator.draws import Distribution, drawn, drawn_lever, range_of
from simulator.levers.lever import Lever
from simulator.simulate import Result, simulate
from simulator.units import HOURS_PER_MONTH
from simulator.usage.blend import DRIVERS, blend
from simulator.usage.tables import TABLES, Usage

Array = NDArray[np.float64]
BLOCK = 256
GROUPS = 48
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
        places = [int(round(q * (count - 1))) for q in (0.1, 0.5, 0.9)]
        ordered = np.partition(np.ascontiguousarray(values.T), places, axis=-1)
        p10, p50, p90 = (ordered[..., k] for k in places)
        return cls(p10, p50, p90)


@dataclass(frozen=True, eq=False)
class Risk:
    """`bill_usd` and `saving_usd` are (draws, months); run rates are per draw at full effect, first month."""

    draws: int
    seed: int
    run_rate_usd: Array
    saving_run_rate_usd: Array
    bill_usd: Array
    saving_usd: Array

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
    result: Result, months: int = 12, *, draws: int = 2_000, seed: int = 0, distribution: Distribution = "pert"
) -> Risk:
    """Distribution of a scenario's bill over the months. Raises ValueError unless 2 <= draws <= 1,000,000."""
    if not 2 <= draws <= 1_000_000:
        raise ValueError(f"draws: expected 2 to 1,000,000, not {draws}")
    usage = result.prepared
    levers = [drawn_lever(x, draws, seed, distribution) for x in result.scenario.ordered() if x.table]
    growth = _growth_draws(result, draws, seed, distribution)
    states = {m: _shares(result, m) for m in range(1, months + 1)}
    full = tuple(1.0 for _ in result.scenario.ordered())
    costs = {s: _table_costs(usage, levers, result, s, draws) for s in {*states.values(), full}}
    nothing = tuple(0.0 for _ in full)
    before = costs.get(nothing) or _table_costs(usage, [], result, (), draws)
    bill = np.stack([_month(result, costs[states[m]], growth, m, seed, distribution) for m in states], axis=1)
    base = np.stack([_month(result, before, growth, m, seed, distribution, existing=True) for m in states], axis=1)
    one = {k: np.zeros(draws) for k in growth}
    rate = _month(result, costs[full], one, MONTH_AT_FULL_EFFECT, seed, distribution)
    rate_before = _month(result, before, one, 1, seed, distribution, existing=True)
    return Risk(draws, seed, rate, rate_before - rate, bill, base - bill)


MONTH_AT_FULL_EFFECT = 10_000


@dataclass(frozen=True, eq=False)
class _Costs:
    """One state of the levers: cost per table and eligible value per covered table, per draw; hours at the base."""

    cost_usd: dict[str, Array]
    eligible_usd: dict[str, Array]
    hourly_usd: Array


def _growth_draws(result: Result, draws: int, seed: int, distribution: Distribution) -> dict[str, Array]:
    """Yearly growth per driver: as stated when it is 0 (a plan that states none is not made to grow)."""
    planning = result.scenario.planning
    made = {}
    for driver, name in GROWTH.items():
        value = float(getattr(planning, name))
        low, mode, high = range_of(planning.params()[name], value)
        made[driver] = drawn(f"planning.{name}", low, mode, high, draws, seed, distribution) if value else np.zeros(draws)
    return made


def _shares(result: Result, month: int) -> tuple[float, ...]:
    return tuple(result.scenario.share(x, month) for x in result.scenario.ordered())


def _table_costs(
    usage: Usage, levers: Sequence[Lever], result: Result, shares: tuple[float, ...], draws: int
) -> _Costs:
    share_of = dict(zip((x.id for x in result.scenario.ordered()), shares, strict=False))
    cost: dict[str, Array] = {}
    eligible: dict[str, Array] = {}
    hourly = []
    for name in TABLES:
        acting = [x for x in levers if x.table == name and share_of.get(x.id, 0) > 0]
        cost[name], eligible[name] = _drawn_table(usage, acting, name, share_of, result, draws)
        if name in COVERED:
            hourly.append(_base_hours(usage, acting, name, share_of, result))
    return _Costs(cost, eligible, np.array(hourly))


def _drawn_table(
    usage: Usage, levers: Sequence[Lever], name: str, share_of: dict[str, float], result: Result, draws: int
) -> tuple[Array, Array]:
    """Cost and eligible value of one table per draw (draws,), in blocks worked by two threads."""
    if not levers:
        cost, eligible = _priced(usage, name, result)
        return np.full(draws, cost), np.full(draws, eligible)
    blocks = [slice(a, min(a + BLOCK, draws)) for a in range(0, draws, BLOCK)]

    def work(block: slice) -> tuple[Array, Array]:
        state = usage
        for lever in levers:
            state = blend(state, apply_lever(_sliced(lever, block), state, result.book), name, share_of[lever.id])
        cost, eligible = _priced(state, name, result)
        size = block.stop - block.start
        return np.broadcast_to(cost, size), np.broadcast_to(eligible, size)

    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(work, blocks))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _priced(usage: Usage, name: str, result: Result) -> tuple[Any, Any]:
    charges = Charges(tuple(price_table(usage, name, result.book)))
    eligible = sum((b.known_usd.sum(axis=-1) for b in charges.blocks if b.meter.eligible), start=np.float64(0.0))
    return charges.total_usd(), eligible


def _sliced(lever: Lever, block: slice) -> Lever:
    columns = {f.name: getattr(lever, f.name) for f in fields(lever)}  # type: ignore[arg-type]
    return replace(lever, **{n: v[block] for n, v in columns.items() if isinstance(v, np.ndarray)})


def _base_hours(
    usage: Usage, levers: Sequence[Lever], name: str, share_of: dict[str, float], result: Result
) -> Array:
    """Eligible dollars per hour of a table with the parameters at their settings."""
    for lever in levers:
        setting = result.scenario.setting(lever.id)
        assert setting is not None
        usage = blend(usage, apply_lever(setting, usage, result.book), name, share_of[lever.id])
    return eligible_usd_per_hour(Charges(tuple(price_table(usage, name, result.book))), usage, name)


def _month(
    result: Result,
    costs: _Costs,
    growth: dict[str, Array],
    month: int,
    seed: int,
    distribution: Distribution,
    *,
    existing: bool = False,
) -> Array:
    """The bill of one month per draw: cost × growth, less what the plans in force save."""
    years = 0.0 if month == MONTH_AT_FULL_EFFECT else (month - 1) / 12
    factor = {k: (1 + g) ** years for k, g in growth.items()}
    scale = {t: factor.get(DRIVERS[t], 1.0) for t in TABLES}
    bill: Array = sum(costs.cost_usd[t] * scale[t] for t in TABLES)
    plans = [a.plan for a in result.outcome.settlement.allocations if _in_force(result, a.plan, month, existing)]
    if not plans:
        return bill
    hours = _hour_groups(costs.hourly_usd)
    ratio = np.stack([_ratio(costs, t, k) * scale[t] for k, t in enumerate(COVERED)], axis=1)
    open_usd = ratio @ hours
    for plan in plans:
        discount = _discount(result, plan, len(bill), seed, distribution)[:, None]
        used = np.minimum(open_usd * (1 - discount), plan.commitment_usd_per_hour)
        covered = used / (1 - discount)
        bill = bill - (covered.mean(axis=1) - plan.commitment_usd_per_hour) * HOURS_PER_MONTH
        open_usd = open_usd - covered
    return bill


def _in_force(result: Result, plan: Plan, month: int, existing: bool) -> bool:
    if plan.existing:
        return True
    setting = result.scenario.setting("savings_plan")
    return not existing and setting is not None and month >= result.scenario.start_month(setting)


def _ratio(costs: _Costs, table: str, index: int) -> Array:
    base = costs.hourly_usd[index].mean() * HOURS_PER_MONTH
    return costs.eligible_usd[table] / base if base > 0 else np.zeros_like(costs.eligible_usd[table])


def _hour_groups(hourly_usd: Array) -> Array:
    """Hours of similar total usage averaged together: (tables, groups). Means are exact, extremes are softened."""
    order = np.argsort(hourly_usd.sum(axis=0), kind="stable")
    count = next(n for n in range(min(GROUPS, len(order)), 0, -1) if len(order) % n == 0)
    return hourly_usd[:, order].reshape(len(hourly_usd), count, -1).mean(axis=2)


def _discount(result: Result, plan: Plan, draws: int, seed: int, distribution: Distribution) -> Array:
    setting = result.scenario.setting("savings_plan")
    if plan.existing or setting is None:
        return np.full(draws, plan.discount_ratio)
    name = f"discount_{plan.offer}"
    low, mode, high = range_of(setting.params()[name], plan.discount_ratio)
    return drawn(f"savings_plan.{name}", low, mode, high, draws, seed, distribution)


@dataclass(frozen=True)
class Swing:
    """What one assumption moves: the monthly saving at its low and high end, all else at its setting."""

    lever_id: str
    parameter: str
    label: str
    low: float
    high: float
    saving_at_low_usd: float
    saving_at_high_usd: float

    @property
    def width_usd(self) -> float:
        """Dollars between both ends: measure the widest first."""
        return abs(self.saving_at_high_usd - self.saving_at_low_usd)


def tornado(result: Result) -> list[Swing]:
    """Every uncertain parameter of the scenario, the one that moves most dollars first."""
    swings = []
    for lever in result.scenario.ordered():
        for name, declared in lever.params().items():
            if declared.is_drawn and (not name.startswith("discount_") or name == f"discount_{getattr(lever, 'offer', '')}"):
                low, _, high = range_of(declared, float(getattr(lever, name)))
                ends = [_saving_at(result, lever, name, declared.check(v, name)) for v in _ends(declared, low, high)]
                swings.append(Swing(lever.id, name, declared.label, low, high, *ends))
    return sorted(swings, key=lambda s: -s.width_usd)


def _ends(declared: Any, low: float, high: float) -> tuple[float, float]:
    return (round(low), round(high)) if declared.integer else (low, high)


def _saving_at(result: Result, lever: Lever, name: str, value: Any) -> float:
    moved = result.scenario.with_lever(replace(lever, **{name: value}))
    return simulate(result.account, moved, result.book, baseline=result.baseline).saving_usd
