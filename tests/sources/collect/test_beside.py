"""Log groups, file systems and MLflow servers of the account RICH, by hand from its seed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from simulator.sources.collect import Collected


def rows(rich: Collected) -> Any:
    return rich.snapshot.tables["services"].set_index("name")


def test_log_groups_of_sagemaker_and_bedrock_have_size_retention_and_age(rich: Collected) -> None:
    """No retention is for ever, which is 0; other services' log groups stay out."""
    found = rows(rich)
    training, calls = found.loc["/aws/sagemaker/TrainingJobs"], found.loc["/aws/bedrock/calls"]
    assert (training["gib"], training["retention_days"]) == (5.0, 0)
    assert (calls["gib"], calls["retention_days"], pd.isna(calls["created_at"])) == (1.0, 30, True)
    assert "/aws/lambda/other" not in found.index


def test_the_file_system_of_studio_is_told_by_sagemakers_tag(rich: Collected) -> None:
    studio = rows(rich).loc["fs-studio"]
    assert studio[["kind", "size", "gib", "cold_gib", "owner"]].tolist() == [
        "efs",
        "elastic",
        300.0,
        100.0,
        "data",
    ]
    assert pd.isna(studio["gib_not_accessed_30d"])
    assert "fs-web" not in rows(rich).index


def test_a_lustre_file_system_has_its_price_class_its_hours_and_its_bucket(rich: Collected) -> None:
    lustre = rows(rich).loc["fs-0123456789a"]
    assert lustre[["size", "gib", "unit_hours", "in_s3"]].tolist() == ["PERSISTENT_2-125", 1200.0, 50.0, True]
    assert "fs-0123456789b" not in rows(rich).index


def test_a_running_mlflow_server_has_the_hours_of_the_window_and_stopped_ones_are_told(
    rich: Collected,
) -> None:
    found, manifest = rows(rich), rich.snapshot.manifest
    window = (manifest.window_end - manifest.window_start).total_seconds() / 3600
    assert (found.loc["runs", "size"], found.loc["runs", "unit_hours"]) == ("Small", window)
    assert "old-runs" not in found.index
    assert any("1 MLflow servers do not run now" in s for s in manifest.assumptions)
