"""The pipeline: usage → levers → charges → commitments → result, readable top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, wraps
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.engine.account import Account, keeping
from simulator.engine.applying import apply_lever
from simulator.engine.ending import marked, moved
from simulator.engine.modes import Modes, weigh_modes
from simulator.engine.modes_under_plans import under_plans
from simulator.engine.scenario import Scenario
from simulator.engine.state import State, savings_plan_of, state
from simulator.levers.bedrock.model_upgrade import ModelUpgrade
from simulator.levers.lever import Lever
from simulator.pricing.book import PriceBook
from simulator.snapshot.snapshot import Snapshot
from simulator.usage.rows import changed_rows
from simulator.usage.tables import Usage

T = TypeVar("T")

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Step:
    """One lever applied: the usage it found and the usage it left."""

    lever: Lever
    before: Usage
    after: Usage

    @cached_property
    def changed(self) -> NDArray[np.bool_]:
        """Rows of the lever's table that it changed."""
        return changed_rows(self.before.table(self.lever.table), self.after.table(self.lever.table))


@dataclass(frozen=True, eq=False)
class Result:
    """One scenario on one account: the month before, the month after, and every step between.

    `marked` is the account's usage with the resources to keep marked; `prepared` the usage the first lever found, in
    which serving modes are chosen too. `on_demand` is the result without what plans settle, where that chooses others.
    """

    account: Account
    scenario: Scenario
    book: PriceBook
    baseline: State
    outcome: State
    steps: tuple[Step, ...]
    marked: Usage
    prepared: Usage
    modes: Modes
    on_demand: Result | None = None

    @property
    def levers(self) -> tuple[Lever, ...]:
        """The scenario's levers in the order of application."""
        return self.scenario.ordered()

    def __reduce__(self) -> tuple[type[Result], tuple[object, ...]]:
        """As it is sent to a worker: what was worked out from it stays behind (see `remembered`)."""
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    @property
    def saving_usd(self) -> float:
        """Monthly saving at run rate; negative when the scenario costs more."""
        return self.baseline.total_usd - self.outcome.total_usd

    @property
    def saving_ratio(self) -> float:
        """Saving over baseline; NaN without a baseline."""
        return self.saving_usd / self.baseline.total_usd if self.baseline.total_usd else float("nan")

    def touched_by(self, table: str, row: int) -> list[str]:
        """Ids of the levers that changed this resource's usage, in order."""
        return [s.lever.id for s in self.steps if s.lever.table == table and s.changed[row]]


def remembered(work: Callable[[Result], T]) -> Callable[[Result], T]:
    """Work out once per result, forget with the result: a store of its own would keep accounts and prices alive."""
    name = _name(work)

    @wraps(work)
    def once(result: Result) -> T:
        known = vars(result)
        if name not in known:
            known[name] = work(result)
        found: T = known[name]
        return found

    return once


def remember(work: Callable[[Result], T], result: Result, found: T) -> None:
    """Let a result know what `work`, one that is remembered, would find: where another result found it already."""
    vars(result)[_name(work)] = found


def _name(work: Callable[[Result], T]) -> str:
    return f"_{work.__module__}.{work.__qualname__}"


MOST_BEGUN = 4
"""Of a day: by what is kept, and by how many tokens a model that follows takes."""


def simulate(
    account: Account | Snapshot,
    scenario: Scenario,
    book: PriceBook,
    *,
    baseline: State | None = None,
    like: Result | None = None,
) -> Result:
    """Run a scenario on an account (or a snapshot of one). Levers go by stage, then id; commitments come last.

    `like` is a result at hand, of another scenario or of the account on another day: what both have in common
    is taken over, not worked out again; the answer is the same to the cent. The account's billed rates are laid over
    the prices of `book` (`Account.book`).
    """
    if isinstance(account, Snapshot):
        account = Account.open(account)
    account = account.planned(scenario.workloads)
    book = account.book(book)
    like = like if like is not None and like.book is book else None
    if account.day:
        usage, begun = _begun(account, scenario, book)
    else:
        usage, begun = _marked(account, scenario, book, like), None
    baseline = baseline or begun or state(usage, book, account.plans_on(book.as_of))
    modes = _modes(usage, scenario.ordered(), book, like)
    first = _run(account, scenario, book, baseline, usage, modes, _known(like))
    settled = _settled_modes(first)
    if settled is None:
        return first
    modes = replace(modes, settled=settled)
    second = _run(account, scenario, book, baseline, usage, modes, [*_known(like), first])
    return replace(second, on_demand=first) if second.outcome.total_usd < first.outcome.total_usd else first


def _known(like: Result | None) -> list[Result]:
    return [x for x in (like, like and like.on_demand) if x is not None]


