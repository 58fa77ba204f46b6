"""`ledger keep` and `ledger compare`: plan against actual."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from simulator.analysis import ledger
from simulator.analysis.ledger import Comparison, Kept
from simulator.cli.main import deliver
from simulator.cli.options import (
    Many,
    Months,
    OnAccount,
    Out,
    TableOrJson,
    WithScenario,
    as_json,
    result_of,
)
from simulator.cli.terminal import as_table
from simulator.documents import read_text_file
from simulator.engine.scenario import Scenario
from simulator.reports.ledger import SENTENCE, ledger_table, months_table
from simulator.reports.report.blocks import usd
from simulator.reports.tables import age_line
from simulator.words import percent, plain


def keep(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    months: Months = 12,
    out: Out = None,
) -> str | None:
    """A plan to keep: scenario, snapshot, prices and projection, as JSON."""
    kept = ledger.keep(result_of(account, scenario), datetime.now(tz=UTC).date(), months)
    return deliver(ledger.to_json(kept), out)


def compare(
    plan: Annotated[Path, Parameter(help="the file that `ledger keep` wrote")],
    /,
    *,
    account: OnAccount | None = None,
    done: Annotated[tuple[str, ...], Many, Parameter(help="levers carried out that would apply again")] = (),
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """A kept plan beside a newer snapshot: projected, realised, and the difference by price, usage and levers."""
    kept = ledger.from_json(read_text_file(plan), plan.name)
    on = account or OnAccount()
    found = ledger.compare(kept, on.account(), on.book(Scenario()), done=done)
    rest_on = age_line(on.result(Scenario()))
    if format == "json":
        return deliver(as_json(_plain(found) | {"prices": rest_on}), out)
    return deliver(f"{_text(kept, found)}\n{rest_on}", out)


def months(
    plan: Annotated[Path, Parameter(help="the file that `ledger keep` wrote")],
    snapshots: Annotated[tuple[Path, ...], Parameter(negative=(), help="snapshots since then")],
    /,
    *,
    account: OnAccount | None = None,
    done: Annotated[tuple[str, ...], Many, Parameter(help="levers carried out that would apply again")] = (),
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """A kept plan beside every snapshot since: one row each, the actual bill explained by its drivers."""
    kept = ledger.from_json(read_text_file(plan), plan.name)
    on = account or OnAccount()
    made = []
    for path in snapshots:
        at = replace(on, usage=str(path))
        made.append((path.name, ledger.compare(kept, at.account(), at.book(Scenario()), done=done)))
    made.sort(key=lambda pair: pair[1].month)
    if format == "json":
        return deliver(as_json({name: _plain(found) for name, found in made}), out)
    table = months_table([(name, vars(found.total)) for name, found in made])
    table.insert(1, "month", [found.month for _, found in made])
    return deliver(f"{as_table(table)}\n{SENTENCE}", out)


def _plain(found: Comparison) -> dict[str, Any]:
    data = asdict(found)
    rate = data["effective_savings_rate_ratio"]
    data["effective_savings_rate_ratio"] = None if isnan(rate) else rate
    return data


def _text(kept: Kept, found: Comparison) -> str:
    rate = found.effective_savings_rate_ratio
    name = plain(kept.scenario.name, "line")
    lines = [
        f"Scenario “{name}” kept on {kept.kept_on}, month {found.month}; per month at run rate, USD",
        as_table(ledger_table(found)),
        SENTENCE,
        f"projected saving {usd(found.projected_saving_usd)}, realised {usd(found.realised_saving_usd)}",
        f"effective savings rate {percent(rate)}",
    ]
    if found.unexplained_usd is not None:
        lines.append(
            f"of {usd(found.billed_usd)} billed, {usd(found.unexplained_usd)} is not explained by usage × price"
        )
    if found.same_snapshot:
        lines.append("this is the snapshot the scenario was made on: no saving can have been realized yet")
    return "\n".join(lines)
