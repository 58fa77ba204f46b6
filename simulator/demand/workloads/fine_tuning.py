"""Fine-tuning a model once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from simulator.demand.training_rows import training_rows
from simulator.demand.workload import Rows, Window, Workload, amount, words
from simulator.units import HOURS_PER_MONTH


@dataclass(frozen=True)
class FineTuning(Workload):
    """One run of so many hours from its first day; it ends by itself. Source: rules.md#training."""

    id = "fine_tuning"
    title = "Fine-tuning"

    instance_type: str = words("Instance type", "ml.g5.12xlarge")
    instances: int = amount("Instances", "instances", 1, minimum=1, most=10_000, integer=True)
    hours: float = amount("Hours", "hours", 24, minimum=0.01, most=672)

    def last_day(self) -> date:
        """The day after the run."""
        done = self.start + timedelta(days=ceil(self.hours / 24))
        return min(done, self.end) if self.end else done

    def rows(self, window: Window) -> Rows:
        """A whole month of it, scaled so that its days hold exactly its hours."""
        busy = self.hours / (ceil(self.hours / 24) * 24)
        return training_rows(
            self,
            window,
            instance_type=self.instance_type,
            instances=self.instances,
            runs=1,
            hours=HOURS_PER_MONTH * busy,
        )
