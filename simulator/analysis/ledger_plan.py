"""A plan that is kept: scenario, snapshot, prices and projection as of a date, as one JSON file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from simulator.analysis import ledger_lines as lines
from simulator.analysis.attribution import attribute
from simulator.analysis.projection import project
from simulator.analysis.reconcile import reconcile
from simulator.documents import parse, shaped, shortened
from simulator.engine.account import Account
from simulator.engine.calendar import calendar_of
from simulator.engine.roadmap import starts
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import Result
from simulator.errors import DocumentError
from simulator.levers.lever import Lever
from simulator.pricing.book import COLUMNS, PriceBook
from simulator.pricing.files import OwnText
from simulator.snapshot.schema import TABLES
from simulator.snapshot.typed import typed
from simulator.units import HOURS_PER_MONTH

FORMAT = 1
OWN = "own"


@dataclass(frozen=True)
class KeptMonth:
    """One projected month: baseline, the plan's bill by component and in all, one-off costs.

    `pools` are (component, unit, quantity, dollars) of its usage; empty in plans of earlier versions.
    """

    month: int
    baseline_usd: float
    scenario_usd: float
    once_usd: float
    components: Mapping[str, float]
    pools: tuple[tuple[str, str, float, float], ...] = ()


@dataclass(frozen=True)
class Kept:
    """A dated plan: scenario, snapshot, prices and projection. `own_prices` are rows in the form of the price files.

    `billed_rates` are what the snapshot's bill stated per unit, `starts` the month each lever starts in, `resources`
    digests of what it knew by name, `unexplained_usd` the bill no usage explained, per month and component. Plans of
    earlier versions have None there: then today's rates hold, and all of a difference in usage is volume; and no
    `account_ids`, the AWS accounts the plan is for.
    """

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
    billed_rates: tuple[Mapping[str, Any], ...] | None = None
    starts: Mapping[str, int] | None = None
    resources: frozenset[str] | None = None
    unexplained_usd: Mapping[str, float] | None = None
    account_ids: tuple[str, ...] = ()

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
        return [x.id for x in self.scenario.ordered() if self.start_month(x) <= month]

    def start_month(self, setting: Lever) -> int:
        """The month in which the plan starts a lever."""
        return (self.starts or {}).get(setting.id, self.scenario.start_month(setting))

    def share(self, setting: Lever, month: int) -> float:
        """Share of a lever's full effect that the plan has in a month."""
        return self.scenario.share(setting, month, start=self.start_month(setting))

    def at_its_rates(self, account: Account) -> Account:
        """Another account, priced as the plan's was: with the rates of the plan's bill."""
        if self.billed_rates is None:
            return account
        frame = typed(TABLES["billed_rates"], pd.DataFrame(list(self.billed_rates)))
        tables = {**account.snapshot.tables, "billed_rates": frame}
        return replace(account, snapshot=replace(account.snapshot, tables=tables))


def keep(result: Result, kept_on: date, months: int = 12) -> Kept:
    """The plan as of a date. Raises ValueError unless 1 <= months <= 60."""
    manifest = result.account.snapshot.manifest
    own = result.book.rows[result.book.rows["grade"] == OWN]
    bill = [r.billed_usd for r in reconcile(result.account, result.book) if r.billed_usd is not None]
    rows = project(result, months)
    used, resources = _months_of(result, months)
    return Kept(
        kept_on, result.scenario, manifest.name, result.account.snapshot.fingerprint(), manifest.window_end,
        result.book.as_of, result.book.discount_ratio,
        tuple({c: r[c] for c in COLUMNS} for r in own.to_dict("records")),
        tuple(
            KeptMonth(m.month, m.baseline_usd, m.scenario_usd, m.once_usd, m.components, p)
            for m, p in zip(rows, used, strict=True)
        ),
        {c.lever_id: c.attributed_usd for c in attribute(result)}, sum(bill) if bill else None,
        _records(result.account.snapshot.tables["billed_rates"]), dict(starts(result)), frozenset(resources),
        unexplained_by_component(result.account, result.book), manifest.account_ids,
    )  # fmt: skip


def _months_of(
    result: Result, months: int
) -> tuple[list[tuple[tuple[str, str, float, float], ...]], set[str]]:
    """The pools of every projected month, and digests of every lasting resource in any of them."""
    dated, made, known = calendar_of(result), [], set[str]()
    seen: dict[int, set[str]] = {}
    for month in range(1, months + 1):
        total: lines.Pools = {}
        for part in dated.parts(month):
            there = dated.outcome(month, part.day)
            for pool, (quantity, usd) in lines.pools(there).items():
                old = total.get(pool, (0.0, 0.0))
                total[pool] = old[0] + part.share * quantity, old[1] + part.share * usd
            if id(there.usage) not in seen:
                seen[id(there.usage)] = lines.known_names(there.usage)
            known |= seen[id(there.usage)]
        made.append(tuple((*pool, *amounts) for pool, amounts in sorted(total.items())))
    return made, known


def _records(frame: pd.DataFrame) -> tuple[Mapping[str, Any], ...]:
    """Rows as JSON has them: what is not known is null, a time its text."""
    rows = json.loads(frame.to_json(orient="records", date_format="iso"))
    return tuple(rows)


def to_json(kept: Kept) -> str:
    """The plan as it is stored."""
    data = {
        "format": FORMAT,
        "kept_on": kept.kept_on.isoformat(),
        "scenario": kept.scenario.to_dict(),
        "snapshot": {
            "name": kept.snapshot_name, "fingerprint": kept.snapshot_fingerprint,
            "window_end": kept.window_end.isoformat(), "account_ids": list(kept.account_ids),
        },
        "prices": {
            "as_of": kept.prices_as_of.isoformat(), "discount_ratio": kept.discount_ratio,
            "own": [{k: _finite(v) for k, v in r.items()} for r in kept.own_prices],
            **({} if kept.billed_rates is None else {"billed_rates": [dict(r) for r in kept.billed_rates]}),
        },
        "months": [
            vars(m) | {"components": dict(m.components), "pools": [list(p) for p in m.pools]} for m in kept.months
        ],
        "credited_usd": dict(kept.credited_usd),
        "billed_usd": kept.billed_usd,
        "starts": kept.starts and dict(kept.starts),
        "resources": None if kept.resources is None else sorted(kept.resources),
        "unexplained_usd": None if kept.unexplained_usd is None else dict(kept.unexplained_usd),
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
        tuple(KeptMonth(**{**dict(m), "pools": tuple(map(tuple, m.pools))}) for m in plan.months),
        plan.credited_usd, plan.billed_usd,
        None if plan.prices.billed_rates is None else tuple(plan.prices.billed_rates), plan.starts,
        None if plan.resources is None else frozenset(plan.resources), plan.unexplained_usd,
        tuple(plan.snapshot.account_ids),
    )  # fmt: skip


def aware(moment: datetime) -> datetime:
    """The moment with a zone; without one it is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unexplained_by_component(account: Account, book: PriceBook) -> dict[str, float] | None:
    """What no usage explains of the bill, per component and month at run rate; None without a bill."""
    rows = [r for r in reconcile(account, book) if r.unexplained_usd is not None]
    factor = HOURS_PER_MONTH / account.snapshot.covered_hours
    return {r.component: factor * (r.unexplained_usd or 0.0) for r in rows} or None


def _finite(value: Any) -> Any:
    """Infinity, the open end of a tier, has no JSON: null."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
