"""An open account: its snapshot, and the usage built from it once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from simulator.aws.plan_offers import DISCOUNT_RANGES, offer
from simulator.demand import Demand, Workload
from simulator.engine.ending import ends_of, ends_planned
from simulator.plans.settlement import Plan
from simulator.pricing.book import PriceBook
from simulator.snapshot.snapshot import Snapshot
from simulator.usage.build import rebuilt, to_usage
from simulator.usage.endpoints import launches
from simulator.usage.tables import TABLES, Table, Usage

HOUR = pd.Timedelta(hours=1)
MOST_PLANS = 8
"""Sets of workloads an account remembers."""


@dataclass(frozen=True, eq=False, repr=False)
class Account:
    """`usage` is a month at run rate.

    `plans` run at the window's end, `later_plans` start after it. `changes` are days on which usage changes: launches,
    what is planned (`demand`), and ends of life, past ones included. `day` marks the account of one later day.
    """

    snapshot: Snapshot
    usage: Usage
    plans: tuple[Plan, ...]
    later_plans: tuple[Plan, ...] = ()
    changes: tuple[date, ...] = ()
    demand: Demand | None = None
    day: date | None = None
    _days: dict[date, Account] = field(default_factory=dict, init=False, repr=False)
    _planned: dict[tuple[Workload, ...], Account] = field(default_factory=dict, init=False, repr=False)
    _tables: dict[tuple[str | int, ...], tuple[list[pd.DataFrame], Table]] = field(
        default_factory=dict, init=False, repr=False
    )
    _books: WeakKeyDictionary[PriceBook, PriceBook] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )

    begun: WeakKeyDictionary[PriceBook, dict[Hashable, Any]] = field(
        default_factory=WeakKeyDictionary, init=False, repr=False
    )
    """Of a later day: its usage as AWS leaves it and what that costs, the same for every scenario (`simulate`)."""

    def __repr__(self) -> str:
        """Its name and size; its tables would fill pages."""
        rows = ", ".join(f"{len(self.usage.table(t))} {t}" for t in TABLES if len(self.usage.table(t)))
        return f"Account({self.snapshot.manifest.name!r}: {rows or 'empty'})"

    def __reduce__(self) -> tuple[type[Account], tuple[object, ...]]:
        """As it is sent to a worker: what was worked out along the way stays behind."""
        kept = (self.snapshot, self.usage, self.plans, self.later_plans, self.changes)
        return type(self), (*kept, self.demand, self.day)

    @cached_property
    def window_usage(self) -> Usage:
        """What the window metered: made when its bill is asked for."""
        return to_usage(self.snapshot, basis="window")

    def book(self, book: PriceBook) -> PriceBook:
        """The prices with this account's billed rates laid over them; made once per book."""
        laid = self._books.get(book)
        if laid is None:
            laid = book.with_billed(self.snapshot.tables["billed_rates"])
            if laid is not book:
                self._books[book] = laid
        return laid

    def plans_on(self, day: date) -> tuple[Plan, ...]:
        """Plans in force at the window's end or on a later day: a plan that ended since covers nothing any more."""
        now = max(day, self.snapshot.manifest.window_end.date())
        return tuple(p for p in (*self.plans, *self.later_plans) if p.in_force(now))

    @classmethod
    def open(cls, snapshot: Snapshot) -> Account:
        """Build the usage of a snapshot; plans that end before the window does are left out."""
        plans, end = _plans(snapshot), snapshot.manifest.window_end.date()
        now = tuple(p for p in plans if p.start is None or p.start <= end)
        later = tuple(p for p in plans if p not in now)
        usage = to_usage(snapshot)
        changes = {*launches(snapshot), *ends_of(usage, end)}
        return cls(snapshot, usage, now, later, tuple(sorted(changes)))

    def planned(self, workloads: tuple[Workload, ...]) -> Account:
        """The account with what is planned, for the days to come; made once per set of workloads."""
        if self.day or workloads == (self.demand.workloads if self.demand else ()):
            return self
        if workloads not in self._planned:
            if len(self._planned) >= MOST_PLANS:
                self._planned.clear()
            demand = Demand(self.snapshot, workloads, self.demand) if workloads else None
            changes = {*launches(self.snapshot), *ends_of(self.usage, self.window_end)}
            changes |= self._planned_changes(demand) if demand else set()
            self._planned[workloads] = replace(self, demand=demand, changes=tuple(sorted(changes)))
        return self._planned[workloads]

    def _planned_changes(self, demand: Demand) -> set[date]:
        """Days on which something planned changes, and the ends of life of what is planned."""
        frames = [made for made in demand.rows.values() if made]
        return {*demand.changes, *ends_planned(self.usage.catalog, frames, self.window_end)}

    @property
    def window_end(self) -> date:
        """The first day after the snapshot's window, or the day it ends on."""
        return self.snapshot.manifest.window_end.date()

    def on(self, day: date) -> Account:
        """The account on a later day: what is created or planned by then runs. Itself until something is."""
        reached = bisect_right(self.changes, day)
        key = self.changes[reached - 1] if reached else date.min
        if key in self._days:
            return self._days[key]
        snapshot = self.demand.on(day) if self.demand else self.snapshot
        if not reached and snapshot is self.snapshot:
            return self
        usage = self._built(snapshot, day)
        self._days[key] = replace(self, usage=usage, changes=(), demand=None, day=key)
        return self._days[key]

    def _built(self, snapshot: Snapshot, day: date) -> Usage:
        """The usage of a day. A table is taken from an earlier day that had the very same rows, unless its endpoints
        have launch dates of their own."""
        moved = self._moved(snapshot)
        kept = moved - ({"endpoints"} if launches(self.snapshot) else set())
        rows = {n: [snapshot.tables[s] for s, of in TABLE_OF.items() if of == n] for n in kept}
        known = {n: made for n in kept if (made := self._made_of(n, rows[n])) is not None}
        usage = rebuilt(self.usage.with_tables(**known), snapshot, moved - set(known), day)
        self._tables.update({(n, *map(id, rows[n])): (rows[n], usage.table(n)) for n in kept})
        return usage

    def _made_of(self, name: str, rows: list[pd.DataFrame]) -> Table | None:
        """The table made of these very frames; they are held with it, so that none other takes their identity."""
        found = self._tables.get((name, *map(id, rows)))
        return found[1] if found else None

    def _moved(self, snapshot: Snapshot) -> set[str]:
        """Tables of usage that differ from today's: those of planned rows, and endpoints where launches are dated."""
        mine, its = self.snapshot.tables, snapshot.tables
        return {t for name, t in TABLE_OF.items() if its[name] is not mine[name]} | (
            {"endpoints"} if launches(self.snapshot) else set()
        )


