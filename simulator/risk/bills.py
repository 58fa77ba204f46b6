"""Risk: the bill as a distribution. Draws of the uncertain parameters go through the same levers and prices.

Parameters are independent, except growth, which is one driver for all that grows with it. Scenarios share
their luck: a parameter's draws depend on the seed and its name alone (`simulator.risk.draws`). Serving modes are those
of the settings: what a resource becomes is decided before luck is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engine.calendar import Calendar, calendar_of
from simulator.engine.roadmap import share_of, starts
from simulator.engine.simulate import Result, apply_levers, remember
from simulator.engine.state import savings_plan_of, state
from simulator.plans.settlement import Plan
from simulator.risk.draws import Distribution, drawn, range_of, two_sided, uniforms
from simulator.risk.plans import saved_usd
from simulator.risk.tables import COVERED, DrawnTables
from simulator.usage.blend import DRIVERS
from simulator.usage.tables import TABLES

Array = NDArray[np.float64]
GROWTH = {"training": "training_growth", "traffic": "traffic_growth", "data": "data_growth"}
Shares = tuple[float, ...] | None


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

    `table_usd` is each usage table's run rate per draw, before any plan covers part of it. `unexplained_usd` is what
    the bill holds beside, per month and draw: dollars that no usage explains.
    """

    draws: int
    seed: int
    run_rate_usd: Array
    saving_run_rate_usd: Array
    bill_usd: Array
    saving_usd: Array
    table_usd: dict[str, Array]
    unexplained_usd: Array

    @property
    def whole_range(self) -> Percentiles:
        """Of the whole monthly bill: the scenario's run rate and what no usage explains."""
        return Percentiles.of(self.run_rate_usd + self.unexplained_usd)

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
    unexplained_usd: float = 0.0,
    tables: DrawnTables | None = None,
) -> Risk:
    """Distribution of a scenario's bill over the months. Raises ValueError unless 2 <= draws <= 1,000,000.

    `unexplained_usd` of today's monthly bill no usage explains: levers leave it, and how much of it recurs is drawn.
    `tables` are those of this result and these draws, where the caller has them.
    """
    if not 2 <= draws <= 1_000_000:
        raise ValueError(f"draws: expected 2 to 1,000,000, not {draws}")
    work = Bills(result, draws, seed, distribution, tables)
    full = tuple(1.0 for _ in result.scenario.ordered())
    bill = np.empty((months, draws))
    base = np.empty((months, draws))
    ordered = result.scenario.ordered()
    shares = [tuple(share_of(result, x, m) for x in ordered) for m in range(1, months + 1)]
    work.expect([*shares, full])
    for m in range(1, months + 1):
        bill[m - 1] = work.month(shares[m - 1], m)
        base[m - 1] = work.month(None, m)
    settled = tuple(a.plan for a in result.outcome.settlement.allocations)
    rate, rate_before = (
        work.bill(full, 1, settled),
        work.bill(None, 1, result.account.plans_on(result.book.as_of)),
    )
    outside = unexplained_usd * work.planned("unexplained_ratio")
    return Risk(draws, seed, rate, rate_before - rate, bill.T, (base - bill).T, work.by_table(full), outside)


def _quiet(result: Result) -> Calendar:
    """The calendar without launches, what is planned and announced prices: what the draws see."""
    account, book = replace(result.account, changes=(), demand=None), replace(result.book, announced=None)
    quiet = replace(result, account=account, book=book)
    remember(starts, quiet, starts(result))  # the month at run rate is the same
    return Calendar(quiet)


def _without_ended(result: Result, ended: NDArray[np.bool_]) -> Result:
    """The result whose levers leave these rows of Bedrock alone, in every draw: their models have ended."""
    before, levers = result.prepared.bedrock, result.scenario.ordered()
    prepared = result.prepared.with_tables(bedrock=before.changed(ended=before.ended | ended))
    steps = apply_levers(prepared, levers, result.book, result.steps)
    remaining = steps[-1].after if steps else prepared
    plans, new = result.account.plans_on(result.book.as_of), savings_plan_of(levers)
    outcome = state(remaining, result.book, plans, new_plan=new, known=[result.outcome])
    made = replace(result, prepared=prepared, steps=steps, outcome=outcome)
    remember(starts, made, starts(result))
    return made


