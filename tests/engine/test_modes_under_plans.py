"""Serving modes are chosen on the bill that follows, commitments included."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator import Account, load_sample, preset, simulate
from simulator.engine.scenario import everything
from simulator.engine.simulate import apply_levers
from simulator.engine.state import savings_plan_of, state
from tests.accounts import account_with, prices, traffic

# One ml.g5.2xlarge (1.515 USD per hour) with a 2-second call in 949 of 1,000 hours' worth of time: asynchronous would
# run nearly as long, and no plan covers it; as it is, a plan at 20 % off costs 1.515 × 730 × 0.8 = 884.76.
NEARLY_ALWAYS = [3 if h % 40 else 0 for h in range(720)]


def test_mode_a_plan_does_not_cover_gives_way_to_the_plan() -> None:
    account = account_with(
        endpoints=[
            {"endpoint_name": "ocr", "async_tolerant": True, "latency_ms": 2000, "payload_kb": 100, "needs_gpu": True,
             "model_gib": 5},
            {"endpoint_name": "cpu", "instance_type": "ml.m5.xlarge", "latency_ms": 50, "payload_kb": 10,
             "model_gib": 0.5, "needs_gpu": False},
        ],
        endpoint_traffic=[*traffic("ocr", NEARLY_ALWAYS), *traffic("cpu", [1] * 720)],
    )  # fmt: skip
    on = ["async_inference", "serverless", "savings_plan"]
    result = simulate(account, everything().only(on), prices())
    without = simulate(account, everything().only(on[1:]), prices())
    assert result.outcome.total_usd == pytest.approx(without.outcome.total_usd)
    assert result.outcome.total_usd >= 1.515 * 730 * 0.8
    winner = {c["resource_id"]: c["winner"] for c in result.modes.contests(result.prepared)}
    assert winner.get("ocr", "as it is") == "as it is"


@pytest.mark.parametrize("name", ["report_plan", "ambitious"])
def test_choice_under_plans_never_costs_more_than_the_choice_on_demand(name: str) -> None:
    result = simulate(Account.open(load_sample("team")), preset(name), prices())
    levers = result.scenario.ordered()
    blind = [i for i, cost in result.modes.cost_usd.items() if (cost < float("inf")).any()]
    endpoints = result.prepared.endpoints.changed(mode_choice=result.modes.cheapest(blind))
    usage = apply_levers(replace(result.prepared, endpoints=endpoints), levers, result.book)[-1].after
    plans = result.account.plans
    on_demand = state(usage, result.book, plans, new_plan=savings_plan_of(levers)).total_usd
    assert result.outcome.total_usd <= on_demand + 0.005
