"""Usage types of services beside the models → kind of service, what their quantity counts, size, price key.

Only what its name says to be ML: SageMaker's own parts, OpenSearch Serverless (the vector store of knowledge bases), S3
Vectors, FSx for Lustre, AgentCore, the log groups of SageMaker and Bedrock, and file systems that SageMaker tags as its
own. Sources: AWS's price list (usage types), EFS user guide (monthly metering), Cloud Intelligence Dashboards (MLflow,
Canvas); the real bills named in pricing_data/sources.csv. AgentCore: AWS's price list and Cost Explorer as
public projects read them in August 2026 (`USE1-Runtime:Consumption-based:vCPU` in vCPU-Hours, …).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from simulator.aws.region_prefixes import split_prefix

SIZES = re.compile(r"Small|Medium|Large")
PERSISTENT = {"50": "1", "100": "1", "200": "1", "125": "2", "250": "2", "500": "2", "1000": "2"}
"""MB/s per TiB of FSx for Lustre on SSD → generation of its persistent file systems."""
ML_LOG_GROUP = re.compile(r"log-group:/aws/(?:sagemaker|bedrock)", re.I)
SAGEMAKER_TAG = "ManagedByAmazonSageMakerResource"
"""The tag SageMaker puts on the file system of a Studio domain."""


@dataclass(frozen=True)
class ServiceUse:
    """`column` is the column of the snapshot that the quantity fills, "" where it is one nothing here is priced by;
    `price` its component, item and unit. `part` names what bills, where one resource bills several things."""

    kind: str
    column: str
    size: str
    price: tuple[str, str, str]
    part: str = ""


Told = tuple[str, str, str, str, tuple[str, str, str]]
KINDS: tuple[Told, ...] = (
    (r"AmazonES|OpenSearch", r"(Indexing|Search)OCU$", "opensearch_serverless", "unit_hours",
     ("vector_store", "opensearch_ocu", "ocu_hour")),
    (r"AmazonES|OpenSearch", r"StorageUsedInS3ByteHour$", "opensearch_serverless", "gib",
     ("vector_store", "opensearch_storage", "gb_month")),
    (r"AmazonS3|Simple Storage", r"^Vectors-TimedStorage-ByteHrs$", "s3_vectors", "gib",
     ("vector_store", "s3_vectors", "gb_month")),
    (r"AmazonS3|Simple Storage", r"^Vectors-Put-Bytes$", "s3_vectors", "written_gib",
     ("vector_store", "s3_vectors_put", "gb")),
    (r"SageMaker", r"MLflow", "mlflow", "unit_hours", ("mlflow", "", "hour")),
    (r"SageMaker", r"Canvas:Session-Hrs", "canvas", "unit_hours", ("canvas", "session", "hour")),
    (r"SageMaker", r"FeatureStore:\w*Storage", "feature_store", "gib", ("feature_store", "online_storage", "gb_month")),
    (r"SageMaker", r"FeatureStore:ReadRequestUnits", "feature_store", "read_units",
     ("feature_store", "read_request", "request")),
    (r"SageMaker", r"FeatureStore:WriteRequestUnits", "feature_store", "write_units",
     ("feature_store", "write_request", "request")),
    (r"FSx", r"Storage\.SSD\.\d+$", "fsx_lustre", "gib", ("file_system", "", "gb_month")),
    (r"EFS|Elastic File System", r"^TimedStorage-ByteHrs$", "efs", "gib", ("file_system", "efs", "gb_month")),
    (r"EFS|Elastic File System", r"^IATimedStorage-ByteHrs$", "efs", "cold_gib", ("file_system", "efs_ia", "gb_month")),
    (r"EFS|Elastic File System", r"^IATimedStorage-ET-ByteHrs$", "efs", "cold_gib",
     ("file_system", "efs_elastic_ia", "gb_month")),
    (r"CloudWatch", r"^TimedStorage-ByteHrs$", "logs", "gib", ("cloudwatch", "logs_storage", "gb_month")),
    (r"CloudWatch", r"^DataProcessing-Bytes$", "logs", "written_gib", ("cloudwatch", "logs_ingestion", "gb")),
)  # fmt: skip
_PATTERNS = tuple(
    (re.compile(p, re.I), re.compile(u), kind, column, price) for p, u, kind, column, price in KINDS
)
NEEDS_TAG, NEEDS_GROUP = "efs", "logs"
AGENTCORE = re.compile(r"AgentCore", re.I)
AGENTCORE_PARTS: tuple[tuple[str, str], ...] = (
    (r"(Runtime|BrowserTool|CodeInterpreter):Consumption-based:vCPU", "vcpu"),
    (r"(Runtime|BrowserTool|CodeInterpreter):Consumption-based:Memory", "memory_gb"),
    (r"Gateway:Consumption-based:API-Invocations", "gateway"),
    (r"Gateway:Consumption-based:Search-API", "gateway_search"),
    (r"Memory:Consumption-based:Short-Term-Memory", "memory_event"),
    (r"Memory:Consumption-based:(Long-Term-Memory|LTM)-Retrieval", "memory_retrieval"),
    (r"Memory:Consumption-based:(Long-Term-Memory|LTM)-Storage(:Built-in-memory)?", "memory_record"),
)
"""Usage types of AgentCore → what they count. Browser and code interpreter bill as the runtime does. Others (the second
generation of the runtime, custom memory, evaluations, policy, data) have prices of their own: dollars of the bill."""
_AGENTCORE = tuple((re.compile(pattern), item) for pattern, item in AGENTCORE_PARTS)


@lru_cache(maxsize=50_000)
def service_use(product: str, usage_type: str) -> ServiceUse | None:
    """What a line of a bill is, by product and usage type; None for everything else."""
    _, rest = split_prefix(usage_type)
    if AGENTCORE.search(product):
        return _agentcore(rest)
    for named, used, kind, column, price in _PATTERNS:
        if named.search(product) and used.search(rest):
            size = _size(kind, rest)
            item = price[1] or {"mlflow": size.lower(), "fsx_lustre": f"fsx_{size.lower()}"}[kind]
            return ServiceUse(kind, column, size, (price[0], item, price[2]) if item else ("", "", ""))
    return None


def _agentcore(rest: str) -> ServiceUse:
    item = next((item for pattern, item in _AGENTCORE if pattern.fullmatch(rest)), "")
    part = f"AgentCore {rest.replace(':Consumption-based', '').replace(':', ' ')}".strip()
    if not item:
        return ServiceUse("agentcore", "", "", ("", "", ""), part)
    hours = item in ("vcpu", "memory_gb")
    price = ("agentcore", item, "hour" if hours else "request")
    return ServiceUse("agentcore", "unit_hours" if hours else "requests", item, price, part)


def _size(kind: str, rest: str) -> str:
    if kind == "mlflow":
        found = SIZES.search(rest)
        return found[0] if found else ""
    if kind == "fsx_lustre":
        speed = rest.rpartition(".")[2]
        return f"PERSISTENT_{PERSISTENT[speed]}-{speed}" if speed in PERSISTENT else ""
    return "elastic" if "-ET-" in rest else ""
