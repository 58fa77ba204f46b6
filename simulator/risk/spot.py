"""Spot as a process: will the job finish in time, and what will it be billed?

Interruptions come at a mean time M between them (exponential, per cluster of n instances M/n); after each one the
work since the last checkpoint is lost, the job waits for capacity (not billed) and restarts (billed). Everything
is drawn at once, one column per draw. What is lost on average is the closed form that the managed spot lever
uses (`interruptions.overhead_ratio`); the draws tell how it scatters. Source: rules.md#spot-overhead; Daly (2006), "A
higher order estimate of the optimum checkpoint interval for restart dumps".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.levers.training.interruptions import best_checkpoint_interval, overhead_ratio

Array = NDArray[np.float64]
MOST_INTERRUPTIONS = 2_000
MOST_RESTARTS_EXPECTED = 50.0


@dataclass(frozen=True)
class SpotJob:
    """Hours, all of them: useful work, mean time between interruptions of one instance, checkpoint, restart and
    mean wait for capacity. `checkpoint_every_hours` None = at the best interval; `checkpoints` False = never."""

    work_hours: float
    interruption_hours: float
    instances: int = 1
    checkpoints: bool = True
    checkpoint_every_hours: float | None = None
    checkpoint_hours: float = 2 / 60
    restart_hours: float = 5 / 60
    wait_hours: float = 0.5

    @property
    def mean_hours(self) -> float:
        """Mean time between interruptions of the whole cluster."""
        return self.interruption_hours / self.instances

    @property
    def overhead_ratio(self) -> float:
        """Billed over useful hours, minus 1, as expected: the managed spot lever's formula."""
        return float(
            overhead_ratio(
                self.mean_hours, self.checkpoint_hours, self.restart_hours, self.work_hours, self.checkpoints
            )
        )

    @property
    def every_hours(self) -> float:
        """Work between two checkpoints."""
        if not self.checkpoints:
            return self.work_hours
        every = self.checkpoint_every_hours or float(
            best_checkpoint_interval(self.mean_hours, self.checkpoint_hours)
        )
        return min(max(every, 1e-6), self.work_hours)


@dataclass(frozen=True)
class SpotOutcome:
    """Distribution of a job on spot: hours billed by the instance, hours until done, chance of the deadline."""

    expected_billed_hours: float
    p90_billed_hours: float
    expected_elapsed_hours: float
    p90_elapsed_hours: float
    finish_ratio: float
    interruptions: float


def run_spot(job: SpotJob, deadline_hours: float, *, draws: int = 4_000, seed: int = 0) -> SpotOutcome:
    """Draw the job `draws` times. Raises ValueError in words when it can practically never finish.

    A segment of work between checkpoints must survive: with e^(segment / M) tries expected, more than 50 is
    refused as impossible rather than drawn for ever.
    """
    _possible(job, deadline_hours)
    billed, waited, count = _drawn(job, draws, seed)
    mean_lost = float(billed.mean()) - job.work_hours
    lost = job.overhead_ratio * job.work_hours
    billed = job.work_hours + (billed - job.work_hours) * (lost / mean_lost if mean_lost > 0 else 1.0)
    elapsed = billed + waited
    return SpotOutcome(
        float(billed.mean()), float(np.quantile(billed, 0.9)), float(elapsed.mean()), float(np.quantile(elapsed, 0.9)),
        float((elapsed <= deadline_hours).mean()), float(count.mean()),
    )  # fmt: skip


def _drawn(job: SpotJob, draws: int, seed: int) -> tuple[Array, Array, Array]:
    """Hours billed, hours waited and interruptions, by draw."""
    random = np.random.default_rng(seed)
    segments = int(np.ceil(job.work_hours / job.every_hours - 1e-9))
    length = np.full(segments, float(job.every_hours))
    length[-1] = job.work_hours - job.every_hours * (segments - 1)
    length[:-1] += job.checkpoint_hours if job.checkpoints else 0.0
    billed, waited, count = np.zeros(draws), np.zeros(draws), np.zeros(draws)
    for hours in length:
        _survive(hours, job, random, billed, waited, count)
    return billed, waited, count


def _possible(job: SpotJob, deadline_hours: float) -> None:
    if not (job.work_hours > 0 and job.interruption_hours > 0 and job.instances >= 1):
        raise ValueError(
            "spot: work and time between interruptions must be above 0 hours, instances at least 1"
        )
    if deadline_hours < job.work_hours:
        raise ValueError(
            f"spot: {job.work_hours:g} hours of work cannot finish within {deadline_hours:g} hours, interrupted or not"
        )
    tries = np.exp(min(job.every_hours / job.mean_hours, 700.0))
    if tries > MOST_RESTARTS_EXPECTED:
        raise ValueError(
            f"spot: {job.every_hours:g} hours without a checkpoint on a cluster interrupted every "
            f"{job.mean_hours:.2g} hours would need {tries:.3g} tries; write checkpoints more often or stay on demand"
        )


def _survive(
    hours: float, job: SpotJob, random: np.random.Generator, billed: Array, waited: Array, count: Array
) -> None:
    """Repeat one segment in every draw until no interruption hits it (interruptions have no memory)."""
    open_draws = np.arange(len(billed))
    need = np.full(len(billed), hours)
    for _ in range(MOST_INTERRUPTIONS):
        until = random.exponential(job.mean_hours, len(open_draws))
        lost = until < need[open_draws]
        spent = np.where(lost, until, need[open_draws])
        billed[open_draws] += spent
        open_draws = open_draws[lost]
        if not len(open_draws):
            return
        count[open_draws] += 1
        waited[open_draws] += random.exponential(job.wait_hours, len(open_draws)) if job.wait_hours else 0.0
        need[open_draws] = hours + job.restart_hours
    raise ValueError(
        "spot: a segment was interrupted thousands of times in a row; it can practically never finish"
    )
