"""Compute, Bedrock, storage, bill and commitments of the account RICH, by hand from its seed."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from simulator.sources.collect import Collected


def rows(rich: Collected, table: str, key: str) -> Any:
    return rich.snapshot.tables[table].set_index(key)


def test_jobs_are_billed_from_start_to_end_per_instance(rich: Collected) -> None:
    compute = rows(rich, "compute", "name")
    assert compute.loc["prepare", ["kind", "hours", "instance_count"]].tolist() == ["processing", 1.5, 3]
    assert compute.loc["score", ["kind", "hours", "instance_count"]].tolist() == ["transform", 1.0, 2]


def test_notebook_counts_hours_since_its_last_start_and_says_so(rich: Collected) -> None:
    compute = rows(rich, "compute", "name")
    assert compute.loc["daily", "hours"] == 240
    assert any("hours are counted since the last start" in s for s in rich.snapshot.manifest.assumptions)


def test_stopped_notebook_is_left_out_and_told(rich: Collected) -> None:
    assert "resting" not in rows(rich, "compute", "name").index
    assert any("1 notebook instances are stopped now" in s for s in rich.snapshot.manifest.assumptions)


def test_studio_app_idle_hours_volume_and_no_system_app(rich: Collected) -> None:
    """Started 100 h, last used 70 h before the end."""
    compute = rows(rich, "compute", "kind")
    studio = compute.loc[["studio"]].iloc[0]
    assert studio[["hours", "idle_hours", "volume_gb"]].tolist() == [100, 70, 50]
    assert len(compute.loc[["studio"]]) == 1


def test_bedrock_tokens_that_are_silent_are_unknown(rich: Collected) -> None:
    table = rows(rich, "bedrock", "model_id")
    sonnet = table.loc[["anthropic.claude-sonnet-4-5-20250929-v1:0"]]
    assert sonnet["requests"].tolist() == [10, 5]
    assert sonnet["input_tokens"].isna().all()
    assert sonnet["output_tokens"].isna().all()


def test_bedrock_cross_region_profile_is_the_model_with_a_scope(rich: Collected) -> None:
    nova = rows(rich, "bedrock", "model_id").loc["amazon.nova-lite-v1:0"]
    assert nova["scope"] == "us"
    assert nova[["requests", "input_tokens", "output_tokens"]].tolist() == [8, 8000, 900]


def test_either_name_of_the_cache_metric_is_read(rich: Collected) -> None:
    nova = rows(rich, "bedrock", "model_id").loc["amazon.nova-lite-v1:0"]
    assert nova["cache_read_tokens"] == 4000
    assert nova["cache_write_tokens"] == 0


def test_provisioned_units_are_listed_from_the_day_they_were_bought(rich: Collected) -> None:
    bought = rows(rich, "bedrock", "tier").loc[["provisioned"]]
    assert bought["date"].dt.date.tolist() == [date(2026, 11, 19), date(2026, 11, 20)]
    assert bought["provisioned_units"].tolist() == [2, 2]


def test_bucket_size_is_the_newest_point(rich: Collected) -> None:
    plain = rows(rich, "storage", "bucket").loc["plain-bucket"]
    assert plain[["storage_class", "gib", "objects"]].tolist() == ["STANDARD", 120, 500_000]


def test_storage_types_of_a_class_are_summed_and_metadata_is_standard(rich: Collected) -> None:
    cold = rows(rich, "storage", "bucket").loc[["cold-bucket"]].set_index("storage_class")["gib"]
    assert cold.to_dict() == {"STANDARD": 8, "GLACIER": 1032}


def test_bucket_settings(rich: Collected) -> None:
    """Two parts of 512 KiB lie in an unfinished upload: 2^20 / 2^30 GiB."""
    storage = rows(rich, "storage", "bucket")
    plain, cold = storage.loc["plain-bucket"], storage.loc[["cold-bucket"]].iloc[0]
    assert (bool(plain["lifecycle"]), bool(cold["lifecycle"])) == (False, True)
    assert (bool(plain["versioning"]), bool(cold["versioning"])) == (False, True)
    assert plain["incomplete_upload_gib"] == pytest.approx(1 / 1024)
    assert plain["noncurrent_gib"] == 0
    assert pd.isna(cold["noncurrent_gib"])
    assert plain["owner"] == "data"


def test_bucket_that_reports_no_size_is_not_counted_as_empty(rich: Collected) -> None:
    assert "new-bucket" not in rows(rich, "storage", "bucket").index
    assert any("1 buckets report no size" in s for s in rich.snapshot.manifest.assumptions)


def test_bill_holds_machine_learning_services_only_with_bedrock_under_any_name(rich: Collected) -> None:
    billed = rich.snapshot.tables["billed"]
    usage = billed[billed["line_type"] == ""].groupby("service")["cost_usd"].sum()
    assert usage.to_dict() == pytest.approx(
        {
            "Amazon SageMaker": 7000 + 2285.5,
            "Amazon Bedrock": 40,
            "Claude Sonnet 4.5 (Amazon Bedrock Edition)": 12.94,
            "Amazon Simple Storage Service": 10,
        }
    )


def test_tax_and_credits_are_lines_of_their_own(rich: Collected) -> None:
    billed = rich.snapshot.tables["billed"].set_index("line_type")["cost_usd"]
    assert (billed["Tax"], billed["Credit"]) == (700, -50)


def test_cost_of_other_regions_is_left_out_and_told(rich: Collected) -> None:
    assert set(rich.snapshot.tables["billed"]["region"]) == {"us-west-2", ""}
    assert any("$99.00" in s and "eu-central-1" in s for s in rich.snapshot.manifest.assumptions)


def test_bill_period_is_the_days_of_the_window_end_exclusive(rich: Collected) -> None:
    billed = rich.snapshot.tables["billed"]
    assert billed["period_start"].unique().tolist() == [pd.Timestamp("2026-10-21", tz="UTC")]
    assert billed["period_end"].unique().tolist() == [pd.Timestamp("2026-11-20", tz="UTC")]


def test_only_sagemaker_savings_plans_are_commitments(rich: Collected) -> None:
    plan = rows(rich, "commitments", "plan_id")
    assert plan.index.tolist() == ["sp-1"]
    assert plan.loc["sp-1", ["hourly_commitment_usd", "term_years", "upfront_usd"]].tolist() == [1.5, 1, 6570]
    assert plan.loc["sp-1", "payment"] == "partial_upfront"


def test_hyperpod_is_counted_but_not_simulated(rich: Collected) -> None:
    assert any("1 HyperPod clusters exist" in s for s in rich.snapshot.manifest.assumptions)


def test_every_source_ends_with_status_time_and_count(rich: Collected) -> None:
    sources = rich.snapshot.manifest.sources
    assert {s.status for s in sources} == {"ok"}
    assert all(s.at is not None and s.count for s in sources)
    assert len(sources) == 29
