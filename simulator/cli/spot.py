"""`spot`: one long job on spot capacity, as a process."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from simulator.cli.options import add_command, as_json
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.risk.spot import SpotJob, run_spot
from simulator.units import MINUTES_PER_HOUR


def spot(args: argparse.Namespace) -> str:
    """Will a job on spot finish in time, and what will it be billed?"""
    job = SpotJob(
        args.work_hours,
        args.interruption_hours,
        args.instances,
        not args.no_checkpoints,
        checkpoint_hours=args.checkpoint_minutes / MINUTES_PER_HOUR,
        restart_hours=args.restart_minutes / MINUTES_PER_HOUR,
        wait_hours=args.wait_hours,
    )
    got = run_spot(job, args.deadline_hours, draws=args.draws, seed=args.seed)
    if args.format == "json":
        return as_json(asdict(got))
    return (
        f"{got.finish_ratio:.0%} chance to finish in {args.deadline_hours:g} h; "
        f"billed {got.expected_billed_hours:,.2f} h per instance expected, "
        f"below {got.p90_billed_hours:,.2f} h in 9 of 10; {got.interruptions:,.1f} interruptions"
    )


def add(commands: Any) -> None:
    """Add the command."""
    command = add_command(commands, "spot", spot, ("text", "json"))
    command.add_argument("--work-hours", type=float, required=True)
    command.add_argument("--deadline-hours", type=float, required=True)
    command.add_argument(
        "--interruption-hours",
        type=float,
        default=ManagedSpot.interruption_hours,
        help="mean, of one instance",
    )
    command.add_argument("--instances", type=int, default=1)
    command.add_argument("--no-checkpoints", action="store_true")
    command.add_argument("--checkpoint-minutes", type=float, default=ManagedSpot.checkpoint_minutes)
    command.add_argument("--restart-minutes", type=float, default=ManagedSpot.restart_minutes)
    command.add_argument(
        "--wait-hours", type=float, default=SpotJob.wait_hours, help="mean wait for capacity"
    )
    command.add_argument("--draws", type=int, default=4_000)
    command.add_argument("--seed", type=int, default=0)
