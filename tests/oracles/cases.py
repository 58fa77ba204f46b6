"""Published worked examples (published.json) and the accounts and price books they are run on.

The figures and their sources were copied from the team's collection of oracles; a test compares them with it
where it is at hand. Prices are inputs of a case: they go into a price book of the case's own.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator import PriceBook
from simulator.prices import COLUMNS
from tests.accounts import PRICES

HERE = Path(__file__).parent
CASES: dict[str, dict[str, Any]] = {
    c["id"]: c for c in json.loads((HERE / "published.json").read_text(encoding="utf-8"))["cases"]
}


def inputs(case_id: str) -> dict[str, Any]:
    """What the case starts from."""
    given: dict[str, Any] = CASES[case_id]["inputs"]
    return given


def agree(case_id: str, **ours: Any) -> None:
    """Our figures against the published ones, within the case's tolerance. Fails naming figure and both values."""
    case = CASES[case_id]
    tolerance = case["tolerance"]
    for name, value in ours.items():
        published = case["expected"][name]
        pairs = zip(value, published, strict=True) if isinstance(published, list) else [(value, published)]
        for got, want in pairs:
            allowed = max(tolerance.get("abs", 0.0), tolerance.get("rel", 0.0) * abs(want))
            assert abs(float(got) - want) <= allowed + 1e-12, f"{case_id} {name}: ours {got}, published {want}"


def book_of(folder: Path, prices: Mapping[tuple[str, str], tuple[float, str]]) -> PriceBook:
    """The shipped book with a case's prices laid over it: (component, item) → (USD per unit, unit), us-east-1."""
    path = folder / "own.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="")
        writer.writeheader()
        for (component, item), (usd, unit) in prices.items():
            writer.writerow(
                {
                    "component": component, "item": item, "region": "us-east-1", "usd": usd, "unit": unit,
                    "per": 1, "effective_from": "2026-01-01", "checked_on": "2026-01-01", "grade": "own",
                    "source": "own", "note": "input of a published example",
                }
            )  # fmt: skip
    return PriceBook.load(PRICES, own=path)
