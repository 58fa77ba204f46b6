"""The dated world a plan runs through: one list of dates on which usage, prices or commitments change.

Month 1 is the first whole calendar month after the snapshot's window and after the date of the prices. A month is cut
at the dates that fall inside it; each part counts by its days. On a day hold: the account as it will be
(`Account.on`), the prices in force, the Savings Plans that run, the levers as far as the roadmap has brought them, and
growth.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from simulator.aws.plan_offers import years_of
from simulator.engine.applying import apply_lever
from simulator.engine.roadmap import share_of, start_month
from simulator.engine.simulate import Result, remembered, simulate
from simulator.engine.state import State, state
from simulator.plans.settlement import Plan
from simulator.pricing.book import PriceBook
from simulator.usage.blend import blend, grown
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class Part:
    """Days of a month on which nothing changes: the first of them, and their share of the month."""

    day: date
    share: float


def month_start(first: date, number: int) -> date:
    """First day of the n-th month, 1 = the month that starts on `first`."""
    index = first.month - 1 + number - 1
    return date(first.year + index // 12, index % 12 + 1, 1)


def first_month(window_end: date, prices_as_of: date) -> date:
    """The first of a month on or after both dates."""
    day = max(window_end, prices_as_of)
    return day if day.day == 1 else month_start(day.replace(day=1), 2)


def parts_of(start: date, changes: Iterable[date]) -> tuple[Part, ...]:
    """A month cut at the changes inside it."""
    days = calendar.monthrange(start.year, start.month)[1]
    end = start + timedelta(days=days)
    cuts = sorted({start, *(c for c in changes if start < c < end)})
    return tuple(Part(a, (b - a).days / days) for a, b in zip(cuts, [*cuts[1:], end], strict=True))


class Worked:
    """What a calendar has worked out of a result. It does not hold the result: one that is remembered with it would
    keep both until the garbage collector runs, megabytes each."""

    def __init__(self, result: Result, first: date | None = None) -> None:
        window_end = result.account.snapshot.manifest.window_end.date()
        self.first = (first or first_month(window_end, result.book.as_of)).replace(day=1)
        self.new_plan = _bought(result, self.first)
        held = [a.plan for a in result.outcome.settlement.allocations if a.plan.existing]
        known = {p.plan_id for p in held}
        self.plans = (*held, *(p for p in result.account.later_plans if p.plan_id not in known))
        self.all_plans = (*self.plans, *((self.new_plan,) if self.new_plan else ()))
        dated = [d for p in self.all_plans for d in (p.start, p.end) if d]
        self.changes = tuple(sorted({*dated, *result.account.changes, *result.book.changes}))
        self.states: dict[tuple[object, ...], State] = {}
        self.ramped: dict[tuple[object, ...], Usage] = {}
        self.results: dict[int, Result] = {}


class Calendar:
    """A result through time. States are kept: months in which nothing differs are worked out once."""

    def __init__(self, result: Result, first: date | None = None, worked: Worked | None = None) -> None:
        self.result = result
        self._worked = worked or Worked(result, first)
        self.first, self.new_plan, self.plans = (
            self._worked.first, self._worked.new_plan, self._worked.plans,
        )  # fmt: skip

    @property
    def changes(self) -> tuple[date, ...]:
        """Every date on which something other than a lever or growth changes."""
        return self._worked.changes

    @property
    def all_plans(self) -> tuple[Plan, ...]:
        """Savings Plans that run at some time: the account's, then the new one."""
        return self._worked.all_plans

    def has_events(self) -> bool:
        """Whether usage or prices change on a known date."""
        return bool(self.result.account.changes or self.result.book.changes)

    def parts(self, month: int) -> tuple[Part, ...]:
        """The parts of the n-th month."""
        return parts_of(month_start(self.first, month), self.changes)

    def plans_on(self, day: date, *, new: bool) -> tuple[Plan, ...]:
        """Plans in force on a day, with the scenario's own (`new`) or without."""
        plans = self.all_plans if new else self.plans
        return tuple(p for p in plans if p.in_force(day))

    def baseline(self, month: int, day: date) -> State:
        """The account on a day as it runs without the scenario."""
        world = self.result_on(day)
        return self._state(world.baseline, world.baseline.usage, month, day, new=False)

    def outcome(self, month: int, day: date) -> State:
        """The account on a day with the levers as far as they have come."""
        world = self.result_on(day)
        return self._state(world.outcome, self.usage(month, day), month, day, new=True)

    def usage(self, month: int, day: date | None = None) -> Usage:
        """Usage of a month's day with the levers at their shares, not grown."""
        world = self.result_on(day or month_start(self.first, month))
        levers = self.result.scenario.ordered()
        shares = tuple(share_of(self.result, x, month) for x in levers)
        if all(s == 1.0 for s in shares):
            return world.outcome.usage
        key, ramped = (id(world), shares), self._worked.ramped
        if key not in ramped:
            usage = world.prepared
            for lever, share in zip(levers, shares, strict=True):
                if lever.table and share > 0:
                    usage = blend(usage, apply_lever(lever, usage, world.book), lever.table, share)
            ramped[key] = usage
        return ramped[key]

    def result_on(self, day: date) -> Result:
        """The scenario on the account as it is on a day."""
        account, results = self.result.account.on(day), self._worked.results
        if account is self.result.account:
            return self.result
        if id(account) not in results:
            before = next(reversed(results.values()), self.result)  # a day nearby has most in common
            results[id(account)] = simulate(account, self.result.scenario, self.result.book, like=before)
        return results[id(account)]

    def book_on(self, day: date) -> PriceBook:
        """Prices in force on a day."""
        return self.result.book.on(day)

    def _state(self, known: State, usage: Usage, month: int, day: date, *, new: bool) -> State:
        growth = self.result.scenario.planning.growth(month)
        plans, book = self.plans_on(day, new=new), self.book_on(day)
        settled = tuple(a.plan for a in known.settlement.allocations)
        flat = all(f == 1.0 for f in growth.values())
        if usage is known.usage and flat and book is self.result.book and _same(plans, settled):
            return known
        key, states = (id(usage), tuple(growth.values()), plans, id(book)), self._worked.states
        if key not in states:
            like = [known] if book is self.result.book else []
            states[key] = state(grown(usage, growth), book, plans, known=like)
        return states[key]


def calendar_of(result: Result) -> Calendar:
    """The calendar of a result; what it works out is kept with the result."""
    return Calendar(result, worked=_worked(result))


@remembered
def _worked(result: Result) -> Worked:
    return Worked(result)


def _same(plans: Sequence[Plan], settled: Sequence[Plan]) -> bool:
    return [(p.plan_id, p.commitment_usd_per_hour) for p in plans] == [
        (p.plan_id, p.commitment_usd_per_hour) for p in settled
    ]


def _bought(result: Result, first: date) -> Plan | None:
    """The new Savings Plan with its term: from the first of its start month, for one or three years, not renewed."""
    plan = next((a.plan for a in result.outcome.settlement.allocations if not a.plan.existing), None)
    setting = result.scenario.setting("savings_plan")
    if plan is None or setting is None:
        return None
    start = month_start(first, start_month(result, setting))
    return replace(plan, start=start, end=start.replace(year=start.year + years_of(plan.offer)))
