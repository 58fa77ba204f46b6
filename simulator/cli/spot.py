"""`spot`: one long job on spot capacity, as a process."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from simulator.cli.options import Draws, Seed, TextOrJson, as_json
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.risk.spot import SpotJob, run_spot
from simulator.units import MINUTES_PER_HOUR


def spot(
    *,
    work_hours: Annotated[float, Parameter(help="hours the job works when nothing interrupts it")],
    deadline_hours: Annotated[float, Parameter(help="hours until it must be finished")],
    interruption_hours: Annotated[
        float, Parameter(help="mean time between interruptions of one instance")
    ] = ManagedSpot.interruption_hours,
    instances: Annotated[int, Parameter(help="instances of the job")] = 1,
    no_checkpoints: Annotated[
        bool, Parameter(help="the job starts anew after an interruption", negative=())
    ] = False,
    checkpoint_minutes: Annotated[
        float, Parameter(help="to write a checkpoint")
    ] = ManagedSpot.checkpoint_minutes,
    restart_minutes: Annotated[float, Parameter(help="to start again")] = ManagedSpot.restart_minutes,
    wait_hours: Annotated[float, Parameter(help="mean wait for capacity")] = SpotJob.wait_hours,
    draws: Draws = 4_000,
    seed: Seed = 0,
    format: TextOrJson = "text",
) -> str:
    """Will a job on spot finish in time, and what will it be billed?"""
    job = SpotJob(
        work_hours,
        interruption_hours,
        instances,
        not no_checkpoints,
        checkpoint_hours=checkpoint_minutes / MINUTES_PER_HOUR,
        restart_hours=restart_minutes / MINUTES_PER_HOUR,
        wait_hours=wait_hours,
    )
    got = run_spot(job, deadline_hours, draws=draws, seed=seed)
    if format == "json":
        return as_json(asdict(got))
    return (
        f"{got.finish_ratio:.0%} chance to finish in {deadline_hours:g} h; "
        f"billed {got.expected_billed_hours:,.2f} h per instance expected, "
        f"below {got.p90_billed_hours:,.2f} h in 9 of 10; {got.interruptions:,.1f} interruptions"
    )
