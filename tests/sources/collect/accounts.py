"""Accounts for the stand-in, small enough to check by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from simulator.sources.collect import CollectOptions

NOW = datetime.fromisoformat("2026-11-20T10:20:00+00:00")
END = datetime.fromisoformat("2026-11-20T10:00:00+00:00")
START = END - timedelta(days=30)
ROLE = "arn:aws:iam::123456789012:role/reader"
Answer = dict[str, Any]


def options(**settings: Any) -> CollectOptions:
    """Options of a test run: one region, a fixed clock."""
    return CollectOptions(**{"regions": ("us-west-2",), "now": NOW, **settings})


def at(hours_before_end: float, end: datetime = END) -> str:
    """A time of the window, in hours before its end."""
    return (end - timedelta(hours=hours_before_end)).isoformat()


def arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:us-west-2:123456789012:{kind}/{name}"


def job(
    name: str, began: float | None = 100, seconds: float = 3600, end: datetime = END, **fields: Any
) -> Answer:
    """A training job that began `began` hours before the window's end and ran for `seconds`."""
    resources = {"InstanceType": "ml.g5.12xlarge", "InstanceCount": 1, "VolumeSizeInGB": 50}
    answer: Answer = {
        "TrainingJobName": name,
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/k"},
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
        "ResourceConfig": resources | fields.pop("ResourceConfig", {}),
        "CreationTime": at((began or 1) + 0.1, end),
        "LastModifiedTime": at(min((began or 1) - seconds / 3600, 700), end),
    }
    if began is not None:
        answer |= {
            "TrainingStartTime": at(began, end),
            "TrainingEndTime": at(began - seconds / 3600, end),
            "TrainingTimeInSeconds": int(seconds),
            "BillableTimeInSeconds": int(seconds),
        }
    return {k: v for k, v in (answer | fields).items() if v is not None}


def endpoint(
    name: str,
    *,
    type: str = "ml.g5.2xlarge",
    count: int = 1,
    age: float = 2000,
    status: str = "InService",
    end: datetime = END,
    **fields: Any,
) -> dict[str, list[Answer]]:
    """An endpoint with one variant, its config and its model, as resources."""
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": f"{name}-model",
        "InstanceType": type,
        "InitialInstanceCount": count,
    }
    variant |= fields.pop("variant", {})
    running = {"VariantName": "AllTraffic", "CurrentInstanceCount": count, "DesiredInstanceCount": count}
    running |= fields.pop("running", {})
    config = fields.pop("config", {})
    described = {
        "EndpointName": name,
        "EndpointConfigName": f"{name}-config",
        "EndpointStatus": status,
        "CreationTime": at(age, end),
        "LastModifiedTime": at(age, end),
        "ProductionVariants": [running],
        **fields,
    }
    return {
        "endpoint": [{k: v for k, v in described.items() if v is not None}],
        "endpoint-config": [
            {
                "EndpointConfigName": f"{name}-config",
                "CreationTime": at(age, end),
                "ProductionVariants": [drop_none(variant)],
                **config,
            }
        ],
        "model": [
            {
                "ModelName": f"{name}-model",
                "CreationTime": at(age, end),
                "PrimaryContainer": {
                    "Image": "763104351884.dkr.ecr.us-west-2.amazonaws.com/djl-inference:0.27.0-deepspeed0.12.6-cu121"
                },
            }
        ],
    }


def drop_none(answer: Answer) -> Answer:
    return {k: v for k, v in answer.items() if v is not None}


def merged(*resources: dict[str, list[Answer]]) -> dict[str, list[Answer]]:
    """Several sets of resources as one."""
    total: dict[str, list[Answer]] = {}
    for kinds in resources:
        for kind, answers in kinds.items():
            total.setdefault(kind, []).extend(answers)
    return total


def calls(endpoint_name: str, points: list[tuple[str, float]], variant: str = "AllTraffic") -> list[Any]:
    """Invocations of a variant."""
    return [
        "AWS/SageMaker",
        "Invocations",
        [["EndpointName", endpoint_name], ["VariantName", variant]],
        points,
    ]


