"""Write the coverage line of pricing_data/README.md: python -m scripts.docs_prices"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from simulator.pricing.audit import audit
from simulator.pricing.files import DATA

README = DATA / "README.md"
BEGIN, END = "<!-- coverage -->\n", "<!-- /coverage -->\n"
AS_OF = date(2026, 11, 28)


def line(rows: Sequence[dict[str, Any]]) -> str:
    """Per component: instance-hour prices published and by rule, in how many regions."""
    said = []
    for component in dict.fromkeys(r["component"] for r in rows):
        of = [r for r in rows if r["component"] == component]
        published, by_rule = (sum(r[k] for r in of) for k in ("published", "by_rule"))
        said.append(f"{component.replace('_', ' ')} {published:,} + {by_rule:,} in {len(of)} regions")
    return f"- Instance-hours on {AS_OF}, published + by rule (`prices check`): {'; '.join(said)}.\n"


def written(text: str, rows: Sequence[dict[str, Any]]) -> str:
    """The page with its coverage line made anew."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + line(rows) + END + rest.split(END)[1]


def main(path: Path = README) -> None:
    """Rewrite the page."""
    path.write_text(written(path.read_text(encoding="utf-8"), audit(AS_OF).coverage), encoding="utf-8")


if __name__ == "__main__":
    main()
