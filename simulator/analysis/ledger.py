"""Plan against actual: a dated plan is kept, and later a newer snapshot tells what became of it.

The actual bill less the projected one is explained by three parts that add up exactly, per component and in all:
- price: the new usage at today's prices less the same usage at the plan's prices;
- levers: the new usage less what the plan's due levers would still make of it, at the plan's prices: what they have
  not saved yet. A lever that was carried out but would apply again (shorter prompts) is named as done;
- usage: what the plan's due levers make of the new usage, less what was projected: more or less demand than planned.
Then realised = projected saving − what levers have not saved, and actual = projected way of today − realised + usage +
price. Source: variance analysis; FinOps Framework, effective savings rate.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from simulator.analysis.attribution import attribute
from simulator.analysis.projection import project
from simulator.analysis.reconcile import reconcile
from simulator.documents import parse, shaped, shortened
from simulator.engine.account import Account
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result, State, simulate
from simulator.errors import DocumentError
from simulator.pricing.book import COLUMNS, PriceBook
from simulator.pricing.files import OwnText
from simulator.units import HOURS_PER_MONTH
from simulator.usage.tables import COMPONENTS

FORMAT = 1
DAYS_PER_MONTH = 365.25 / 12
OWN = "own"


@dataclass(frozen=True)
class KeptMonth:
    """One projected month: baseline, the plan's bill by component and in all, one-off costs."""

    month: int
    baseline_usd: float
    scenario_usd: float
    once_usd: float
    components: Mapping[str, float]


@dataclass(frozen=True)
class Kept:
    """A dated plan: scenario, snapshot, prices and projection. `own_prices` are rows in the form of the price files."""

    kept_on: date
    scenario: Scenario
    snapshot_name: str
    snapshot_fingerprint: str
    window_end: datetime
    prices_as_of: date
    discount_ratio: float
    own_prices: tuple[Mapping[str, Any], ...]
    months: tuple[KeptMonth, ...]
    credited_usd: Mapping[str, float]
    billed_usd: float | None

    def prices(self) -> PriceBook:
        """The price book the plan was made with."""
        text = io.StringIO()
        rows = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        rows.writeheader()
        rows.writerows({c: "" if v in (None, np.inf) else v for c, v in r.items()} for r in self.own_prices)
        own = OwnText(text.getvalue()) if self.own_prices else None
        return PriceBook.load(self.prices_as_of, own=own, discount_ratio=self.discount_ratio)

    def due(self, month: int) -> list[str]:
        """Levers whose start month has come."""
        return [x.id for x in self.scenario.ordered() if self.scenario.start_month(x) <= month]


def keep(result: Result, kept_on: date, months: int = 12) -> Kept:
    """The plan as of a date. Raises ValueError unless 1 <= months <= 60."""
    manifest = result.account.snapshot.manifest
    own = result.book.rows[result.book.rows["grade"] == OWN]
    bill = [r.billed_usd for r in reconcile(result.account, result.book) if r.billed_usd is not None]
    rows = project(result, months)
    return Kept(
        kept_on, result.scenario, manifest.name, result.account.snapshot.fingerprint(), manifest.window_end,
        result.book.as_of, result.book.discount_ratio,
        tuple({c: r[c] for c in COLUMNS} for r in own.to_dict("records")),
        tuple(KeptMonth(m.month, m.baseline_usd, m.scenario_usd, m.once_usd, m.components) for m in rows),
        {c.lever_id: c.attributed_usd for c in attribute(result)}, sum(bill) if bill else None,
    )  # fmt: skip


def to_json(kept: Kept) -> str:
    """The plan as it is stored."""
    data = {
        "format": FORMAT,
        "kept_on": kept.kept_on.isoformat(),
        "scenario": kept.scenario.to_dict(),
        "snapshot": {
            "name": kept.snapshot_name, "fingerprint": kept.snapshot_fingerprint,
            "window_end": kept.window_end.isoformat(),
        },
        "prices": {
            "as_of": kept.prices_as_of.isoformat(), "discount_ratio": kept.discount_ratio,
            "own": [{k: _finite(v) for k, v in r.items()} for r in kept.own_prices],
        },
        "months": [vars(m) | {"components": dict(m.components)} for m in kept.months],
        "credited_usd": dict(kept.credited_usd),
        "billed_usd": kept.billed_usd,
    }  # fmt: skip
    return json.dumps(data, indent=2, allow_nan=False)


