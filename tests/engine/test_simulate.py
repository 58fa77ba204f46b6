"""The pipeline: traces, kept resources, serving modes, and prices that are not known."""

from __future__ import annotations

import gc
import pickle
import weakref
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest

from simulator import Account, PriceBook, load_sample, simulate
from simulator.analysis.answer import answer
from simulator.analysis.attribution import attribute
from simulator.analysis.projection import project
from simulator.engine.calendar import calendar_of
from simulator.engine.modes import weigh_modes
from simulator.engine.planning import Planning
from simulator.engine.scenario import Scenario, everything, preset
from simulator.engine.simulate import Result
from simulator.pricing.tiers import tiered_usd
from simulator.usage.rows import taken
from tests.accounts import PRICES, account_with, prices, traffic


def test_stopped_and_failed_jobs_are_billed() -> None:
    account = account_with(
        training_jobs=[
            {"status": s, "training_seconds": 3600, "instance_type": "ml.g5.12xlarge", "region": "us-west-2"}
            for s in ("Completed", "Failed", "Stopped")
        ]
    )
    charges = simulate(account, everything().only([]), prices()).baseline.charges
    assert float(charges.total_usd(component="training")) == pytest.approx(3 * 7.09 * 730 / 720)


def test_spot_jobs_are_priced_by_their_billable_seconds_and_not_discounted_again() -> None:
    account = account_with(
        training_jobs=[{"training_seconds": 7200, "billable_seconds": 3600, "spot_enabled": True}]
    )
    result = simulate(account, everything().only(["managed_spot"]), prices())
    assert result.baseline.total_usd == pytest.approx(1.515 * 730 / 720)
    assert result.saving_usd == 0.0


def test_every_charge_is_quantity_times_price_and_names_its_source() -> None:
    result = simulate(Account.open(load_sample("team")), everything().only([]), prices())
    charges, total = result.baseline.charges, 0.0
    for block in charges.blocks:
        known = ~np.isnan(block.list_cost_usd) & (block.quantity != 0)
        np.testing.assert_allclose(
            block.list_cost_usd[known], (block.quantity * block.unit_price_usd)[known], rtol=1e-9
        )
        for row in block.price_row[known]:
            price = result.book.explain(int(row))
            assert price.source
            assert price.checked_on
        total += float(block.known_usd.sum())
    assert total + charges.unused_commitment_usd == pytest.approx(result.baseline.total_usd)


def test_trace_names_the_levers_that_changed_a_resource() -> None:
    account = account_with(
        endpoints=[{"endpoint_name": "idle"}, {"endpoint_name": "busy"}],
        endpoint_traffic=[*traffic("idle", [0] * 720), *traffic("busy", [500] * 720)],
    )
    result = simulate(account, everything().only(["stop_idle_endpoints", "managed_spot"]), prices())
    assert result.touched_by("endpoints", 0) == ["stop_idle_endpoints"]
    assert result.touched_by("endpoints", 1) == []


def test_a_kept_resource_stays_as_it_is() -> None:
    account = account_with(endpoints=[{"endpoint_name": "idle"}], endpoint_traffic=traffic("idle", [0] * 720))
    scenario = replace(everything().only(["stop_idle_endpoints"]), keep=frozenset(["idle"]))
    result = simulate(account, scenario, prices())
    assert result.saving_usd == 0.0
    assert "keep" in scenario.levers[0].verdicts(result.prepared).sentence(0)


def test_usage_never_moves_to_where_no_price_is_known() -> None:
    """Without cache prices, prompt caching would move tokens out of the bill: it must not."""
    account = account_with(
        bedrock=[{"model_id": "anthropic.claude-sonnet-4-5-20250929-v1:0", "requests": 1e5, "input_tokens": 1e9,
                  "output_tokens": 1e7, "prefix_tokens": 5000, "cacheable_ratio": 0.8, "requests_per_ttl": 10}]
    )  # fmt: skip
    caching = everything().only(["prompt_caching"])
    book = prices()
    assert simulate(account, caching, book).saving_usd > 0
    rows = book.rows[~book.rows["component"].str.startswith("bedrock_cache")].reset_index(drop=True)
    result = simulate(account, caching, PriceBook(rows, PRICES))
    assert result.saving_usd == 0.0


