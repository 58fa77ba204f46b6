"""The next run of a job: the last one's request with the scenario's settings, started only when told to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.accounts import snapshot_with
from tests.reports.actions.conftest import client, writes
from tests.reports.actions.strict import problems

REQUEST: dict[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": "1.dkr.ecr.amazonaws.com/train:1", "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::123456789012:role/train",
    "OutputDataConfig": {"S3OutputPath": "s3://data/out"},
    "ResourceConfig": {"InstanceType": "ml.g5.12xlarge", "InstanceCount": 1, "VolumeSizeInGB": 100},
    "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
    "HyperParameters": {"lr": "0.1"},
}  # fmt: skip
CHECKPOINTS = {"S3Uri": "s3://data/checkpoints/tune"}


def live(name, **more):
    client("sagemaker").create_training_job(TrainingJobName=name, **{**REQUEST, **more})


def ran(name="tune-7", **more):
    row = {
        "job_name": name, "owner": "nlp", "instance_type": "ml.g5.12xlarge", "training_seconds": 1800,
        "billable_seconds": 1800,
        "spot_enabled": False, "checkpointing": True, "gpu_utilization_ratio": 0.1, "gpu_memory_ratio": 0.2,
    }  # fmt: skip
    return snapshot_with(training_jobs=[{**row, **more}])


def described(name="tune-7-next"):
    return client("sagemaker").describe_training_job(TrainingJobName=name)


def jobs():
    return {j["TrainingJobName"] for j in client("sagemaker").list_training_jobs()["TrainingJobSummaries"]}


def test_spot_is_a_member_of_the_request_with_time_to_wait_and_the_jobs_own_checkpoints(aws, pack):
    live("tune-7", CheckpointConfig=CHECKPOINTS, Tags=[{"Key": "team", "Value": "nlp"}])
    aws.forget()
    p = pack(ran(), "managed_spot")
    p.run("next_training_job")
    assert writes(aws) == []
    request = json.loads((p.folder / "scripts" / "requests-next" / "tune-7-next.json").read_text())
    assert problems("sagemaker", "CreateTrainingJob", request) == []
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 10800}
    assert request["CheckpointConfig"] == CHECKPOINTS
    assert request["HyperParameters"] == {"lr": "0.1"}
    assert request["Tags"] == [{"Key": "team", "Value": "nlp"}]


def test_a_run_is_started_once_and_undo_stops_it(aws, pack):
    live("tune-7", CheckpointConfig=CHECKPOINTS)
    p = pack(ran(), "managed_spot")
    p.run("next_training_job", "--apply")
    assert described()["EnableManagedSpotTraining"] is True
    assert p.run("next_training_job", "--apply").startswith("as wanted tune-7")
    assert jobs() == {"tune-7", "tune-7-next"}
    p.run("next_training_job", "--undo", "--apply")
    assert described()["TrainingJobStatus"] == "Stopped"


def test_all_training_levers_meet_in_one_request_per_kind_of_job(aws, pack):
    live("tune-7", CheckpointConfig=CHECKPOINTS)
    p = pack(ran(), "managed_spot", "rightsize_training")
    (target,) = p.targets("next_training_job")
    assert target["levers"] == ["rightsize_training", "managed_spot"]
    p.run("next_training_job", "--apply")
    assert described()["ResourceConfig"]["InstanceType"].startswith("ml.g5.")
    assert described()["ResourceConfig"]["InstanceType"] != "ml.g5.12xlarge"
    assert described()["EnableManagedSpotTraining"] is True


@pytest.mark.parametrize("wait", [3600])
def test_a_long_job_without_checkpoints_does_not_go_to_spot(aws, pack, wait):
    live("tune-7")
    p = pack(ran(training_seconds=90_000, billable_seconds=90_000), "managed_spot")
    assert "set CheckpointConfig.S3Uri" in p.run("next_training_job", "--apply")
    assert jobs() == {"tune-7"}
    (target,) = p.targets("next_training_job")
    target["settings"]["CheckpointConfig"]["S3Uri"] = "s3://data/checkpoints/new"
    p.set_targets("next_training_job", [target])
    p.run("next_training_job", "--apply")
    assert described()["CheckpointConfig"]["S3Uri"] == "s3://data/checkpoints/new"
    assert described()["StoppingCondition"]["MaxWaitTimeInSeconds"] == 7200 + wait


def test_a_built_in_algorithm_without_checkpoints_waits_an_hour_at_most(aws, pack):
    live("tune-7", AlgorithmSpecification={"AlgorithmName": "built-in", "TrainingInputMode": "File"})
    pack(ran(), "managed_spot").run("next_training_job", "--apply")
    assert described()["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600}


def test_spot_and_a_warm_pool_are_never_combined(aws, pack):
    live("tune-7", ResourceConfig={**REQUEST["ResourceConfig"], "KeepAlivePeriodInSeconds": 600})
    assert "cannot be combined with spot" in pack(ran(), "managed_spot").run("next_training_job", "--apply")
    assert jobs() == {"tune-7"}


def test_retries_are_for_awss_own_errors_only(aws, pack):
    failed = {"status": "Failed", "owner": "nlp", "training_seconds": 600, "billable_seconds": 600}
    rows = [
        {"job_name": "ours-1", "failure_reason": "AlgorithmError: exit 1", **failed},
        {"job_name": "theirs-1", "failure_reason": "InternalServerError: try again", **failed},
    ]
    p = pack(
        snapshot_with(training_jobs=rows), "failed_jobs", failed_jobs={"preventable_internal_ratio": 0.1}
    )
    (target,) = p.targets("next_training_job")
    assert target["name"] == "theirs-1"
    assert target["settings"] == {"RetryStrategy": {"MaximumRetryAttempts": 2}}
