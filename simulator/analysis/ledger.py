"""Plan against actual: a dated plan is kept, and later a newer snapshot shows what became of it.

The actual bill less the projected one is explained by six parts that add up exactly, per component and in all:
- price: the new usage at today's prices less the same usage at the plan's prices;
- lever: the new usage less what the plan's due levers, as far as they were to be by then, would still make of it, at
  the plan's prices: what they have not saved yet. A lever that was carried out but would apply again (shorter prompts)
  is named as done;
- volume, mix and new workload: what the plan's due levers make of the new usage, less what was projected
  (`ledger_lines`);
- unexplained: what no usage explains of the newer bill, less what none explained of the plan's.
Then realised = projected saving − what levers have not saved, and actual = projected baseline − realised + volume + mix
+ new workload + price. Source: variance analysis; FinOps Framework, effective savings rate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from simulator.analysis import ledger_lines as lines
from simulator.analysis.ledger_plan import (
    Kept,
    KeptMonth,
    from_json,
    keep,
    to_json,
    unexplained_by_component,
)
from simulator.analysis.reconcile import reconcile
from simulator.engine.account import Account
from simulator.engine.applying import apply_lever
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result, simulate
from simulator.engine.state import State, state
from simulator.pricing.book import PriceBook
from simulator.units import HOURS_PER_MONTH
from simulator.usage.blend import blend
from simulator.usage.tables import COMPONENTS

__all__ = ["Comparison", "Kept", "KeptMonth", "Variance", "compare", "from_json", "keep", "to_json"]
DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Variance:
    """One component per month at run rate, USD: projected + price + volume + mix + new workload + lever = actual.

    Both are usage × price; the bills are those and what no usage explains: projected bill + the six = actual bill.
    """

    component: str
    projected_usd: float
    price_usd: float
    volume_usd: float
    mix_usd: float
    new_workload_usd: float
    lever_usd: float
    actual_usd: float
    unexplained_usd: float
    projected_bill_usd: float
    actual_bill_usd: float

    @property
    def usage_usd(self) -> float:
        """The difference in usage: more, other, or new."""
        return self.volume_usd + self.mix_usd + self.new_workload_usd


@dataclass(frozen=True)
class Comparison:
    """A kept plan beside a newer snapshot, a month at run rate.

    `projected_saving_usd` is what levers due by now were to save; `realised_saving_usd` what of it they do save.
    `effective_savings_rate_ratio` is 1 − effective cost of eligible usage, unused commitment included, over the same
    usage at list price; NaN without eligible usage. `unexplained_usd` is of the newer bill, None without one.
    """

    month: int
    same_snapshot: bool
    due: tuple[str, ...]
    done: tuple[str, ...]
    components: tuple[Variance, ...]
    total: Variance
    baseline_usd: float
    projected_saving_usd: float
    realised_saving_usd: float
    effective_savings_rate_ratio: float
    billed_usd: float | None
    unexplained_usd: float | None


def compare(kept: Kept, account: Account, book_now: PriceBook, *, done: Collection[str] = ()) -> Comparison:
    """What became of a plan, at its own prices and at today's (`book_now`).

    Raises ValueError when the snapshot is older than the plan's or of another account, or `done` names a lever the
    plan has not.
    """
    unknown = set(done) - {x.id for x in kept.scenario.levers}
    if unknown:
        raise ValueError(f"done: {', '.join(sorted(unknown))} is not in the kept scenario")
    account.snapshot.manifest.refuse_other_account(kept.account_ids, "the kept scenario")
    days = (account.snapshot.manifest.window_end - kept.window_end).total_seconds() / 86400
    if days < 0:
        raise ValueError(
            f"snapshot {account.snapshot.manifest.name} ends {-days:.0f} days before that of the kept "
            "scenario; expected a newer one"
        )
    number = min(max(round(days / DAYS_PER_MONTH), 1), len(kept.months))
    month, due = kept.months[number - 1], kept.due(number)
    left, target = _left_to_do(kept, account, number, set(due) - set(done))
    today = simulate(account, Scenario(), book_now)
    now, outside = today.baseline, unexplained_by_component(account, book_now)
    parts = _usage_parts(kept, month, target)
    rows = [
        _variance(c, float(month.components.get(c, 0.0)), (left.baseline, target, now), parts)
        for c in COMPONENTS
        if month.components.get(c) or any(float(s.charges.by_component()[c]) for s in (left.baseline, now))
    ]
    rows = [_with_bill(r, kept, outside) for r in rows]
    total = _total(rows)
    projected = month.baseline_usd - month.scenario_usd
    billed, unexplained = _billed(account, book_now)
    return Comparison(
        number, account.snapshot.fingerprint() == kept.snapshot_fingerprint, tuple(due), tuple(sorted(done)),
        tuple(rows), total, month.baseline_usd, projected, projected - total.lever_usd,
        effective_savings_rate(now, today.book), billed, unexplained,
    )  # fmt: skip


def _left_to_do(kept: Kept, account: Account, month: int, ids: Collection[str]) -> tuple[Result, State]:
    """The newer usage at the plan's prices, and what the levers still to do would make of it, as far as the plan has
    them in that month. What the plan has planned is in the newer usage or is not there."""
    scenario = replace(kept.scenario.only(ids), workloads=())
    left = simulate(kept.at_its_rates(account), scenario, kept.prices())
    shares = [kept.share(x, month) for x in left.levers]
    if all(s == 1.0 for s in shares):
        return left, left.outcome
    usage = left.prepared
    for lever, share in zip(left.levers, shares, strict=True):
        if lever.table:
            usage = blend(usage, apply_lever(lever, usage, left.book), lever.table, share)
    plans = tuple(a.plan for a in left.outcome.settlement.allocations)
    return left, state(usage, left.book, plans)


Parts = Mapping[str, tuple[float, float, float]]


def _usage_parts(kept: Kept, month: KeptMonth, target: State) -> Parts | None:
    """Volume, mix and new workload per component; None for a plan that does not say what it used."""
    if kept.resources is None or not month.pools:
        return None
    unknown = lines.unknown_rows(target.usage, kept.resources)
    planned = {(c, unit): (quantity, usd) for c, unit, quantity, usd in month.pools}
    now, new = lines.pools(target, unknown), lines.new_usd(target, unknown)
    return {c: (*lines.split(c, planned, now), new.get(c, 0.0)) for c in COMPONENTS}


def _variance(
    component: str, projected: float, states: tuple[State, State, State], parts: Parts | None
) -> Variance:
    """Of the newer usage: at the plan's prices, with the levers still to do, and at today's prices."""
    then, target, actual = (float(s.charges.by_component()[component]) for s in states)
    volume, mix, new = parts[component] if parts else (target - projected, 0.0, 0.0)
    mix += target - projected - volume - mix - new  # what floating point leaves
    return Variance(
        component, projected, actual - then, volume, mix, new, then - target, actual, 0.0, projected, actual
    )


def _with_bill(row: Variance, kept: Kept, outside: Mapping[str, float] | None) -> Variance:
    """Both sides with what no usage explains; without a bill on either side nothing is said of it."""
    if kept.unexplained_usd is None or outside is None:
        return row
    old, new = kept.unexplained_usd.get(row.component, 0.0), outside.get(row.component, 0.0)
    return replace(
        row,
        unexplained_usd=new - old,
        projected_bill_usd=row.projected_usd + old,
        actual_bill_usd=row.actual_usd + new,
    )


def _total(rows: list[Variance]) -> Variance:
    names = [f.name for f in fields(Variance) if f.name != "component"]
    return Variance("total", *(sum(getattr(r, n) for r in rows) for n in names))


def effective_savings_rate(state: State, book: PriceBook) -> float:
    """1 − effective cost of plan-eligible usage (unused commitment included) ÷ the same usage at list price.

    List is before the discount given, and before the account's own discounts per service and private rates.
    """
    blocks = [b for b in state.charges.blocks if b.meter.eligible and not b.meter.once]
    paid_ratio = np.append(book.paid_ratio, 1.0)
    listed = sum(float(np.nansum(b.list_cost_usd / paid_ratio[b.price_row])) for b in blocks)
    paid = sum(float(b.known_usd.sum()) for b in blocks) + state.charges.unused_commitment_usd
    return 1 - paid / listed if listed else float("nan")


def _billed(account: Account, book: PriceBook) -> tuple[float | None, float | None]:
    """The newer bill and its unexplained part, at run rate."""
    rows = [r for r in reconcile(account, book) if r.billed_usd is not None]
    if not rows:
        return None, None
    factor = HOURS_PER_MONTH / account.snapshot.covered_hours
    return factor * sum(r.billed_usd or 0.0 for r in rows), factor * sum(
        r.unexplained_usd or 0.0 for r in rows
    )
