"""Levers whose target has a price we do not know: they ask for it with the dollars that hang on it.

Once it is stated as a price of one's own they save what is worked out here by hand.

720 hours of tokens are 730 a month. Nova Pro 0.80 and 3.20 per million, Nova Lite 0.06 and 0.24, Sonnet 4.5 in region
3.30 and 16.50; p4d on EC2 21.957642 an hour, g5.48xlarge 16.288, g5.24xlarge 8.144, g5.2xlarge 1.212 (SageMaker 1.515).
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Account, PriceBook, Scenario, simulate
from simulator.analysis.unknowns import unknowns
from simulator.analysis.verdict import Status, verdict
from simulator.engine.simulate import Result
from simulator.levers import lever
from simulator.pricing.files import UNLISTED, OwnText
from tests.accounts import PRICES, START, account_with, traffic

MILLION = 1e6
NOVA_PRO, NOVA_LITE = "amazon.nova-pro-v1:0", "amazon.nova-lite-v1:0"
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
P4D = {"kind": "ec2", "instance_type": "ml.p4d.24xlarge", "instance_count": 2, "hours": 720}
G5 = {"kind": "ec2", "instance_type": "ml.g5.2xlarge", "hours": 720}


def book(*own: str) -> PriceBook:
    if not own:
        return PriceBook.load(PRICES)
    rows = "\n".join(f"{row}" for row in ("component,item,region,usd,unit", *own))
    return PriceBook.load(PRICES, own=OwnText(rows + "\n"))


def model(model_id: str, times: float = 1.0) -> Account:
    """720 M tokens in, 72 M out and 72,000 requests, so many times."""
    row = {"model_id": model_id, "input_tokens": 720 * MILLION * times, "output_tokens": 72 * MILLION * times}
    return account_with(bedrock=[row | {"requests": 72_000 * times}])


def run(account: Account, lever_id: str, *own: str, **values: Any) -> Result:
    return simulate(account, Scenario((lever(lever_id).create(values),)), book(*own))


ASKED = re.compile(r"The price of (\S+) (\S+) in (\S+) is not in our data")
UNIT_OF = {name: units[0] for name, units in UNLISTED.items()} | {"bedrock_provisioned": "model_unit_hour"}
CASES = [
    ("provisioned_throughput", model(SONNET), "bedrock_provisioned"),
    ("prompt_routing", model(NOVA_PRO), "bedrock_prompt_router"),
    ("distillation", model(NOVA_PRO), "bedrock_training"),
    ("reserved_tier", model(SONNET, 100), "bedrock_reserved_input"),
    ("capacity_block", account_with(compute=[P4D]), "capacity_block"),
    (
        "ec2_savings_plan",
        account_with(compute=[P4D]),
        "compute_savings_plan ec2:ml.p4d.24xlarge#1y_no_upfront",
    ),
]


@pytest.mark.parametrize(("lever_id", "account", "component"), CASES, ids=[c[0] for c in CASES])
def test_without_the_price_nothing_is_saved_and_the_price_is_asked_for(
    lever_id: str, account: Account, component: str
) -> None:
    result = run(account, lever_id)
    assert result.saving_usd == 0
    found = verdict(result, lever(lever_id)())
    assert found.status is Status.NEEDS_FACT
    assert any(component in fact for fact in found.facts)
    assert found.usd > 0


@pytest.mark.parametrize(("lever_id", "account", "component"), CASES)
def test_the_price_that_is_asked_for_answers_the_question(
    lever_id: str, account: Account, component: str
) -> None:
    asked = verdict(run(account, lever_id), lever(lever_id)()).facts
    keys = [found.groups() for fact in asked if (found := ASKED.match(fact))]
    assert keys, asked
    own: list[str] = [f"{what},{item},{region},0.000001,{UNIT_OF[what]}" for what, item, region in keys]
    told = verdict(run(account, lever_id, *own), lever(lever_id)()).facts
    assert not [fact for fact in told if ASKED.match(fact)]


def test_a_model_that_is_not_in_our_data_is_priced_by_a_price_of_ones_own() -> None:
    """730 M tokens in at 3.00 a million and 73 M out at 15.00; without the price its cost is unknown, not nothing."""
    new = "acme.tomorrow-v1:0"
    own = [f"bedrock_{way},{new},us-east-1,{usd},token" for way, usd in (("input", 3e-6), ("output", 15e-6))]
    without = simulate(model(new), Scenario(), book())
    assert [b.meter.name for b, _ in without.baseline.charges.unknown()] == ["input_tokens", "output_tokens"]
    known = simulate(model(new), Scenario(), book(*own))
    assert known.baseline.total_usd == pytest.approx(730 * 3 + 73 * 15)
    found = lever("prompt_caching")().verdicts(known.baseline.usage)
    assert found.sentence(0).startswith("The model is unknown")
    shorter = run(model(new), "prompt_reduction", *own)
    assert shorter.saving_usd > 0


def test_units_that_run_already_take_the_price_that_is_asked_for() -> None:
    account = account_with(
        bedrock=[{"model_id": f"us.{SONNET}", "tier": "provisioned", "provisioned_units": 2}]
    )
    (asked,) = unknowns(simulate(account, Scenario(), book()).baseline, [])
    assert f"bedrock_provisioned {SONNET}#none in us-east-1" in asked["sentence"]
    own = f"bedrock_provisioned,{SONNET}#none,us-east-1,20,model_unit_hour"
    assert simulate(account, Scenario(), book(own)).baseline.total_usd == pytest.approx(2 * 730 * 20)


def test_what_the_bill_tells_of_such_a_model_counts_where_no_rate_is_told() -> None:
    row = {
        "model_id": "acme.tomorrow-v1:0",
        "input_tokens": 720 * MILLION,
        "output_tokens": 0,
        "cost_usd": 720.0,
    }
    assert simulate(account_with(bedrock=[row]), Scenario(), book()).baseline.total_usd == pytest.approx(
        730.0
    )


MODELS = (SONNET, NOVA_PRO, NOVA_LITE)


@given(st.sets(st.sampled_from(MODELS)))
def test_with_some_of_the_prices_only_the_others_are_asked_for(stated: set[str]) -> None:
    """What stays for want of a price asks for it; the break-even is of a resource that moves."""
    row = {"input_tokens": 720 * MILLION, "output_tokens": 72 * MILLION, "requests": 72_000}
    account = account_with(bedrock=[row | {"model_id": m} for m in MODELS])
    own = [f"bedrock_provisioned,{m}#1m,us-east-1,0.001,model_unit_hour" for m in stated]
    said = verdict(run(account, "provisioned_throughput", *own), lever("provisioned_throughput")())
    assert {m for m in MODELS if any(m in fact for fact in said.facts)} == set(MODELS) - stated
    assert (said.turn is not None) == bool(stated)
    assert said.turn is None or said.turn.resource_id.split()[0] in stated


def test_the_router_is_paid_for_every_request_it_reads() -> None:
    """30 %: 219 M × 0.74 + 21.9 M × 2.96 = 162.06 + 64.824; 73,000 requests at 0.001 are 73.00 less."""
    result = run(model(NOVA_PRO), "prompt_routing", "bedrock_prompt_router,request,*,0.001,request")
    assert result.saving_usd == pytest.approx(162.06 + 64.824 - 73.0)


def test_a_family_the_router_does_not_take_is_asked_for() -> None:
    found = lever("prompt_routing")().verdicts(model(SONNET).usage)
    assert (int(found.state[0]), "not in our data" in found.sentence(0)) == (-1, True)


def test_a_taught_model_costs_its_teaching_once_and_its_storage_every_month() -> None:
    """50 %: 365 M × 0.74 + 36.5 M × 2.96 - 1.95 = 270.10 + 108.04 - 1.95. Once: 10,000 prompts of 10,000 tokens in and
    1,000 out on the teacher, 80.00 + 32.00, and 110 M tokens read twice at 2.00 a million, 440.00.
    """
    result = run(model(NOVA_PRO), "distillation", f"bedrock_training,{NOVA_LITE},us-east-1,0.000002,token")
    assert result.saving_usd == pytest.approx(270.10 + 108.04 - 1.95)
    assert float(result.outcome.charges.total_usd(once=True)) == pytest.approx(80 + 32 + 440)


def test_reserved_tokens_are_paid_used_or_not() -> None:
    """73,000 M tokens in 43,800 minutes: half is 833,333 a minute in and 83,333 out. 80 % of them carry
    40 % of all tokens: 96,360 + 48,180 less 833.3 × 100 + 83.3 × 500 = 125,000.
    """
    own = [
        f"bedrock_reserved_{way},{SONNET},us-east-1,{usd},ktpm_month"
        for way, usd in (("input", 100), ("output", 500))
    ]
    result = run(model(SONNET, 100), "reserved_tier", *own)
    assert result.saving_usd == pytest.approx(96_360 + 48_180 - 125_000)


def test_below_the_least_reservation_nothing_is_reserved() -> None:
    found = lever("reserved_tier")().verdicts(model(SONNET).usage)
    assert found.sentence(0).startswith("Asks for less than the least reservation")


def test_a_capacity_block_is_paid_for_the_nodes_that_run_on_average() -> None:
    """2 × 730 × (21.957642 - 11.80)."""
    result = run(
        account_with(compute=[P4D]),
        "capacity_block",
        "capacity_block,ml.p4d.24xlarge,us-east-1,11.8,instance_hour",
    )
    assert result.saving_usd == pytest.approx(2 * 730 * (21.957642 - 11.8))


def test_a_compute_plan_covers_whole_nodes_that_run_day_and_night() -> None:
    """80 % of 2 nodes: 1,168 hours × (21.957642 - 14.00)."""
    own = "compute_savings_plan,ec2:ml.p4d.24xlarge#1y_no_upfront,us-east-1,14,instance_hour"
    result = run(account_with(compute=[P4D]), "ec2_savings_plan", own)
    assert result.saving_usd == pytest.approx(1168 * (21.957642 - 14.0))
    half = account_with(compute=[P4D | {"instance_count": 1, "hours": 360}])
    assert run(half, "ec2_savings_plan", own).saving_usd == 0


def test_a_half_empty_node_runs_on_the_smaller_type_for_longer() -> None:
    """730 × (16.288 - 1.1 × 8.144)."""
    row = {"kind": "ec2", "instance_type": "ml.g5.48xlarge", "hours": 720, "gpu_utilization_ratio": 0.3}
    account = account_with(compute=[row | {"gpu_memory_ratio": 0.4}])
    assert run(account, "accelerator_rightsize").saving_usd == pytest.approx(730 * (16.288 - 1.1 * 8.144))
    full = account_with(compute=[row | {"gpu_memory_ratio": 0.5}])
    assert run(full, "accelerator_rightsize").saving_usd == 0
    assert int(lever("accelerator_rightsize")().verdicts(account_with(compute=[row]).usage).state[0]) == -1


def test_idle_hours_are_given_back_on_the_smaller_type_too() -> None:
    """Idle half of the time, 60 % of that reached: what is left of the smaller type's hours is 70 %."""
    row = {"kind": "ec2", "instance_type": "ml.g5.48xlarge", "hours": 720, "idle_hours": 396}
    account = account_with(compute=[row | {"gpu_utilization_ratio": 0.3, "gpu_memory_ratio": 0.4}])
    levers = (lever("accelerator_rightsize")(), lever("accelerator_idle")())
    left = simulate(account, Scenario(levers), book()).outcome.total_usd
    assert left == pytest.approx(730 * 8.144 * 1.1 - 396 / 720 * 730 * 0.6 * 8.144)


