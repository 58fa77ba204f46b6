"""Write docs/snapshot.md from the schema: python -m scripts.docs_snapshot (or make docs)."""

from __future__ import annotations

from pathlib import Path

from simulator.snapshot.columns import Column, Table
from simulator.snapshot.files import MAX_EXPANSION_RATIO, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, MIB
from simulator.snapshot.manifest import SOURCE_STATUS
from simulator.snapshot.schema import TABLES
from simulator.snapshot.shared_columns import COMMON

PAGE = Path(__file__).parents[1] / "docs" / "snapshot.md"
PROSE = Path(__file__).parent / "snapshot_page"
KINDS = {
    "instance_type": "instance type",
    "count": "whole number",
    "flag": "true / false",
    "json": "JSON object of texts",
}


def snapshot_page() -> str:
    """The whole page: prose from scripts/snapshot_page, tables from the schema."""
    limits = {
        "files": MAX_FILES,
        "file_mib": MAX_FILE_BYTES // MIB,
        "total_mib": MAX_TOTAL_BYTES // MIB,
        "expansion": MAX_EXPANSION_RATIO,
    }
    intro = (PROSE / "intro.md").read_text(encoding="utf-8").format(status=", ".join(SOURCE_STATUS), **limits)
    samples = (PROSE / "samples.md").read_text(encoding="utf-8")
    common = "\n".join(_row(c) for c in COMMON)
    shared = f"## Columns every table may have\n\n{_HEAD}\n{common}\n"
    return "\n".join([intro, shared, *(_table(t) for t in TABLES.values()), samples])


_HEAD = "| column | type | unit | required | meaning | unknown (empty) means |\n|---|---|---|---|---|---|"


def _table(table: Table) -> str:
    lines = [f"## {table.name}", "", table.meaning]
    if table.key:
        lines += ["", "Key: " + ", ".join(f"`{k}`" for k in table.key) + "."]
    if table.ordered:
        pairs = (f"`{a}` ≤ `{b}`" for a, b in table.ordered)
        lines += ["", "Where both are known: " + ", ".join(pairs) + "."]
    own = {c.name for c in COMMON}
    return "\n".join([*lines, "", _HEAD, *(_row(c) for c in table.columns if c.name not in own), ""])


def _row(column: Column) -> str:
    meaning = column.meaning
    if column.choices:
        meaning += ": " + ", ".join(f"`{c}`" for c in column.choices)
    if column.kind in ("number", "count") and column.low:
        meaning += f"; at least {column.low:g}"
    if column.kind == "number" and column.low is None:
        meaning += "; may be negative"
    kind = KINDS.get(column.kind, column.kind)
    required = "yes" if column.required else ""
    unknown = "" if column.required else column.unknown
    return f"| `{column.name}` | {kind} | {column.unit} | {required} | {meaning} | {unknown} |"


if __name__ == "__main__":
    PAGE.write_text(snapshot_page(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
