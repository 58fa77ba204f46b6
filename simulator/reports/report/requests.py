"""Example calls for a report: valid AWS requests with the account's own names. Text only; nothing is sent.

Each shape is checked against botocore's service model in tests. The action pack holds the full, careful
scripts (dry run, re-check, undo); these show what the change is. Source: AWS API references; DOMAIN section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pprint import pformat
from typing import Any

import numpy as np

from simulator.engine.simulate import Result, Step

ROLE = "arn:aws:iam::111122223333:role/your-execution-role"
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/your-image:tag"
BUCKET = "s3://your-bucket"
SMALL_OBJECT_BYTES = 131_072
LARGEST_SERVERLESS_GIB = 6


@dataclass(frozen=True)
class Request:
    """One call: service, operation in snake case, parameters, region, and a remark above it."""

    service: str
    operation: str
    parameters: dict[str, Any]
    region: str
    remark: str = ""

    def as_python(self) -> str:
        """The call as boto3 code; every value is a Python literal, whatever a name contains."""
        body = ",\n".join(f"    {k}={_literal(v)}" for k, v in self.parameters.items())
        remark = f"# {self.remark}\n" if self.remark else ""
        return f"{remark}boto3.client({self.service!r}, region_name={self.region!r}).{self.operation}(\n{body},\n)"


def _literal(value: Any) -> str:
    return pformat(value, width=90, sort_dicts=False).replace("\n", "\n    ")


def examples(result: Result, lever_id: str) -> list[Request]:
    """What a lever asks AWS for, on the dearest resource it changes; nothing where a call would say little."""
    make = _MAKERS.get(lever_id)
    step = next((s for s in result.steps if s.lever.id == lever_id), None)
    if make is None or step is None:
        return []
    row = _dearest(result, step)
    return make(result, step, row) if row >= 0 else []


def _dearest(result: Result, step: Step) -> int:
    """Row of the dearest resource the lever may touch; 0 for levers on no table, -1 for none."""
    name = step.lever.table
    if not name:
        return 0
    applies = step.lever.verdicts(step.before).applies
    if not applies.any():
        return -1
    cost = result.baseline.charges.by_resource(name, len(applies))
    return int(np.argmax(np.where(applies, cost, -np.inf)))


def _region(step: Step, row: int) -> str:
    table = step.before.table(step.lever.table)
    code = table.region[row]
    return step.before.catalog.regions[code] if code >= 0 else "us-east-1"


def _endpoint(step: Step, row: int) -> tuple[str, str]:
    """Name of the endpoint and of its variant."""
    e = step.before.endpoints
    name, whole = str(e.endpoint_name[row]), str(e.resource_id[row])
    rest = whole.removeprefix(name).lstrip("/:")
    return name, rest or "AllTraffic"


def _safe(name: str, end: str) -> str:
    """A name AWS accepts for a new thing, made from an old one."""
    return (re.sub(r"[^A-Za-z0-9-]", "-", name).strip("-")[: 60 - len(end)] or "model") + end


def _delete_endpoint(result: Result, step: Step, row: int) -> list[Request]:
    name, _ = _endpoint(step, row)
    remark = (
        "Check again that nobody calls it. Its configuration and model stay, so that it can be made anew."
    )
    return [Request("sagemaker", "delete_endpoint", {"EndpointName": name}, _region(step, row), remark)]


def _spot(result: Result, step: Step, row: int) -> list[Request]:
    t = step.before.training
    kind = t.instance_type[row]
    runtime = 86_400 if np.isnan(t.max_runtime_hours[row]) else round(float(t.max_runtime_hours[row]) * 3600)
    return [
        Request(
            "sagemaker", "create_training_job",
            {
                "TrainingJobName": _safe(str(t.resource_id[row]), "-spot"),
                "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
                "RoleArn": ROLE,
                "OutputDataConfig": {"S3OutputPath": f"{BUCKET}/training-output/"},
                "ResourceConfig": {
                    "InstanceType": step.before.catalog.instance_types[kind] if kind >= 0 else "ml.m5.xlarge",
                    "InstanceCount": max(int(np.nan_to_num(t.instance_count[row])), 1),
                    "VolumeSizeInGB": 30,
                },
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {
                    "MaxRuntimeInSeconds": max(runtime, 1), "MaxWaitTimeInSeconds": 2 * max(runtime, 1),
                },
                "CheckpointConfig": {"S3Uri": f"{BUCKET}/checkpoints/"},
            },
            _region(step, row),
            "Spot is set at the top level, and the wait is longer than the run.",
        )
    ]  # fmt: skip


def _scaling(result: Result, step: Step, row: int) -> list[Request]:
    name, variant = _endpoint(step, row)
    count = max(int(np.nan_to_num(step.before.endpoints.instance_count[row])), 1)
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{name}/variant/{variant}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    policy = {
        "TargetValue": 60.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    region = _region(step, row)
    return [
        Request(
            "application-autoscaling", "register_scalable_target", target | {"MinCapacity": 1, "MaxCapacity": count},
            region, "An instance variant keeps at least one instance.",
        ),
        Request(
            "application-autoscaling", "put_scaling_policy",
            {
                "PolicyName": "invocations-per-instance", **target, "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": policy,
            },
            region, "Target: half of the calls a minute one instance was seen to bear in a load test.",
        ),
    ]  # fmt: skip


def _serverless(result: Result, step: Step, row: int) -> list[Request]:
    e = step.before.endpoints
    memory = min(
        max(int(np.ceil(np.nan_to_num(e.serverless_memory_gib[row], nan=4.0))), 1), LARGEST_SERVERLESS_GIB
    )
    config = _safe(str(e.endpoint_name[row]), "-serverless")
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": _model(step, row),
        "ServerlessConfig": {"MemorySizeInMB": memory * 1024, "MaxConcurrency": 5},
    }
    region = _region(step, row)
    return [
        Request(
            "sagemaker", "create_endpoint_config",
            {"EndpointConfigName": config, "ProductionVariants": [variant]}, region,
        ),
        Request(
            "sagemaker", "create_endpoint", {"EndpointName": config, "EndpointConfigName": config}, region,
            "A new endpoint: AWS does not convert one from instances to serverless.",
        ),
    ]  # fmt: skip


def _model(step: Step, row: int) -> str:
    return _safe(str(step.before.endpoints.model_name[row]) or "your-model", "")


def _async(result: Result, step: Step, row: int) -> list[Request]:
    kind = step.before.endpoints.instance_type[row]
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": _model(step, row),
        "InstanceType": step.before.catalog.instance_types[kind],
        "InitialInstanceCount": 1,
    }
    return [
        Request(
            "sagemaker", "create_endpoint_config",
            {
                "EndpointConfigName": _safe(str(step.before.endpoints.endpoint_name[row]), "-async"),
                "ProductionVariants": [variant],
                "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": f"{BUCKET}/async-output/"}},
            },
            _region(step, row), "The endpoint then takes asynchronous calls only.",
        )
    ]  # fmt: skip


def _multi_model(result: Result, step: Step, row: int) -> list[Request]:
    return [
        Request(
            "sagemaker", "create_model",
            {
                "ModelName": _safe(str(step.before.endpoints.endpoint_name[row]), "-multi"),
                "PrimaryContainer": {"Image": IMAGE, "Mode": "MultiModel", "ModelDataUrl": f"{BUCKET}/models/"},
                "ExecutionRoleArn": ROLE,
            },
            _region(step, row), "Mode and a prefix make it multi-model; on GPUs the container is Triton.",
        )
    ]  # fmt: skip


def _lifecycle(rule: dict[str, Any]) -> Callable[[Result, Step, int], list[Request]]:
    def make(result: Result, step: Step, row: int) -> list[Request]:
        rules = [{"ID": step.lever.id.replace("_", "-"), "Status": "Enabled", **rule}]
        return [
            Request(
                "s3", "put_bucket_lifecycle_configuration",
                {
                    "Bucket": str(step.before.storage.resource_id[row]).split("/")[0],
                    "LifecycleConfiguration": {"Rules": rules},
                },
                _region(step, row), "This call replaces the bucket's rules: read them first and add this one to them.",
            )
        ]  # fmt: skip

    return make


def _prompt_caching(result: Result, step: Step, row: int) -> list[Request]:
    code = step.before.bedrock.model[row]
    return [
        Request(
            "bedrock-runtime", "converse",
            {
                "modelId": step.before.catalog.models[code],
                "system": [
                    {"text": "The long part that is the same in every call."}, {"cachePoint": {"type": "default"}},
                ],
                "messages": [{"role": "user", "content": [{"text": "The part that changes."}]}],
            },
            _region(step, row), "What stands before the cache point is cached once it is long enough for the model.",
        )
    ]  # fmt: skip


def _plan(result: Result, step: Step, row: int) -> list[Request]:
    plans = [a.plan for a in result.outcome.settlement.allocations if not a.plan.existing]
    if not plans or plans[0].commitment_usd_per_hour < 0.001:
        return []
    return [
        Request(
            "savingsplans", "create_savings_plan",
            {
                "savingsPlanOfferingId": "id-from-describe-savings-plans-offerings",
                "commitment": f"{plans[0].commitment_usd_per_hour:.3f}",
            },
            "us-east-1", f"Offer {plans[0].offer.replace('_', ' ')}. It cannot be undone: buy last.",
        )
    ]  # fmt: skip


_MAKERS: dict[str, Callable[[Result, Step, int], list[Request]]] = {
    "stop_idle_endpoints": _delete_endpoint,
    "managed_spot": _spot,
    "autoscale_endpoints": _scaling,
    "serverless": _serverless,
    "async_inference": _async,
    "multi_model": _multi_model,
    "s3_lifecycle": _lifecycle(
        {
            "Filter": {"ObjectSizeGreaterThan": SMALL_OBJECT_BYTES},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
        }
    ),
    "glacier_archive": lambda result, step, row: _lifecycle(
        {
            "Filter": {"ObjectSizeGreaterThan": SMALL_OBJECT_BYTES},
            "Transitions": [{"Days": 180, "StorageClass": step.lever.values()["storage_class"]}],
        }
    )(result, step, row),
    "intelligent_tiering": _lifecycle(
        {
            "Filter": {"ObjectSizeGreaterThan": SMALL_OBJECT_BYTES},
            "Transitions": [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}],
        }
    ),
    "abort_incomplete_uploads": _lifecycle(
        {"Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    ),
    "noncurrent_versions": _lifecycle(
        {"Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
    ),
    "prompt_caching": _prompt_caching,
    "savings_plan": _plan,
}


def idle_alarm(result: Result, region: str, endpoint: str) -> Request:
    """An alarm on 24 hours without a call; an endpoint without datapoints counts as idle."""
    return Request(
        "cloudwatch", "put_metric_alarm",
        {
            "AlarmName": f"idle-24h-{endpoint}", "Namespace": "AWS/SageMaker", "MetricName": "Invocations",
            "Dimensions": [
                {"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"},
            ],
            "Statistic": "Sum", "Period": 3600, "EvaluationPeriods": 24, "Threshold": 0.0,
            "ComparisonOperator": "LessThanOrEqualToThreshold", "TreatMissingData": "breaching",
        },
        region, "Without TreatMissingData=breaching an endpoint nobody calls would never alarm.",
    )  # fmt: skip


def budget(result: Result) -> Request:
    """A monthly budget at the scenario's run rate, with a notice at 100 %."""
    amount = f"{max(result.outcome.total_usd, 0.01):.2f}"
    return Request(
        "budgets", "create_budget",
        {
            "AccountId": "111122223333",
            "Budget": {
                "BudgetName": "ml-spend", "BudgetType": "COST", "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": amount, "Unit": "USD"},
                "CostFilters": {"Service": ["Amazon SageMaker", "Amazon Bedrock", "Amazon Simple Storage Service"]},
            },
            "NotificationsWithSubscribers": [
                {
                    "Notification": {
                        "NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 100.0,
                        "ThresholdType": "PERCENTAGE",
                    },
                    "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "ml-costs@example.com"}],
                }
            ],
        },
        "us-east-1", "The limit is the plan's run rate. Marketplace models have service names of their own: add them.",
    )  # fmt: skip


def anomaly_monitor() -> Request:
    """Cost Anomaly Detection per service."""
    monitor = {"MonitorName": "services", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    return Request("ce", "create_anomaly_monitor", {"AnomalyMonitor": monitor}, "us-east-1")