def hardware(endpoint_name: str, name: str, points: list[tuple[str, float]]) -> list[Any]:
    """A hardware metric of a variant."""
    return [
        "/aws/sagemaker/Endpoints",
        name,
        [["EndpointName", endpoint_name], ["VariantName", "AllTraffic"]],
        points,
    ]


def host(job_name: str, name: str, points: list[tuple[str, float]]) -> list[Any]:
    """A hardware metric of a training job's first host."""
    return ["/aws/sagemaker/TrainingJobs", name, [["Host", f"{job_name}/algo-1"]], points]


def bedrock(model: str, name: str, points: list[tuple[str, float]]) -> list[Any]:
    return ["AWS/Bedrock", name, [["ModelId", model]], points]


def bucket_size(bucket: str, kind: str, value: float, when: str | None = None) -> list[Any]:
    """One daily S3 figure, yesterday's by default."""
    name = "NumberOfObjects" if kind == "AllStorageTypes" else "BucketSizeBytes"
    return [
        "AWS/S3",
        name,
        [["BucketName", bucket], ["StorageType", kind]],
        [(when or "2026-11-19T00:00:00+00:00", value)],
    ]


def cost(service: str, usd: float, usage_type: str = "", **dimensions: Any) -> Answer:
    """One line of the bill."""
    return {"SERVICE": service, "USAGE_TYPE": usage_type, "usd": usd, **dimensions}


GIB = 2**30

