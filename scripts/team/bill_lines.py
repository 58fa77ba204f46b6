"""Lines of a bill while it is written: usage priced by the project's price book."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from simulator.pricing.book import PriceBook

PREFIX = {"us-east-1": "USE1", "us-west-2": "USW2", "eu-west-1": "EU"}
PRICED_ON = date(2026, 10, 31)
Row = dict[str, Any]


def records(frame: pd.DataFrame) -> list[Row]:
    """Rows as dicts."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


@dataclass
class Bill:
    """Lines written so far, and the prices they are written with."""

    book: PriceBook = field(default_factory=lambda: PriceBook.load(PRICED_ON))
    lines: list[Row] = field(default_factory=list)

    def price_usd(self, component: str, item: str, region: str) -> float:
        """List price of one unit (first tier)."""
        return self.book.price(component, item, region).list_usd

    def add(
        self, service: str, component: str, region: str, usage: str, quantity: float, unit: str, usd: float
    ) -> None:
        """Write a line, unless there was no usage."""
        if quantity:
            self.lines.append(
                {
                    "service": service,
                    "component": component,
                    "region": region,
                    "usage_type": f"{PREFIX[region]}-{usage}",
                    "usage_quantity": round(quantity, 6),
                    "usage_unit": unit,
                    "cost_usd": usd,
                    "line_type": "Usage",
                }
            )

    def total_usd(self) -> float:
        """Sum of the lines."""
        return sum(line["cost_usd"] for line in self.lines)
