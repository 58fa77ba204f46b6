"""Write pricing_data from the fact tables that were gathered for the project (../shared/facts).

    python -m scripts.import_facts [FACTS_FOLDER]

Deterministic: the same facts and the same botocore give the same bytes. Rows added later, by hand or by a
refresh, belong in files of their own under pricing_data/prices: this script rewrites only the files it names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from scripts import import_lists
from scripts.price_facts import assumed, bedrock, instances, limits, sagemaker, sources, storage, table

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "pricing_data"


def main(facts: Path, out: Path = OUT) -> None:
    """Read the facts, write every table, print how many rows each has."""
    uses = instances.allowed_uses()
    r6i = sorted(t for t in uses["studio_ok"] if t.startswith("ml.r6i."))
    not_offered = instances.not_offered(facts, r6i)
    refused = sagemaker.refusals(not_offered, sagemaker.regions(facts))
    hours = sagemaker.prices(facts, uses, refused)
    tokens = bedrock.prices(facts)
    s3, other = storage.s3(facts), storage.other(facts)
    filled = [*assumed.instance_hours(hours, uses, refused), *assumed.batch(tokens), *assumed.others()]
    books = {"sagemaker": hours, "bedrock": tokens, "storage": s3, "other": other, "assumed": filled}
    for name, rows in books.items():
        print(f"prices/{name}.csv", table.write_prices(out / "prices" / f"{name}.csv", rows))
    types = instances.instances(facts, {r.item for r in hours})
    saving = instances.spot(facts, {str(t["instance_type"]) for t in types})
    regions = {r.region for r in [*hours, *s3, *other]} | {s["region"] for s in saving}
    _write(out, "instances", instances.COLUMNS, types)
    _write(out, "spot", list(saving[0]), saving)
    _write(out, "not_offered", list(not_offered[0]), not_offered)
    _write(out, "regions", ["region"], [{"region": r} for r in sorted(regions - {"*"})])
    bounds = limits.rows()
    models = bedrock.models(facts, tokens)
    _write(out, "models", list(models[0]), models)
    _write(out, "limits", ["name", "value", "unit", "source", "grade"], bounds)
    _write(
        out,
        "sources",
        ["source", "text", "url_or_repo", "note"],
        sources.source_rows(str(b["source"]) for b in bounds),
    )
    import_lists.main(facts, out)


def _write(out: Path, name: str, columns: Iterable[str], rows: Sequence[Mapping[str, object]]) -> None:
    print(f"{name}.csv", table.write(out / f"{name}.csv", columns, rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "facts")