def test_training_jobs_are_billed_only_while_they_work() -> None:
    """Idle 480 of 720 hours: 730 × 1.212 against 243.33 × 1.05 × 1.515."""
    idle = account_with(compute=[G5 | {"idle_hours": 480}])
    assert run(idle, "ec2_to_sagemaker").saving_usd == pytest.approx(730 * 1.212 - 730 / 3 * 1.05 * 1.515)
    busy = account_with(compute=[G5 | {"idle_hours": 0}])
    assert run(busy, "ec2_to_sagemaker").saving_usd == pytest.approx(730 * (1.212 - 1.05 * 1.515))
    assert run(account_with(compute=[G5]), "ec2_to_sagemaker").saving_usd == 0


def test_reserved_inference_is_paid_for_what_runs_day_and_night() -> None:
    """Two ml.p5.48xlarge for 730 h, reserved at 40.00: 2 x 730 x 40 of what they cost on demand. Without it: asked."""
    account = account_with(
        endpoints=[{"instance_type": "ml.p5.48xlarge", "instance_count": 2, "region": "us-west-2"}]
    )
    asked = verdict(run(account, "inference_reservation"), lever("inference_reservation")())
    assert asked.status is Status.NEEDS_FACT
    assert any("inference_plan" in fact for fact in asked.facts)
    own = "inference_plan,ml.p5.48xlarge,us-west-2,40,instance_hour"
    hosted = float(run(account, "inference_reservation").baseline.total_usd)
    assert run(account, "inference_reservation", own).saving_usd == pytest.approx(hosted - 2 * 730 * 40)
    half = run(account, "inference_reservation", own, reserved_ratio=0.5)
    assert half.saving_usd == pytest.approx((hosted - 2 * 730 * 40) / 2)


