"""Published examples of training, spot, endpoints and serverless inference. Sources: published.json."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Result, Scenario, project, simulate
from simulator.levers.endpoints.multi_model import MultiModel
from simulator.levers.endpoints.serverless import Serverless
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.levers.training.interruptions import (
    best_checkpoint_interval,
    break_even_goodput_ratio,
    checkpoint_waste_ratio,
    goodput_ratio,
    saving_at_goodput_ratio,
)
from simulator.levers.training.managed_spot import realised_saving_ratio
from simulator.pricing.charges import cost_per_call_usd
from simulator.units import HOURS_PER_MONTH, MINUTES_PER_HOUR, SECONDS_PER_HOUR
from tests.accounts import account_with, traffic
from tests.oracles.published import book_of, cost_usd, costs_usd, meets, metered, oracle

WINDOW_HOURS = 720.0


@pytest.mark.parametrize(
    "example",
    [
        oracle("spot-api-100-500"),
        oracle("spot-hf-874-262"),
        oracle("spot-iris-142-47"),
        oracle("spot-bert-2282-508"),
    ],
    ids=lambda example: example["id"],
)
def test_spot_saving_is_one_less_billable_over_training_seconds(example: dict[str, Any]) -> None:
    given = example["inputs"]
    job = {
        "training_seconds": given["training_s"],
        "billable_seconds": given["billable_s"],
        "spot_enabled": True,
    }
    t = metered(training_jobs=[job]).training
    meets({"savings_pct": 100 * realised_saving_ratio(t.training_hours[0], t.spot_hours[0])}, example)
    assert t.billable_hours[0] == 0


def test_a_spot_job_is_charged_its_billable_seconds_at_the_on_demand_rate() -> None:
    given = oracle("spot-hf-874-262")["inputs"]
    job = {
        "training_seconds": given["training_s"], "billable_seconds": given["billable_s"], "spot_enabled": True,
        "instance_type": given["instance"], "instance_count": given["count"],
    }  # fmt: skip
    book = book_of(("training", given["instance"], 3.825))
    assert cost_usd(metered(training_jobs=[job]), book) == pytest.approx(262 / 3600 * 3.825)


def test_youngs_interval_balances_checkpoints_and_lost_work() -> None:
    example = oracle("ckpt-2min-180min")
    checkpoint = example["inputs"]["C_min"] / MINUTES_PER_HOUR
    mean_time = example["inputs"]["M_min"] / MINUTES_PER_HOUR
    interval = best_checkpoint_interval(mean_time, checkpoint)
    found = {
        "tau_min": interval * MINUTES_PER_HOUR,
        "overhead": checkpoint_waste_ratio(interval, np.inf, checkpoint),
        "rework": checkpoint_waste_ratio(interval, mean_time, 0.0),
        "waste": checkpoint_waste_ratio(interval, mean_time, checkpoint),
    }
    meets(found, example)


def test_checkpoints_too_rare_or_too_frequent_waste_more() -> None:
    example = oracle("ckpt-30s-4h")
    checkpoint = example["inputs"]["C_s"] / SECONDS_PER_HOUR
    mean_time = example["inputs"]["M_s"] / SECONDS_PER_HOUR
    interval = best_checkpoint_interval(mean_time, checkpoint)
    found = {
        "tau_s": interval * SECONDS_PER_HOUR,
        "waste": checkpoint_waste_ratio(interval, mean_time, checkpoint),
        "waste_if_hourly": checkpoint_waste_ratio(1.0, mean_time, checkpoint),
        "waste_if_every_2s": checkpoint_waste_ratio(2 / SECONDS_PER_HOUR, mean_time, checkpoint),
    }
    meets(found, example)


def test_a_useful_spot_hour_costs_the_spot_rate_over_goodput() -> None:
    example = oracle("spot-goodput-70B")
    given = example["inputs"]
    checkpoint, mean_time, restart = (given[k] / SECONDS_PER_HOUR for k in ("ckpt_s", "mtbi_s", "restart_s"))
    interval = best_checkpoint_interval(mean_time, checkpoint)
    goodput = goodput_ratio(interval, mean_time, checkpoint, restart)
    discount = 1 - given["spot_rate"] / given["od_rate"]
    saving = saving_at_goodput_ratio(discount, goodput)
    found = {
        "tau_s": interval * SECONDS_PER_HOUR,
        "goodput": goodput,
        "cost_per_useful_hour": given["od_rate"] * (1 - saving),
        "saving_vs_on_demand": saving,
        "break_even_goodput": break_even_goodput_ratio(discount),
    }
    meets(found, example)
    assert saving_at_goodput_ratio(discount, break_even_goodput_ratio(discount)) == pytest.approx(0)


def test_a_rule_that_processes_apart_is_billed_apart() -> None:
    example = oracle("sm-training-debugger-238")
    training, rule, _ = example["inputs"]["lines"]
    usage = metered(
        training_jobs=[
            {"instance_type": training["instance"], "billable_seconds": training["hours"] * SECONDS_PER_HOUR}
        ],
        compute=[{"kind": "processing", "instance_type": rule["instance"], "hours": rule["hours"]}],
    )
    book = book_of(
        ("training", training["instance"], training["rate"]), ("processing", rule["instance"], rule["rate"])
    )
    meets({"total": cost_usd(usage, book)}, example)


def test_tuning_costs_its_jobs_times_their_time() -> None:
    example = oracle("sm-hpo-20x10min")
    given = example["inputs"]
    job = {
        "instance_type": "ml.m5.xlarge", "tuning_job": "search",
        "billable_seconds": given["minutes_each"] * MINUTES_PER_HOUR,
    }  # fmt: skip
    usage = metered(training_jobs=[job] * given["jobs"])
    meets({"total": cost_usd(usage, book_of(("training", "ml.m5.xlarge", given["rate"])))}, example)


def test_an_endpoint_is_billed_every_hour_and_a_job_only_its_own() -> None:
    example = oracle("sm-endpoint-720h")
    endpoint, training = example["inputs"]["endpoint"], example["inputs"]["training"]
    usage = metered(
        endpoints=[{"instance_type": endpoint["instance"], "instance_count": endpoint["n"]}],
        training_jobs=[
            {"instance_type": "ml.m5.xlarge", "billable_seconds": training["hours"] * SECONDS_PER_HOUR}
        ]
        * training["runs"],
    )
    book = book_of(
        ("hosting", endpoint["instance"], endpoint["rate"]), ("training", "ml.m5.xlarge", training["rate"])
    )
    found = costs_usd(usage, book)
    meets({"endpoint_month": found["instance_hours"], "training_month": found["billable_hours"]}, example)


def test_a_second_instance_doubles_the_month_whatever_the_requests() -> None:
    example = oracle("sm-endpoint-730h-ha")
    given = example["inputs"]
    book = book_of(
        ("hosting", "ml.m5.xlarge", given["m5_xlarge"]), ("hosting", "ml.g5.xlarge", given["g5_xlarge"])
    )

    def month(instance_type: str, count: int) -> float:
        row = {"instance_type": instance_type, "instance_count": count}
        return cost_usd(account_with(endpoints=[row]).usage, book)

    found = {
        "m5_month": month("ml.m5.xlarge", 1),
        "g5_month": month("ml.g5.xlarge", 1),
        "g5_two_for_ha": month("ml.g5.xlarge", 2),
    }
    meets(found, example)


def test_cost_per_inference_is_the_rate_over_the_calls_of_an_hour_at_full_load() -> None:
    example = oracle("ir-g4dn-1645")
    given = example["inputs"]
    full = cost_per_call_usd(given["cost_per_hour"], given["max_invocations_per_minute"])
    meets({"cost_per_inference": full}, example)
    half = cost_per_call_usd(given["cost_per_hour"], given["max_invocations_per_minute"], 0.5)
    assert half == pytest.approx(2 * full)


def to_serverless(given: dict[str, Any], invocations: float) -> Result:
    """An always-on instance moved to serverless: a model of 1.2 GiB takes 2 GB of memory at the factor 1.5."""
    row = {
        "endpoint_name": "a", "instance_type": given["comparable_instance"], "needs_gpu": False,
        "model_gib": 1.2, "latency_ms": given["avg_latency_ms"],
        "payload_kb": given["bytes_in_plus_out"] / 1024,
    }  # fmt: skip
    hours = round(given["instance_hours"])
    account = account_with(endpoints=[row], endpoint_traffic=traffic("a", [invocations / hours] * hours))
    memory_gb = given["memory_mb"] / 1024
    book = book_of(
        ("hosting", given["comparable_instance"], given["instance_rate"]),
        ("serverless_inference", "gb_second", given["price_per_second"] / memory_gb),
        ("serverless_inference", "gb_io", given["data_price_per_gib"]),
    )
    lever = Serverless(cold_start_seconds=0.0, memory_overhead_ratio=1.5)
    return simulate(account, Scenario((lever,)), book)


def test_serverless_bills_seconds_of_memory_and_bytes_and_nothing_while_idle() -> None:
    example = oracle("sls-2048-mobilenet")
    given = example["inputs"]
    results = [to_serverless(given, n) for n in given["invocations"]]
    to_window = given["instance_hours"] / HOURS_PER_MONTH
    serverless = [r.outcome.total_usd * to_window for r in results]
    found = {
        "cost_per_invocation": serverless[0] / given["invocations"][0],
        "serverless_monthly": serverless,
        "instance_monthly": results[0].baseline.total_usd * to_window,
        "savings_pct": [round(100 * r.saving_ratio, 2) for r in results],  # as printed
    }
    meets(found, example)


def test_a_serverless_endpoint_is_priced_by_its_configured_memory() -> None:
    example = oracle("sls-distilbert-6144")
    given = example["inputs"]
    row = {
        "endpoint_name": "a", "mode": "serverless", "instance_type": None, "instance_count": None,
        "serverless_memory_mb": given["memory_mb"], "latency_ms": given["latency_ms"],
        "payload_kb": (given["data_gb_in"] + given["data_gb_out"]) * 2**20 / given["requests"],
    }  # fmt: skip
    hourly = [given["requests"] / WINDOW_HOURS] * round(WINDOW_HOURS)
    usage = metered(endpoints=[row], endpoint_traffic=traffic("a", hourly))
    book = book_of(
        ("serverless_inference", "gb_second", given["price_per_second"] / (given["memory_mb"] / 1024)),
        ("serverless_inference", "gb_io", given["data_price"]),
    )
    meets({"total": cost_usd(usage, book)}, example)


def test_ten_small_models_on_one_multi_model_endpoint_pay_one_instance() -> None:
    """The published rate is not stored: $333 an endpoint and month is what the published saving implies."""
    example = oracle("mme-10-models-3000")
    given = example["inputs"]
    rows = [
        {
            "endpoint_name": f"e{i}", "instance_type": "ml.m5.xlarge", "container": "xgboost",
            "model_gib": 0.5, "max_rps": 50.0,
        }
        for i in range(given["models"])
    ]  # fmt: skip
    calls = [t for row in rows for t in traffic(str(row["endpoint_name"]), [1800.0] * 720)]
    book = book_of(("hosting", "ml.m5.xlarge", 333 / HOURS_PER_MONTH))
    result = simulate(account_with(endpoints=rows, endpoint_traffic=calls), Scenario((MultiModel(),)), book)
    instances = result.outcome.usage.endpoints.instance_hours.sum() / HOURS_PER_MONTH
    assert instances == pytest.approx(given["endpoints_after"])
    meets({"saving_per_month": result.saving_usd}, example)


def test_reduction_and_yearly_saving_of_eleven_endpoints_become_three() -> None:
    """A claim without rates: the eight that go share what they cost before less what is left."""
    example = oracle("consolidate-11-to-3")
    given = example["inputs"]
    stay, go = given["endpoints_after"], given["endpoints_before"] - given["endpoints_after"]
    busy = [{"endpoint_name": f"busy{i}", "instance_type": "ml.m5.xlarge"} for i in range(stay)]
    idle = [{"endpoint_name": f"idle{i}", "instance_type": "ml.m5.large"} for i in range(go)]
    calls = [t for r in busy for t in traffic(r["endpoint_name"], [100.0] * 720)]
    calls += [t for r in idle for t in traffic(r["endpoint_name"], [0.0] * 720)]
    saved = given["before_month"] - given["after_month"]
    book = book_of(
        ("hosting", "ml.m5.xlarge", given["after_month"] / stay / HOURS_PER_MONTH),
        ("hosting", "ml.m5.large", saved / go / HOURS_PER_MONTH),
    )
    account = account_with(endpoints=busy + idle, endpoint_traffic=calls)
    result = simulate(account, Scenario((StopIdleEndpoints(),)), book)
    assert result.baseline.total_usd == pytest.approx(given["before_month"])
    months = project(result, 12)
    yearly = sum(m.baseline_usd - m.scenario_usd for m in months)
    meets({"reduction_pct": 100 * result.saving_ratio, "annual_saving": yearly}, example)
