"""`validate` and `sample`: snapshots as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from simulator.cli.options import TableOrJson, as_json
from simulator.snapshot.sample import load_sample
from simulator.snapshot.snapshot import load_snapshot, save_snapshot
from simulator.words import plain


def validate(
    path: Annotated[Path, Parameter(help="a folder or .zip")], /, *, format: TableOrJson = "table"
) -> str:
    """Check a snapshot."""
    snapshot = load_snapshot(path)
    rows = {name: len(table) for name, table in snapshot.tables.items() if len(table)}
    if format == "json":
        return as_json({"name": snapshot.manifest.name, "valid": True, "rows": rows})
    return f"{plain(snapshot.manifest.name, 'line')}: valid; " + ", ".join(
        f"{n} {c}" for n, c in rows.items()
    )


def sample(
    name: Annotated[Literal["team", "report"], Parameter(help="which sample")],
    /,
    *,
    out: Annotated[Path, Parameter(help="the folder or .zip to write")],
) -> str:
    """Write a shipped sample as a snapshot, to see the form to fill."""
    save_snapshot(load_sample(name), out)
    return f"wrote sample {name} to {out}"
