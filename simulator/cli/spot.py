"""`spot`: one long job on spot capacity, as a process."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from simulator.cli.options import Draws, Seed, TextOrJson, as_json
from simulator.levers.training.interruptions import (
    break_even_discount_ratio,
    break_even_length_hours,
    checkpoint_waste_ratio,
    cost_ratio,
    saving_at_goodput_ratio,
)
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
                "saving_ratio": float(saving_at_goodput_ratio(discount, 1 / (1 + job.overhead_ratio))),
                "checkpoint_waste_ratio": _waste(job),
                "break_even_length_hours": _longest(job, discount),
                "cheaper": "spot" if cost < 1 else "on demand",
            }
        )
    longest = _longest(job, discount)
    limit = f"\nWithout checkpoints spot is cheaper for jobs of up to {longest:,.1f} h." if longest else ""
    return f"{_chance(got, deadline_hours)}\n{_cost(cost, discount, needed)}{limit}"


def _waste(job: SpotJob) -> float | None:
    """Share of the hours that go into writing checkpoints and into work lost since the last; null without any."""
    if not job.checkpoints:
        return None
    return float(checkpoint_waste_ratio(job.every_hours, job.mean_hours, job.checkpoint_hours))


def _longest(job: SpotJob, discount: float) -> float | None:
    """Longest job without checkpoints that spot makes cheaper; null with checkpoints, which end that limit."""
    if job.checkpoints or discount <= 0:
        return None
    return float(break_even_length_hours(discount, np.asarray(job.mean_hours), job.restart_hours))


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