def from_json(text: str | bytes, name: str = "plan") -> Kept:
    """A stored plan. Raises DocumentError in words when it is none."""
    from simulator.analysis.ledger_document import PlanDocument  # pydantic: only where a file is read

    data = parse(text, name)
    if not isinstance(data, dict) or "format" not in data:
        raise DocumentError(f"{name}: not a kept scenario; `ledger keep` writes one")
    if data["format"] != FORMAT:
        raise DocumentError(
            f"{name}: format {shortened(data['format'])} is not the format {FORMAT} this version reads"
        )
    try:
        plan = shaped(PlanDocument, data, name)
    except DocumentError as error:
        raise DocumentError(f"{name}: not a kept scenario; `ledger keep` writes one ({error})") from None
    return Kept(
        plan.kept_on, Scenario.from_dict(plan.scenario), plan.snapshot.name, plan.snapshot.fingerprint,
        aware(plan.snapshot.window_end), plan.prices.as_of, plan.prices.discount_ratio, tuple(plan.prices.own),
        tuple(KeptMonth(**dict(m)) for m in plan.months), plan.credited_usd, plan.billed_usd,
    )  # fmt: skip


def aware(moment: datetime) -> datetime:
    """The moment with a zone; without one it is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Variance:
    """One component: projected bill, its three differences, and the actual bill they lead to (run rate, USD)."""

    component: str
    projected_usd: float
    usage_usd: float
    price_usd: float
    lever_usd: float
    actual_usd: float


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

    Raises ValueError when the snapshot is older than the plan's, or `done` names a lever the plan has not.
    """
    unknown = set(done) - {x.id for x in kept.scenario.levers}
    if unknown:
        raise ValueError(f"done: {', '.join(sorted(unknown))} is not in the kept scenario")
    days = (account.snapshot.manifest.window_end - kept.window_end).total_seconds() / 86400
    if days < 0:
        raise ValueError(
            f"snapshot {account.snapshot.manifest.name} ends {-days:.0f} days before that of the kept "
            "scenario; expected a newer one"
        )
    number = min(max(round(days / DAYS_PER_MONTH), 1), len(kept.months))
    month, due = kept.months[number - 1], kept.due(number)
    left = simulate(account, kept.scenario.only(set(due) - set(done)), kept.prices())
    today = simulate(account, Scenario(), book_now)
    now = today.baseline
    rows = [
        _variance(c, float(month.components.get(c, 0.0)), left, now)
        for c in COMPONENTS
        if month.components.get(c) or any(float(s.charges.by_component()[c]) for s in (left.baseline, now))
    ]
    total = _total(rows)
    projected = month.baseline_usd - month.scenario_usd
    billed, unexplained = _billed(account, book_now)
    return Comparison(
        number, account.snapshot.fingerprint() == kept.snapshot_fingerprint, tuple(due), tuple(sorted(done)),
        tuple(rows), total, month.baseline_usd, projected, projected - total.lever_usd,
        effective_savings_rate(now, today.book), billed, unexplained,
    )  # fmt: skip


def _variance(component: str, projected: float, left: Result, now: State) -> Variance:
    """`left`: the newer usage at the plan's prices, without (baseline) and with the levers still to do (outcome)."""
    then = float(left.baseline.charges.by_component()[component])
    target = float(left.outcome.charges.by_component()[component])
    actual = float(now.charges.by_component()[component])
    return Variance(component, projected, target - projected, actual - then, then - target, actual)


def _total(rows: list[Variance]) -> Variance:
    names = ("projected_usd", "usage_usd", "price_usd", "lever_usd", "actual_usd")
    return Variance("total", *(sum(getattr(r, n) for r in rows) for n in names))


def effective_savings_rate(state: State, book: PriceBook) -> float:
    """1 − effective cost of plan-eligible usage (unused commitment included) ÷ the same usage at list price.

    List is before the discount given, and before the account's own discounts per service and private rates.
    """
    blocks = [b for b in state.charges.blocks if b.meter.eligible and not b.meter.once]
    paid_ratio = np.append(book.paid_ratio(), 1.0)
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


def _finite(value: Any) -> Any:
    """Infinity, the open end of a tier, has no JSON: null."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
