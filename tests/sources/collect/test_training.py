"""Training jobs of the account RICH (accounts.py), expected values worked out by hand from its seed."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from simulator.sources.collect import Collected


@pytest.fixture
def jobs(rich: Collected) -> Any:
    return rich.snapshot.tables["training_jobs"].set_index("job_name")


def test_failed_job_is_still_billed(jobs: Any) -> None:
    assert jobs.loc["broken", "status"] == "Failed"
    assert jobs.loc["broken", "billable_seconds"] == 600


def test_failure_reason_with_line_breaks_is_one_row(jobs: Any) -> None:
    assert jobs.loc["broken", "failure_reason"] == "AlgorithmError: line one line two"


def test_job_that_never_started_is_billed_nothing(jobs: Any) -> None:
    assert jobs.loc["never-started", ["training_seconds", "billable_seconds"]].tolist() == [0, 0]


def test_spot_job_keeps_the_billable_time_aws_reports(jobs: Any) -> None:
    spot = jobs.loc["spot"]
    assert bool(spot["spot_enabled"])
    assert bool(spot["checkpointing"])
    assert (spot["training_seconds"], spot["billable_seconds"], spot["max_wait_seconds"]) == (
        3600,
        1200,
        9000,
    )


def test_job_that_began_before_the_window_counts_its_time_inside(jobs: Any, rich: Collected) -> None:
    """721 h before the end for 2 h: one of the two hours lies in the 720 h window."""
    assert jobs.loc["straddles", ["training_seconds", "billable_seconds"]].tolist() == [3600, 3600]
    assert any("1 jobs began before the window" in s for s in rich.snapshot.manifest.assumptions)


def test_running_job_has_run_until_the_end_of_the_window(jobs: Any) -> None:
    running = jobs.loc["runs"]
    assert running["status"] == "InProgress"
    assert running["training_seconds"] == 2 * 3600
    assert pd.isna(running["billable_seconds"])


def test_heterogeneous_cluster_gives_one_row_a_group(jobs: Any) -> None:
    assert jobs.loc["mixed/gpu", ["instance_type", "instance_count"]].tolist() == ["ml.g5.2xlarge", 2]
    assert jobs.loc["mixed/cpu", ["instance_type", "instance_count"]].tolist() == ["ml.c5.xlarge", 1]


def test_warm_pool_and_phases_are_kept(jobs: Any) -> None:
    warm = jobs.loc["warm"]
    assert bool(warm["warm_pool_enabled"])
    assert warm["warm_pool_seconds"] == 480
    assert (warm["download_seconds"], warm["upload_seconds"]) == (180, 180)


def test_tuning_child_names_its_tuning_job(jobs: Any) -> None:
    assert jobs.loc["broken", "tuning_job"] == "hunt"
    assert jobs.loc["plain", "tuning_job"] == ""


def test_utilisation_is_divided_by_the_number_of_devices(jobs: Any) -> None:
    """ml.g5.12xlarge: 4 GPUs, 48 vCPUs. GPU mean (100 + 300) / 2 = 200 %; memory peak 200 %; CPU 480 %."""
    plain = jobs.loc["plain"]
    assert plain["gpu_utilization_ratio"] == pytest.approx(200 / 100 / 4)
    assert plain["gpu_memory_ratio"] == pytest.approx(200 / 100 / 4)
    assert plain["cpu_utilization_ratio"] == pytest.approx(480 / 100 / 48)


def test_silent_metric_is_unknown_utilisation_not_zero(jobs: Any) -> None:
    assert pd.isna(jobs.loc["spot", "gpu_utilization_ratio"])


def test_job_on_an_unknown_instance_type_is_kept_by_name(jobs: Any) -> None:
    """No list knows it: it stays in the account, with a cost that is unknown and is said to be."""
    assert jobs.loc["future", "instance_type"] == "ml.z99.huge"


def test_owner_comes_from_the_tag_whatever_its_case(jobs: Any) -> None:
    assert jobs.loc["plain", "owner"] == "vision"
    assert jobs.loc["spot", "tags"] == "{}"


def test_times_are_utc(jobs: Any) -> None:
    expected: Any = datetime(2026, 11, 12, 2, tzinfo=UTC)
    assert jobs.loc["plain", "started_at"] == expected