TABLE_OF = {
    "training_jobs": "training",
    "endpoints": "endpoints",
    "endpoint_traffic": "endpoints",
    "compute": "compute",
    "bedrock": "bedrock",
    "storage": "storage",
    "services": "services",
}
"""Table of a snapshot → table of usage."""


def keeping(usage: Usage, keep: frozenset[str]) -> Usage:
    """Usage whose resources named in `keep` no lever may touch."""
    if not keep:
        return usage
    tables = {name: usage.table(name) for name in TABLES}
    marked = {n: replace(t, kept=np.isin(t.resource_id.astype(str), list(keep))) for n, t in tables.items()}
    return replace(usage, **marked)  # type: ignore[arg-type]


def _day(value: object, *, last: bool = False) -> date | None:
    """The day of a time; of an end, the first day that is free of it (23:59:59 ends with its day)."""
    time = pd.to_datetime(value, utc=True)  # type: ignore[call-overload]
    if pd.isna(time):
        return None
    day: date = (time.ceil("D") if last else time).date()
    return day


def _plans(snapshot: Snapshot) -> tuple[Plan, ...]:
    now = pd.Timestamp(snapshot.manifest.window_end)
    bought = snapshot.tables["commitments"]
    rows = bought.to_dict("records") if len(bought) else []
    return tuple(_plan(row) for row in rows if pd.to_datetime(row["end"], utc=True) >= now)


def _plan(row: Mapping[Hashable, Any]) -> Plan:
    term = 3 if row["term_years"] == 3 else 1
    payment = row["payment"] if isinstance(row["payment"], str) and row["payment"] else "no_upfront"
    key = offer(term, payment)
    return Plan(
        str(row["plan_id"]),
        float(row["hourly_commitment_usd"]),
        DISCOUNT_RANGES[key][1],
        key,
        True,
        _day(row["start"]),
        _day(row["end"], last=True),
    )


def window_plans(snapshot: Snapshot) -> tuple[Plan, ...]:
    """The plans that ran in the window, each in its own hours of it: bought, ended or returned inside it, too."""
    start, end = (pd.Timestamp(t) for t in (snapshot.manifest.window_start, snapshot.manifest.window_end))
    count = round(snapshot.window_hours)
    found = []
    for row in snapshot.tables["commitments"].to_dict("records"):
        begins, ends = (pd.to_datetime(row[c], utc=True) for c in ("start", "end"))
        first = 0 if pd.isna(begins) else max(round((begins - start) / HOUR), 0)
        last = count if pd.isna(ends) or ends >= end else min(round((ends - start) / HOUR), count)
        if first < last:
            found.append(replace(_plan(row), hours=None if (first, last) == (0, count) else (first, last)))
    return tuple(found)