def test_an_endpoint_that_sleeps_at_night_reserves_nothing() -> None:
    """Scheduled to office hours no instance runs day and night; without an accelerator there is no plan at all."""
    p5 = {"endpoint_name": "e", "instance_type": "ml.p5.48xlarge", "region": "us-west-2"}
    day = [9.0 if 8 <= h < 18 else 0.0 for h in range(24)]
    calls = traffic(
        "e", [c for d in range(30) for c in (day if (START.weekday() + d) % 7 < 5 else [0.0] * 24)]
    )
    account = account_with(endpoints=[p5], endpoint_traffic=calls)
    levers = (lever("schedule_endpoints")(), lever("inference_reservation")())
    own = book("inference_plan,ml.p5.48xlarge,us-west-2,1,instance_hour")
    both = simulate(account, Scenario(levers), own).outcome.usage.endpoints
    assert float(both.reserved_hours.sum()) == 0
    small = lever("inference_reservation")().verdicts(account_with(endpoints=[{}]).usage)
    assert small.sentence(0) == "AWS lists no training plan for its type in its region."


STORE = {"kind": "feature_store", "name": "f", "region": "us-east-1", "gib": 0.0}
UNITS = {"read_units": 262.8 * MILLION, "write_units": 26.28 * MILLION}
ON_DEMAND = ["feature_store,read_request,us-east-1,0.00000025,request",
             "feature_store,write_request,us-east-1,0.00000125,request",
             "feature_store,online_storage,us-east-1,0.45,gb_month"]  # fmt: skip
