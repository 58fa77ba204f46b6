"""What holds on any account, whatever it runs and whatever of it is known: small random ones, by Hypothesis."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, Scenario, attribute, preset, simulate
from simulator.analysis.seeking import frontier
from simulator.analysis.verdict import verdict
from simulator.engine.acting import acting_ids, leaving_out_usd
from simulator.engine.presets import fitted
from simulator.engine.scenario import PRESETS, everything
from simulator.engine.simulate import Result
from simulator.levers import all_levers
from simulator.pricing.charges import Charges, price_table
from tests.accounts import START, account_with, prices, traffic

BOOK = cache(prices)
MODELS = (
    "global.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "amazon.nova-pro-v1:0", "amazon.nova-2-lite-v1:0", "openai.gpt-oss-120b-1:0", "deepseek.v3-v1:0",
)  # fmt: skip
TYPES = ("ml.g5.2xlarge", "ml.g5.12xlarge", "ml.m5.xlarge", "ml.g4dn.xlarge", "ml.c5.2xlarge")
ratio, maybe_flag = st.floats(0.0, 1.0), st.sampled_from([None, True, False])


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or unknown."""
    return st.one_of(st.none(), values)


jobs = st.fixed_dictionaries({
    "instance_type": st.sampled_from(TYPES), "instance_count": st.integers(1, 4), "hours": st.floats(0.1, 60.0),
    "status": st.sampled_from(["Completed", "Failed", "Stopped"]), "checkpointing": maybe_flag,
    "gpu_utilization_ratio": maybe(ratio), "owner": st.sampled_from(["", "a"]),
})  # fmt: skip
endpoints = st.fixed_dictionaries({
    "instance_type": st.sampled_from(TYPES), "instance_count": st.integers(1, 3),
    "mode": st.sampled_from([None, "async"]), "async_tolerant": maybe_flag, "offline": maybe_flag,
    "needs_gpu": maybe_flag, "latency_ms": maybe(st.floats(5.0, 5000.0)), "model_gib": maybe(st.floats(0.1, 20.0)),
    "max_rps": maybe(st.floats(0.1, 50.0)),
})  # fmt: skip
calls = st.sampled_from([None, (0,), (0, 0, 0, 5), (100,), (0,) * 8 + (50,) * 8 + (0,) * 8])
models = st.fixed_dictionaries({
    "model_id": st.sampled_from(MODELS), "requests": st.integers(100, 100_000), "input_tokens": st.floats(1e6, 1e9),
    "output_tokens": st.floats(1e5, 1e8), "cache_read_tokens": maybe(st.floats(0, 1e9)),
    "cache_write_tokens": maybe(st.floats(0, 1e8)), "cacheable_ratio": maybe(ratio),
    "latency_tolerant_ratio": maybe(ratio), "requests_per_ttl": maybe(st.floats(1.0, 20.0)),
    "prefix_tokens": maybe(st.floats(100, 10_000)),
})  # fmt: skip
buckets = st.fixed_dictionaries({
    "gib": st.floats(1, 50_000), "objects": maybe(st.floats(1, 1e7)), "lifecycle": maybe_flag,
    "retrieved_gib": maybe(st.floats(0, 20_000)), "get_requests": maybe(st.floats(0, 1e7)), "cold": maybe(ratio),
    "storage_class": st.sampled_from(["STANDARD", "STANDARD_IA", "GLACIER_IR", "GLACIER"]),
})  # fmt: skip


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """A few resources of every kind, of which much is unknown."""
    tables: dict[str, Any] = {
        "training_jobs": [_job(j) for j in draw(st.lists(jobs, max_size=3))],
        **_serving(draw(st.lists(st.tuples(endpoints, calls), max_size=3))),
        "bedrock": draw(st.lists(models, max_size=2, unique_by=lambda m: m["model_id"])),
        "storage": [_bucket(b) for b in draw(st.lists(buckets, max_size=2))],
    }
    return account_with(**{name: rows for name, rows in tables.items() if rows})  # fmt: skip


def _job(job: dict[str, Any]) -> dict[str, Any]:
    hours = job.pop("hours")
    took = {"training_seconds": hours * 3600, "billable_seconds": hours * 3600}
    return job | took | {"started_at": START, "ended_at": START + timedelta(hours=hours)}


def _serving(drawn: list[tuple[dict[str, Any], tuple[int, ...] | None]]) -> dict[str, Any]:
    rows = [row | {"endpoint_name": f"e{i}"} for i, (row, _) in enumerate(drawn)]
    hours = [traffic(f"e{i}", (list(day) * 720)[:720]) for i, (_, day) in enumerate(drawn) if day]
    return {"endpoints": rows, "endpoint_traffic": [line for lines in hours for line in lines]}


def _bucket(bucket: dict[str, Any]) -> dict[str, Any]:
    cold = bucket.pop("cold")
    return bucket | ({} if cold is None else {"gib_not_accessed_30d": cold * bucket["gib"]})


