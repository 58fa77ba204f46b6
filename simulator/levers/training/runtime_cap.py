"""T4 cap the running time of training jobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.training.hours import (
    ENDED_QUESTION,
    HOUR_METERS,
    NOTHING_BILLED,
    UNKNOWN_HOURS,
    billed_hours,
)
from simulator.params import param
from simulator.usage.tables import COMPLETED, ENDED_UNKNOWN, IN_PROGRESS, Usage

JOBS_FOR_HISTORY = 20
SAFE_QUANTILE = 0.99


@dataclass(frozen=True)
class RuntimeCap(Lever):
    """Set MaxRuntimeInSeconds: jobs that end without a model stop at the cap instead of running on.

    Hours of a failed or stopped job × min(1, cap / running time). A job that completed is not cut: what it
    ran beyond a cap was of use. A bad idea below the longest good run, which it would kill; take the cap from
    the account's own completed jobs. Trials of tuning jobs are left to early stopping.

    Source: rules.md#runtime-cap; SageMaker API, StoppingCondition (MaxRuntimeInSeconds, 1 day by default, 28 days
    at most).
    """

    id = "runtime_cap"
    title = "Cap the running time"
    stage = 2
    table = "training"
    effort_hours = 2.0
    phase = 2

    cap_hours: float = param(
        "Longest running time", "hours", 24.0, step=1.0, minimum=0.25, maximum=672.0, grade="official",
        source="MaxRuntimeInSeconds is 1 day by default, 28 days at most (SageMaker API)",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Jobs without a result that ran longer than the cap."""
        t, cap = usage.training, np.min(self.cap_hours)
        long = t.job_hours > cap
        return decide(
            t,
            refuse(t.trial, "Is a trial of a tuning job: early stopping shortens those."),
            unsure(t.outcome == ENDED_UNKNOWN, ENDED_QUESTION),
            refuse(t.outcome == IN_PROGRESS, "Still runs: whether it will complete is open."),
            unsure(np.isnan(t.job_hours), "Its running time is unknown."),
            unsure(np.isnan(billed_hours(t)), UNKNOWN_HOURS),
            refuse(~long, f"Ran no longer than {cap:g} hours."),
            refuse(
                t.outcome == COMPLETED,
                f"Completed after over {cap:g} hours: a cap would kill this good run.",
            ),
            unsure(t.outcome < 0, "Its outcome is unknown."),
            refuse(billed_hours(t) == 0, NOTHING_BILLED),
            otherwise=f"Ended without a model after more than {cap:g} hours.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours beyond the cap become zero."""
        t = usage.training
        left = np.minimum(1.0, self.cap_hours / np.maximum(t.job_hours, 1e-9))
        return rewritten(usage, "training", **t.scaled(HOUR_METERS, left, self.verdicts(usage).applies))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A distribution of durations, and no good run the cap would kill."""
        t = usage.training
        done = t.job_hours[(t.outcome == COMPLETED) & ~t.trial]
        enough = np.full(len(t), len(done) >= JOBS_FOR_HISTORY)
        harmless = np.full(len(t), not (done > np.min(self.cap_hours)).any())
        return (
            Evidence(enough, "Fewer than 20 completed jobs to judge a good run's length."),
            Evidence(harmless, "The cap is below the longest completed job."),
        )

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """The length that 99 % of at least 20 completed jobs stay below, in whole hours."""
        t = usage.training
        done = t.job_hours[(t.outcome == COMPLETED) & ~t.trial]
        done = done[np.isfinite(done)]
        if len(done) < JOBS_FOR_HISTORY:
            return {}
        whole = float(np.ceil(np.quantile(done, SAFE_QUANTILE)))
        cap = min(max(whole, 1.0), cls.params()["cap_hours"].maximum)
        return {"cap_hours": (cap, f"99 % of the account's {len(done):,} completed jobs run no longer")}