MADE = {
    "OwnerId": "111122223333", "CreationToken": "t", "LifeCycleState": "available", "NumberOfMountTargets": 1,
    "PerformanceMode": "generalPurpose",
}  # fmt: skip
"""What EFS tells of every file system besides."""
RICH: dict[str, Any] = {
    "resources": merged(
        {
            "training-job": [
                job("plain", began=200, seconds=7200, Tags=[{"Key": "Owner", "Value": "vision"}]),
                job("spot", began=150, seconds=3600, EnableManagedSpotTraining=True, BillableTimeInSeconds=1200,
                    CheckpointConfig={"S3Uri": "s3://b/c"},
                    StoppingCondition={"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 9000}),
                job("broken", began=90, seconds=600, TrainingJobStatus="Failed",
                    FailureReason="AlgorithmError: line one\nline two",
                    TuningJobArn=arn("hyper-parameter-tuning-job", "hunt")),
                job("never-started", began=None, TrainingJobStatus="Failed", FailureReason="CapacityError: none"),
                job("straddles", began=721, seconds=7200),
                job("runs", began=2, TrainingJobStatus="InProgress", TrainingEndTime=None,
                    TrainingTimeInSeconds=None, BillableTimeInSeconds=None),
                job("mixed", began=60, seconds=1800, ResourceConfig={"InstanceType": None, "InstanceCount": None,
                    "InstanceGroups": [
                        {"InstanceGroupName": "gpu", "InstanceType": "ml.g5.2xlarge", "InstanceCount": 2},
                        {"InstanceGroupName": "cpu", "InstanceType": "ml.c5.xlarge", "InstanceCount": 1}]}),
                job("warm", began=50, seconds=900, ResourceConfig={"KeepAlivePeriodInSeconds": 600},
                    WarmPoolStatus={"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 480},
                    SecondaryStatusTransitions=[
                        {"Status": "Downloading", "StartTime": at(50), "EndTime": at(49.95)},
                        {"Status": "Training", "StartTime": at(49.95), "EndTime": at(49.8)},
                        {"Status": "Uploading", "StartTime": at(49.8), "EndTime": at(49.75)}]),
                job("future", began=40, ResourceConfig={"InstanceType": "ml.z99.huge"}),
            ],
            "hyper-parameter-tuning-job": [
                {"HyperParameterTuningJobName": "hunt", "HyperParameterTuningJobStatus": "Completed",
                 "Strategy": "Bayesian", "CreationTime": at(100), "LastModifiedTime": at(90),
                 "TrainingJobStatusCounters": {}, "ObjectiveStatusCounters": {}},
            ],
            "processing-job": [
                {"ProcessingJobName": "prepare", "ProcessingJobStatus": "Completed",
                 "ProcessingResources": {"ClusterConfig": {
                     "InstanceType": "ml.m5.xlarge", "InstanceCount": 3, "VolumeSizeInGB": 30}},
                 "AppSpecification": {"ImageUri": "i"}, "CreationTime": at(31), "LastModifiedTime": at(28),
                 "ProcessingStartTime": at(30), "ProcessingEndTime": at(28.5)},
            ],
            "transform-job": [
                {"TransformJobName": "score", "TransformJobStatus": "Completed", "ModelName": "m",
                 "TransformResources": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 2},
                 "CreationTime": at(21), "LastModifiedTime": at(19),
                 "TransformStartTime": at(20), "TransformEndTime": at(19)},
            ],
            "notebook-instance": [
                {"NotebookInstanceName": "daily", "NotebookInstanceStatus": "InService", "InstanceType": "ml.t3.medium",
                 "CreationTime": at(3000), "LastModifiedTime": at(240)},
                {"NotebookInstanceName": "resting", "NotebookInstanceStatus": "Stopped", "InstanceType": "ml.t3.medium",
                 "CreationTime": at(3000), "LastModifiedTime": at(240)},
            ],
            "cluster": [
                {"ClusterName": "pod", "ClusterStatus": "InService", "CreationTime": at(100)},
            ],
        },
        endpoint("busy", count=2, age=2000,
                 Tags=[{"Key": "team", "Value": "search"}, {"Key": "keep", "Value": "true"}]),
        endpoint("idle", age=2000),
        endpoint("young", age=10.5),
        endpoint("queue", age=2000, config={"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/o"}}},
                 AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://b/o"}}),
        endpoint("light", variant={"InstanceType": None, "InitialInstanceCount": None,
                 "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}},
                 running={"CurrentInstanceCount": None, "DesiredInstanceCount": None}),
        endpoint("shelf", type="ml.g5.12xlarge", variant={"ModelName": None}),
        endpoint("failed", status="Failed", ProductionVariants=None),
        endpoint("doubled", ShadowProductionVariants=[{"VariantName": "next", "CurrentInstanceCount": 1}],
                 config={"ShadowProductionVariants": [{"VariantName": "next", "ModelName": "doubled-model",
                         "InstanceType": "ml.c5.xlarge", "InitialInstanceCount": 1}]}),
    ),
    "metrics": [
        calls("busy", [(at(5.5), 30), (at(5.25), 12), (at(700), 7)]),
        calls("light", [(at(3), 4)]),
        ["AWS/SageMaker", "Invocations", [["InferenceComponentName", "part-a"]], [(at(9), 11)]],
        ["AWS/SageMaker", "Invocations", [["InferenceComponentName", "part-b"]], [(at(9), 5)]],
        ["AWS/SageMaker", "ApproximateBacklogSize", [["EndpointName", "queue"]], [(at(4), 3)]],
        ["AWS/SageMaker", "ModelLatency", [["EndpointName", "busy"], ["VariantName", "AllTraffic"]],
         [(at(5), 250_000.0)]],
        hardware("busy", "CPUUtilization", [(at(30), 400), (at(5), 80)]),
        hardware("busy", "MemoryUtilization", [(at(30), 20), (at(5), 35)]),
        hardware("busy", "GPUUtilization", [(at(30), 40), (at(5), 60)]),
        hardware("shelf", "GPUUtilization", [(at(5), 100)]),
        hardware("shelf", "GPUMemoryUtilization", [(at(5), 240)]),
        host("plain", "GPUUtilization", [(at(199.5), 100), (at(198.5), 300)]),
        host("plain", "GPUMemoryUtilization", [(at(199.5), 120), (at(198.5), 200)]),
        host("plain", "CPUUtilization", [(at(199.5), 480)]),
        bedrock("anthropic.claude-sonnet-4-5-20250929-v1:0", "Invocations", [(at(30), 10), (at(5), 5)]),
        bedrock("us.amazon.nova-lite-v1:0", "Invocations", [(at(5), 8)]),
        bedrock("us.amazon.nova-lite-v1:0", "InputTokenCount", [(at(5), 8000)]),
        bedrock("us.amazon.nova-lite-v1:0", "OutputTokenCount", [(at(5), 900)]),
        bedrock("us.amazon.nova-lite-v1:0", "CacheReadInputTokens", [(at(5), 4000)]),
        bucket_size("plain-bucket", "StandardStorage", 100 * GIB, "2026-11-18T00:00:00+00:00"),
        bucket_size("plain-bucket", "StandardStorage", 120 * GIB),
        bucket_size("plain-bucket", "AllStorageTypes", 500_000),
        bucket_size("cold-bucket", "GlacierStorage", 1000 * GIB),
        bucket_size("cold-bucket", "GlacierObjectOverhead", 32 * GIB),
        bucket_size("cold-bucket", "GlacierS3ObjectOverhead", 8 * GIB),
        bucket_size("cold-bucket", "AllStorageTypes", 1_000_000),
    ],
    "answers": {
        "sagemaker:ListInferenceComponents": [
            {"InferenceComponentName": n, "InferenceComponentArn": arn("inference-component", n),
             "EndpointName": "shelf", "EndpointArn": arn("endpoint", "shelf"), "VariantName": "AllTraffic",
             "CreationTime": 1.7e9, "LastModifiedTime": 1.7e9} for n in ("part-a", "part-b")
        ],
        "sagemaker:DescribeInferenceComponent": [
            {"InferenceComponentName": n, "InferenceComponentArn": arn("inference-component", n),
             "EndpointName": "shelf", "EndpointArn": arn("endpoint", "shelf"),
             "CreationTime": 1.7e9, "LastModifiedTime": 1.7e9,
             "Specification": {"ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": devices,
                                                               "MinMemoryRequiredInMb": 1024}},
             "RuntimeConfig": {"CurrentCopyCount": copies, "DesiredCopyCount": copies}}
            for n, copies, devices in (("part-a", 2, 1), ("part-b", 1, 1))
        ],
        "sagemaker:ListApps": [
            {"DomainId": "d-1", "UserProfileName": "ann", "AppType": "JupyterServer", "AppName": "default",
             "Status": "InService", "ResourceSpec": {"InstanceType": "system"}},
            {"DomainId": "d-1", "SpaceName": "lab", "AppType": "JupyterLab", "AppName": "default",
             "Status": "InService", "CreationTime": (END - timedelta(hours=100)).timestamp(),
             "ResourceSpec": {"InstanceType": "ml.g5.xlarge"}},
            {"DomainId": "d-1", "SpaceName": "old", "AppType": "JupyterLab", "AppName": "default", "Status": "Deleted"},
        ],
        "sagemaker:DescribeApp": [
            {"DomainId": "d-1", "AppType": "JupyterLab", "AppName": "default", "AppArn": arn("app", "d-1/lab"),
             "LastUserActivityTimestamp": (END - timedelta(hours=70)).timestamp(),
             "ResourceSpec": {"InstanceType": "ml.g5.xlarge"}},
        ],
        "logs:DescribeLogGroups": [
            {"logGroupName": "/aws/sagemaker/TrainingJobs", "storedBytes": 5 * 2**30,
             "creationTime": int((END - timedelta(days=400)).timestamp() * 1000)},
            {"logGroupName": "/aws/bedrock/calls", "storedBytes": 2**30, "retentionInDays": 30},
            {"logGroupName": "/aws/lambda/other", "storedBytes": 2**40},
        ],
        "efs:DescribeFileSystems": [
            {"FileSystemId": "fs-studio", **MADE, "ThroughputMode": "elastic", "CreationTime": END.timestamp() - 1e7,
             "SizeInBytes": {"Value": 300 * 2**30, "ValueInIA": 100 * 2**30},
             "Tags": [{"Key": "ManagedByAmazonSageMakerResource", "Value": arn("domain", "d-1")},
                      {"Key": "Team", "Value": "data"}]},
            {"FileSystemId": "fs-web", **MADE, "CreationTime": END.timestamp() - 1e7,
             "SizeInBytes": {"Value": 2**40}, "Tags": []},
        ],
        "fsx:DescribeFileSystems": [
            {"FileSystemId": "fs-0123456789a", "FileSystemType": "LUSTRE", "StorageCapacity": 1200,
             "CreationTime": (END - timedelta(hours=50)).timestamp(),
             "LustreConfiguration": {"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 125,
                                     "DataRepositoryConfiguration": {"ImportPath": "s3://ml-data/set"}}},
            {"FileSystemId": "fs-0123456789b", "FileSystemType": "WINDOWS", "StorageCapacity": 300},
        ],
        "sagemaker:ListMlflowTrackingServers": [
            {"TrackingServerName": "runs", "TrackingServerStatus": "Created",
             "CreationTime": (END - timedelta(days=90)).timestamp()},
            {"TrackingServerName": "old-runs", "TrackingServerStatus": "Stopped"},
        ],
        "sagemaker:DescribeMlflowTrackingServer": [
            {"TrackingServerName": "runs", "TrackingServerSize": "Small"},
        ],
        "sagemaker:ListSpaces": [
            {"DomainId": "d-1", "SpaceName": "lab", "Status": "InService",
             "SpaceSettingsSummary": {"AppType": "JupyterLab",
                                      "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 50}}}},
        ],
        "bedrock:ListFoundationModels": [
            {"modelArn": f"arn:aws:bedrock:us-west-2::foundation-model/{m}", "modelId": m}
            for m in ("anthropic.claude-sonnet-4-5-20250929-v1:0", "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0")
        ],
        "bedrock:ListInferenceProfiles": [
            {"inferenceProfileName": "US Nova Lite", "inferenceProfileId": "us.amazon.nova-lite-v1:0",
             "inferenceProfileArn": "arn:aws:bedrock:us-west-2::inference-profile/us.amazon.nova-lite-v1:0",
             "models": [{"modelArn": "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0"}],
             "status": "ACTIVE", "type": "SYSTEM_DEFINED"},
        ],
        "bedrock:ListProvisionedModelThroughputs": [
            {"provisionedModelName": "bought",
             "provisionedModelArn": "arn:aws:bedrock:us-west-2:123456789012:provisioned-model/p1",
             "modelArn": "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0",
             "desiredModelArn": "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0",
             "foundationModelArn": "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0",
             "modelUnits": 2, "desiredModelUnits": 2, "status": "InService",
             "creationTime": "2026-11-19T00:00:00Z", "lastModifiedTime": "2026-11-19T00:00:00Z"},
        ],
        "savingsplans:DescribeSavingsPlans": [
            {"savingsPlanId": "sp-1", "state": "active", "savingsPlanType": "SageMaker", "commitment": "1.5",
             "paymentOption": "Partial Upfront", "upfrontPaymentAmount": "6570.0", "termDurationInSeconds": 31536000,
             "start": "2026-03-01T00:00:00.000Z", "end": "2027-03-01T00:00:00.000Z"},
            {"savingsPlanId": "sp-2", "state": "active", "savingsPlanType": "Compute", "commitment": "9",
             "start": "2026-03-01T00:00:00.000Z", "end": "2027-03-01T00:00:00.000Z"},
        ],
    },
    "costs": [
        cost("Amazon SageMaker", 7000.0, "USW2-Host:ml.g5.2xlarge", quantity=4620.5),
        cost("Amazon SageMaker", 2285.5, "USW2-Train:ml.g5.12xlarge"),
        cost("Amazon SageMaker", 99.0, "EUC1-Host:ml.m5.large"),
        cost("Amazon SageMaker", -50.0, "", RECORD_TYPE="Credit"),
        cost("Amazon Bedrock", 40.0, "USW2-NovaLite-input-tokens"),
        cost("Claude Sonnet 4.5 (Amazon Bedrock Edition)", 12.94, "USW2-MP:USW2_OutputTokenCount-Units"),
        cost("Amazon Simple Storage Service", 10.0, "USW2-TimedStorage-ByteHrs"),
        cost("Amazon Elastic Compute Cloud - Compute", 5000.0, "USW2-BoxUsage:m5.large"),
        cost("Amazon SageMaker", 700.0, "", RECORD_TYPE="Tax"),
    ],
    "prices": {"USW2-Host:ml.g5.2xlarge": 1.515, "USW2-Train:ml.g5.12xlarge": 7.09},
}  # fmt: skip
