"""T6 warm pools: what keeping instances between jobs costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.training.hours import ENDED_QUESTION, NOTHING_BILLED, UNKNOWN_HOURS
from simulator.params import param
from simulator.usage.tables import COMPLETED, ENDED_UNKNOWN, Usage

KEEP_ALIVE_LIMIT_HOURS = 6.0
JOBS_FOR_HISTORY = 3


@dataclass(frozen=True)
class WarmPools(Lever):
    """Keep instances warm between jobs: this costs money. It saves waiting time, which AWS does not bill.

    Adds billed hours × retained share, at most the keep-alive limit of 21,600 s per job and instance. The
    default quota is 0; jobs must share role, type, count, volume and VPC, and a pool lives 7 days at most.
    It cannot be combined with spot or with heterogeneous clusters. A good idea only where people wait for
    short jobs in a row; never a saving, hence in no plan by default.

    Source: rules.md#warm-pools; SageMaker developer guide, train-warm-pools; SageMaker API,
    KeepAlivePeriodInSeconds.
    """

    id = "warm_pools"
    title = "Warm pools (adds cost)"
    stage = 9
    table = "training"
    excludes = ("managed_spot",)
    effort_hours = 4.0
    phase = 4

    retained_ratio: float = param(
        "Retained time over training time", "ratio", 0.05, low=0.0, high=0.30, step=0.01, maximum=1.0,
        grade="assumed", source="rules.md#warm-pools: adds 0-5-30 %",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Completed on-demand jobs without a pool."""
        t = usage.training
        spot = (t.spot == 1) | (t.spot_hours > 0) | (t.resized_spot_hours > 0)
        return decide(
            t,
            refuse(t.warm_pool == 1, "Already keeps a warm pool."),
            refuse(spot, "Runs on spot, which cannot be combined with a warm pool."),
            unsure(t.outcome == ENDED_UNKNOWN, ENDED_QUESTION),
            refuse(t.outcome != COMPLETED, "Did not complete: its instances are released."),
            unsure(np.isnan(t.billable_hours), UNKNOWN_HOURS),
            refuse((t.billable_hours + t.resized_hours) == 0, NOTHING_BILLED),
            otherwise="Could keep its instances for up to 6 hours, at a cost; the quota is 0 by default.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Add the retained hours, under the type the job runs on."""
        t, ok = usage.training, self.verdicts(usage).applies
        limit = KEEP_ALIVE_LIMIT_HOURS * t.instance_count * t.jobs_per_month
        resized = t.resized_hours > 0
        retained = np.minimum((t.billable_hours + t.resized_hours) * self.retained_ratio, limit)
        added = np.where(ok, retained, 0.0)
        return rewritten(
            usage,
            "training",
            warm_pool_hours=np.where(ok & ~resized, t.warm_pool_hours + added, t.warm_pool_hours),
            resized_warm_pool_hours=np.where(
                ok & resized, t.resized_warm_pool_hours + added, t.resized_warm_pool_hours
            ),
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Retained seconds of the account's own pools."""
        known = np.full(len(usage.training), bool(self.history(usage)))
        return (Evidence(known, "The account has no warm pools that show how long instances are retained."),)

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """Retained over trained hours of at least three jobs with a warm pool."""
        t = usage.training
        own = (t.warm_pool_hours > 0) & (t.training_hours > 0)
        if own.sum() < JOBS_FOR_HISTORY:
            return {}
        value = min(float(t.warm_pool_hours[own].sum() / t.training_hours[own].sum()), 1.0)
        return {
            "retained_ratio": (value, f"retained ÷ trained time of {own.sum():,} warm pools of the account")
        }
