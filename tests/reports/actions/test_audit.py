"""The broken samples of the report the product grew from (audit section 3), and what stands in their place here."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.accounts import snapshot_with, traffic
from tests.reports.actions.strict import problems
from tests.reports.actions.test_bucket_scripts import buckets
from tests.reports.actions.test_endpoint_scripts import serving, snapshot_of

JOB = {
    "TrainingJobName": "j", "RoleArn": "arn:aws:iam::123456789012:role/r", "OutputDataConfig": {"S3OutputPath": "s3://b/o"},
    "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
}  # fmt: skip
VARIANT = {"VariantName": "v", "ModelName": "m"}
SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 4096, "MaxConcurrency": 5}}
TOO_LARGE = {"ServerlessConfig": {"MemorySizeInMB": 8192, "MaxConcurrency": 5}}
NO_SUCH_TYPE = {"InstanceType": "ml.nope.xlarge", "InitialInstanceCount": 1}
BROKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "spot settings inside ResourceConfig": (
        "CreateTrainingJob",
        {
            **JOB, "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "ResourceConfig": {
                "InstanceType": "ml.g5.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30, "UseSpotInstances": True,
                "MaxWaitTimeInSeconds": 3600,
            },
        },
    ),
    "EndpointName in CreateEndpointConfig": (
        "CreateEndpointConfig",
        {"EndpointName": "e", "EndpointConfigName": "c", "ProductionVariants": [{**VARIANT, **SERVERLESS}]},
    ),
    "ProductionVariants in CreateEndpoint": (
        "CreateEndpoint",
        {"EndpointName": "e", "EndpointConfigName": "c", "ProductionVariants": [VARIANT]},
    ),
    "a serverless size that does not exist": (
        "CreateEndpointConfig",
        {"EndpointConfigName": "c", "ProductionVariants": [{**VARIANT, **TOO_LARGE}]},
    ),
    "an instance type that does not exist": (
        "CreateEndpointConfig",
        {"EndpointConfigName": "c", "ProductionVariants": [{**VARIANT, **NO_SUCH_TYPE}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_our_check_refuses_the_broken_form(name):
    operation, parameters = BROKEN[name]
    assert problems("sagemaker", operation, parameters) != []


def test_our_check_refuses_the_legacy_lifecycle_form():
    rule = {
        "ID": "r",
        "Status": "Enabled",
        "Prefix": "models/",
        "Transition": {"Days": 90, "StorageClass": "GLACIER"},
    }
    call = {"Bucket": "b", "LifecycleConfiguration": {"Rules": [rule]}}
    assert "Transition" in problems("s3", "PutBucketLifecycleConfiguration", call)[0]


def requests_of(p, operation):
    found = [json.loads(t) for path, t in p.files.items() if path.endswith(f"-{operation}.json")]
    assert found, f"no request {operation}"
    return found


def test_1_1_idle_endpoints_are_judged_anew_and_no_list_is_in_the_code(pack):
    p = pack(
        snapshot_with(endpoints=[{"endpoint_name": "idle"}], endpoint_traffic=traffic("idle", [0] * 720)),
        "stop_idle_endpoints",
    )
    code = p.files["scripts/stop_idle_endpoints.py"]
    assert "idle-" not in code
    for condition in ("calls_received", "check_veto", "CreationTime", "InService"):
        assert condition in code


def test_1_2_lifecycle_rules_have_a_filter_and_transitions_and_archive_no_models(pack):
    p = pack(snapshot_with(storage=[buckets()]), "s3_lifecycle")
    (call,) = requests_of(p, "PutBucketLifecycleConfiguration")
    assert problems("s3", "PutBucketLifecycleConfiguration", call) == []
    (rule,) = call["LifecycleConfiguration"]["Rules"]
    assert rule["Filter"] == {"ObjectSizeGreaterThan": 131072}
    assert {t["StorageClass"] for t in rule["Transitions"]} <= {"STANDARD_IA", "GLACIER_IR"}
    assert "Prefix" not in rule
    assert "Transition" not in rule


def test_1_3_clean_up_asks_the_job_for_its_prefix_and_pages(pack):
    rows = [{"job_name": "job-1", "status": "Failed", "billable_seconds": 60, "training_seconds": 60}]
    p = pack(snapshot_with(storage=[buckets()], training_jobs=rows), "failed_artifacts_cleanup")
    code = p.files["scripts/failed_artifacts_cleanup.py"]
    assert "S3OutputPath" in code
    assert re.search(r"aws\.pages\(region, \"s3\", \"list_objects_v2\"", code)
    assert "--older-than" in code


def test_2_1_spot_stands_at_the_top_with_more_wait_than_run(pack):
    row = {
        "job_name": "j-1",
        "training_seconds": 1800,
        "billable_seconds": 1800,
        "spot_enabled": False,
        "checkpointing": True,
    }
    (call,) = requests_of(pack(snapshot_with(training_jobs=[row]), "managed_spot"), "CreateTrainingJob")
    assert problems("sagemaker", "CreateTrainingJob", call) == []
    assert call["EnableManagedSpotTraining"] is True
    stop = call["StoppingCondition"]
    assert stop["MaxWaitTimeInSeconds"] > stop["MaxRuntimeInSeconds"]
    assert call["CheckpointConfig"]["S3Uri"].startswith("s3://")
    assert not {"UseSpotInstances", "MaxWaitTimeInSeconds", "MaxRuntimeInSeconds"} & set(
        call["ResourceConfig"]
    )


def test_2_2_serverless_is_two_calls_and_for_cpu_models_only(pack):
    small = serving("small", model_gib=1.0, latency_ms=200, instance_count=1)
    on_gpu = serving("llm", model_gib=3.0, latency_ms=200, instance_type="ml.g5.2xlarge", needs_gpu=True)
    p = pack(snapshot_of(small, on_gpu), "serverless")
    (config,), (endpoint,) = requests_of(p, "CreateEndpointConfig"), requests_of(p, "CreateEndpoint")
    assert problems("sagemaker", "CreateEndpointConfig", config) == []
    assert problems("sagemaker", "CreateEndpoint", endpoint) == []
    assert endpoint == {"EndpointName": "small-serverless", "EndpointConfigName": "small-serverless"}


def test_2_3_multi_model_is_a_model_of_that_mode_over_a_prefix(pack):
    rows = [
        serving(
            n, model_gib=1.0, container="xgboost", instance_count=1, max_rps=50.0, cpu_utilization_ratio=0.05
        )
        for n in ("one", "two", "three")
    ]
    p = pack(snapshot_of(*rows), "multi_model")
    (model,) = requests_of(p, "CreateModel")
    assert problems("sagemaker", "CreateModel", model) == []
    assert model["PrimaryContainer"]["Mode"] == "MultiModel"
    assert model["PrimaryContainer"]["ModelDataUrl"].endswith("/")
    (config,) = requests_of(p, "CreateEndpointConfig")
    assert config["ProductionVariants"][0]["ModelName"] == model["ModelName"]
