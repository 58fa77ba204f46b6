"""`import`: billing exports into a snapshot."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from simulator.cli.options import TextOrJson, as_json
from simulator.cli.terminal import Teller
from simulator.snapshot.snapshot import load_snapshot, save_snapshot
from simulator.sources.bills.bill import import_bill
from simulator.sources.bills.report import BillError

SECONDS_BETWEEN_LINES = 1.0


def import_(
    paths: Annotated[
        list[str], Parameter(help="files, folders, globs, zips, http(s) addresses; for athena DATABASE.TABLE")
    ],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="snapshot to write: FILE.zip or a folder")] = None,
    engine: Annotated[
        Literal["duckdb", "spark", "athena"], Parameter(help="what adds the lines up")
    ] = "duckdb",
    connection: Annotated[
        str | None,
        Parameter(
            help="local[4], spark://HOST:7077, sc://HOST:15002; athena://REGION/?staging=s3://…&workgroup=…"
        ),
    ] = None,
    rate: Annotated[
        tuple[str, ...],
        Parameter(
            negative=(), help="CODE=USD: dollars per unit of another currency, e.g. EUR=1.08; may be repeated"
        ),
    ] = (),
    live: Annotated[Path | None, Parameter(help="merge with this live snapshot of the account")] = None,
    name: Annotated[str | None, Parameter(help="name of the snapshot")] = None,
    quiet: Annotated[bool, Parameter(negative=(), help="no progress on stderr")] = False,
    format: TextOrJson = "text",
) -> str:
    """Turn billing exports into a snapshot: Cost and Usage Reports, FOCUS, Cost Explorer."""
    gc.freeze()  # as the app does: scanning the imported libraries for garbage is slow and finds none
    with Teller(quiet, SECONDS_BETWEEN_LINES) as tell:
        imported = import_bill(
            paths, engine=engine, connection=connection, usd_per=rates(rate), name=name, progress=tell
        )
    snapshot = imported.snapshot
    if live:
        from simulator.sources.bills.merge import merge

        snapshot = merge(snapshot, load_snapshot(live))
    if out:
        save_snapshot(snapshot, out)
    if format == "json":
        return as_json(imported.report.to_json())
    written = f"wrote {out}" if out else "nothing written: give --out FILE.zip"
    return f"{imported.report.to_text()}\n{written}"


def rates(given: Sequence[str]) -> dict[str, float]:
    """`EUR=1.08` → {"EUR": 1.08}. Raises BillError in words."""
    found = {}
    for text in given:
        code, equals, value = text.partition("=")
        try:
            rate = float(value)
        except ValueError:
            rate = 0.0
        if not equals or not code.isalpha() or len(code) != 3 or not 0 < rate < 1e6:
            raise BillError(f"--rate {text}: expected CODE=USD, such as EUR=1.08")
        found[code.upper()] = rate
    return found
