"""Months: the bill without and with the scenario over time: growth, start months, ramps, one-off costs, cash."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from simulator.aws.plan_offers import UPFRONT_SHARE, years_of
from simulator.engine.acting import acting
from simulator.engine.calendar import Calendar, Part, calendar_of, month_start
from simulator.engine.roadmap import start_month
from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.levers.lever import Lever
from simulator.plans.settlement import Plan
from simulator.pricing.charges import Charges, price_table
from simulator.units import HOURS_PER_MONTH, HOURS_PER_YEAR
from simulator.usage.blend import grown
from simulator.usage.tables import Usage

MOST_MONTHS = 60


@dataclass(frozen=True)
class Month:
    """One month, 1 = the first. Bills are effective (amortized) cost; `*_cash_usd` is what is paid in the month.

    `once_usd` holds one-off costs: engineering, dual running, transition requests. Cumulative saving is the
    sum of baseline − scenario − once so far. `month_start` is its first day, `baseline_components` the parts of the
    baseline.
    """

    month: int
    baseline_usd: float
    scenario_usd: float
    once_usd: float
    cumulative_saving_usd: float
    baseline_cash_usd: float
    scenario_cash_usd: float
    components: dict[str, float]
    month_start: str = ""
    baseline_components: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Worth:
    """What a plan is worth over its months. `payback_month` is None when it never pays back."""

    payback_month: int | None
    saving_usd: float
    once_usd: float
    net_present_value_usd: float


def project(result: Result, months: int = 12, *, first: date | None = None) -> list[Month]:
    """Month by month on the calendar (`engine/calendar.py`). Each month has 730 h; with `first` its own hours.

    Growth multiplies usage from the second month on; a lever ramps up from its start month; a new Savings Plan keeps
    the size it is given at full effect and ends with its term, as existing ones do on their day. Raises ValueError
    unless 1 <= months <= 60.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise ValueError(f"months: expected 1 to {MOST_MONTHS}, not {months}")
    dated = calendar_of(result) if first is None else Calendar(result, first)
    rows: list[Month] = []
    cumulative = 0.0
    for month in range(1, months + 1):
        start = month_start(dated.first, month)
        factor = 1.0 if first is None else monthrange(start.year, start.month)[1] * 24.0 / HOURS_PER_MONTH
        parts = dated.parts(month)
        before = _components([(p.share * factor, dated.baseline(month, p.day)) for p in parts])
        after = _components([(p.share * factor, dated.outcome(month, p.day)) for p in parts])
        baseline, bill = sum(before.values()), sum(after.values())
        once = _once(result, month)
        cumulative += baseline - bill - once
        old, new = (plan_cash_usd(dated, month, parts, factor, p) for p in (dated.plans, dated.all_plans))
        rows.append(
            Month(
                month,
                baseline,
                bill,
                once,
                cumulative,
                baseline + old,
                bill + new + once,
                after,
                start.isoformat(),
                before,
            )
        )
    return rows


def _components(parts: Sequence[tuple[float, State]]) -> dict[str, float]:
    """Cost per component of a month from its parts, each weighed by its share."""
    whole: dict[str, float] = {}
    for share, part in parts:
        for component, usd in part.charges.by_component().items():
            whole[component] = whole.get(component, 0.0) + float(usd) * share
    return whole


def plan_cash_usd(
    dated: Calendar, month: int, parts: Sequence[Part], factor: float, plans: Sequence[Plan]
) -> float:
    """What is paid for plans in a month beyond their even fee: upfront parts in their month, less what they cover."""
    start, after = month_start(dated.first, month), month_start(dated.first, month + 1)
    paid = 0.0
    for plan in plans:
        if plan.start and start <= plan.start < after:
            paid += upfront_usd(plan)
    for part in parts:
        for plan in (p for p in plans if p.in_force(part.day)):
            monthly = plan.commitment_usd_per_hour * HOURS_PER_MONTH * part.share
            paid += monthly * (1 - upfront_share(plan)) - monthly * factor
    return paid


def upfront_share(plan: Plan) -> float:
    """Share of a plan's commitment that is paid at its start."""
    return UPFRONT_SHARE[plan.offer.split("_", 1)[1]]


def upfront_usd(plan: Plan) -> float:
    """Dollars paid at a plan's start."""
    return plan.commitment_usd_per_hour * HOURS_PER_YEAR * years_of(plan.offer) * upfront_share(plan)


def usage_of_month(result: Result, month: int) -> Usage:
    """Usage of a month (1 = the first) with the levers as far as they have come by then, grown."""
    return grown(calendar_of(result).usage(month), result.scenario.planning.growth(month))


def worth(rows: Sequence[Month], interest_ratio: float) -> Worth:
    """Payback, total and net present value of a projection."""
    net = [m.baseline_usd - m.scenario_usd - m.once_usd for m in rows]
    present = sum(n / (1 + interest_ratio) ** (m.month / 12) for n, m in zip(net, rows, strict=True))
    below = [m.month for m in rows if m.cumulative_saving_usd < 0]
    after = (max(below) if below else 0) + 1
    payback = after if after <= len(rows) and sum(net) > 0 else None
    return Worth(payback, sum(net), sum(m.once_usd for m in rows), present)


def payment_usd(plan: Plan, months_since_start: int) -> float:
    """Cash paid for a plan in its n-th month (0 = first): upfront first, the rest evenly; none after its term."""
    months = 12 * years_of(plan.offer)
    if not 0 <= months_since_start < months:
        return 0.0
    first = upfront_usd(plan) if months_since_start == 0 else 0.0
    return first + plan.commitment_usd_per_hour * HOURS_PER_MONTH * (1 - upfront_share(plan))


def _once(result: Result, month: int) -> float:
    """Engineering, dual running and one-off requests of the acting levers that start in this month."""
    starting = [x for x in acting(result) if start_month(result, x) == month]
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
