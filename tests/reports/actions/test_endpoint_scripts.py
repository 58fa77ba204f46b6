"""Auto-scaling, other types, serving beside the old endpoint: dry run, once, undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.accounts import snapshot_with, traffic
from tests.reports.actions.conftest import REGION, client, writes

MODEL = {
    "Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1",
    "ModelDataUrl": "s3://bucket/a/model.tar.gz",
}
ROLE = "arn:aws:iam::123456789012:role/r"


def live(name, *, instance_type="ml.m5.xlarge", count=1, extra_variants=(), **model):
    """An endpoint of one model on the account."""
    sm = client("sagemaker")
    sm.create_model(ModelName=f"{name}-model", ExecutionRoleArn=ROLE, PrimaryContainer=MODEL, **model)
    variants = [
        {
            "VariantName": v, "ModelName": f"{name}-model", "InstanceType": instance_type,
            "InitialInstanceCount": count, "InitialVariantWeight": 1.0,
        }
        for v in ("AllTraffic", *extra_variants)
    ]  # fmt: skip
    sm.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=variants)
    sm.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")


def called(aws, name, variant="AllTraffic"):
    """Three calls an hour ago... two, to be in a complete hour."""
    at = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    dimensions = [["EndpointName", name], ["VariantName", variant]]
    aws.seed({"region": REGION, "metrics": [["AWS/SageMaker", "Invocations", dimensions, [[at, 3.0]]]]})


def serving(name, **more):
    """A row of the snapshot, and its hourly calls: 100 in one hour of ten."""
    row = {"endpoint_name": name, "instance_type": "ml.m5.xlarge", "needs_gpu": False, **more}
    return row, traffic(name, [100 if h % 10 == 0 else 0 for h in range(720)])


def snapshot_of(*rows):
    return snapshot_with(
        endpoints=[r for r, _ in rows], endpoint_traffic=[t for _, calls in rows for t in calls]
    )


def names():
    return {e["EndpointName"] for e in client("sagemaker").list_endpoints()["Endpoints"]}


def scaling(name):
    key = {"ServiceNamespace": "sagemaker", "ResourceIds": [f"endpoint/{name}/variant/AllTraffic"]}
    targets = client("application-autoscaling").describe_scalable_targets(**key)["ScalableTargets"]
    policies = client("application-autoscaling").describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=key["ResourceIds"][0]
    )["ScalingPolicies"]
    return targets, policies


def test_autoscaling_is_set_once_with_the_computed_target_and_undone(aws, pack):
    live("busy", count=4)
    aws.forget()
    p = pack(snapshot_of(serving("busy", instance_count=4, max_rps=2.0)), "autoscale_endpoints")
    p.run("autoscale_endpoints")
    assert writes(aws) == []
    p.run("autoscale_endpoints", "--apply")
    (target,), (policy,) = scaling("busy")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    # 2 calls/s × 0.5 × 60 s
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 60.0
    assert p.run("autoscale_endpoints", "--apply").startswith("as wanted busy")
    client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="busy",
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": 1}],
    )
    p.run("autoscale_endpoints", "--undo", "--apply")
    assert scaling("busy") == ([], [])
    (variant,) = client("sagemaker").describe_endpoint(EndpointName="busy")["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 4


def test_autoscaling_leaves_what_scales_by_other_rules_or_runs_one_instance(aws, pack):
    live("scales", count=4)
    live("lonely", count=1)
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker", ResourceId="endpoint/scales/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount", MinCapacity=2, MaxCapacity=9,
    )  # fmt: skip
    aws.forget()
    rows = [serving(n, instance_count=4, max_rps=2.0) for n in ("scales", "lonely")]
    said = pack(snapshot_of(*rows), "autoscale_endpoints").run("autoscale_endpoints", "--apply")
    assert "leave scales: scales already" in said
    assert "leave lonely: runs no more than the minimum" in said
    assert writes(aws) == []


def test_a_smaller_type_is_a_new_configuration_and_undo_moves_back(aws, pack):
    live("large", instance_type="ml.m5.2xlarge", count=2)
    aws.forget()
    row = serving(
        "large", instance_type="ml.m5.2xlarge", instance_count=2, max_rps=50.0, model_gib=2.0,
        cpu_utilization_ratio=0.1, memory_utilization_ratio=0.1,
    )  # fmt: skip
    p = pack(snapshot_of(row), "rightsize_endpoints")
    said = p.run("endpoint_config")
    assert "2 × ml.m5.xlarge" in said
    assert writes(aws) == []
    p.run("endpoint_config", "--apply")
    sm = client("sagemaker")
    new = sm.describe_endpoint(EndpointName="large")["EndpointConfigName"]
    (variant,) = sm.describe_endpoint_config(EndpointConfigName=new)["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"], variant["ModelName"]) == (
        "ml.m5.xlarge", 2, "large-model",
    )  # fmt: skip
    assert p.run("endpoint_config", "--apply").startswith("as wanted")
    p.run("endpoint_config", "--undo", "--apply")
    assert sm.describe_endpoint(EndpointName="large")["EndpointConfigName"] == "large-config"
    assert [c["EndpointConfigName"] for c in sm.list_endpoint_configs()["EndpointConfigs"]] == [
        "large-config"
    ]


def test_a_type_that_changed_since_the_plan_is_left(aws, pack):
    live("large", instance_type="ml.m5.4xlarge", count=2)
    row = serving(
        "large", instance_type="ml.m5.2xlarge", instance_count=2, max_rps=50.0, model_gib=2.0,
        cpu_utilization_ratio=0.1, memory_utilization_ratio=0.1,
    )  # fmt: skip
    said = pack(snapshot_of(row), "rightsize_endpoints").run("endpoint_config", "--apply")
    assert "runs on ml.m5.4xlarge, not on ml.m5.2xlarge as the plan found it" in said


def test_a_leftover_variant_goes_only_while_nobody_calls_it(aws, pack):
    live("rollout", extra_variants=("canary",))
    rows = [
        {"endpoint_name": "rollout", "variant_name": v, "instance_type": "ml.m5.xlarge"}
        for v in ("AllTraffic", "canary")
    ]
    calls = [*traffic("rollout", [5] * 720), *traffic("rollout", [0] * 720, variant="canary")]
    p = pack(snapshot_with(endpoints=rows, endpoint_traffic=calls), "endpoint_hygiene")
    called(aws, "rollout", "canary")
    assert "was called in the quiet period" in p.run("endpoint_config", "--apply")
    aws.reset()
    live("rollout", extra_variants=("canary",))
    p.run("endpoint_config", "--apply")
    sm = client("sagemaker")
    config = sm.describe_endpoint(EndpointName="rollout")["EndpointConfigName"]
    variants = sm.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    assert [v["VariantName"] for v in variants] == ["AllTraffic"]


def serverless_snapshot():
    return snapshot_of(serving("small", model_gib=1.0, latency_ms=200, instance_count=1))


def test_serverless_is_made_beside_the_old_endpoint_which_retires_when_nobody_calls_it(aws, pack):
    live("small")
    aws.forget()
    p = pack(serverless_snapshot(), "serverless")
    p.run("new_endpoint")
    assert writes(aws) == []
    p.run("new_endpoint", "--apply")
    assert names() == {"small", "small-serverless"}
    (variant,) = client("sagemaker").describe_endpoint_config(EndpointConfigName="small-serverless")[
        "ProductionVariants"
    ]
    # 1 GiB × 1.5 → 2 GB
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 1}
    assert variant["ModelName"] == "small-model"
    assert p.run("new_endpoint", "--apply").startswith("as wanted small")
    called(aws, "small")
    assert "was still called" in p.run("new_endpoint", "--retire", "--apply")
    assert "small" in names()


def test_retiring_and_undoing_leaves_the_account_as_it_was(aws, pack):
    live("small")
    p = pack(serverless_snapshot(), "serverless")
    p.run("new_endpoint", "--apply")
    p.run("new_endpoint", "--retire", "--apply")
    assert names() == {"small-serverless"}
    p.run("new_endpoint", "--undo", "--apply")
    assert names() == {"small"}
    configs = client("sagemaker").list_endpoint_configs()["EndpointConfigs"]
    assert [c["EndpointConfigName"] for c in configs] == ["small-config"]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"extra_variants": ("b",)}, "has several variants"),
        ({"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}}, "runs in a VPC"),
    ],
)
def test_serverless_is_not_made_where_aws_forbids_it(aws, pack, made, reason):
    live("small", **made)
    assert reason in pack(serverless_snapshot(), "serverless").run("new_endpoint", "--apply")
    assert names() == {"small"}


def test_a_multi_model_endpoint_gets_a_model_of_that_mode_over_the_prefix(aws, pack):
    rows = []
    for name in ("one", "two", "three"):
        live(name)
        rows.append(
            serving(
                name,
                model_gib=1.0,
                container="xgboost",
                instance_count=1,
                max_rps=50.0,
                cpu_utilization_ratio=0.05,
            )
        )
    p = pack(snapshot_of(*rows), "multi_model")
    assert "set model_data_prefix" in p.run("new_endpoint", "--apply")
    (target,) = p.targets("new_endpoint")
    target["model"]["model_data_prefix"] = "s3://bucket/models/"
    p.set_targets("new_endpoint", [target])
    p.run("new_endpoint", "--apply")
    model = client("sagemaker").describe_model(ModelName="multi-model-1")
    assert model["PrimaryContainer"]["Mode"] == "MultiModel"
    assert model["PrimaryContainer"]["ModelDataUrl"] == "s3://bucket/models/"
    assert model["PrimaryContainer"]["Image"] == MODEL["Image"]
    assert names() == {"one", "two", "three", "multi-model-1"}
    p.run("new_endpoint", "--undo", "--apply")
    assert names() == {"one", "two", "three"}
    assert {m["ModelName"] for m in client("sagemaker").list_models()["Models"]} == {
        "one-model",
        "two-model",
        "three-model",
    }


def test_an_asynchronous_endpoint_needs_a_place_for_its_answers(aws, pack):
    live("queue")
    p = pack(
        snapshot_of(serving("queue", instance_count=1, async_tolerant=True, latency_ms=900)),
        "async_inference",
    )
    assert "set S3OutputPath" in p.run("new_endpoint", "--apply")
    (target,) = p.targets("new_endpoint")
    target["async_config"]["OutputConfig"]["S3OutputPath"] = "s3://bucket/answers/"
    p.set_targets("new_endpoint", [target])
    p.run("new_endpoint", "--apply")
    config = client("sagemaker").describe_endpoint_config(EndpointConfigName="queue-async")
    assert config["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"] == "s3://bucket/answers/"
