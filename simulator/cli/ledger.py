"""`ledger keep` and `ledger compare`: plan against actual."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.analysis import ledger
from simulator.analysis.ledger import Comparison, Kept
from simulator.cli.options import (
    add_account,
    add_command,
    add_months,
    add_scenario,
    as_json,
    book_of,
    open_usage,
    result_of,
)
from simulator.engine.account import Account
from simulator.engine.scenario import Scenario
from simulator.reports.report.blocks import usd


def keep(args: argparse.Namespace) -> str:
    """A plan to keep: scenario, snapshot, prices and projection, as JSON."""
    return ledger.to_json(ledger.keep(result_of(args), datetime.now(tz=UTC).date(), args.months))


def compare(args: argparse.Namespace) -> str:
    """A kept plan beside a newer snapshot: projected, realised, and the difference by price, usage and levers."""
    kept = ledger.from_json(args.plan.read_text(encoding="utf-8"), args.plan.name)
    account = Account.open(open_usage(args.usage))
    now = book_of(args, Scenario())
    found = ledger.compare(kept, account, now, done=args.done)
    return as_json(_plain(found)) if args.format == "json" else _text(kept, found)


def _plain(found: Comparison) -> dict[str, Any]:
    data = asdict(found)
    rate = data["effective_savings_rate_ratio"]
    data["effective_savings_rate_ratio"] = None if isnan(rate) else rate
    return data


def _text(kept: Kept, found: Comparison) -> str:
    rows = pd.DataFrame([asdict(r) for r in (*found.components, found.total)]).round(2)
    rate = found.effective_savings_rate_ratio
    lines = [
        f"Plan “{kept.scenario.name}” of {kept.kept_on}, month {found.month}; a month at run rate, USD",
        rows.to_string(index=False),
        "projected + usage + price + lever = actual; lever: what the levers due by now have not saved yet",
        f"projected saving {usd(found.projected_saving_usd)}, realised {usd(found.realised_saving_usd)}",
        f"effective savings rate {'unknown' if isnan(rate) else f'{rate:.1%}'}",
    ]
    if found.unexplained_usd is not None:
        lines.append(
            f"of {usd(found.billed_usd)} billed, {usd(found.unexplained_usd)} is not explained by usage × price"
        )
    if found.same_snapshot:
        lines.append("this is the snapshot the plan was made on: nothing can have been realised yet")
    return "\n".join(lines)


def add(commands: Any) -> None:
    """Add the command with its two parts."""
    parts = commands.add_parser("ledger", help=__doc__, description=__doc__).add_subparsers(
        required=True, metavar="PART"
    )
    kept = add_command(parts, "keep", keep)
    add_account(kept)
    add_scenario(kept)
    add_months(kept)
    compared = add_command(parts, "compare", compare, ("table", "json"))
    compared.add_argument("plan", type=Path, help="the file `ledger keep` wrote")
    add_account(compared)
    compared.add_argument(
        "--done", nargs="+", default=[], metavar="LEVER", help="levers carried out that would apply again"
    )
