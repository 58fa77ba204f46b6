"""Months: the bill without and with the scenario over time: growth, start months, ramps, one-off costs, cash."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.aws.plan_offers import UPFRONT_SHARE
from simulator.engine.acting import acting
from simulator.engine.applying import apply_lever
from simulator.engine.simulate import Result, State, state
from simulator.levers.lever import Lever
from simulator.plans.settlement import Plan
from simulator.pricing.charges import Charges, price_table
from simulator.units import HOURS_PER_MONTH, HOURS_PER_YEAR
from simulator.usage.blend import blend, grown
from simulator.usage.tables import Usage

MOST_MONTHS = 60


@dataclass(frozen=True)
class Month:
    """One month, 1 = the first. Bills are effective (amortized) cost; `*_cash_usd` is what is paid in the month.

    `once_usd` holds one-off costs: engineering, dual running, transition requests. Cumulative saving is the
    sum of baseline − scenario − once so far.
    """

    month: int
    baseline_usd: float
    scenario_usd: float
    once_usd: float
    cumulative_saving_usd: float
    baseline_cash_usd: float
    scenario_cash_usd: float
    components: dict[str, float]


@dataclass(frozen=True)
class Worth:
    """What a plan is worth over its months. `payback_month` is None when it never pays back."""

    payback_month: int | None
    saving_usd: float
    once_usd: float
    net_present_value_usd: float


def project(result: Result, months: int = 12, *, first: date | None = None) -> list[Month]:
    """Month by month. `first` gives calendar months their own hours; without it each has 730 h.

    Growth multiplies usage from the second month on; a lever ramps up from its start month; a new Savings
    Plan keeps the size it is given at full effect and is renewed when it ends. Raises ValueError unless
    1 <= months <= 60.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise ValueError(f"months: expected 1 to {MOST_MONTHS}, not {months}")
    usage = result.prepared
    seen: dict[tuple[float, ...], Usage] = {}
    rows: list[Month] = []
    cumulative = 0.0
    for month in range(1, months + 1):
        factor = _hours(first, month) / HOURS_PER_MONTH
        growth = result.scenario.planning.growth(month)
        before = _month(result, result.baseline.usage, growth, result.account.plans, result.baseline)
        plans, paid = _plans(result, month)
        after_usage = _ramped(result, usage, month, seen)
        after = _month(result, after_usage, growth, plans, result.outcome)
        once = _once(result, month, after)
        baseline, bill = before.total_usd * factor, after.total_usd * factor
        cumulative += baseline - bill - once
        components = {c: float(v) * factor for c, v in after.charges.by_component().items()}
        cash = bill - _fees(plans) * factor + paid + once
        rows.append(Month(month, baseline, bill, once, cumulative, baseline, cash, components))
    return rows


def usage_of_month(result: Result, month: int) -> Usage:
    """Usage of a month (1 = the first) with the levers as far as they have come by then, grown."""
    return grown(_ramped(result, result.prepared, month, {}), result.scenario.planning.growth(month))


def worth(rows: Sequence[Month], interest_ratio: float) -> Worth:
    """Payback, total and net present value of a projection."""
    net = [m.baseline_usd - m.scenario_usd - m.once_usd for m in rows]
    present = sum(n / (1 + interest_ratio) ** (m.month / 12) for n, m in zip(net, rows, strict=True))
    below = [m.month for m in rows if m.cumulative_saving_usd < 0]
    after = (max(below) if below else 0) + 1
    payback = after if after <= len(rows) and sum(net) > 0 else None
    return Worth(payback, sum(net), sum(m.once_usd for m in rows), present)


