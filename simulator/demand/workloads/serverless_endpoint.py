"""A new serverless endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.endpoint_rows import endpoint_rows
from simulator.demand.shapes import SHAPES
from simulator.demand.workload import Rows, Window, Workload, amount, words


@dataclass(frozen=True)
class ServerlessEndpoint(Workload):
    """Calls × seconds × memory × price per GiB-second; nothing when nobody calls.

    Source: rules.md#serverless-endpoints.
    """

    id = "serverless_endpoint"
    title = "Serverless endpoint"

    calls: float = amount("Calls per month", "calls", 100_000)
    latency_ms: float = amount("Time of a call", "ms", 200, most=3_600_000)
    memory_mb: int = amount("Memory", "MB", 2048, minimum=1024, most=6144, integer=True)
    payload_kb: float = amount("Request and answer", "KiB", 4, most=1e6)
    shape: str = words("Shape of the traffic", "web", choices=SHAPES)

    def rows(self, window: Window) -> Rows:
        """One variant with its traffic."""
        more = {
            "mode": "serverless",
            "serverless_memory_mb": self.memory_mb,
            "latency_ms": self.latency_ms,
            "payload_kb": self.payload_kb,
            "max_concurrency": 20,
        }
        return endpoint_rows(self, window, self.calls, self.shape, more)