def _marked(account: Account, scenario: Scenario, book: PriceBook, like: Result | None) -> Usage:
    """The account's usage with what is kept and what has ended marked."""
    if like is not None and like.account is account and like.scenario.keep == scenario.keep:
        return like.marked
    day = max(book.as_of, account.window_end, account.day or book.as_of)
    return marked(keeping(account.usage, scenario.keep), day, account.window_end)


def _begun(account: Account, scenario: Scenario, book: PriceBook) -> tuple[Usage, State]:
    """The usage of a later day, moved where AWS forces it, and what it costs; kept, as every scenario passes it."""
    upgrade = scenario.setting("model_upgrade")
    ratio = upgrade.token_ratio if isinstance(upgrade, ModelUpgrade) else None
    known = account.begun.setdefault(book, {})
    if (scenario.keep, ratio) not in known:
        if len(known) >= MOST_BEGUN:
            known.clear()
        usage = moved(_marked(account, scenario, book, None), book, ratio)
        known[scenario.keep, ratio] = usage, state(usage, book, account.plans_on(book.as_of))
    found: tuple[Usage, State] = known[scenario.keep, ratio]
    return found


def _modes(usage: Usage, levers: Sequence[Lever], book: PriceBook, like: Result | None) -> Modes:
    """What serving modes cost: known where the same levers act on the same endpoints. What plans settled is open."""
    if (
        like is None
        or like.marked.endpoints is not usage.endpoints
        or _serving(levers) != _serving(like.levers)
    ):
        return weigh_modes(usage, levers, book)
    return like.modes if like.modes.settled is None else replace(like.modes, settled=None)


def _serving(levers: Sequence[Lever]) -> list[Lever]:
    return [x for x in levers if x.table == "endpoints"]


def _run(
    account: Account,
    scenario: Scenario,
    book: PriceBook,
    baseline: State,
    usage: Usage,
    modes: Modes,
    known: Sequence[Result],
) -> Result:
    """The levers, prices and plans on usage with its serving modes chosen.

    Of the known results the first with the same choice is followed; else the last, whose other tables may be the same.
    """
    levers = scenario.ordered()
    prepared = modes.choose(usage, [x.id for x in levers])
    same = [k for k in known if k.marked.endpoints is usage.endpoints and same_choice(k.prepared, prepared)]
    if same:
        prepared = replace(usage, endpoints=same[0].prepared.endpoints)
    like = same[0] if same else known[-1] if known else None
    steps = apply_levers(prepared, levers, book, like.steps if like else ())
    remaining = steps[-1].after if steps else prepared
    priced = [like.outcome, baseline] if like else [baseline]
    outcome = state(
        remaining, book, account.plans_on(book.as_of), new_plan=savings_plan_of(levers), known=priced
    )
    return Result(account, scenario, book, baseline, outcome, steps, usage, prepared, modes)


def same_choice(one: Usage, other: Usage) -> bool:
    """Whether every endpoint is open to the same serving mode."""
    return np.array_equal(one.endpoints.mode_choice, other.endpoints.mode_choice)


def _settled_modes(result: Result) -> NDArray[np.int64] | None:
    """Serving modes that should be cheaper under the plans than those chosen on demand, if any."""
    allocations = result.outcome.settlement.allocations
    if not allocations or len(result.modes.cost_usd) < 2:
        return None
    new = savings_plan_of(result.scenario.levers)
    hourly = allocations[0].eligible_usd.sum(axis=0)
    plans = [replace(a.plan, discount_ratio=a.discount_ratio) for a in allocations]
    return under_plans(result.modes, hourly, plans, new.size_ratio if new else None)


def apply_levers(
    usage: Usage, levers: Iterable[Lever], book: PriceBook, known: Sequence[Step] = ()
) -> tuple[Step, ...]:
    """Each lever sees the usage the ones before it left.

    A lever reads and rewrites one table (decision 1): where a known step of it found the very same table, what it left
    is taken over.
    """
    done = {s.lever.id: s for s in known}
    steps: list[Step] = []
    for lever in levers:
        before, table = steps[-1].after if steps else usage, lever.table
        old = done.get(lever.id)
        if old is not None and table and _found_the_same(old, lever, before):
            left = old.after.table(table)
            after = before if left is before.table(table) else before.with_tables(**{table: left})
        else:
            after = apply_lever(lever, before, book)
        steps.append(Step(lever, before, after))
    return tuple(steps)


def _found_the_same(old: Step, lever: Lever, before: Usage) -> bool:
    """Whether a step is of this very lever, on this very table."""
    same = old.lever is lever or old.lever == lever
    return same and old.before.table(lever.table) is before.table(lever.table)
