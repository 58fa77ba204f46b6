"""Rows of what AgentCore bills besides tokens: runtime, browser and code interpreter, gateway, memory."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.demand.workload import Rows, Window, Workload
from simulator.usage.services import AGENTCORE_HOURS


def agentcore_rows(workload: Workload, window: Window, month: Mapping[str, float]) -> Rows:
    """A month's quantity by what is billed (`vcpu`, `memory_gb` in hours, the rest in calls); none where it is 0."""
    made = []
    for item, quantity in month.items():
        if quantity > 0:
            hours = item in AGENTCORE_HOURS
            row = {
                "kind": "agentcore",
                "name": f"{workload.name} {item}",
                "region": workload.region,
                "owner": workload.owner,
                "size": item,
            }
            made.append(row | ({"unit_hours": window.metered(quantity)} if hours else {"requests": quantity}))
    return {"services": made} if made else {}
