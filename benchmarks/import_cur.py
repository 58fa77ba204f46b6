"""Importing 10 million lines beside a bare DuckDB aggregation over the same columns; peak memory of both.

    python -m benchmarks import_cur            (or: python benchmarks/import_cur.py --rows 1000000 --csv)

Each run is a process of its own, the two taking turns, the files read once before. The bare aggregation adds up the
number columns the import reads of every line, by the text columns it reads of every line and by day.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.limits import Check, sized  # noqa: E402  also run as a script, from anywhere
from benchmarks.make_cur import make  # noqa: E402

ROWS, DAYS, ROUNDS = sized(10_000_000, 5_000), 30, sized(9, 1)
LIMIT_RATIO = 1.5
LIMIT_GIB = 2.0
TEXTS = (
    "line_item_usage_account_id", "line_item_line_item_type", "line_item_product_code", "line_item_usage_type",
    "line_item_resource_id", "product_region_code", "pricing_unit", "line_item_currency_code",
    "bill_billing_period_start_date",
)  # fmt: skip
NUMBERS = (
    "line_item_usage_amount", "line_item_unblended_cost", "savings_plan_savings_plan_effective_cost",
    "savings_plan_total_commitment_to_date", "savings_plan_used_commitment", "reservation_effective_cost",
)  # fmt: skip
START, END = "line_item_usage_start_date", "line_item_usage_end_date"


def bare(folder: Path, kind: str) -> float:
    """The aggregation alone; returns its total."""
    import duckdb

    text = "::double" if kind == "csv" else ""
    time_ = "::timestamp" if kind == "csv" else ""
    source = (
        f"read_csv('{folder}/*.csv', all_varchar=true)"
        if kind == "csv"
        else f"read_parquet('{folder}/*.parquet')"
    )
    sums = ", ".join(f"sum({n}{text}) AS {n}" for n in NUMBERS)
    query = (
        f"SELECT {', '.join(TEXTS)}, date_trunc('day', {START}{time_}) AS day, count(*), {sums}, "
        f"min({START}{time_}), max({END}{time_}) FROM {source} GROUP BY ALL"
    )
    table = duckdb.connect().sql(query).to_arrow_table()
    return float(table["line_item_unblended_cost"].to_numpy().sum())


def imported(folder: Path, kind: str) -> float:
    """The import, to a snapshot in memory; returns its total."""
    from simulator.sources.bills import import_bill

    return import_bill([folder]).report.unblended_usd or 0.0


def _once(what: str, folder: str, kind: str) -> None:
    """One run in this process; libraries and the catalogue are loaded and out of the collector's way before the clock
    starts, and texts are kept, as in the app."""
    import duckdb  # noqa: F401
    import ibis
    import pyarrow.parquet  # noqa: F401

    from simulator.catalog import load_catalog
    from simulator.frames import keep_texts_as_python
    from simulator.sources.bills import import_bill  # noqa: F401

    keep_texts_as_python()
    load_catalog()
    ibis.duckdb.connect().disconnect()
    gc.freeze()
    start = time.perf_counter()
    total = {"bare": bare, "import": imported}[what](Path(folder), kind)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak_gib": _peak_gib(), "usd": total}))


def _peak_gib() -> float:
    """Of this process alone: ru_maxrss starts at what the process that started it held."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 2**20  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _process(what: str, folder: Path, kind: str) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", str(Path(__file__)), "--once", what, str(folder), kind]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def run(rows: int = ROWS, *, csv: bool = False, rounds: int = ROUNDS) -> list[Check]:
    """Make the files, let both run in turn, compare medians."""
    with tempfile.TemporaryDirectory(prefix="cur-") as folder:
        made = make(Path(folder), rows, DAYS, csv=csv)
        return [
            c
            for kind in (("parquet", "csv") if csv else ("parquet",))
            for c in _compare(Path(folder) / kind, kind, made, rounds)
        ]


def _compare(folder: Path, kind: str, made: dict[str, float], rounds: int) -> list[Check]:
    _process("bare", folder, kind)
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "import": []}
    for _ in range(rounds):
        for what, answers in runs.items():
            answers.append(_process(what, folder, kind))
    ratio = statistics.median(
        i["seconds"] / b["seconds"] for i, b in zip(runs["import"], runs["bare"], strict=True)
    )
    seconds = {w: statistics.median(a["seconds"] for a in answers) for w, answers in runs.items()}
    peak = {w: max(a["peak_gib"] for a in answers) for w, answers in runs.items()}
    off = max(abs(a["usd"] - made["unblended_usd"]) for answers in runs.values() for a in answers)
    lines = f"{made['rows'] / 1e6:.1f} M lines of {kind}"
    detail = f"{seconds['import']:.2f} s against {seconds['bare']:.2f} s, medians of {rounds} turns"
    return [
        Check(
            f"import ÷ bare aggregation, {lines}",
            ratio,
            LIMIT_RATIO,
            detail=detail,
        ),
        Check(
            f"peak memory of the import, GiB, {lines}",
            peak["import"],
            LIMIT_GIB,
            detail=f"bare {peak['bare']:.2f} GiB",
        ),
        Check(f"dollars off, {lines}", off, 0.005, detail=f"of {made['unblended_usd']:,.2f}"),
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        _once(*sys.argv[2:5])
    else:
        parser = argparse.ArgumentParser(
            description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        parser.add_argument("--rows", type=int, default=ROWS)
        parser.add_argument("--csv", action="store_true", help="measure CSV too")
        parser.add_argument("--rounds", type=int, default=ROUNDS)
        chosen = parser.parse_args()
        for check in run(chosen.rows, csv=chosen.csv, rounds=chosen.rounds):
            print(check)