def _hours(first: date | None, month: int) -> float:
    if first is None:
        return HOURS_PER_MONTH
    index = first.month - 1 + month - 1
    return calendar.monthrange(first.year + index // 12, index % 12 + 1)[1] * 24.0


def _month(
    result: Result, usage: Usage, growth: dict[str, float], plans: tuple[Plan, ...], known: State
) -> State:
    same_plans = plans == tuple(a.plan for a in known.settlement.allocations)
    if usage is known.usage and same_plans and all(f == 1.0 for f in growth.values()):
        return known
    return state(grown(usage, growth), result.book, plans)


def _ramped(result: Result, usage: Usage, month: int, seen: dict[tuple[float, ...], Usage]) -> Usage:
    """Usage of a month with every lever at its share; months with the same shares are made once."""
    levers = result.scenario.ordered()
    shares = tuple(result.scenario.share(x, month) for x in levers)
    if all(s == 1.0 for s in shares):
        return result.outcome.usage
    if shares not in seen:
        for lever, share in zip(levers, shares, strict=True):
            usage = (
                blend(usage, apply_lever(lever, usage, result.book), lever.table, share)
                if lever.table and share > 0
                else usage
            )
        seen[shares] = usage
    return seen[shares]


def _plans(result: Result, month: int) -> tuple[tuple[Plan, ...], float]:
    """Plans in force in a month, and the commitment dollars of new plans paid in it."""
    plans = [a.plan for a in result.outcome.settlement.allocations]
    setting = result.scenario.setting("savings_plan")
    active, paid = [], 0.0
    for plan in plans:
        if plan.existing or setting is None:
            active.append(plan)
        elif month >= result.scenario.start_month(setting):
            active.append(plan)
            paid += payment_usd(plan, month - result.scenario.start_month(setting))
    return tuple(active), paid


def payment_usd(plan: Plan, months_since_start: int) -> float:
    """Cash paid for a plan in its n-th month (0 = first): upfront part first, the rest evenly; renewed at the end."""
    years = 3 if plan.offer.startswith("3y") else 1
    upfront = UPFRONT_SHARE[plan.offer.split("_", 1)[1]]
    whole = plan.commitment_usd_per_hour * HOURS_PER_YEAR * years
    first = whole * upfront if months_since_start % (12 * years) == 0 else 0.0
    return first + whole * (1 - upfront) / (12 * years)


def _fees(plans: Sequence[Plan]) -> float:
    return sum(p.commitment_usd_per_hour * HOURS_PER_MONTH for p in plans if not p.existing)


def _once(result: Result, month: int, after: State) -> float:
    """Engineering, dual running and one-off requests of the levers that start in this month."""
    starting = [x for x in acting(result) if result.scenario.start_month(x) == month]
    work = sum(x.effort_hours for x in starting) * result.scenario.planning.engineering_usd_per_hour
    return work + sum(start_cost_usd(result, x) for x in starting)


def start_cost_usd(result: Result, lever: Lever) -> float:
    """What AWS charges once when a lever starts: requests and dual running, without the engineering."""
    return _requests(result, lever) + _dual_running(result, lever)


def _requests(result: Result, lever: Lever) -> float:
    """One-off requests a lever adds, at the prices of the book."""
    step = next(s for s in result.steps if s.lever.id == lever.id)
    if not lever.table:
        return 0.0
    before, after = (_charges(u, lever.table, result).total_usd(once=True) for u in (step.before, step.after))
    return float(after - before)


def _charges(usage: Usage, table: str, result: Result) -> Charges:
    return Charges(tuple(price_table(usage, table, result.book)))


def _dual_running(result: Result, lever: Lever) -> float:
    """The new way of the resources a lever changes, for the days in which the old one runs beside it."""
    if not lever.dual_running_days or not lever.table:
        return 0.0
    step = next(s for s in result.steps if s.lever.id == lever.id)
    rows = len(step.before.table(lever.table))
    before, after = (
        _charges(u, lever.table, result).by_resource(lever.table, rows) for u in (step.before, step.after)
    )
    changed = ~np.isclose(before, after)
    return float(after[changed].sum() * lever.dual_running_days * 24 / HOURS_PER_MONTH)