CAPACITY = ["feature_store,read_capacity,us-east-1,0.00013,hour",
            "feature_store,write_capacity,us-east-1,0.00065,hour"]  # fmt: skip


def test_even_reads_and_writes_cost_less_as_capacity_and_bursts_more() -> None:
    """100 reads and 10 writes a second: 65.70 + 32.85 on demand. At a peak of twice the mean 200 x 730 x 0.00013
    + 20 x 730 x 0.00065 = 18.98 + 9.49; at ten times 142.35."""
    account = account_with(services=[STORE | UNITS])
    assert run(account, "feature_store_throughput", *ON_DEMAND).baseline.total_usd == pytest.approx(98.55)
    own = (*ON_DEMAND, *CAPACITY)
    assert run(account, "feature_store_throughput", *own, peak_ratio=2).saving_usd == pytest.approx(
        98.55 - 28.47
    )
    assert run(account, "feature_store_throughput", *own, peak_ratio=10).saving_usd == pytest.approx(
        98.55 - 142.35
    )
    without = run(account, "feature_store_throughput", *ON_DEMAND)
    asked = verdict(without, lever("feature_store_throughput")())
    assert (asked.status, without.saving_usd) == (Status.NEEDS_FACT, 0)
    assert any("read_capacity" in fact or "write_capacity" in fact for fact in asked.facts)


@pytest.mark.parametrize(
    ("row", "state"), [(STORE, -1), (STORE | UNITS | {"size": "InMemory"}, 0), (STORE | UNITS, 1)]
)
def test_throughput_needs_units_and_a_standard_store(row: dict[str, Any], state: int) -> None:
    found = lever("feature_store_throughput")().verdicts(account_with(services=[row]).usage)
    assert int(found.state[0]) == state


def test_nodes_that_serve_become_the_tokens_that_are_stated_for_them() -> None:
    """g5.2xlarge on EC2 730 x 1.212 = 884.76; 1,000 M in and 100 M out on gpt-oss-120b 150 + 60 = 210. 10,000 M and
    1,000 M cost 2,100: more. Unstated, all of the node's cost hangs on it."""
    account = account_with(compute=[G5])
    asked = verdict(run(account, "accelerator_to_bedrock"), lever("accelerator_to_bedrock")())
    assert asked.status is Status.NEEDS_FACT
    assert asked.usd == pytest.approx(884.76)
    assert "tokens per month" in asked.facts[0]
    some = run(account, "accelerator_to_bedrock", input_million_tokens=1000, output_million_tokens=100)
    assert some.saving_usd == pytest.approx(884.76 - 210)
    many = run(account, "accelerator_to_bedrock", input_million_tokens=10_000, output_million_tokens=1000)
    assert many.saving_usd == pytest.approx(884.76 - 2100)
    cluster = account_with(compute=[G5 | {"kind": "cluster"}])
    assert int(lever("accelerator_to_bedrock")().verdicts(cluster.usage).state[0]) == 0