def bill(result: Result, scenario: Scenario) -> float:
    return simulate(result.account, scenario, result.book, baseline=result.baseline).outcome.total_usd


@settings(max_examples=15, deadline=None)
@given(accounts(), st.lists(st.sampled_from(sorted(all_levers())), unique=True, min_size=5, max_size=40))
def test_leaving_a_lever_out_is_the_bill_without_it_worked_out_anew(account: Account, on: list[str]) -> None:
    result = simulate(account, everything().only(on), BOOK())
    for lever_id, more_usd in leaving_out_usd(result).items():
        without = bill(result, result.scenario.only({*on} - {lever_id}))
        assert more_usd == pytest.approx(without - result.outcome.total_usd, abs=0.006), lever_id


@settings(max_examples=4, deadline=None)
@given(accounts(), st.sampled_from([p for p in PRESETS if p != "none"]))
def test_a_preset_is_locally_optimal(account: Account, name: str) -> None:
    """Leaving any of its levers out lowers no bill, nor does turning one on that it has; the widest has all."""
    result = simulate(account, fitted(account, preset(name), BOOK()), BOOK())
    on = {x.id for x in result.scenario.levers}
    for lever_id in on:
        assert bill(result, result.scenario.only(on - {lever_id})) >= result.outcome.total_usd - 0.005, (
            lever_id
        )
    wanted = all_levers().values() if name == "ambitious" else [type(x) for x in preset(name).levers]
    for kind in wanted:
        excluded = any(kind.id in x.excludes or x.id in kind.excludes for x in result.scenario.levers)
        if kind.id not in on and not excluded:
            assert bill(result, result.scenario.with_lever(kind())) >= result.outcome.total_usd - 0.005, (
                kind.id
            )


@settings(max_examples=2, deadline=None)
@given(accounts(), st.sampled_from(["balanced", "report_plan"]))
def test_the_frontier_saves_at_least_what_presets_and_the_scenario_do(account: Account, name: str) -> None:
    result = simulate(account, preset(name), BOOK())
    most = max(c.saving_usd for c in frontier(result))
    for other in PRESETS:
        assert most >= simulate(account, fitted(account, preset(other), BOOK()), BOOK()).saving_usd - 0.005
    assert most >= result.saving_usd - 0.005


@settings(max_examples=10, deadline=None)
@given(accounts())
def test_no_estimate_exceeds_a_bound_that_the_snapshot_states(account: Account) -> None:
    """No resource saves more than it costs or gets a negative quantity; reads of moved data stay within those measured;
    what hangs on a fact is at most what its resources cost; a batch run takes no more hours than answer the calls."""
    none = simulate(account, Scenario(), BOOK())
    for kind in all_levers().values():
        result = simulate(account, Scenario((kind(),)), BOOK(), baseline=none.baseline)
        for _, quantity in (m for t in ("training", "endpoints", "bedrock", "storage", "compute")
                            for m in result.outcome.usage.table(t).meters()):  # fmt: skip
            assert not (quantity < -1e-6).any(), kind.id
        if kind.table:
            assert verdict(none, kind()).hangs_usd <= float(_costs(none, kind.table).sum()) + 0.005, kind.id
    moved = simulate(
        account, everything().only(["s3_lifecycle", "glacier_archive"]), BOOK()
    ).outcome.usage.storage
    before = account.usage.storage
    read = [sum(getattr(s, n) for n in vars(s) if n.startswith("retrieval_")) for s in (before, moved)]
    known = ~np.isnan(before.retrieved_gib)
    assert (read[1][known] <= read[0][known] + before.retrieved_gib[known] + 1e-6).all()
    batch = simulate(account, everything().only(["batch_transform"]), BOOK()).outcome.usage.endpoints
    starts = 30 * 5 / 60
    was = account.usage.endpoints.instance_hours
    assert (batch.transform_hours <= np.nan_to_num(was) + starts + 1e-6).all()


def _costs(result: Result, table: str) -> Any:
    usage = result.baseline.usage
    return Charges(tuple(price_table(usage, table, BOOK()))).by_resource(table, len(usage.table(table)))


@settings(max_examples=3, deadline=None)
@given(accounts(), st.randoms(use_true_random=False))
def test_what_does_not_act_earns_and_costs_nothing_in_any_order(account: Account, random: Any) -> None:
    chosen = list(all_levers().values())
    random.shuffle(chosen)
    result = simulate(account, Scenario(tuple(kind() for kind in chosen[:8])), BOOK())
    ordered = simulate(account, Scenario(tuple(kind() for kind in chosen[:8][::-1])), BOOK())
    assert ordered.outcome.total_usd == result.outcome.total_usd
    core = acting_ids(result)
    assert bill(result, result.scenario.only(core)) == pytest.approx(result.outcome.total_usd, abs=0.005)
    for credit in attribute(result):
        if credit.lever_id not in core:
            assert credit.leaving_out_usd == pytest.approx(0.0, abs=0.005)
            assert credit.attributed_usd == pytest.approx(0.0, abs=0.005), credit.lever_id
