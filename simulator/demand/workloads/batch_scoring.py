"""Batch transform runs."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.workload import Rows, Window, Workload, amount, words


@dataclass(frozen=True)
class BatchScoring(Workload):
    """Runs per month × hours × instances × price of batch transform.

    Source: rules.md#processing-and-batch-transform.
    """

    id = "batch_scoring"
    title = "Batch scoring"

    instance_type: str = words("Instance type", "ml.m5.xlarge")
    instances: int = amount("Instances", "instances", 1, minimum=1, most=10_000, integer=True)
    runs: float = amount("Runs per month", "runs", 30, most=100_000)
    hours: float = amount("Hours per run", "hours", 1, most=744)

    def rows(self, window: Window) -> Rows:
        """A month's runs, as one row."""
        row = {
            "kind": "transform",
            "name": self.name,
            "region": self.region,
            "instance_type": self.instance_type,
            "instance_count": self.instances,
            "hours": window.metered(self.runs * self.hours),
            "status": "Completed",
            "owner": self.owner,
        }
        return {"compute": [row]}
