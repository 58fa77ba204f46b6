"""`project` and `compare`: scenarios on an account."""

from __future__ import annotations

import argparse
from typing import Any

from simulator.analysis.answer import answer
from simulator.cli.options import add_account, add_command, add_months, add_scenario, as_json, result_of
from simulator.engine.scenario import load_scenario
from simulator.reports.tables import as_csv, as_text, compared, savings_table


def project(args: argparse.Namespace) -> str:
    """One scenario on one account: the bill today, with the scenario, and every month."""
    result = result_of(args)
    if args.format == "json":
        return as_json(answer(result, args.months, draws=args.draws, seed=args.seed))
    table = savings_table(result)
    return as_csv(table) if args.format == "csv" else as_text(result, table)


def compare(args: argparse.Namespace) -> str:
    """Several scenarios on one account, side by side."""
    results = [result_of(args, load_scenario(name)) for name in args.scenarios]
    if args.format == "json":
        return as_json(
            {"scenarios": [answer(r, args.months, draws=args.draws, seed=args.seed) for r in results]}
        )
    table = compared(results)
    return as_csv(table) if args.format == "csv" else table.to_string(index=False)


def add(commands: Any) -> None:
    """Add both commands."""
    one = add_command(commands, "project", project, ("table", "json", "csv"))
    add_scenario(one)
    many = add_command(commands, "compare", compare, ("table", "json", "csv"))
    many.add_argument("scenarios", nargs="+", metavar="SCENARIO")
    for command in (one, many):
        add_account(command)
        add_months(command)
        command.add_argument(
            "--draws", type=int, default=0, help="draws of the uncertain parameters, for ranges"
        )
        command.add_argument("--seed", type=int, default=0)
