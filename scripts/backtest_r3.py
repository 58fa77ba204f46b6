"""How well R3 (price by EC2's ratio) meets AWS's hosting list: python -m scripts.backtest_r3 [FACTS_FOLDER]"""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.price_facts.ec2_rule import HOME, ec2_prices, predicted
from scripts.price_facts.table import read

FACTS = Path(__file__).resolve().parent.parent.parent / "shared" / "facts"


def errors(facts: Path) -> list[float]:
    """Relative error of R3 for every listed hosting price outside us-east-1 that EC2 prices too."""
    listed = read(facts / "hosting_2026-09-22.csv")
    home = {r["instance_type"]: float(r["usd_per_hour"]) for r in listed if r["region"] == HOME}
    ec2 = ec2_prices(facts)
    found = []
    for row in listed:
        item, region = row["instance_type"], row["region"]
        if region != HOME and item in home:
            usd = predicted(item, region, home[item], ec2)
            if usd is not None:
                found.append(abs(usd / float(row["usd_per_hour"]) - 1))
    return found


def main(facts: Path) -> None:
    """Print how many prices there are, and the shares within 0.5 % and 5 %."""
    found = errors(facts)
    within = {limit: sum(e <= limit for e in found) / len(found) for limit in (0.005, 0.05)}
    print(
        f"{len(found)} prices",
        *(f"{share:.1%} within {limit:.1%}" for limit, share in within.items()),
        sep=", ",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FACTS)