def test_unknown_type_is_unknown_not_free() -> None:
    account = account_with(endpoints=[{"endpoint_name": "odd", "instance_type": ""}])
    result = simulate(account, everything().only([]), prices())
    assert result.baseline.total_usd == 0.0
    assert [b.table for b, _ in result.baseline.charges.unknown()] == ["endpoints"]


def test_one_serving_mode_acts_per_endpoint_and_it_is_the_cheapest() -> None:
    result = simulate(Account.open(load_sample("team")), preset("ambitious"), prices())
    contests = result.modes.contests(result.prepared)
    assert contests
    for contest in contests:
        costs = contest["cost_usd"]
        assert isinstance(costs, dict)
        assert (costs[contest["winner"]] == min(costs.values())) == (not contest["under_plans"])
    assert any(c["under_plans"] for c in contests), "the sample has a plan: this test would hold less"
    assert result.on_demand is not None
    assert result.outcome.total_usd < result.on_demand.outcome.total_usd


def test_without_a_plan_the_mode_that_acts_is_the_cheapest_on_demand() -> None:
    account = replace(Account.open(load_sample("team")), plans=(), later_plans=())
    scenario = preset("ambitious")
    scenario = scenario.only([x.id for x in scenario.levers if x.id != "savings_plan"])
    result = simulate(account, scenario, prices())
    contests = result.modes.contests(result.prepared)
    assert len(contests) > 5
    for contest in contests:
        costs = contest["cost_usd"]
        assert isinstance(costs, dict)
        assert costs[contest["winner"]] == min(costs.values())
        assert not contest["under_plans"]


def test_what_a_mode_would_cost_counts_only_the_endpoints_it_can_serve() -> None:
    """Neighbours with the same container could share after right-sizing, but no mode is chosen for them."""
    usage = Account.open(load_sample("team")).usage
    e = usage.endpoints
    levers = everything().ordered()
    served = next(x for x in levers if x.id == "multi_model").verdicts(usage).applies
    near = served | np.isin(e.pool, e.pool[served])
    assert served.sum() < near.sum() < 2 * served.sum()
    alone, among = (
        weigh_modes(replace(usage, endpoints=taken(e, np.flatnonzero(rows))), levers, prices())
        for rows in (served, near)
    )
    np.testing.assert_allclose(
        alone.cost_usd["multi_model"], among.cost_usd["multi_model"][served[near]], rtol=1e-12
    )


def test_tiered_price_by_hand() -> None:
    # 100 at 1.0 and the next 50 at 0.5
    cost = tiered_usd(np.array(150.0), np.array([0.0, 100.0]), np.array([1.0, 0.5]))
    assert float(cost) == pytest.approx(125.0)


def test_an_earlier_date_gives_the_price_that_was_in_force() -> None:
    before, after = PriceBook.load(date(2025, 6, 1)), PriceBook.load(date(2025, 6, 30))
    assert before.price("studio", "ml.p4d.24xlarge", "us-west-2").usd == pytest.approx(37.6885)
    assert after.price("studio", "ml.p4d.24xlarge", "us-west-2").usd == pytest.approx(25.251286)


def test_what_is_worked_out_from_a_result_goes_with_it_and_stays_behind_when_it_is_sent() -> None:
    result = simulate(account_with(), Scenario(), prices())
    day = calendar_of(result).first
    assert calendar_of(result).outcome(2, day) is calendar_of(result).outcome(2, day)
    sent = pickle.loads(pickle.dumps(result))  # noqa: S301  our own bytes
    assert vars(sent).keys() == {f.name for f in fields(result)}
    gone = weakref.ref(result)
    del result
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    "work", [project, attribute, lambda result: answer(result, 12)], ids=["project", "attribute", "answer"]
)
def test_a_result_goes_at_once_not_when_the_garbage_collector_runs(work: Callable[[Result], object]) -> None:
    """Scenarios come and go by the thousand on a server; each weighs megabytes."""
    account = account_with(
        endpoints=[{"endpoint_name": "a"}], endpoint_traffic=traffic("a", [1.0, 0.0] * 360)
    )
    scenario = replace(preset("no_regret"), planning=Planning(traffic_growth=0.2))
    gc.disable()
    try:
        result = simulate(account, scenario, prices())
        gone = weakref.ref(result)
        work(result)
        del result
        assert gone() is None
    finally:
        gc.enable()
