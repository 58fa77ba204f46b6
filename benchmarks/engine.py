"""Engine benchmarks: ratios against a floor measured in the same run. `python -m benchmarks.engine`"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from simulator import Account, PriceBook, attribute, load_sample, preset, simulate
from simulator.commitments import best_commitments
from simulator.draws import drawn
from simulator.risk import assess
from simulator.simulate import State, state
from simulator.usage.profile import Profile
from simulator.usage.tables import Table, Usage

AS_OF = date(2026, 11, 24)
ENDPOINTS, JOBS, MODELS, BUCKETS = 1_000, 10_000, 50, 1_000
SIZES = {"training": JOBS, "endpoints": ENDPOINTS, "compute": 100, "bedrock": MODELS, "storage": BUCKETS}


def best_ms(work: Callable[[], Any], repeat: int = 9) -> float:
    """Median of some runs, in milliseconds, after one to warm up."""
    work()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return float(np.median(times))


def report(name: str, ours_ms: float, floor_ms: float, limit: float) -> None:
    """One line: times, ratio and whether it is within its limit."""
    ratio = ours_ms / floor_ms
    print(f"{name:<58} {ours_ms:9.2f} ms  floor {floor_ms:9.3f} ms  ratio {ratio:7.2f}  limit {limit:g}  "
          f"{'PASS' if ratio <= limit else 'FAIL'}")  # fmt: skip


def large_usage(account: Account) -> Usage:
    """The sample's usage with its rows repeated up to the sizes of the benchmark."""
    return replace(account.usage, **{n: _repeated(account.usage.table(n), size) for n, size in SIZES.items()})


def _repeated(table: Table, size: int) -> Table:
    rows = np.resize(np.arange(len(table)), size)
    names = np.array([f"resource-{i}" for i in range(size)], object)
    columns: dict[str, Any] = {}
    for f in fields(table):
        value = getattr(table, f.name)
        if isinstance(value, np.ndarray) and value.shape[:1] == (len(table),):
            columns[f.name] = value[rows]
    profile = table.profile
    columns["profile"] = Profile.intervals(
        profile.start[rows].astype(float), profile.end[rows].astype(float), profile.hours
    )
    columns["resource_id"] = names
    if "endpoint_name" in columns:
        columns["endpoint_name"] = names
    if "endpoint" in columns:
        columns["endpoint"] = np.arange(size)
    return replace(table, **columns)


def one_pass(usage: Usage) -> float:
    """The floor: read every number of every table once."""
    total = 0.0
    for name in SIZES:
        table = usage.table(name)
        for f in fields(table):
            value = getattr(table, f.name)
            if isinstance(value, np.ndarray) and value.dtype != object:
                total += float(value.sum())
    return total


def simulate_large(account: Account, book: PriceBook) -> None:
    usage = large_usage(account)
    big = replace(account, usage=usage)
    floor = best_ms(lambda: one_pass(usage))
    baseline: State = state(usage, book, account.plans)
    first = preset("all").only(
        ["managed_spot", "stop_idle_endpoints", "prompt_caching", "s3_lifecycle", "savings_plan"]
    )
    everything = preset("all")
    report("simulate 1,000 endpoints + 10,000 jobs, five levers",
           best_ms(lambda: simulate(big, first, book, baseline=baseline)), floor, 25)  # fmt: skip
    report(f"simulate the same, all {len(everything.levers)} levers",
           best_ms(lambda: simulate(big, everything, book, baseline=baseline)), floor, 25)  # fmt: skip


def risk(account: Account, book: PriceBook, draws: int = 10_000, months: int = 36) -> None:
    result = simulate(account, preset("report_plan"), book)
    drivers = 8

    def floor() -> Any:
        drawn.cache_clear()
        columns = np.stack([drawn(f"floor {k}", 0.0, 0.5, 1.0, draws, 0, "pert") for k in range(drivers)])
        totals = np.ones((drivers, months))
        bills = np.einsum("kd,km->dm", columns, totals)
        return np.percentile(bills, [10, 50, 90], axis=0)

    def ours() -> Any:
        drawn.cache_clear()
        return assess(result, months, draws=draws).months

    report(f"{draws:,} draws x {months} months of the team sample", best_ms(ours, 5), best_ms(floor, 5), 5)


def commitment() -> None:
    random = np.random.default_rng(1)
    hourly = np.abs(10 + 3 * np.sin(np.arange(8760) * 2 * np.pi / 24) + random.normal(0, 2, 8760))

    def grid() -> float:
        series = pd.Series(hourly * 0.72)
        levels = np.linspace(0, series.max(), 1_000)
        return min((c + (series - c).clip(lower=0).mean() / 0.72, c) for c in levels)[1]

    ours = best_ms(lambda: best_commitments(hourly, 0.28), 51)
    report("best commitment over 8,760 hours, beside np.sort", ours, best_ms(lambda: np.sort(hourly), 51), 5)
    report("best commitment beside a pandas grid of 1,000 levels", ours, best_ms(grid, 3), 1 / 100)


def credit(account: Account, book: PriceBook) -> None:
    everything = preset("all")
    fifteen = [x.id for x in everything.ordered() if x.id in FIFTEEN]
    result = simulate(account, everything.only(fifteen), book)
    credits = attribute(result)
    exact = all(c.error_usd == 0 for c in credits)
    took = best_ms(lambda: attribute(result), 3)
    report(
        f"attribution of {len(fifteen)} levers on team, {'exact' if exact else 'SAMPLED'}", took, 1000.0, 1
    )


FIFTEEN = (
    "managed_spot", "failed_jobs", "runtime_cap", "stop_idle_endpoints", "autoscale_endpoints", "serverless",
    "schedule_endpoints", "notebook_idle_shutdown", "prompt_caching", "prompt_reduction", "output_limit",
    "s3_lifecycle", "failed_artifacts_cleanup", "noncurrent_versions", "savings_plan",
)  # fmt: skip


def main() -> None:
    account, book = Account.open(load_sample("team")), PriceBook.load(AS_OF)
    simulate_large(account, book)
    risk(account, book)
    commitment()
    credit(account, book)


if __name__ == "__main__":
    main()
