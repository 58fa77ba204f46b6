"""Rows of training jobs."""

from __future__ import annotations

from math import ceil

from simulator.demand.workload import Rows, Window, Workload

MOST_ROWS = 500


def training_rows(
    workload: Workload,
    window: Window,
    *,
    instance_type: str,
    instances: int,
    runs: float,
    hours: float,
    failed: float = 0.0,
) -> Rows:
    """Runs of a month: as many rows as the window would show, which together have exactly its hours."""
    metered = window.metered(runs)
    count = min(max(ceil(metered), 1), MOST_ROWS)
    seconds = metered * hours * 3600 / count
    rows = [
        {
            "job_name": f"{workload.name}-{number + 1}",
            "region": workload.region,
            "instance_type": instance_type,
            "instance_count": instances,
            "status": "Failed" if number < round(failed * count) else "Completed",
            "training_seconds": seconds,
            "billable_seconds": seconds,
            "spot_enabled": False,
            "owner": workload.owner,
        }
        for number in range(count)
    ]
    return {"training_jobs": rows}
