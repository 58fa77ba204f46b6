"""A new asynchronous endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.endpoint_rows import endpoint_rows
from simulator.demand.shapes import SHAPES
from simulator.demand.workload import Rows, Window, Workload, amount, words


@dataclass(frozen=True)
class AsyncEndpoint(Workload):
    """Instances behind a queue; they cost what real-time ones cost while they run.

    Source: rules.md#asynchronous-inference.
    """

    id = "async_endpoint"
    title = "Asynchronous endpoint"

    instance_type: str = words("Instance type", "ml.g5.xlarge")
    instances: int = amount("Instances", "instances", 1, minimum=1, most=10_000, integer=True)
    calls: float = amount("Calls per month", "calls", 0)
    latency_ms: float = amount("Time of a call", "ms", 10_000, most=3_600_000)
    shape: str = words("Shape of the traffic", "office", choices=SHAPES)

    def rows(self, window: Window) -> Rows:
        """One variant with its traffic."""
        more = {
            "mode": "async",
            "instance_type": self.instance_type,
            "instance_count": self.instances,
            "latency_ms": self.latency_ms,
        }
        return endpoint_rows(self, window, self.calls, self.shape, more)
