"""Bedrock tokens and dollars as billed, for what CloudWatch does not tell (rules.md#where-tokens-come-from).

Billed token quantities are exact but of a month: they are spread over the days by requests, and told of. Where not
even they are known, the cost alone is. Nothing is spread between models.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from simulator.aws.usage_types import use_of
from simulator.sources.collect.services.agentcore_bill import AgentcoreBill

DIRECTIONS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
}
Row = dict[str, Any]


class BedrockBill:
    """Tokens by (region, model, tier), and dollars by region and by (region, model, tier); AgentCore apart: no model's
    dollars."""

    def __init__(self) -> None:
        self.tokens: dict[tuple[str, str, str], dict[str, float]] = defaultdict(
            lambda: dict.fromkeys(DIRECTIONS, 0.0)
        )
        self.usd: dict[tuple[str, str, str], float] = defaultdict(float)
        self.total_usd: dict[str, float] = defaultdict(float)
        self.agentcore = AgentcoreBill()

    def add(self, service: str, usage_type: str, usd: float, quantity: float | None, unit: str) -> None:
        """One line of the bill; lines of other services are passed over."""
        if "bedrock" not in service.lower():
            return
        use = use_of(service, service, usage_type, "", "Usage", unit)
        if self.agentcore.add(service, use.region, usage_type, usd, quantity):
            return
        self.total_usd[use.region] += usd
        if use.meter == "tokens" and "." in use.model and use.item in DIRECTIONS and quantity is not None:
            key = (use.region, use.model, use.tier or "on_demand")
            self.tokens[key][use.item] += quantity * use.per_unit
            self.usd[key] += usd

    def fill(self, rows: Sequence[Row], region: str) -> int:
        """Give rows without tokens those of the bill, or their cost; gives how many models were filled with tokens."""
        models = sorted({r["model_id"] for r in rows})
        filled = sum(self._spread_tokens([r for r in rows if r["model_id"] == m], region, m) for m in models)
        if not filled and len(models) == 1 and all(r["input_tokens"] is None for r in rows):
            spread(rows, "cost_usd", self.total_usd.get(region, 0.0))
        return filled

    def _spread_tokens(self, rows: Sequence[Row], region: str, model: str) -> bool:
        """Whether all rows of the model lacked tokens and the bill has them."""
        billed = self.tokens.get((region, model, "on_demand"))
        if billed is None or not billed["input"] + billed["cache_read"] + billed["cache_write"]:
            return False
        if any(r["input_tokens"] is not None or r["tier"] != "on_demand" for r in rows):
            return False
        for direction, column in DIRECTIONS.items():
            spread(rows, column, billed[direction])
        spread(rows, "cost_usd", self.usd[region, model, "on_demand"])
        return True

    def rows(self, region: str, base: Row, day: date) -> list[Row]:
        """Rows from the bill alone, on one day, when CloudWatch could not be read: by model, or the cost only."""
        found = [
            {
                **base,
                "model_id": model,
                "date": day.isoformat(),
                "tier": tier if tier == "batch" else "on_demand",
                "cost_usd": self.usd[place, model, tier],
                **{column: tokens[direction] for direction, column in DIRECTIONS.items()},
            }
            for (place, model, tier), tokens in sorted(self.tokens.items())
            if place == region and tier in ("on_demand", "batch")
        ]
        rest = self.total_usd.get(region, 0.0) - sum(r["cost_usd"] for r in found)
        if rest > 0.005:
            found.append({**base, "model_id": "unknown", "date": day.isoformat(), "cost_usd": rest})
        return found


def spread(rows: Sequence[Row], column: str, total: float) -> None:
    """A total over rows, in proportion to their requests."""
    requests = sum(r["requests"] or 0.0 for r in rows)
    for row in rows:
        if requests > 0:
            row[column] = total * (row["requests"] or 0.0) / requests
