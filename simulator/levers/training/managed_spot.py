"""T1 managed spot training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from simulator.catalog import SPOT_BANDS
from simulator.levers.lever import (
    APPLIES,
    Evidence,
    Lever,
    Rule,
    Verdicts,
    decide,
    refuse,
    rewritten,
    unsure,
)
from simulator.levers.training.interruptions import (
    ADVISOR_ERROR,
    CHECKPOINT_MINUTES,
    INTERRUPTION_HOURS,
    RESTART_MINUTES,
    checkpointed_overhead_ratio,
    cost_ratio,
    lesser_overhead_ratio,
    restarted_overhead_ratio,
)
from simulator.params import Param, param
from simulator.units import MINUTES_PER_HOUR
from simulator.usage.tables import Mask, Training, Usage

CAN_ONLY_SHORT = 1.0
RUNTIME_ROOM = 0.9
JOBS_FOR_EVIDENCE = 3
LARGEST_COUNTED = 10_000
OFTEN = SPOT_BANDS.index(">20%")
ANY_BAND = "any"
ALREADY = "Already runs on spot: its billed seconds are already reduced."
CANNOT_RESUME = (
    "Runs over an hour without checkpoints: an interruption would lose all work. Add checkpoints first."
)
MAY_NOT_RESUME = "Runs longer than an hour and it is unknown whether it can resume."
NO_ROOM = (
    "Uses over 90 % of its MaxRuntimeInSeconds: interruptions would end it. Raise that and MaxWaitTime first."
)
INTERRUPTED_OFTEN = (
    "Can resume or is short. AWS interrupts over 20 % of these instances per month: keep checkpoints close."
)
SHORT = (
    "Short enough to start again. Set MaxWaitTimeInSeconds to at least MaxRuntimeInSeconds; "
    "built-in algorithms without checkpoints wait 3,600 s at most."
)


@dataclass(frozen=True)
class ManagedSpot(Lever):
    """Train on spare capacity: AWS bills fewer seconds at the on-demand price.

    The billed hours become hours × (1 − discount) × (1 + overhead). The discount is the Spot Instance Advisor's
    of type and region, the assumed one only where that knows none. The overhead is the work lost to
    interruptions: with checkpoints 1/((1 − C/T)(1 − (T/2 + R)/M)) − 1 at T = √(2CM), which is √(2C/M) + R/M
    while that is small; without them (M + R)(e^(L/M) − 1)/L − 1. M is the mean
    time between interruptions of the whole cluster (one instance's divided by the number of instances), C a
    checkpoint, R a restart and L the job's length. Waiting for capacity costs time, not money.
    It needs EnableManagedSpotTraining at the top level, MaxWaitTimeInSeconds ≥ MaxRuntimeInSeconds (equal
    leaves no time to wait) and code that resumes from CheckpointConfig.S3Uri; built-in and marketplace
    algorithms without checkpoints may wait 3,600 s at most. Not together with warm pools; spot hours are
    outside Savings Plans. A bad idea for jobs with a hard deadline, and for long jobs that cannot resume:
    those may cost more.

    Source: rules.md#managed-spot and rules.md#spot-overhead (Young/Daly, hal-02514107); SageMaker developer
    guide, model-managed-spot-training.
    """

    id = "managed_spot"
    title = "Managed spot training"
    stage = 7
    table = "training"
    excludes = ("warm_pools",)
    effort_hours = 16.0
    phase = 2

    discount: float = param(
        "Spot discount, where the advisor knows none", "ratio", 0.60, low=0.50, high=0.75, step=0.01,
        maximum=0.95, grade="assumed",
        source="AWS says up to 90 %; Spot Instance Advisor's band for GPU types is 50-75 %",
        help="The advisor's of type and region comes first; another than the default, stated by name, holds for all.",
    )  # fmt: skip
    price_of: str = param(
        "Where the discount comes from", "choice", "spot_advisor", choices=("spot_advisor", "one_discount"),
        grade="official", source="EC2 Spot Instance Advisor per type and region (pricing_data/spot.csv)",
        help="one_discount: the one discount for every type and region.",
    )  # fmt: skip
    advisor_error: float = param(**ADVISOR_ERROR)
    interruption_hours: float = param(**INTERRUPTION_HOURS)
    checkpoint_minutes: float = param(**CHECKPOINT_MINUTES)
    restart_minutes: float = param(**RESTART_MINUTES)
    worst_band: str = param(
        "Leave out types interrupted more often than", "choice", ANY_BAND,
        choices=(ANY_BAND, *SPOT_BANDS[:-1]), grade="official",
        source="EC2 Spot Instance Advisor, monthly interruption bands (pricing_data/spot.csv)",
    )  # fmt: skip

    @classmethod
    def create(cls, values: Mapping[str, Any]) -> Self:
        """A checked setting; a discount other than the default holds for all types, unless `price_of` is stated."""
        made = super().create(values)
        one = made.discount != cls().discount and "price_of" not in values
        return replace(made, price_of="one_discount") if one else made

    def acting_params(self) -> dict[str, Param]:
        """One discount for all types has no distance from the advisor's."""
        one = self.price_of == "one_discount"
        return {n: p for n, p in self.params().items() if not (one and n == "advisor_error")}

    def verdicts(self, usage: Usage) -> Verdicts:
        """Jobs on demand that can resume, or are too short to need it."""
        t = usage.training
        long = t.job_hours > CAN_ONLY_SHORT
        band = usage.catalog.spot_band[t.resized_type, t.region]
        return decide(
            t,
            refuse((t.spot_hours > 0) | (t.spot == 1), ALREADY),
            refuse(t.warm_pool == 1, "Uses a warm pool, which cannot be combined with spot."),
            refuse((t.billable_hours + t.resized_hours) == 0, "Has no billed hours left in this scenario."),
            unsure(np.isnan(t.billable_hours), "Its billed time is unknown."),
            refuse(long & (t.checkpointing == 0), CANNOT_RESUME),
            unsure(long & np.isnan(t.checkpointing), MAY_NOT_RESUME),
            refuse(t.job_hours > RUNTIME_ROOM * t.max_runtime_hours, NO_ROOM),
            refuse(
                self._too_often(band),
                f"AWS interrupts this type there more often than {self.worst_band} per month.",
            ),
            Rule(band == OFTEN, APPLIES, INTERRUPTED_OFTEN),
            Rule(~long & (t.checkpointing != 1), APPLIES, SHORT),
            otherwise="Resumes from checkpoints. Set MaxWaitTimeInSeconds above MaxRuntimeInSeconds.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move on-demand hours to (fewer) spot hours."""
        t = usage.training
        length = t.job_hours * t.slowdown_ratio
        resumes = (t.checkpointing == 1) | (self.assumes & np.isnan(t.checkpointing))
        overhead = self.overhead_ratio(length, t.instance_count, resumes)
        factor = cost_ratio(self.discounts(usage), overhead)
        ok = self.verdicts(usage).applies
        return rewritten(
            usage,
            "training",
            billable_hours=np.where(ok, 0.0, t.billable_hours),
            resized_hours=np.where(ok, 0.0, t.resized_hours),
            spot_hours=np.where(ok, t.billable_hours * factor, t.spot_hours),
            resized_spot_hours=np.where(ok, t.resized_hours * factor, t.resized_spot_hours),
        )

    def overhead_ratio(self, job_hours: Any, instances: Any, checkpoints: Any) -> Any:
        """Compute lost to interruptions over useful compute, w of rules.md#spot-overhead (see `interruptions`)."""
        sizes, size_of = _sizes(np.maximum(instances, 1))
        by_size = self.interruption_hours / sizes  # clusters come in few sizes, jobs in many lengths
        checkpoint = self.checkpoint_minutes / MINUTES_PER_HOUR
        restart = self.restart_minutes / MINUTES_PER_HOUR
        length = np.maximum(np.nan_to_num(job_hours), 1e-9)
        resumed = checkpointed_overhead_ratio(by_size, checkpoint, restart)
        without = restarted_overhead_ratio(by_size[..., size_of], length, restart)
        return lesser_overhead_ratio(resumed[..., size_of], without, checkpoints)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Own spot jobs of the same type and region, and a known way to resume."""
        t = usage.training
        short = t.job_hours <= CAN_ONLY_SHORT
        return (
            Evidence(
                _own_history(t), "Fewer than 3 spot jobs of this type and region in the account's history."
            ),
            Evidence(short | (t.checkpointing == 1), "Not known to resume from checkpoints."),
        )

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """The discount realised by the account's own spot jobs, when there are at least three."""
        t = usage.training
        own = _realised(t)
        if own.sum() < JOBS_FOR_EVIDENCE:
            return {}
        saving = float(realised_saving_ratio(t.training_hours[own].sum(), t.spot_hours[own].sum()))
        limit = cls.params()["discount"].maximum
        sentence = f"1 − billed ÷ trained time of the account's own {own.sum():,} spot jobs"
        return {"discount": (min(max(saving, 0.0), limit), sentence)}

    @classmethod
    def shown_from(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """The advisor's mean over the hours of this account's jobs: the slider begins there."""
        t = usage.training
        return advisors_mean(usage.catalog.spot_saving[t.instance_type, t.region], t.training_hours)

    def discounts(self, usage: Usage) -> Any:
        """The advisor's of type and region, else the assumed one; or one for all."""
        t = usage.training
        if self.price_of == "one_discount":
            return self.discount
        seen = usage.catalog.spot_saving[t.resized_type, t.region]
        limit = self.params()["discount"].maximum
        return np.where(np.isnan(seen), self.discount, np.clip(seen + self.advisor_error, 0.0, limit))

    def _too_often(self, band: Any) -> Mask:
        worst = len(SPOT_BANDS) if self.worst_band == ANY_BAND else SPOT_BANDS.index(self.worst_band)
        return band > worst


def _sizes(instances: Any) -> tuple[Any, Any]:
    """The different sizes of clusters, and which one each job has; counted rather than sorted where they are whole."""
    largest = np.max(instances, initial=1.0)
    if not (largest <= LARGEST_COUNTED and np.array_equal(instances, np.floor(instances))):
        return np.unique(instances, return_inverse=True)
    there = np.bincount(np.ravel(instances).astype(np.int64)) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[np.asarray(instances, np.int64)]


def advisors_mean(saving_ratio: Any, hours: Any) -> dict[str, tuple[float, str]]:
    """Mean spot discount of resources by their hours, in whole percent, from which `advisor_error` is shown.

    Nothing where none is known.
    """
    known = ~np.isnan(saving_ratio) & (hours > 0)
    if not known.any():
        return {}
    mean = round(float(np.average(saving_ratio[known], weights=hours[known])), 2)
    return {"advisor_error": (mean, "Spot discount, mean of your types")}


def realised_saving_ratio(training: Any, billable: Any) -> Any:
    """1 − BillableTimeInSeconds / TrainingTimeInSeconds: what spot saved (DescribeTrainingJob)."""
    return 1 - billable / training


def _realised(t: Training) -> Mask:
    return (t.spot == 1) & (t.spot_hours > 0) & (t.training_hours > 0)


def _own_history(t: Training) -> Mask:
    """Jobs whose type and region have at least three realised spot jobs."""
    place = t.instance_type * 10_000 + t.region
    seen, jobs = np.unique(place[_realised(t)], return_counts=True)
    return np.isin(place, seen[jobs >= JOBS_FOR_EVIDENCE])
