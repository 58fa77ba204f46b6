"""AgentCore as billed: hours, calls, events and records by region and part, each a row of the services table.

The bill tells them by usage type, not by resource: a part of a region is one row. What has no price of its own here
(the runtime's second generation, evaluations, policy) has the bill's own dollars.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from simulator.aws.service_types import AGENTCORE, service_use
from simulator.usage.gb_months import window_months

Row = dict[str, Any]


class AgentcoreBill:
    """Dollars and quantity by (region, usage type)."""

    def __init__(self) -> None:
        self.lines: dict[tuple[str, str], tuple[float, float | None]] = defaultdict(lambda: (0.0, None))

    def add(self, service: str, region: str, usage_type: str, usd: float, quantity: float | None) -> bool:
        """Whether the line is AgentCore's."""
        if not AGENTCORE.search(service):
            return False
        before_usd, before = self.lines[region, usage_type]
        known = quantity if before is None else before + (quantity or 0.0)
        self.lines[region, usage_type] = (before_usd + usd, known)
        return True

    def rows(self, region: str, base: Row, start: datetime, end: datetime) -> list[Row]:
        """Rows of one region; what is counted is per month of the days that the bill covers."""
        days = (moment.replace(hour=0, minute=0, second=0, microsecond=0) for moment in (start, end))
        months = max(window_months(*days), 1 / 31)
        made = []
        for (place, usage_type), (usd, quantity) in sorted(self.lines.items()):
            use = service_use("AgentCore", usage_type)
            if place != region or use is None or not (usd > 0 or quantity):
                continue
            row = {**base, "kind": "agentcore", "name": f"{use.part} in {region}", "size": use.size or None}
            if not use.column or quantity is None:
                made += [row | {"billed_usd": usd}] if usd > 0 else []
            elif use.column == "requests":
                made.append(row | {"requests": quantity / months})
            else:
                made.append(row | {use.column: quantity})
        return made
