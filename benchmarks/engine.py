"""Engine benchmarks: ratios against a floor measured in the same run. `python -m benchmarks engine`"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.limits import Check, sized
from simulator import Account, PriceBook, attribute, load_sample, simulate
from simulator.demand import Workload, all_workloads, from_dict
from simulator.engine.scenario import everything, preset
from simulator.engine.simulate import Result
from simulator.engine.state import State, state
from simulator.plans.settlement import best_commitments
from simulator.risk.bills import assess
from simulator.risk.draws import beta_cells, drawn, uniforms
from simulator.usage.endpoint_traffic import Ranks
from simulator.usage.profile import Profile
from simulator.usage.tables import Table, Usage

AS_OF = date(2026, 11, 24)
WHAT = "what"
"""The field of workloads that change or retire something there is."""
ENDPOINTS, JOBS, MODELS, BUCKETS = sized(1_000, 50), sized(10_000, 50), 50, sized(1_000, 50)
DRAWS, REPEATS = sized(10_000, 100), 15
SIZES = {"training": JOBS, "endpoints": ENDPOINTS, "compute": 100, "bedrock": MODELS, "storage": BUCKETS}


def best_ms(work: Callable[[], Any], repeat: int = REPEATS) -> float:
    """Least time of some runs, in milliseconds of this process, after one to warm up.

    The time of the process, all its threads added up, because others share the two cores.
    """
    work()
    times = []
    for _ in range(sized(repeat, 1)):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1e3)
    return float(np.min(times))


def check(what: str, ours_ms: float, floor_ms: float, limit: float) -> Check:
    """A time over its floor's, both measured in this run."""
    return Check(what, ours_ms / floor_ms, limit, detail=f"{ours_ms:.2f} ms : {floor_ms:.3f} ms")


def large_usage(account: Account) -> Usage:
    """The sample's usage with its rows repeated up to the sizes of the benchmark."""
    tables: dict[str, Any] = {n: _repeated(account.usage.table(n), size) for n, size in SIZES.items()}
    e = tables["endpoints"]
    tables["endpoints"] = replace(e, ranks=Ranks.of(e.traffic), rank_row=np.arange(len(e)))
    return replace(account.usage, **tables)


def _repeated(table: Table, size: int) -> Table:
    rows = np.resize(np.arange(len(table)), size)
    names = np.array([f"resource-{i}" for i in range(size)], object)
    columns: dict[str, Any] = {}
    for f in fields(table):
        value = getattr(table, f.name)
        if f.init and isinstance(value, np.ndarray) and value.shape[:1] == (len(table),):
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
            value = value.sequence if isinstance(value, Ranks) else value
            if isinstance(value, np.ndarray) and value.dtype != object:
                total += float(value.sum())
    return total


def simulate_large(account: Account, book: PriceBook) -> Iterator[Check]:
    """Simulate a large account beside one pass over its columns."""
    usage = large_usage(account)
    big = replace(account, usage=usage)
    floor = best_ms(lambda: one_pass(usage))
    baseline: State = state(usage, book, account.plans)
    for scenario in (everything().only(FIRST), everything()):
        took = best_ms(lambda s=scenario: simulate(big, s, book, baseline=baseline))  # type: ignore[misc]
        yield check(f"simulate 1,000 endpoints + 10,000 jobs, {len(scenario.levers)} levers", took, floor, 25)


def risk(account: Account, book: PriceBook, draws: int = DRAWS, months: int = 36) -> Iterator[Check]:
    """Draws through levers, prices and plans beside drawing, one einsum and the percentiles."""
    result = simulate(account, preset("report_plan"), book)
    planned = simulate(account, replace(preset("report_plan"), workloads=workloads(20)), book)
    drivers = 8
    totals = np.ones((drivers, months))

    def floor() -> Any:
        random = np.random.default_rng(0)
        shocks = np.exp(0.1 * random.standard_normal((draws, drivers, months)))
        return np.percentile(np.einsum("dkm,km->dm", shocks, totals), [10, 50, 90], axis=0)

    def ours(of: Result) -> Any:
        for kept in (drawn, beta_cells, uniforms):
            kept.cache_clear()
        return assess(of, months, draws=draws).months

    floor_ms = best_ms(floor, 9)
    for what, of, limit in (("", result, 5), (", 20 workloads planned", planned, 8)):
        took = best_ms(lambda of=of: ours(of), 9)  # type: ignore[misc]
        yield check(f"{draws:,} draws x {months} months of the team sample{what}", took, floor_ms, limit)


def workloads(count: int) -> tuple[Workload, ...]:
    """So many workloads of every kind that adds usage, each from another day on."""
    kinds = [i for i, kind in all_workloads().items() if WHAT not in {f.name for f in fields(kind)}]
    days = [AS_OF + timedelta(days=45 * (n + 1)) for n in range(count)]
    return tuple(
        from_dict({"workload": kinds[n % len(kinds)], "name": f"planned-{n}", "start": day.isoformat()})
        for n, day in enumerate(days)
    )


def commitment() -> Iterator[Check]:
    """The closed form beside a sort and beside a grid search."""
    random = np.random.default_rng(1)
    hourly = np.abs(10 + 3 * np.sin(np.arange(8760) * 2 * np.pi / 24) + random.normal(0, 2, 8760))

    def grid() -> float:
        series = pd.Series(hourly * 0.72)
        levels = np.linspace(0, series.max(), 1_000)
        return min((c + (series - c).clip(lower=0).mean() / 0.72, c) for c in levels)[1]

    ours = best_ms(lambda: best_commitments(hourly, 0.28), 51)
    yield check(
        "best commitment over 8,760 hours, beside np.sort", ours, best_ms(lambda: np.sort(hourly), 51), 5
    )
    yield check("best commitment beside a pandas grid of 1,000 levels", ours, best_ms(grid, 3), 1 / 100)


def credit(account: Account, book: PriceBook) -> Iterator[Check]:
    """Exact credit of fifteen levers, against one second."""
    fifteen = [x.id for x in everything().ordered() if x.id in FIFTEEN]
    result = simulate(account, everything().only(fifteen), book)
    credits = attribute(result)
    exact = all(c.error_usd == 0 for c in credits)
    took = best_ms(lambda: attribute(result), 3)
    yield check(
        f"attribution of {len(fifteen)} levers on team, {'exact' if exact else 'SAMPLED'}", took, 1000.0, 1
    )


FIRST = ("managed_spot", "stop_idle_endpoints", "prompt_caching", "s3_lifecycle", "savings_plan")
FIFTEEN = (
    "managed_spot", "failed_jobs", "runtime_cap", "stop_idle_endpoints", "autoscale_endpoints", "serverless",
    "schedule_endpoints", "notebook_idle_shutdown", "prompt_caching", "prompt_reduction", "output_limit",
    "s3_lifecycle", "failed_artifacts_cleanup", "noncurrent_versions", "savings_plan",
)  # fmt: skip


def run() -> list[Check]:
    """All engine benchmarks."""
    account, book = Account.open(load_sample("team")), PriceBook.load(AS_OF)
    return [*simulate_large(account, book), *risk(account, book), *commitment(), *credit(account, book)]
