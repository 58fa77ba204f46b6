"""R3: an `ml` price in a region is the us-east-1 `ml` price times EC2's on-demand price there over EC2's in us-east-1.

Back-tested by `scripts/backtest_r3.py` against AWS's own hosting list: the error stands in the note of every row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from scripts.price_facts.table import PriceRow, read

HOME = "us-east-1"
ERROR = "95 of 100 listed prices within 0.5 %, 99 within 5 %"
Prices = Mapping[tuple[str, str], float]


def ec2_prices(facts: Path) -> dict[tuple[str, str], float]:
    """EC2 Linux on-demand USD per hour by (`ml.` type, region), from AWS's feed."""
    return {
        (f"ml.{r['ec2_instance_type']}", r["region"]): float(r["ec2_on_demand_usd_per_hour"])
        for r in read(facts / "spot.csv")
        if r["ec2_on_demand_usd_per_hour"]
    }


def predicted(item: str, region: str, home_usd: float, ec2: Prices) -> float | None:
    """The price of a type in a region by R3; None where EC2 lacks one of the two."""
    here, there = ec2.get((item, region)), ec2.get((item, HOME))
    return home_usd * here / there if here and there else None


def by_ec2(
    facts: Path, home: Iterable[PriceRow], priced: Collection[tuple[str, str, str]]
) -> Iterator[PriceRow]:
    """Rows of grade assumed for the regions where EC2 has a type of `home` (us-east-1 rows) and no row prices it."""
    ec2 = ec2_prices(facts)
    regions = sorted({region for _, region in ec2})
    for row in home:
        for region in regions:
            usd = predicted(row.item, region, float(row.usd), ec2)
            if usd is not None and (row.component, row.item, region) not in priced:
                yield PriceRow(
                    row.component, row.item, region, f"{usd:.6f}".rstrip("0").rstrip("."), row.unit,
                    row.effective_from, "assumed", "rule-R3", note=f"R3: EC2's ratio to {HOME}; {ERROR}",
                )  # fmt: skip
