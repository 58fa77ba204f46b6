"""The command `python -m simulator import`: its options, progress and report."""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from pathlib import Path

from simulator.snapshot.snapshot import load_snapshot, save_snapshot
from simulator.sources.bills.bill import import_bill
from simulator.sources.bills.report import BillError

ENGINES = ("duckdb", "spark", "athena")
SECONDS_BETWEEN_LINES = 1.0


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH|URL",
        help="files, folders, globs, zips, http(s) addresses; for athena DATABASE.TABLE",
    )
    parser.add_argument("--out", dest="path", type=Path, help="snapshot to write: FILE.zip or a folder")
    parser.add_argument("--engine", choices=ENGINES, default="duckdb")
    parser.add_argument(
        "--connection",
        metavar="URL",
        help="local[4], spark://HOST:7077, sc://HOST:15002; athena://REGION/?staging=s3://…&workgroup=…",
    )
    parser.add_argument(
        "--rate",
        action="append",
        default=[],
        metavar="CODE=USD",
        help="dollars per unit of another currency, e.g. EUR=1.08",
    )
    parser.add_argument(
        "--live", type=Path, metavar="SNAPSHOT", help="merge with a live snapshot of the account"
    )
    parser.add_argument("--name", help="name of the snapshot")
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")


def import_command(args: argparse.Namespace) -> str:
    """Turn billing exports into a snapshot: Cost and Usage Reports, FOCUS, Cost Explorer."""
    gc.freeze()  # as the app does: to look for garbage among the libraries takes a while and finds none
    imported = import_bill(
        args.paths,
        engine=args.engine,
        connection=args.connection,
        usd_per=rates(args.rate),
        name=args.name,
        progress=_Teller(args.quiet),
    )
    snapshot = imported.snapshot
    if args.live:
        from simulator.sources.bills.merge import merge

        snapshot = merge(snapshot, load_snapshot(args.live))
    if args.path:
        save_snapshot(snapshot, args.path)
    if args.format == "json":
        return json.dumps(imported.report.to_json(), indent=2, allow_nan=False)
    written = f"wrote {args.path}" if args.path else "nothing written: give --out FILE.zip"
    return f"{imported.report.to_text()}\n{written}"


def rates(given: list[str]) -> dict[str, float]:
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


class _Teller:
    """Progress on stderr, a line a second at most."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._last = 0.0

    def __call__(self, sentence: str, share: float) -> None:
        now = time.monotonic()
        if not self._quiet and now - self._last >= SECONDS_BETWEEN_LINES:
            self._last = now
            sys.stderr.write(f"{share:4.0%}  {sentence}\n")
