"""`spot`: one long job on spot capacity, as a process."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from simulator.cli.options import Draws, Seed, TextOrJson, as_json
from simulator.levers.training.interruptions import break_even_discount_ratio, cost_ratio
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.risk.spot import SpotJob, SpotOutcome, run_spot
from simulator.units import MINUTES_PER_HOUR
from simulator.words import percent


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
    discount: Annotated[
        float, Parameter(help="spot discount, 0 to 0.95; see the Spot Instance Advisor")
    ] = ManagedSpot.discount,
    draws: Draws = 4_000,
    seed: Seed = 0,
    format: TextOrJson = "text",
) -> str:
    """Will a job on spot finish in time, what will it be billed, and is on demand cheaper?"""
    discount = float(ManagedSpot.params()["discount"].check(discount, "discount"))
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
    cost = float(cost_ratio(discount, job.overhead_ratio))
    needed = float(break_even_discount_ratio(job.overhead_ratio))
    if format == "json":
        return as_json(
            asdict(got)
            | {
                "overhead_ratio": job.overhead_ratio,
                "discount_ratio": discount,
                "cost_ratio": cost,
                "break_even_discount_ratio": needed,
                "cheaper": "spot" if cost < 1 else "on demand",
            }
        )
    return f"{_chance(got, deadline_hours)}\n{_cost(cost, discount, needed)}"


def _chance(got: SpotOutcome, deadline_hours: float) -> str:
    return (
        f"{percent(got.finish_ratio, 0)} chance to finish in {deadline_hours:g} h; "
        f"billed {got.expected_billed_hours:,.2f} h per instance expected, "
        f"below {got.p90_billed_hours:,.2f} h in 9 of 10; {got.interruptions:,.1f} interruptions"
    )


def _cost(cost: float, discount: float, needed: float) -> str:
    verdict = "spot is cheaper" if cost < 1 else "on demand is cheaper"
    return (
        f"At a discount of {percent(discount, 0)} spot costs {cost:.3f} of on demand: {verdict} "
        f"(break-even at a discount of {percent(needed)})"
    )
