"""T7 consolidate short training jobs into fewer, longer ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
from simulator.usage.tables import COMPLETED, ENDED_UNKNOWN, Usage


@dataclass(frozen=True)
class ConsolidateJobs(Lever):
    """Run several like jobs as one: data is downloaded and artefacts are uploaded once, not once per job.

    Of N like jobs ⌈N ÷ jobs per run⌉ remain; the others' download and upload time, which is billed, goes.
    Like = completed, same owner, name up to its number, region, type and count; how many of them share image
    and data is an assumption. A bad idea for long jobs: a failure loses more, and there is less to gain.

    Source: rules.md#consolidate-jobs; SageMaker API, SecondaryStatusTransitions (Downloading, Uploading).
    """

    id = "consolidate_jobs"
    title = "Consolidate short jobs"
    stage = 5
    table = "training"
    effort_hours = 12.0
    phase = 3

    jobs_per_run: int = param(
        "Jobs merged into one run", "jobs", 4, step=1, minimum=1, maximum=50, integer=True, grade="assumed",
        source="A decision of yours; rules.md#consolidate-jobs gives the formula",
    )  # fmt: skip
    mergeable_ratio: float = param(
        "Share of like jobs with the same image and data", "ratio", 0.5, low=0.2, high=0.8, step=0.05,
        grade="assumed", source="Our judgement: a snapshot does not hold images and channels",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Completed jobs with known phases that have others like them."""
        t = usage.training
        return decide(
            t,
            refuse(t.trial, "Is a trial of a tuning job, which starts each trial as a job of its own."),
            unsure(t.outcome == ENDED_UNKNOWN, ENDED_QUESTION),
            refuse(t.outcome != COMPLETED, "Did not complete: in a merged run it would lose other work too."),
            unsure(np.isnan(t.alike_jobs), "Its owner is unknown: jobs like it cannot be found."),
            refuse(t.alike_jobs < 2, "No other completed job is like it."),
            unsure(np.isnan(t.download_hours + t.upload_hours), "Its download and upload times are unknown."),
            unsure(np.isnan(t.job_hours), "Its running time is unknown."),
            unsure(np.isnan(billed_hours(t)), UNKNOWN_HOURS),
            refuse(billed_hours(t) == 0, NOTHING_BILLED),
            otherwise="One of several like jobs, each of which downloads and uploads on its own.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Download and upload time of the jobs that are merged away becomes zero."""
        t = usage.training
        phases = (t.download_hours + t.upload_hours) / np.maximum(t.job_hours, 1e-9)
        left = 1 - np.clip(phases, 0.0, 1.0) * self.merged_ratio(t.alike_jobs)
        return rewritten(usage, "training", **t.scaled(HOUR_METERS, left, self.verdicts(usage).applies))

    def merged_ratio(self, jobs: Any) -> Any:
        """Share of N like jobs that start no more on their own: (N − ⌈N ÷ jobs per run⌉) ÷ N × mergeable."""
        many = np.maximum(jobs, 1)
        return self.mergeable_ratio * (many - np.ceil(many / self.jobs_per_run)) / many

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Image and data channels, which a snapshot does not hold."""
        return (
            Evidence(
                np.zeros(len(usage.training), bool), "Whether like jobs share image and data is assumed."
            ),
        )
