"""Training that is repeated every month."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.training_rows import training_rows
from simulator.demand.workload import Rows, Window, Workload, amount, words


@dataclass(frozen=True)
class TrainingProgramme(Workload):
    """Runs per month × hours × instances × price, failed runs included. Source: rules.md#training."""

    id = "training_programme"
    title = "Training programme"

    instance_type: str = words("Instance type", "ml.g5.12xlarge")
    instances: int = amount("Instances per run", "instances", 1, minimum=1, most=10_000, integer=True)
    runs: float = amount("Runs per month", "runs", 4, most=100_000)
    hours: float = amount("Hours per run", "hours", 10, most=672)
    failed_ratio: float = amount("Share of runs that fail", "ratio", 0.0, most=1.0)

    def rows(self, window: Window) -> Rows:
        """A month's runs."""
        return training_rows(
            self,
            window,
            instance_type=self.instance_type,
            instances=self.instances,
            runs=self.runs,
            hours=self.hours,
            failed=self.failed_ratio,
        )
