"""A new data set in S3."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.workload import Rows, Window, Workload, amount

GIB_PER_TIB = 1024


@dataclass(frozen=True)
class DataSet(Workload):
    """TiB in S3 Standard, growing, with its reads and requests. Source: rules.md#storage."""

    id = "data_set"
    title = "Data set"

    tib: float = amount("Size", "TiB", 1, most=1e6)
    read_ratio: float = amount("Share read per month", "ratio", 0.0, most=1_000)
    objects: float = amount("Objects", "objects", 10_000)
    get_requests: float = amount("Reads per month", "requests", 0)
    put_requests: float = amount("Writes per month", "requests", 0)

    def rows(self, window: Window) -> Rows:
        """One class of one bucket. Storage is at the end of the window, so nothing is prorated."""
        gib = self.tib * GIB_PER_TIB
        row = {
            "bucket": self.name,
            "region": self.region,
            "storage_class": "STANDARD",
            "gib": gib,
            "objects": self.objects,
            "retrieved_gib": gib * self.read_ratio,
            "get_requests": self.get_requests,
            "put_requests": self.put_requests,
            "owner": self.owner,
        }
        return {"storage": [row]}
