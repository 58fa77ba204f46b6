"""Notebooks and Studio seats."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.workload import Rows, Window, Workload, amount, words


@dataclass(frozen=True)
class Seats(Workload):
    """Seats × hours per month × price, of which a share is idle. Source: rules.md#notebooks-and-studio."""

    id = "seats"
    title = "Notebooks and Studio seats"

    kind: str = words("What they are", "studio", choices=("notebook", "studio"))
    instance_type: str = words("Instance type", "ml.t3.medium")
    seats: int = amount("Seats", "seats", 10, minimum=1, most=100_000, integer=True)
    hours: float = amount("Hours per seat and month", "hours", 160, most=730)
    idle_ratio: float = amount("Share of the hours without activity", "ratio", 0.0, most=1.0)

    def rows(self, window: Window) -> Rows:
        """All seats as one row."""
        hours = window.metered(self.hours)
        row = {
            "kind": self.kind,
            "name": self.name,
            "region": self.region,
            "instance_type": self.instance_type,
            "instance_count": self.seats,
            "hours": hours,
            "idle_hours": hours * self.idle_ratio,
            "status": "InService",
            "owner": self.owner,
        }
        return {"compute": [row]}
