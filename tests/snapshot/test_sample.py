"""The shipped samples: `report` says what the report says, `team` has what every lever family needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scripts.make_samples import report_account
from scripts.team.account import team_account
from simulator.snapshot.sample import FOLDER, SAMPLES, load_sample
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import Snapshot, load_snapshot, save_snapshot

SHARED = Path(__file__).parents[2].parent / "shared"
FACTS = SHARED / "facts"


def team(table: str) -> pd.DataFrame:
    """A table of `team`."""
    return load_sample("team").tables[table]


def calls_by_hour() -> pd.DataFrame:
    """Calls of `team`, one row per variant, one column per hour."""
    return team("endpoint_traffic").pivot(
        index=["endpoint_name", "variant_name"], columns="hour", values="invocations"
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_pass_the_checks_that_loading_them_skips(name: str) -> None:
    assert load_snapshot(FOLDER / name).fingerprint() == load_sample(name).fingerprint()


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_stored_in_the_form_we_save(name: str, tmp_path: Path) -> None:
    save_snapshot(load_sample(name), tmp_path / name)
    for file in sorted((FOLDER / name).iterdir()):
        assert (tmp_path / name / file.name).read_bytes() == file.read_bytes(), file.name


def test_unknown_sample_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="team, report"):
        load_sample("teem")


# ---- report: figures from the report itself


def report(table: str) -> pd.DataFrame:
    """A table of `report`."""
    return load_sample("report").tables[table]


def test_report_sample_is_what_its_script_writes() -> None:
    assert report_account().fingerprint() == load_sample("report").fingerprint()


def test_report_has_nine_jobs_of_which_eight_failed() -> None:
    jobs = report("training_jobs")
    assert jobs["status"].value_counts().to_dict() == {"Failed": 8, "Completed": 1}
    assert set(jobs["instance_type"]) == {"ml.g5.12xlarge"}
    assert (jobs["training_seconds"] == 0.13 * 3600).all()
    assert (jobs["failure_reason"] == "").all()


def test_report_has_four_endpoints_in_service_and_seventeen_failed() -> None:
    endpoints = report("endpoints").set_index("endpoint_name")
    assert endpoints["status"].value_counts().to_dict() == {"Failed": 17, "InService": 4}
    types = endpoints["instance_type"]
    assert types["llama3-endpoint-1"] == types["qwen-vl-endpoint-4"] == "ml.g5.2xlarge"
    for name in ("model-endpoint-2", "llama3-endpoint-3"):
        assert types[name] == ""
        assert np.isnan(endpoints["instance_count"][name])


def test_report_knows_only_that_two_endpoints_were_not_called_on_the_last_day() -> None:
    traffic = report("endpoint_traffic")
    end = pd.Timestamp(load_sample("report").manifest.window_end)
    assert set(traffic["endpoint_name"]) == {"llama3-endpoint-1", "qwen-vl-endpoint-4"}
    assert traffic.groupby("endpoint_name").size().to_list() == [24, 24]
    assert (traffic["invocations"] == 0).all()
    assert traffic["hour"].min() == end - pd.Timedelta(hours=24)


def test_report_tokens_are_unknown_and_not_zero() -> None:
    (row,) = report("bedrock").to_dict("records")
    assert (row["requests"], row["cost_usd"]) == (1642, 52.94)
    assert np.isnan(row["input_tokens"])
    assert np.isnan(row["output_tokens"])


def test_report_storage_and_bill_add_up_to_the_reports_totals() -> None:
    assert report("storage")["gib"].sum() == pytest.approx(306.41)
    billed = report("billed").groupby("component")["cost_usd"].sum()
    assert billed["hosting"] + billed["training"] == 9285.50
    assert (billed["hosting"], billed["bedrock"], billed["storage"]) == (7000, 52.94, 10)


def test_report_says_in_sentences_what_was_assumed() -> None:
    text = " ".join(load_sample("report").manifest.assumptions)
    for word in ("undated", "1 instance", "468 seconds", "invented", "remainder", "not 0"):
        assert word in text


# ---- team


def test_team_is_as_large_as_promised() -> None:
    assert load_sample("team").window_hours == 720
    assert len(team("endpoints")) >= 24
    assert len(calls_by_hour()) >= 24
    assert len(team("training_jobs")) >= 320
    assert team("bedrock")["model_id"].nunique() >= 7
    assert team("storage")["bucket"].nunique() >= 32
    assert set(team("compute")["kind"]) == {"notebook", "studio", "processing", "transform"}


def test_team_bill_gives_every_family_something_to_save() -> None:
    billed = team("billed").groupby("component")["cost_usd"].sum()
    total_usd = billed.sum()
    assert 60_000 <= total_usd <= 120_000
    shares = {
        "training": (0.25, 0.45),
        "hosting": (0.30, 0.50),
        "bedrock": (0.08, 0.20),
        "storage": (0.03, 0.10),
    }
    for component, (low, high) in shares.items():
        assert low <= billed[component] / total_usd <= high, component


def test_team_traffic_has_idle_weekly_office_hours_and_unobserved_endpoints() -> None:
    calls = calls_by_hour().droplevel("variant_name")
    idle = calls.index[(calls == 0).all(axis=1)]
    assert {"marketing-copy-llm", "demo-multimodal", "legacy-translate"} == set(idle)
    days = calls.loc["image-tagging"].to_numpy().reshape(30, 24).sum(axis=1)
    assert 4 <= (days > 0).sum() <= 5
    office = calls.loc["contract-qa-llm"]
    hours = pd.DatetimeIndex(office.index)
    assert (office[(hours.hour < 8) | (hours.day_of_week >= 5)] == 0).all()
    assert calls.loc["defect-vision"].isna().sum() == 26
    assert "shelf-vision-pilot" not in calls.index


def test_team_endpoints_exercise_every_endpoint_lever() -> None:
    endpoints = team("endpoints")
    assert set(endpoints["mode"]) == {"", "async", "serverless", "components"}
    assert endpoints["keep"].fillna(False).sum() == 1
    assert endpoints["shadow"].sum() == 1
    assert (endpoints["scaling_max"] > endpoints["scaling_min"]).sum() >= 2
    assert endpoints["async_tolerant"].sum() >= 2
    assert endpoints["offline"].sum() >= 2
    small = endpoints[(endpoints["container"] == "xgboost") & (endpoints["model_gib"] < 0.1)]
    assert len(small) >= 4
    assert (
        endpoints["max_rps"].isna()
        & (endpoints["instance_type"] != "")
        & (endpoints["status"] == "InService")
    ).any()


def test_team_never_serves_more_calls_than_its_endpoints_can() -> None:
    endpoints = team("endpoints").set_index(["endpoint_name", "variant_name"])
    instances = endpoints["scaling_max"].fillna(endpoints["instance_count"])
    capacity = (instances * endpoints["max_rps"] * 3600).dropna()
    peak = calls_by_hour().max(axis=1).reindex(capacity.index).dropna()
    assert (peak <= capacity[peak.index]).all()
    assert (peak < capacity[peak.index] / 2.5).sum() >= 5  # some are over-provisioned


def test_team_jobs_exercise_every_training_lever() -> None:
    jobs = team("training_jobs")
    assert jobs["owner"].nunique() >= 5
    assert len(set(jobs["failure_reason"].str.partition(":")[0]) - {""}) == 4
    assert ((jobs["status"] == "Failed") == (jobs["failure_reason"] != "")).all()
    spot = jobs[jobs["spot_enabled"].fillna(False) & jobs["billable_seconds"].notna()]
    assert (spot["billable_seconds"] < spot["training_seconds"]).all()
    assert (spot["status"] == "Completed").sum() >= 3
    long_jobs = jobs[jobs["training_seconds"] > 6 * 3600]
    assert set(long_jobs["checkpointing"].dropna()) == {True, False}
    assert (jobs["tuning_job"] != "").sum() >= 30
    assert (jobs["warm_pool_seconds"] > 0).any()
    assert jobs["instance_count"].max() > 1


def test_team_bedrock_has_cached_and_uncached_tokens_and_batch() -> None:
    bedrock = team("bedrock")
    assert bedrock["cache_read_tokens"].notna().any()
    assert (bedrock["cacheable_ratio"].notna() & bedrock["cache_read_tokens"].isna()).any()
    assert "batch" in set(bedrock["tier"])
    assert bedrock.groupby(["model_id", "region", "tier", "scope"]).size().eq(30).all()


def test_team_storage_exercises_every_storage_lever() -> None:
    storage = team("storage")
    assert len(set(storage["storage_class"])) >= 6
    for column in ("noncurrent_gib", "incomplete_upload_gib", "failed_artifact_gib"):
        assert (storage[column] > 0).sum() >= 3, column
    assert (storage["small_objects"] / storage["objects"] > 0.8).any()
    assert storage["compressible"].fillna(False).any()
    assert storage["lifecycle"].fillna(False).any()


def test_team_has_a_savings_plan_in_force_at_the_end_of_the_window() -> None:
    (plan,) = team("commitments").to_dict("records")
    assert plan["hourly_commitment_usd"] == 2.5
    assert plan["start"] < pd.Timestamp(load_sample("team").manifest.window_start)
    assert plan["end"] > pd.Timestamp(load_sample("team").manifest.window_end)


def test_team_is_drawn_from_the_traces_by_the_script() -> None:
    if not (SHARED / "data").is_dir():
        pytest.skip(
            "the traces (../shared/data) are not beside the project: cannot draw the team sample again"
        )
    drawn = team_account(SHARED / "data")
    for name in TABLES:
        if name != "billed":  # its prices follow the price book
            pd.testing.assert_frame_equal(drawn.tables[name], team(name))


def test_every_type_and_model_of_team_has_a_price_in_the_facts() -> None:
    if not FACTS.is_dir():
        pytest.skip(
            "the facts (../shared/facts) are not beside the project: cannot compare the team sample with them"
        )
    priced = set(pd.read_csv(FACTS / "sagemaker_instances.csv")["instance_type"])
    for table in ("training_jobs", "endpoints", "compute"):
        assert set(team(table)["instance_type"]) - {""} <= priced
    models = set(pd.read_csv(FACTS / "bedrock_models.csv")["model_id"])
    for row in team("bedrock").drop_duplicates(["model_id", "scope"]).to_dict("records"):
        prefix = "" if row["scope"] == "in_region" else f"{row['scope']}."
        assert prefix + row["model_id"] in models


def test_sample_is_loaded_once_for_all() -> None:
    first: Snapshot = load_sample("report")
    assert load_sample("report") is first
