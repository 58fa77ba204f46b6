"""Rows of an endpoint and of its calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.demand.shapes import weights
from simulator.demand.workload import Rows, Window, Workload


def endpoint_rows(
    workload: Workload, window: Window, calls: float, shape: str, more: Mapping[str, Any]
) -> Rows:
    """A variant that ran all through the window, and its calls by hour in the shape given."""
    where = {
        "endpoint_name": workload.name,
        "variant_name": "AllTraffic",
        "region": workload.region,
        "owner": workload.owner,
    }
    endpoint = {**where, "status": "InService", "created_at": window.start, "last_modified_at": window.start}
    endpoint |= {k: v for k, v in more.items() if v is not None}
    metered = window.metered(calls)
    hours = window.hours
    traffic = [
        {**where, "hour": hour, "invocations": metered * weight}
        for hour, weight in zip(hours, weights(shape, hours), strict=True)
    ]
    return {"endpoints": [endpoint], "endpoint_traffic": traffic}
