"""Write pricing_data from the fact tables that were gathered for the project (../shared/facts).

    python scripts/import_facts.py [FACTS_FOLDER]

Deterministic: the same facts and the same botocore give the same bytes. Rows added later by hand or by a price
refresh belong in files of their own under pricing_data/prices; this script rewrites only the files it names.
"""

from __future__ import annotations

import sys
from pathlib import Path

from price_facts import assumed, bedrock, instances, limits, sagemaker, sources, storage, table

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "pricing_data"


def main(facts: Path) -> None:
    """Read the facts, write every table, print how many rows each has."""
    uses = instances.allowed_uses()
    refused = instances.not_offered(facts)
    hours = sagemaker.prices(facts, uses)
    tokens = bedrock.prices(facts)
    s3, other = storage.s3(facts), storage.other(facts)
    filled = [*assumed.instance_hours(hours, uses, refused), *assumed.batch(tokens), *assumed.others()]
    for name, rows in (
        ("sagemaker", hours), ("bedrock", tokens), ("storage", s3), ("other", other), ("assumed", filled),
    ):  # fmt: skip
        print(f"prices/{name}.csv", table.write_prices(OUT / "prices" / f"{name}.csv", rows))
    types = instances.instances(facts, {r.item for r in hours})
    saving = instances.spot(facts, {str(t["instance_type"]) for t in types})
    regions = {r.region for r in [*hours, *s3, *other]} | {s["region"] for s in saving}
    _write("instances", instances.COLUMNS, types)
    _write("spot", list(saving[0]), saving)
    _write("not_offered", list(refused[0]), refused)
    _write("regions", ["region"], [{"region": r} for r in sorted(regions - {"*"})])
    models = bedrock.models(facts, tokens)
    _write("models", list(models[0]), models)
    _write("limits", ["name", "value", "unit", "source", "grade"], limits.rows())
    _write("sources", ["source", "text", "url_or_repo", "note"], sources.source_rows())


def _write(name: str, columns: object, rows: list) -> None:
    print(f"{name}.csv", table.write(OUT / f"{name}.csv", columns, rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "facts")