class Bills:
    """Bills per draw: months only scale the tables' costs and settle plans."""

    def __init__(
        self,
        result: Result,
        draws: int,
        seed: int,
        distribution: Distribution,
        tables: DrawnTables | None = None,
    ) -> None:
        self.result, self.draws, self.seed, self.distribution = result, draws, seed, distribution
        self.order = result.scenario.ordered()
        self.growth = self._growth()
        self.tables = tables or DrawnTables(result, draws, seed, distribution)
        self.bills: dict[tuple[Any, ...], Array] = {}
        self.dated = calendar_of(result)
        self.quiet = _quiet(result) if self.dated.has_events() else None
        self.ended: dict[bytes, Bills] = {}

    def month(self, shares: Shares, month: int) -> Array:
        """The bill of a month per draw: its parts by their days. What is launched and prices that change move every
        draw by as much as the settings; on models that have ended no draw saves."""
        parts = self.dated.parts(month)
        bill: Array = np.zeros(self.draws)
        for part in parts:
            plans = self.dated.plans_on(part.day, new=shares is not None)
            there = self if shares is None else self._on(part.day)
            bill = bill + part.share * (
                there.bill(shares, month, plans) + there._moved(shares, month, part.day)
            )
        return bill

    def _on(self, day: date) -> Bills:
        """The bills of a day on which models have ended that live today; themselves when none has."""
        mine = self.result.prepared.bedrock
        if not self.dated.has_events() or not len(mine):
            return self
        then = self.dated.result_on(day).prepared.bedrock
        ended = np.isin(mine.resource_id.astype(str), then.resource_id[then.ended].astype(str)) & ~mine.ended
        if not ended.any():
            return self
        key = ended.tobytes()
        if key not in self.ended:
            result, like = _without_ended(self.result, ended), self.tables.kept()
            tables = DrawnTables(result, self.draws, self.seed, self.distribution, like)
            self.ended[key] = Bills(result, self.draws, self.seed, self.distribution, tables)
            self.ended[key].dated = self.dated
        return self.ended[key]

    def bill(self, shares: Shares, month: int, plans: tuple[Plan, ...]) -> Array:
        """The bill per draw with the levers at these shares (None: today's account), grown to a month, under plans."""
        key = (shares, month if any(g.any() for g in self.growth.values()) else 1, plans)
        if key not in self.bills:
            self.bills[key] = self._bill(shares, month, plans)
        return self.bills[key]

    def expect(self, shares: Sequence[tuple[float, ...]]) -> None:
        """The shares at which bills will be asked for."""
        self.tables.expect([self._share_of(s) for s in dict.fromkeys(shares)])

    def _share_of(self, shares: Shares) -> dict[str, float]:
        return {x.id: s for x, s in zip(self.order, shares, strict=True)} if shares is not None else {}

    def by_table(self, shares: tuple[float, ...]) -> dict[str, Array]:
        """Cost of each table per draw with the levers at these shares, before plans."""
        share_of = self._share_of(shares)
        return {t: self.tables.table(t, share_of).cost_usd for t in TABLES}

    def _bill(self, shares: Shares, month: int, plans: Sequence[Plan]) -> Array:
        share_of = self._share_of(shares)
        costs = {t: self.tables.table(t, share_of) for t in TABLES}
        factor = {k: (1 + g) ** ((month - 1) / 12) for k, g in self.growth.items()}
        scale = {t: factor.get(DRIVERS[t], 1.0) for t in TABLES}
        bill: Array = np.sum([costs[t].cost_usd * scale[t] for t in TABLES], axis=0)
        if not plans:
            return bill
        scales = np.stack([np.broadcast_to(scale[t], self.draws) for t in COVERED], axis=1)
        discounts = [self._discount(p) for p in plans]
        return bill - saved_usd(scales, [costs[t] for t in COVERED], plans, discounts)

    def _growth(self) -> dict[str, Array]:
        """Yearly growth per driver and draw; one the plan leaves at 0, without a range of its own, does not grow."""
        return {driver: self._grows(name) for driver, name in GROWTH.items()}

    def _grows(self, name: str) -> Array:
        scenario = self.result.scenario
        base, stated = float(getattr(scenario.planning, name)), scenario.growth_range.get(name)
        if stated is None:
            return self.planned(name) if base else np.zeros(self.draws)
        declared = scenario.planning.params()[name]
        values = two_sided(
            uniforms(f"planning.{name}", self.draws, self.seed),
            min(stated[0], base),
            base,
            max(stated[1], base),
        )
        return np.clip(values, declared.minimum, declared.maximum)

    def planned(self, name: str) -> Array:
        """Draws of one assumption of the plan."""
        planning = self.result.scenario.planning
        low, mode, high = range_of(planning.params()[name], float(getattr(planning, name)))
        return drawn(f"planning.{name}", low, mode, high, self.draws, self.seed, self.distribution)

    def _moved(self, shares: Shares, month: int, day: date) -> float:
        """Dollars by which launches and announced prices move a day's month at the settings."""
        if self.quiet is None:
            return 0.0
        with_, without = (
            (c.baseline if shares is None else c.outcome)(month, day).total_usd
            for c in (self.dated, self.quiet)
        )
        return with_ - without

    def _discount(self, plan: Plan) -> Array:
        setting = self.result.scenario.setting("savings_plan")
        if plan.existing or setting is None:
            return np.full(1, plan.discount_ratio)
        name = f"discount_{plan.offer}"
        low, mode, high = range_of(setting.params()[name], plan.discount_ratio)
        return drawn(f"savings_plan.{name}", low, mode, high, self.draws, self.seed, self.distribution)
