"""Situations worked out by hand, of kinds that came out wrong before: dated plans, long prompts, unknown costs.

A window of 30 days of 2026-10 becomes a month by 730/720. Prices are those of 2026-11-28, as named in each test.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from math import exp
from typing import Any

import pytest

from simulator import PriceBook, Scenario, simulate
from simulator.analysis.projection import project
from simulator.analysis.verdict import Status, Verdict, verdict
from simulator.engine.simulate import Result
from simulator.levers import lever
from simulator.levers.lever import Lever
from tests.accounts import START, account_with, traffic

MONTH = 730 / 720
SONNET, HAIKU = "anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"
NOVEMBER_28 = date(2026, 11, 28)


@cache
def book() -> PriceBook:
    return PriceBook.load(NOVEMBER_28)


def run(*levers: str | Lever, **tables: Any) -> Result:
    on = tuple(lever(x).create({}) if isinstance(x, str) else x for x in levers)
    return simulate(account_with(**tables), Scenario(on), book())


def said(result: Result) -> Verdict:
    return verdict(result, result.scenario.levers[0])


def hours(endpoint: str, calls: Any, region: str = "us-east-1") -> list[dict[str, Any]]:
    return [row | {"region": region} for row in traffic(endpoint, calls)]


def daily(calls: float, start: int, end: int) -> list[float]:
    """A month of days with calls in the hours from `start` up to `end`."""
    return [calls if start <= hour % 24 < end else 0.0 for hour in range(720)]


# --- plans have dates ----------------------------------------------------------------------------------------------

TWO = {
    "endpoint_name": "z",
    "instance_type": "ml.g5.2xlarge",
    "instance_count": 2,
}  # 2 x 1.515 = 3.03 an hour


def plan(
    name: str, usd_per_hour: float, end: datetime, start: datetime = START - timedelta(days=100)
) -> dict[str, Any]:
    return {"plan_id": name, "hourly_commitment_usd": usd_per_hour, "start": start, "end": end}


def test_a_plan_that_ended_since_the_window_covers_nothing_of_the_run_rate() -> None:
    """Ended on 10 November, prices of the 28th: 2 x 1.515 x 730 = 2,211.90 on demand, all saved by stopping."""
    ended = plan("p", 1.0, datetime(2026, 11, 10, tzinfo=UTC))
    result = run(
        "stop_idle_endpoints", endpoints=[TWO], endpoint_traffic=traffic("z", [0] * 720), commitments=[ended]
    )
    assert result.baseline.total_usd == pytest.approx(2211.90)
    assert result.outcome.total_usd == pytest.approx(0.0)


def test_a_plan_that_began_since_the_window_covers_the_run_rate() -> None:
    """2.424 an hour at 20 % is all of 3.03: 2.424 x 730 = 1,769.52."""
    new = plan("p", 2.424, datetime(2027, 11, 5, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC))
    result = run(endpoints=[TWO], endpoint_traffic=traffic("z", [9] * 720), commitments=[new])
    assert result.baseline.total_usd == pytest.approx(1769.52)


def test_of_two_plans_one_ends_inside_a_month() -> None:
    """1.00 an hour covers 1.25 until 16 December, 0.50 covers 0.625 until February; the rest of 3.03 is on demand.

    With both 1.5 + (3.03 - 1.875) = 2.655 an hour, with one 0.5 + (3.03 - 0.625) = 2.905, then 3.03. Stopped, only
    the plans are left: 1.5 for 15 of 31 days of December and 0.5 for 16, then 0.5, then nothing.
    """
    plans = [
        plan("p", 1.0, datetime(2026, 12, 16, tzinfo=UTC)),
        plan("q", 0.5, datetime(2027, 2, 1, tzinfo=UTC)),
    ]
    result = run(
        "stop_idle_endpoints", endpoints=[TWO], endpoint_traffic=traffic("z", [0] * 720), commitments=plans
    )
    december, january, february = project(result)[:3]
    assert december.baseline_usd == pytest.approx(730 * (15 * 2.655 + 16 * 2.905) / 31)
    assert december.scenario_usd == pytest.approx(730 * (15 * 1.5 + 16 * 0.5) / 31)
    assert (january.baseline_usd, january.scenario_usd) == pytest.approx((730 * 2.905, 730 * 0.5))
    assert (february.baseline_usd, february.scenario_usd) == pytest.approx((2211.90, 0.0))


def test_a_plan_above_the_usage_costs_all_of_itself() -> None:
    large = plan("p", 10.0, datetime(2027, 6, 1, tzinfo=UTC))
    result = run(endpoints=[TWO], endpoint_traffic=traffic("z", [9] * 720), commitments=[large])
    assert result.baseline.total_usd == pytest.approx(7300.0)


# --- long prompts --------------------------------------------------------------------------------------------------

LONG = {"input_tokens": 6600e6, "output_tokens": 30e6, "requests": 30_000}  # 220,000 tokens a prompt


def test_prompts_cut_below_the_threshold_pay_the_ordinary_price() -> None:
    """Global profile: 6,600 M x 6.00 + 30 x 22.50; a fifth shorter is 176,000: 5,280 M x 3.00 + 30 x 15.00."""
    result = run("prompt_reduction", bedrock=[LONG | {"model_id": f"global.{SONNET}"}])
    assert result.baseline.total_usd == pytest.approx(MONTH * (6600 * 6 + 30 * 22.5))
    assert result.outcome.total_usd == pytest.approx(MONTH * (5280 * 3 + 30 * 15))


def test_prompts_already_below_the_threshold_are_not_lengthened_to_it() -> None:
    """Both levers cost what the shorter prompts alone cost."""
    both = run(
        "prompt_reduction", "prompts_below_threshold", bedrock=[LONG | {"model_id": f"global.{SONNET}"}]
    )
    assert both.outcome.total_usd == pytest.approx(MONTH * (5280 * 3 + 30 * 15))


def test_prompts_still_above_the_threshold_stay_at_its_price() -> None:
    """300,000 tokens a prompt, a fifth shorter: 240,000."""
    long = {"model_id": f"global.{SONNET}", "input_tokens": 9000e6, "output_tokens": 30e6, "requests": 30_000}
    result = run("prompt_reduction", bedrock=[long])
    assert result.outcome.total_usd == pytest.approx(MONTH * (7200 * 6 + 30 * 22.5))


def test_the_global_profile_is_cheaper_for_long_prompts_too() -> None:
    """us.: 6.60 and 24.75; global.: 6.00 and 22.50."""
    result = run("inference_profile", bedrock=[LONG | {"model_id": f"us.{SONNET}"}])
    assert result.baseline.total_usd == pytest.approx(MONTH * (6600 * 6.6 + 30 * 24.75))
    assert result.outcome.total_usd == pytest.approx(MONTH * (6600 * 6 + 30 * 22.5))


# --- caches --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("prefix", "usd"), [(4095, 3500.0), (4096, 2397.5)])
def test_the_cache_begins_at_the_models_minimum(prefix: int, usd: float) -> None:
    """Haiku 4.5 caches from 4,096 tokens: of 1,800 M a quarter is written at 1.25, the rest read at 0.10."""
    row = {"model_id": f"global.{HAIKU}", "input_tokens": 3e9, "output_tokens": 1e8, "requests": 300_000}
    result = run(
        "prompt_caching",
        bedrock=[row | {"prefix_tokens": prefix, "cacheable_ratio": 0.6, "requests_per_ttl": 4}],
    )
    assert result.outcome.total_usd == pytest.approx(MONTH * usd)


def test_a_one_hour_cache_saves_from_a_reach_on() -> None:
    """Read 1,000 M, written 1,000 M: 2 requests a prefix. At a reach of 4 five: 400 M at 2.00 and 1,600 M at 0.10."""
    row = {
        "model_id": f"global.{HAIKU}", "input_tokens": 1e9, "output_tokens": 1e8, "cache_read_tokens": 1e9,
        "cache_write_tokens": 1e9,
    }  # fmt: skip
    loses = run("cache_one_hour", bedrock=[row])
    assert said(loses).status is Status.COSTS_MORE
    assert loses.saving_usd == pytest.approx(-MONTH * 750)
    saves = run(lever("cache_one_hour").create({"hour_reach": 4}), bedrock=[row])
    assert saves.saving_usd == pytest.approx(MONTH * (100 + 1250 - 800 - 160))


@pytest.mark.parametrize(("read", "saving"), [(2e8, 70.0), (3e8, 0.0)])
def test_a_cache_is_taken_out_only_where_it_loses(read: float, saving: float) -> None:
    """1,000 M written at 1.25: with 200 M read at 0.10, 1,270 against 1,200 plain; with 300 M 1,280 against 1,300."""
    row = {
        "model_id": f"global.{HAIKU}", "input_tokens": 1e9, "output_tokens": 1e8, "cache_read_tokens": read,
        "cache_write_tokens": 1e9,
    }  # fmt: skip
    assert run("cache_off", bedrock=[row]).saving_usd == pytest.approx(MONTH * saving)


# --- what is offered where -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "status"),
    [("us-west-2", Status.SAVES), ("eu-west-1", Status.SAVES), ("sa-east-1", Status.NEEDS_FACT)],
)
def test_flex_saves_half_where_its_price_is_known_and_asks_elsewhere(region: str, status: Status) -> None:
    row = {"model_id": "amazon.nova-pro-v1:0", "region": region, "input_tokens": 3e9, "output_tokens": 3e8}
    result = run("service_tier", bedrock=[row | {"latency_tolerant_ratio": 1.0}])
    assert said(result).status is status
    saves = status is Status.SAVES
    assert result.saving_usd == pytest.approx(result.baseline.total_usd / 2 if saves else 0.0)


def test_an_endpoint_of_a_legacy_model_does_not_move_to_it() -> None:
    row = {
        "endpoint_name": "z", "instance_type": "ml.g5.12xlarge", "model_name": "meta-llama/Llama-3.1-8B-Instruct",
        "tokens_in_per_call": 1000.0, "tokens_out_per_call": 200.0,
    }  # fmt: skip
    result = run("to_bedrock", endpoints=[row], endpoint_traffic=traffic("z", [100] * 720))
    assert (result.saving_usd, said(result).status) == (0.0, Status.NOT_APPLICABLE)


# --- what is not known is not nothing ------------------------------------------------------------------------------


def test_what_stopping_saves_is_not_known_where_the_cost_is_not() -> None:
    """An idle endpoint of unknown type costs something; nothing is said to be free."""
    result = run(
        "stop_idle_endpoints", endpoints=[{"endpoint_name": "z", "instance_type": None}],
        endpoint_traffic=traffic("z", [0] * 720),
    )  # fmt: skip
    assert said(result).status is Status.NEEDS_FACT
    assert "What z costs today is not known" in said(result).sentence


def test_what_was_not_read_for_90_days_was_not_read_for_30() -> None:
    """Of 2,000 GiB 1,500 were not read for 90 days, 30 days unknown: more than the assumed half is cold."""
    row = {
        "gib": 2000.0,
        "objects": 1_000_000,
        "small_objects": 0,
        "small_gib": 0.0,
        "gib_not_accessed_90d": 1500.0,
    }
    moved = run("s3_lifecycle", storage=[row]).outcome.usage.storage
    assert (moved.standard_gb[0], moved.glacier_ir_gb[0]) == pytest.approx((500.0, 1500.0))


# --- storage -------------------------------------------------------------------------------------------------------


def test_two_buckets_of_a_region_share_its_price_tiers() -> None:
    """60 TiB in eu-west-1: 50 at 0.023, 10 at 0.022. Seven tenths of 20 TiB gone, all is in the first."""
    rows = [
        {
            "region": "eu-west-1",
            "bucket": name,
            "gib": 30 * 1024.0,
            "objects": 1000,
            "noncurrent_gib": old * 1024.0,
        }
        for name, old in (("a", 20), ("b", 0))
    ]
    result = run("noncurrent_versions", storage=rows)
    assert result.baseline.total_usd == pytest.approx(1024 * (50 * 0.023 + 10 * 0.022))
    assert result.outcome.total_usd == pytest.approx(1024 * 46 * 0.023)


@pytest.mark.parametrize(
    ("object_bytes", "wins"), [(150_000, "s3_lifecycle"), (64 * 2**20, "intelligent_tiering")]
)
def test_a_bucket_goes_to_the_rule_or_to_tiering_whichever_is_cheaper(object_bytes: int, wins: str) -> None:
    """Objects of 150 KB: the monitoring fee is more than tiering saves. Of 64 MiB: the rule pays for reads."""
    row = {
        "gib": 1000.0, "objects": round(1000 * 2**30 / object_bytes), "small_objects": 0, "small_gib": 0.0,
        "gib_not_accessed_30d": 500.0, "gib_not_accessed_90d": 0.0, "retrieved_gib": 400.0,
    }  # fmt: skip
    rule = lever("s3_lifecycle").create({"retrieved_ratio": 0.2})
    alone = {
        x.id: run(x, storage=[row]).outcome.total_usd for x in (rule, lever("intelligent_tiering").create({}))
    }
    both = run("intelligent_tiering", rule, storage=[row]).outcome.total_usd
    assert min(alone, key=lambda i: alone[i]) == wins
    assert both == pytest.approx(alone[wins])


def test_small_objects_of_an_infrequent_class_go_back_to_standard() -> None:
    """2 M objects of 30 GiB are billed as 2 M x 128 KiB = 244.14 GiB at 0.0125; in Standard 30 GiB at 0.023."""
    row = {
        "region": "eu-west-1", "storage_class": "STANDARD_IA", "gib": 500.0, "objects": 3_000_000,
        "small_objects": 2_000_000, "small_gib": 30.0,
    }  # fmt: skip
    result = run("small_objects_to_standard", storage=[row])
    assert result.saving_usd == pytest.approx(2e6 * 128 / 1024 / 1024 * 0.0125 - 30 * 0.023)


# --- endpoints -----------------------------------------------------------------------------------------------------


def test_an_asynchronous_endpoint_sleeps_by_what_its_scaling_leaves() -> None:
    """eu-west-1, 1.69 an hour: of 1,000 h in 720 the minimum of one is 720; awake 6 h a day and 25 minutes a waking."""
    row = {
        "endpoint_name": "a", "region": "eu-west-1", "mode": "async", "scaling_min": 1, "scaling_max": 3,
        "instance_hours": 1000,
    }  # fmt: skip
    result = run(
        "async_scale_to_zero", endpoints=[row], endpoint_traffic=hours("a", daily(100, 9, 15), "eu-west-1")
    )
    awake = 730 / 24 * (6 + 25 / 60)
    assert result.saving_usd == pytest.approx((730 - awake) * 1.69)


def test_the_window_lies_where_the_calls_are_also_over_midnight_utc() -> None:
    """Calls from 20 to 4 UTC on five working days (the Americas): 50 h a week and five starts of ten minutes."""
    weekday = [(3 + day) % 7 for day in range(30)]  # 1 October 2026 is a Thursday
    calls = [
        50.0 if (h >= 20 and weekday[d] < 5) or (h < 4 and (weekday[d] - 1) % 7 < 5) else 0.0
        for d in range(30)
        for h in range(24)
    ]
    row = {"endpoint_name": "z", "region": "ap-south-1", "instance_type": "ml.g4dn.xlarge"}
    result = run("schedule_endpoints", endpoints=[row], endpoint_traffic=hours("z", calls, "ap-south-1"))
    assert result.outcome.total_usd == pytest.approx(result.baseline.total_usd * (50 + 5 / 6) / 168)


@pytest.mark.parametrize(
    ("model_gib", "memory_gib"), [(0.5, 1), (1.34, 3), (2.0, 3), (2.67, 5), (4.0, 6), (4.01, None)]
)
def test_serverless_memory_comes_in_steps_of_a_gigabyte_up_to_six(
    model_gib: float, memory_gib: int | None
) -> None:
    """1.5 x the model, rounded up: 600 calls in 10 hours a day of 0.2 s, and a cold start of 10 s a day."""
    row = {
        "endpoint_name": "s", "instance_type": "ml.m5.large", "needs_gpu": False, "model_gib": model_gib,
        "latency_ms": 200.0, "payload_kb": 20.0,
    }  # fmt: skip
    usage = run("serverless", endpoints=[row], endpoint_traffic=traffic("s", daily(600, 8, 18))).outcome.usage
    seconds = (180_000 * 0.2 + 30 * 10) * MONTH
    assert usage.endpoints.serverless_gb_seconds[0] == pytest.approx(seconds * (memory_gib or 0))


def test_custom_model_import_bills_windows_with_calls() -> None:
    """40 calls in each of two hours a day: 12 x (1 - exp(-40/12)) windows of five minutes an hour, two units."""
    row = {
        "endpoint_name": "z", "instance_type": "ml.g5.2xlarge", "import_ok": True, "model_gib": 15.0,
        "latency_ms": 2000.0,
    }  # fmt: skip
    usage = run(
        "custom_model_import", endpoints=[row], endpoint_traffic=traffic("z", daily(40, 9, 11))
    ).outcome.usage
    windows = 60 * 12 * (1 - exp(-40 / 12)) * MONTH
    assert usage.endpoints.import_unit_minutes[0] == pytest.approx(windows * 5 * 2)


def test_shared_instances_keep_two_where_an_endpoint_has_two() -> None:
    """Five models of 1.5 GiB fit 80 % of 16 GiB: ten instances become two."""
    rows = [
        {
            "endpoint_name": f"m{i}", "instance_type": "ml.m5.xlarge", "instance_count": 2, "container": "sklearn",
            "model_gib": 1.5, "needs_gpu": False, "cpu_utilization_ratio": 0.05,
        }
        for i in range(5)
    ]  # fmt: skip
    calls = [row for i in range(5) for row in traffic(f"m{i}", [10] * 720)]
    result = run("multi_model", endpoints=rows, endpoint_traffic=calls)
    assert result.outcome.total_usd == pytest.approx(result.baseline.total_usd / 5)


# --- training ------------------------------------------------------------------------------------------------------


def test_a_warm_pool_keeps_no_instance_longer_than_six_hours() -> None:
    """A job of 200 h: 5 % would be ten hours, the limit is six."""
    row = {"instance_type": "ml.g5.xlarge", "training_seconds": 720_000, "billable_seconds": 720_000}
    result = run("warm_pools", training_jobs=[row])
    assert result.outcome.total_usd == pytest.approx(result.baseline.total_usd * 206 / 200)


def test_idle_and_scheduled_notebooks_lose_no_hour_twice() -> None:
    """500 idle of 720 h: 12/14 end; of 510 out of hours what is left of them: 81.4 h, of which four fifths."""
    row = {
        "kind": "notebook", "name": "n", "region": "eu-central-1", "instance_type": "ml.m5.xlarge", "hours": 720,
        "idle_hours": 500.0, "out_of_hours_hours": 510.0,
    }  # fmt: skip
    result = run("notebook_idle_shutdown", "notebook_schedule", compute=[row])
    gone = 500 * 12 / 14
    left = 720 - gone - (510 - gone) * 0.8
    assert result.outcome.total_usd == pytest.approx(result.baseline.total_usd * left / 720)


# --- services ------------------------------------------------------------------------------------------------------


def test_read_back_files_are_never_more_than_what_was_read() -> None:
    """700 of 1,000 GiB cold, 100 of them moved already: 600 move at 0.025 instead of 0.30; 10 GiB read, not 30."""
    row = {
        "kind": "efs", "name": "fs", "region": "us-east-1", "gib": 1000.0, "cold_gib": 100.0,
        "gib_not_accessed_30d": 700.0, "read_gib": 10.0,
    }  # fmt: skip
    assert run("file_system_lifecycle", services=[row]).saving_usd == pytest.approx(
        600 * (0.30 - 0.025) - 10 * 0.01
    )


def test_a_log_group_keeps_the_share_of_its_days() -> None:
    """Filled for 400 days, kept for 90: 1,000 GiB at 0.03 become 225; ingestion stays."""
    row = {
        "kind": "logs", "name": "l", "region": "us-east-1", "gib": 1000.0, "written_gib": 100.0, "retention_days": 0,
        "created_at": START - timedelta(days=370),
    }  # fmt: skip
    assert run("log_retention", services=[row]).saving_usd == pytest.approx(775 * 0.03)
