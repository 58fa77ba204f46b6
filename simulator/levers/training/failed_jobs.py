"""T3 fewer failed training jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import APPLIES, Evidence, Lever, Rule, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.training.hours import ENDED_QUESTION, HOUR_METERS, UNKNOWN_HOURS, billed_hours
from simulator.params import param
from simulator.usage.tables import ENDED_UNKNOWN, FAILURE_CLASSES, NOT_FAILED, Usage

ALGORITHM, CLIENT, CAPACITY, INTERNAL, REASONLESS = range(len(FAILURE_CLASSES))
ADVICE = {
    ALGORITHM: "AlgorithmError: your code ended it. Test on a small sample first; a retry only repeats it.",
    CLIENT: "ClientError: wrong input or settings. Check data, permissions and settings before it starts.",
    CAPACITY: "CapacityError: no instances. Ask for quota, or use another type or region; little is billed.",
    INTERNAL: "InternalServerError: AWS's own. RetryStrategy (1 to 30 attempts) reruns it, at a cost.",
}


@dataclass(frozen=True)
class FailedJobs(Lever):
    """Prevent failures: a job that fails is billed until then; one that no longer fails there is not.

    Billed hours of a failed job × (1 − preventable share of its class of FailureReason). RetryStrategy
    retries InternalServerError only; it cures no AlgorithmError, and retries add cost. A bad idea to count on
    it without knowing the reasons: a job that now succeeds may run longer, which is useful spend, not shown
    here. Disjoint from spot: hours that no longer run are not discounted again.

    Source: rules.md#failed-jobs; SageMaker API, DescribeTrainingJob (FailureReason, BillableTimeInSeconds) and
    RetryStrategy.
    """

    id = "failed_jobs"
    title = "Prevent failed training jobs"
    stage = 1
    table = "training"
    effort_hours = 16.0
    phase = 2

    preventable_algorithm_ratio: float = param(
        "Preventable: AlgorithmError", "ratio", 0.60, low=0.30, high=0.90, step=0.05, grade="assumed",
        source="rules.md#failed-jobs: 30-60-90 % by class", help="Errors in the training code.",
    )  # fmt: skip
    preventable_client_ratio: float = param(
        "Preventable: ClientError", "ratio", 0.60, low=0.30, high=0.90, step=0.05, grade="assumed",
        source="rules.md#failed-jobs: 30-60-90 % by class", help="Wrong input, settings or permissions.",
    )  # fmt: skip
    preventable_capacity_ratio: float = param(
        "Preventable: CapacityError", "ratio", 0.30, low=0.0, high=0.60, step=0.05, grade="assumed",
        source="rules.md#failed-jobs, low end: capacity is AWS's", help="Instances were not available.",
    )  # fmt: skip
    preventable_internal_ratio: float = param(
        "Preventable: InternalServerError", "ratio", 0.0, low=0.0, high=0.30, step=0.05, grade="assumed",
        source="rules.md#failed-jobs: a retry runs the job again, it saves no hours", help="AWS's own error.",
    )  # fmt: skip
    preventable_unknown_ratio: float = param(
        "Preventable: reason unknown", "ratio", 0.60, low=0.30, high=0.90, step=0.05, grade="assumed",
        source="rules.md#failed-jobs: 30-60-90 %, reasons unknown", help="FailureReason was not collected.",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Failed jobs with billed hours; the sentence says what cures their class."""
        t = usage.training
        return decide(
            t,
            unsure(t.outcome == ENDED_UNKNOWN, ENDED_QUESTION),
            refuse(t.failure_class == NOT_FAILED, "Did not fail."),
            unsure(np.isnan(billed_hours(t)), UNKNOWN_HOURS),
            refuse(billed_hours(t) == 0, "Failed before anything was billed."),
            *(Rule(t.failure_class == code, APPLIES, sentence) for code, sentence in ADVICE.items()),
            otherwise="Failed for a reason that was not collected: read FailureReason first.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours of failures that no longer happen become zero."""
        t = usage.training
        kept = 1 - self._preventable_ratio(t.failure_class)
        return rewritten(usage, "training", **t.scaled(HOUR_METERS, kept, self.verdicts(usage).applies))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The reason of each failure."""
        known = usage.training.failure_class != REASONLESS
        return (Evidence(known, "Its FailureReason is unknown."),)

    def _preventable_ratio(self, failure_class: Any) -> Any:
        """Share by class; under draws (draws, rows)."""
        shares = (
            self.preventable_algorithm_ratio,
            self.preventable_client_ratio,
            self.preventable_capacity_ratio,
            self.preventable_internal_ratio,
            self.preventable_unknown_ratio,
        )
        by_class = np.concatenate(np.broadcast_arrays(*map(np.atleast_1d, shares)), axis=-1)
        return by_class[..., failure_class]
