"""`watch`: a newer snapshot of a kept account, and what moved: over budget, off plan, newly idle, a promise not kept.

Run it from cron after `collect` or on new billing exports; it asks AWS nothing itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from simulator.cli.options import Many, TextOrJson, as_json, as_record
from simulator.documents import write_beside
from simulator.errors import InputError
from simulator.snapshot.files import check_file
from simulator.words import lines, plain, usd

FOUND = 3


@dataclass(frozen=True)
class Moved:
    """One thing that moved, in a sentence, with its dollars per month."""

    kind: str
    sentence: str
    usd_per_month: float


def watch(
    *,
    account: Annotated[str, Parameter(help="name or id of an account of the workspace; made if new")],
    snapshot: Annotated[
        Path | None, Parameter(help="a newer snapshot, as `collect` or `import` writes it")
    ] = None,
    bills: Annotated[tuple[str, ...], Many, Parameter(help="billing exports to import instead")] = (),
    tolerance: Annotated[
        float, Parameter(help="share above a kept scenario's projection that still passes")
    ] = 0.05,
    mail: Annotated[str | None, Parameter(help="send what moved to this address, by ML_SPEND_SMTP")] = None,
    webhook: Annotated[bool, Parameter(help="post what moved to ML_SPEND_WEBHOOK", negative=())] = False,
    fail: Annotated[bool, Parameter(help="exit code 3 when anything moved", negative=())] = False,
    format: TextOrJson = "text",
    out: Annotated[Path | None, Parameter(help="also write the findings to this file, as JSON")] = None,
) -> int | str:
    """Add a newer snapshot to an account, and say what moved since the last one and against its plans and budgets."""
    from simulator.cli import notify
    from simulator.reports.tables import age_line
    from simulator.workspace import open_workspace

    if out:
        check_file(out)  # what cannot be told is not kept either
    workspace = open_workspace()
    try:
        newer = _newer(snapshot, bills)
        row = _account(workspace, account)
        before = workspace.snapshot(row.id) if row else None
        row = workspace.add_account(newer, "watch", row.id if row else None)
        if before is None:
            workspace.rename("account", row.id, account)
        now = _today(newer)
        moved = sorted(_moved(workspace, row.id, before, now, tolerance), key=lambda m: -m.usd_per_month)
    finally:
        workspace.database.close()
    said = {"account": account, "snapshot": newer.manifest.name, "moved": [asdict(m) for m in moved]}
    said["prices"] = age_line(now)
    text = lines([f"{account}: {len(moved)} moved", *(f"- {m.sentence}" for m in moved), said["prices"]])
    if out:
        write_beside(out, (as_json(said) + "\n").encode())
    if moved and mail:
        notify.mail(mail, f"ML spend of {plain(account, 'line')}: {len(moved)} moved", text)
    if moved and webhook:
        notify.post(said)
    sys.stdout.write((as_json(said) if format == "json" else text) + "\n")
    return FOUND if fail and moved else 0


def _newer(snapshot: Path | None, bills: tuple[str, ...]) -> Any:
    if (snapshot is None) == (not bills):
        raise InputError("watch: give either --snapshot or --bills")
    if snapshot is not None:
        from simulator.snapshot.snapshot import load_snapshot

        return load_snapshot(snapshot)
    from simulator.sources.bills.bill import import_bill

    return import_bill(list(bills)).snapshot


def _account(workspace: Any, name: str) -> Any:
    found = [a for a in workspace.accounts() if name in (a.name, a.id)]
    if len(found) > 1:
        raise InputError(f"--account {name}: {len(found)} accounts have this name; give the id")
    return found[0] if found else None


def _today(snapshot: Any) -> Any:
    from simulator.engine.account import Account
    from simulator.engine.scenario import Scenario
    from simulator.engine.simulate import simulate
    from simulator.pricing.book import PriceBook

    return simulate(Account.open(snapshot), Scenario(), PriceBook.load(datetime.now(tz=UTC).date()))


def _moved(workspace: Any, account_id: str, before: Any, now: Any, tolerance: float) -> Iterator[Moved]:
    yield from _over_budget(workspace.budgets(account_id), now)
    yield from _plans(workspace, account_id, now, tolerance)
    if before is not None:
        yield from _newly_idle(_today(before), now)


def _over_budget(budgets: list[Any], now: Any) -> Iterator[Moved]:
    from simulator.analysis.budget import scope_usd

    month = f"{datetime.now(tz=UTC):%Y-%m}"
    for budget in budgets:
        limit = budget.monthly_usd.get(month, budget.monthly_usd.get(""))
        spent = sum(scope_usd(now.baseline, _scoped(budget)).values())
        if limit is not None and spent > limit:
            name = plain(budget.name, "line")
            yield Moved(
                "over budget",
                f"Budget {name}: {usd(spent)} per month, {usd(limit)} in {month}.",
                spent - limit,
            )


def _scoped(budget: Any) -> Any:
    """A kept budget as the analysis knows it: its scope names a component, an owner or a tag, or nothing."""
    from simulator.analysis.budget import Budget

    scope, component = budget.scope, budget.scope.get("component", "")
    return Budget(
        budget.name,
        dict(budget.monthly_usd),
        components=tuple(filter(None, component.split(","))),
        owner=scope.get("owner", ""),
        tag=scope.get("tag", ""),
    )


def _plans(workspace: Any, account_id: str, now: Any, tolerance: float) -> Iterator[Moved]:
    from simulator.analysis import ledger

    for plan in workspace.plans(account_id):
        kept = ledger.from_json(plan.kept, plan.name)
        if now.account.snapshot.manifest.window_end < kept.window_end:
            continue  # an older snapshot says nothing of what became of it
        found = ledger.compare(kept, now.account, now.book)
        if found.same_snapshot:
            continue
        workspace.add_actual(plan.id, now.account.snapshot.fingerprint(), as_record(asdict(found.total)))
        over = found.total.actual_usd - found.total.projected_usd
        if over > tolerance * max(found.total.projected_usd, 0.0):
            name = plain(plan.name, "line")
            yield Moved(
                "off plan",
                f"Plan {name}, month {found.month}: {usd(found.total.actual_usd)} per month instead of "
                f"{usd(found.total.projected_usd)}.",
                over,
            )
        yield from _promises(kept, found.due, now)


def _promises(kept: Any, due: tuple[str, ...], now: Any) -> Iterator[Moved]:
    """A lever that was due and would still save: it has not been carried out, or not whole."""
    from simulator.engine.scenario import Scenario
    from simulator.engine.simulate import simulate

    for lever_id in due:
        promised = kept.credited_usd.get(lever_id, 0.0)
        setting = kept.scenario.setting(lever_id)
        if promised <= 0 or setting is None:
            continue
        left = simulate(now.account, Scenario((setting,)), now.book).saving_usd
        if left > 0.1 * promised:
            yield Moved(
                "promise not kept",
                f"{setting.title}: promised {usd(promised)} per month by now, {usd(left)} is still to be had.",
                float(left),
            )


def _newly_idle(before: Any, now: Any) -> Iterator[Moved]:
    from simulator.reports.resources import resource_table

    old = resource_table(before.baseline)
    was = set(old.loc[old["note"].str.startswith("idle"), "resource_id"])
    new = resource_table(now.baseline)
    for row in new[new["note"].str.startswith("idle") & ~new["resource_id"].isin(was)].itertuples():
        cost = float(str(row.cost_usd)) if row.cost_known else 0.0
        said = f"{usd(cost)} per month" if row.cost_known else "its cost is unknown"
        yield Moved("newly idle", f"{plain(row.resource_id, 'line')} has become idle: {said}.", cost)
