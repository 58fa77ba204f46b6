"""T5 early stopping and fewer trials in hyperparameter tuning."""

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
from simulator.usage.tables import COMPLETED, ENDED_UNKNOWN, STOPPED, Usage

TRIALS_FOR_HISTORY = 3
STRATEGIES = ("random_or_bayesian", "hyperband")


@dataclass(frozen=True)
class EarlyStopping(Lever):
    """Stop trials of tuning jobs that fall behind the median, and run fewer of them.

    Only trials (jobs with a TuningJobArn) that ran to their end: hours × (1 − stopped share) × (1 − share of
    trials left out). Without a tuning job it saves nothing. The training code must emit the metric each
    epoch; with the strategy Hyperband, which stops trials itself, TrainingJobEarlyStoppingType must be Off.
    A bad idea where slow starters win: the optimum found may be worse.

    Source: rules.md#early-stopping; SageMaker developer guide, automatic-model-tuning-early-stopping.
    """

    id = "early_stopping"
    title = "Early stopping of tuning trials"
    stage = 2
    table = "training"
    effort_hours = 6.0
    phase = 2

    stopped_ratio: float = param(
        "Trial hours saved by stopping early", "ratio", 0.20, low=0.10, high=0.40, step=0.01, maximum=0.9,
        grade="assumed", source="rules.md#early-stopping",
    )  # fmt: skip
    fewer_trials_ratio: float = param(
        "Share of trials left out", "ratio", 0.0, step=0.05, maximum=0.9, grade="assumed",
        source="rules.md#early-stopping: × n'/n; a decision of yours, by default all trials run",
    )  # fmt: skip
    strategy: str = param(
        "Tuning strategy", "choice", STRATEGIES[0], choices=STRATEGIES, grade="official",
        source="SageMaker API, HyperParameterTuningJobConfig: early stopping must be Off with Hyperband",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Trials that ran to their end in a tuning job that stops none."""
        t = usage.training
        hyperband = np.full(len(t), self.strategy == "hyperband")
        return decide(
            t,
            refuse(~t.trial, "Is no trial of a tuning job: there is nothing to stop early."),
            refuse(hyperband, "Hyperband stops trials itself; early stopping must be Off with it."),
            refuse(t.stops_early, "Its tuning job already stopped trials before their end."),
            unsure(t.outcome == ENDED_UNKNOWN, ENDED_QUESTION),
            refuse(t.outcome != COMPLETED, "Did not run to its end."),
            unsure(np.isnan(billed_hours(t)), UNKNOWN_HOURS),
            refuse(billed_hours(t) == 0, NOTHING_BILLED),
            otherwise="A trial that ran to its end; the metric must be emitted each epoch.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours of the stopped and omitted part of the trials become zero."""
        t = usage.training
        left = (1 - self.stopped_ratio) * (1 - self.fewer_trials_ratio)
        return rewritten(usage, "training", **t.scaled(HOUR_METERS, left, self.verdicts(usage).applies))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Stopped trials of the account's own, to tell how much stopping saves."""
        known = np.full(len(usage.training), bool(self.history(usage)))
        return (Evidence(known, "No trials of the account were stopped early, so the share is assumed."),)

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """What tuning jobs with three stopped trials or more saved, against their mean completed trial."""
        t = usage.training
        length = np.where(np.isnan(t.job_hours), 0.0, t.job_hours)
        ran = t.trial & (length > 0)
        saving, full, stopped = 0.0, 0.0, 0
        for job in np.unique(t.tuning_job[ran].astype(str)):
            trials = ran & (t.tuning_job == job)
            ended, cut = (length[trials & (t.outcome == o)] for o in (COMPLETED, STOPPED))
            if len(ended) and len(cut) >= TRIALS_FOR_HISTORY:
                saving += float(np.maximum(ended.mean() - cut, 0.0).sum())
                full += float(ended.mean() * (len(ended) + len(cut)))
                stopped += len(cut)
        if not stopped:
            return {}
        value = min(saving / full, cls.params()["stopped_ratio"].maximum)
        return {"stopped_ratio": (value, f"{stopped:,} of the account's own trials were stopped early")}
