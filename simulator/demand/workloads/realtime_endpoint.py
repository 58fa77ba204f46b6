"""A new real-time endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.endpoint_rows import endpoint_rows
from simulator.demand.shapes import SHAPES
from simulator.demand.workload import Rows, Window, Workload, amount, words


@dataclass(frozen=True)
class RealtimeEndpoint(Workload):
    """Instances that run all month from the first day, whatever the traffic: count × 730 hours × price.

    Traffic and scaling limits are what the levers look at: idle, auto-scaling, serverless, plans.

    Source: rules.md#endpoints.
    """

    id = "realtime_endpoint"
    title = "Real-time endpoint"

    instance_type: str = words("Instance type", "ml.g5.xlarge")
    instances: int = amount("Instances", "instances", 1, minimum=1, most=10_000, integer=True)
    calls: float = amount("Calls per month", "calls", 0)
    shape: str = words("Shape of the traffic", "web", choices=SHAPES)
    latency_ms: float = amount("Time of a call", "ms", 200, most=3_600_000)
    model_gib: float = amount("Size of the model in memory", "GiB", 0, most=10_000)
    scaling_min: int = amount(
        "Fewest instances under auto-scaling (0: none)", "instances", 0, most=10_000, integer=True
    )

    def rows(self, window: Window) -> Rows:
        """One variant with its traffic."""
        limits = {"scaling_min": self.scaling_min, "scaling_max": self.instances} if self.scaling_min else {}
        more = {
            "instance_type": self.instance_type,
            "instance_count": self.instances,
            "latency_ms": self.latency_ms,
            "model_gib": self.model_gib or None,
            "mode": "realtime",
            **limits,
        }
        return endpoint_rows(self, window, self.calls, self.shape, more)
