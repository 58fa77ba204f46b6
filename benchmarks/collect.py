"""Collecting 10,000 training jobs and 1,000 endpoints against the stand-in, beside the same calls sent bare.

Bare: every request of the collector's run is sent again by plain clients, with the same number of threads and no work
on the answers. Rounds are interleaved. Memory: the greatest growth while collecting, for the whole and for a tenth.
The stand-in and the collector share the machine's cores, as they would share nothing in life: ratios count.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.limits import Check, sized
from tests.sources.collect.accounts import at, endpoint, job, merged
from tests.sources.collect.accounts import calls as traffic_of
from tests.sources.collect.standin import Standin

ROOT = Path(__file__).parents[1]
JOBS, ENDPOINTS, REGION = sized(10_000, 20), sized(1_000, 20), "us-west-2"
ROUNDS = sized(2, 1)
BATCH = 500
MOST_TIMES_BARE = 3.0
MOST_CALLS = 15_000
"""Budget: 1 describe a job, 3 an endpoint, 1 listing per 100, metrics in batches, bill and the rest."""
MOST_USD = 1.0
MOST_READING_MIB = 150
MOST_GROWTH_MIB = 700
"""The snapshot itself: 720,000 hours of traffic, read and checked as text once."""


def run() -> list[Check]:
    """The checks, measured now."""
    with _standin() as standin:
        url = standin.url
        _seed(standin, range(JOBS // 10), range(ENDPOINTS // 10))
        tenth = _child("ours", url)
        _seed(standin, range(JOBS // 10, JOBS), range(ENDPOINTS // 10, ENDPOINTS))
        walls: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(ROUNDS):
            ours = _child("ours", url)
            bare = _child("bare", url, ours["calls"])
            walls["ours"].append(ours["seconds"])
            walls["bare"].append(bare["seconds"])
    ratio = min(walls["ours"]) / min(walls["bare"])
    note = f"{min(walls['ours']):.1f} s beside {min(walls['bare']):.1f} s bare, {len(ours['calls']):,} calls"
    per_row = (ours["growth_mib"] - tenth["growth_mib"]) / (ours["rows"] - tenth["rows"]) * 1024
    flat = f"{tenth['reading_mib']:.0f} MiB for a tenth of the account"
    memory = f"{tenth['growth_mib']:.0f} MiB for a tenth; {per_row:.2f} KiB a row of {ours['rows']:,}"
    return [
        Check("collect 10,000 jobs + 1,000 endpoints ÷ bare calls", ratio, MOST_TIMES_BARE, detail=note),
        Check("collect: API calls", len(ours["calls"]), MOST_CALLS, detail=f"{ours['metrics']:,} metrics"),
        Check("collect: own cost, USD", ours["usd"], MOST_USD, detail="Cost Explorer and metrics"),
        Check(
            "collect: memory growth while reading, MiB", ours["reading_mib"], MOST_READING_MIB, detail=flat
        ),
        Check(
            "collect: memory growth with the snapshot, MiB",
            ours["growth_mib"],
            MOST_GROWTH_MIB,
            detail=memory,
        ),
    ]


@contextmanager
def _standin() -> Iterator[Standin]:
    """The stand-in, in a process of its own."""
    standin = Standin()
    try:
        yield standin
    finally:
        standin.stop()


def _seed(standin: Standin, jobs: range, endpoints: range) -> None:
    """More of a big account, by number."""
    for some in _batches(jobs):
        made = [job(f"job-{n:05}", began=100 + n % 500, seconds=600 + n) for n in some]
        standin.seed({"resources": {"training-job": made}})
    for some in _batches(endpoints):
        names = [f"endpoint-{n:04}" for n in some]
        traffic = [traffic_of(n, [(at(h), 10.0 + h) for h in range(1, 200)]) for n in names]
        standin.seed({"resources": merged(*(endpoint(n) for n in names)), "metrics": traffic})


def _batches(numbers: range) -> Iterator[range]:
    return (numbers[k : k + BATCH] for k in range(0, len(numbers), BATCH))


def _child(role: str, url: str, calls: list[Any] | None = None) -> dict[str, Any]:
    """Measure in a process of its own, so that memory and warm caches are nobody else's."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "AKIABENCH", "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_EC2_METADATA_DISABLED": "true", "XDG_CACHE_HOME": folder, "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        (Path(folder) / "calls.json").write_text(json.dumps(calls))
        command = [sys.executable, "-m", "benchmarks.collect", role, str(Path(folder) / "calls.json")]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _ours() -> dict[str, Any]:
    """Collect; every request is noted as it is sent."""
    collect_module: Any = importlib.import_module("simulator.sources.collect.run")
    from simulator.sources.collect.client.reader import Reader
    from tests.sources.collect.accounts import options

    sent: list[tuple[str, str, dict[str, Any]]] = []
    send = Reader._send

    def noted(
        self: Reader, service: str, operation: str, needs: str, parameters: dict[str, Any]
    ) -> dict[str, Any]:
        sent.append((service, operation, parameters))
        return send(self, service, operation, needs, parameters)

    def reached(*arguments: Any) -> Any:
        reading.append(_peak_mib())
        return join(*arguments)

    reading: list[float] = []
    join = collect_module.assemble
    collect_module.assemble = reached
    Reader._send = noted  # type: ignore[method-assign]
    before, began = _peak_mib(), time.perf_counter()
    collected = collect_module.run(options(regions=(REGION,)))
    seconds = time.perf_counter() - began
    tables = collected.snapshot.tables
    assert len(tables["training_jobs"]) in {JOBS, JOBS // 10}
    assert len(tables["endpoints"]) in {ENDPOINTS, ENDPOINTS // 10}
    return {
        "seconds": seconds, "growth_mib": _peak_mib() - before,
        "reading_mib": reading[0] - before, "rows": sum(map(len, tables.values())),
        "metrics": collected.metrics, "usd": collected.usd, "calls": json.loads(json.dumps(sent, default=str)),
    }  # fmt: skip


def _bare(calls: list[tuple[str, str, dict[str, Any]]]) -> dict[str, Any]:
    """Send the same requests with plain clients and the same number of threads."""
    import boto3
    from botocore import xform_name
    from botocore.config import Config

    from tests.sources.collect.accounts import options

    config = Config(retries={"mode": "adaptive", "total_max_attempts": 10}, s3={"addressing_style": "path"})
    began = time.perf_counter()
    clients = {s: boto3.client(s, region_name=REGION, config=config) for s in sorted({c[0] for c in calls})}

    def send(call: tuple[str, str, dict[str, Any]]) -> None:
        service, operation, parameters = call
        getattr(clients[service], xform_name(operation))(**parameters)

    with ThreadPoolExecutor(options().parallel) as pool:
        list(pool.map(send, calls))
    return {"seconds": time.perf_counter() - began}


def _peak_mib() -> float:
    """Greatest resident memory of this process so far; getrusage would count the parent's as well."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return float("nan")


if __name__ == "__main__":
    answer = _ours() if sys.argv[1] == "ours" else _bare(json.loads(Path(sys.argv[2]).read_text()))
    sys.stdout.write(json.dumps(answer) + "\n")
