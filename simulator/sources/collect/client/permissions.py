"""Every operation the collectors may call, with the IAM action it needs. Nothing else leaves the process.

docs/iam-policy.json is `policy_text()`. Names differ from the operation's only for S3 (Service Authorization
Reference; rules.md#reading-an-account). GetCallerIdentity needs no permission. No object read, no invocation, no write.
"""

from __future__ import annotations

import json

_SAME_NAME = {
    "sagemaker": """ListTrainingJobs DescribeTrainingJob ListHyperParameterTuningJobs ListEndpoints DescribeEndpoint
        DescribeEndpointConfig DescribeModel ListInferenceComponents DescribeInferenceComponent
        ListNotebookInstances ListApps DescribeApp ListSpaces ListProcessingJobs DescribeProcessingJob
        ListTransformJobs DescribeTransformJob ListClusters ListMlflowTrackingServers
        DescribeMlflowTrackingServer""",
    "application-autoscaling": "DescribeScalableTargets",
    "cloudwatch": "GetMetricData",
    "logs": "DescribeLogGroups",
    "fsx": "DescribeFileSystems",
    "bedrock": """ListFoundationModels ListInferenceProfiles ListProvisionedModelThroughputs ListImportedModels""",
    "ce": "GetCostAndUsage GetDimensionValues",
    "savingsplans": "DescribeSavingsPlans",
    "pricing": "GetProducts",
    "organizations": "ListAccounts",
    "sts": "AssumeRole",
}
_OTHER_NAME = {
    ("sts", "GetCallerIdentity"): "",
    ("resourcegroupstaggingapi", "GetResources"): "tag:GetResources",
    ("efs", "DescribeFileSystems"): "elasticfilesystem:DescribeFileSystems",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "GetBucketLocation"): "s3:GetBucketLocation",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "GetBucketVersioning"): "s3:GetBucketVersioning",
    ("s3", "GetBucketTagging"): "s3:GetBucketTagging",
    ("s3", "ListBucketIntelligentTieringConfigurations"): "s3:GetIntelligentTieringConfiguration",
    ("s3", "ListMultipartUploads"): "s3:ListBucketMultipartUploads",
    ("s3", "ListParts"): "s3:ListMultipartUploadParts",
}
ACTIONS: dict[tuple[str, str], str] = {
    **{(s, o): f"{s}:{o}" for s, names in _SAME_NAME.items() for o in names.split()},
    **_OTHER_NAME,
}
READ_WORDS = ("List", "Describe", "Get")


def permitted(service: str, operation: str) -> bool:
    """Whether a call may be sent: it is declared here, and reads (or assumes the role that reads)."""
    reads = operation.startswith(READ_WORDS) or (service, operation) == ("sts", "AssumeRole")
    return reads and (service, operation) in ACTIONS


def policy_text() -> str:
    """The least IAM policy of a full run, as in docs/iam-policy.json."""
    services: dict[str, list[str]] = {}
    for action in sorted(filter(None, ACTIONS.values())):
        services.setdefault(action.partition(":")[0], []).append(action)
    statements = [
        {"Sid": f"Read{_word(s)}", "Effect": "Allow", "Action": actions, "Resource": "*"}
        for s, actions in services.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


def _word(prefix: str) -> str:
    return "".join(part.capitalize() for part in prefix.split("-"))
