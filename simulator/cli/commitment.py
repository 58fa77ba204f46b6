"""`commitment` and `seek`: what to sign for, and what to do to reach a target."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from simulator.analysis import plan_sizing, seeking
from simulator.analysis.plan_sizing import Sized
from simulator.cli.options import add_account, add_command, add_scenario, as_json, result_of
from simulator.levers.commitments.savings_plan import SavingsPlan


def commitment(args: argparse.Namespace) -> str:
    """The best Savings Plan per term and payment on what the levers leave, beside today's usage."""
    result = result_of(args)
    rows = plan_sizing.offers(result)
    history = plan_sizing.history_against_residual(result)
    if args.format == "json":
        return as_json(
            {
                "offers": [_sized(r) for r in rows],
                "offers_on_history": [_sized(r) for r in plan_sizing.offers(result, residual=False)],
                "history_against_residual": {
                    "on_history": _sized(history.on_history),
                    "on_residual": _sized(history.on_residual),
                    "difference_usd": history.difference_usd,
                    "sentence": history.sentence(),
                },
                "targets": _targets(result, args),
            }
        )
    columns = ["offer", "discount_ratio", "commitment_usd_per_hour", "net_saving_usd", "utilization_ratio",
               "coverage_ratio", "upfront_usd", "break_even_month"]  # fmt: skip
    return (
        pd.DataFrame([asdict(r) for r in rows])[columns].to_string(index=False) + "\n\n" + history.sentence()
    )


def seek(args: argparse.Namespace) -> str:
    """The least-effort set of levers that reaches a target saving or bill."""
    result = result_of(args)
    found = seeking.seek(
        result, saving_ratio=args.target_saving, bill_usd=args.target_bill, exclude=args.exclude
    )
    if args.format == "json":
        return as_json(asdict(found))
    return found.sentence()


def _targets(result: Any, args: argparse.Namespace) -> dict[str, float]:
    setting = result.scenario.setting("savings_plan") or SavingsPlan()
    hourly, discount = plan_sizing.open_groups(result, plan_sizing.assumed(result, setting.offer))
    made = {}
    if args.target_coverage is not None:
        made["for_coverage_usd_per_hour"] = plan_sizing.commitment_for_coverage(
            hourly, discount, args.target_coverage
        )
    if args.target_utilization is not None:
        made["for_utilization_usd_per_hour"] = plan_sizing.commitment_for_utilization(
            hourly, discount, args.target_utilization
        )
    return made


def _sized(row: Sized) -> dict[str, Any]:
    data = asdict(row)
    data["regret_usd"] = {f"{fall:.0%}": usd for fall, usd in row.regret_usd.items()}
    return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in data.items()}


def add(commands: Any) -> None:
    """Add both commands."""
    plan = add_command(commands, "commitment", commitment, ("table", "json"))
    plan.add_argument("--target-coverage", type=float, metavar="RATIO")
    plan.add_argument("--target-utilization", type=float, metavar="RATIO")
    goal = add_command(commands, "seek", seek, ("table", "json"))
    goal.add_argument(
        "--target-saving", type=float, metavar="RATIO", help="share of today's bill to save, 0 to 1"
    )
    goal.add_argument("--target-bill", type=float, metavar="USD", help="monthly bill to reach")
    goal.add_argument("--exclude", nargs="+", default=[], metavar="LEVER")
    for command in (plan, goal):
        add_account(command)
        add_scenario(command)
