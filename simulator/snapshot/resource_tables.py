"""What the account runs and stores: one table per kind of resource.

Facts only: quantities, never prices. States and limits are those of the AWS APIs (DescribeTrainingJob,
DescribeEndpoint, S3 storage classes; rules.md#cost-identities).
"""

from __future__ import annotations

from simulator.aws.storage_classes import STORAGE_CLASSES
from simulator.snapshot.columns import Column, Table, choice, count, flag, number, ratio, required, text, time
from simulator.snapshot.shared_columns import (
    BILLED_USD,
    COMMON,
    CPU,
    GPU,
    GPU_MEMORY,
    HOUR,
    INSTANCES,
    LEVER,
    REGION,
    TYPE,
    VOLUME,
)

TRAINING_STATUS = "Completed Failed Stopped InProgress Unknown"
ENDPOINT_STATUS = (
    "InService Creating Updating SystemUpdating RollingBack Deleting OutOfService Failed UpdateRollbackFailed"
)
COMPUTE_STATUS = (
    "InService Pending Starting Running Updating InProgress Completed Stopping Stopped Failed Deleting "
    "Deleted Unknown"
)
SERVICE_KINDS = "opensearch_serverless s3_vectors efs fsx_lustre logs mlflow canvas feature_store agentcore"
TRAINING_JOBS = Table(
    "training_jobs",
    "One training job a row, whose billed time falls in the window.",
    ("account_id", "region", "job_name"),
    (
        required(text("job_name", "TrainingJobName")),
        required(REGION),
        TYPE,
        required(count("instance_count", "instances of the job", low=1, unit="instances")),
        required(choice("status", TRAINING_STATUS, "TrainingJobStatus; failed and stopped are billed too")),
        time("started_at", "TrainingStartTime", "hours spread over the window"),
        time("ended_at", "TrainingEndTime", "hours spread over the window"),
        number("training_seconds", "s", "TrainingTimeInSeconds", "cost unknown if billable_seconds is"),
        number(
            "billable_seconds", "s", "BillableTimeInSeconds of one instance; on spot already reduced",
            "training_seconds × 1, unless the job ran on spot: then the cost is unknown",
        ),
        flag("spot_enabled", "EnableManagedSpotTraining", "treated as on demand, not as spot"),
        flag("checkpointing", "writes checkpoints it can resume from (CheckpointConfig)", LEVER),
        number("max_runtime_seconds", "s", "StoppingCondition.MaxRuntimeInSeconds"),
        number("max_wait_seconds", "s", "StoppingCondition.MaxWaitTimeInSeconds"),
        text("tuning_job", "name of the tuning job it is a child of", "no child of a tuning job"),
        text("failure_reason", "FailureReason, in full", "class of the failure unknown"),
        number("warm_pool_seconds", "s", "ResourceRetainedBillableTimeInSeconds", "no retained time billed"),
        flag("warm_pool_enabled", "KeepAlivePeriodInSeconds is set", "taken as not set"),
        VOLUME,
        number("download_seconds", "s", "billed time spent downloading data", LEVER),
        number("upload_seconds", "s", "billed time spent uploading artefacts", LEVER),
        GPU, GPU_MEMORY, CPU, BILLED_USD, *COMMON,
    ),
    ordered=(("started_at", "ended_at"),),
)  # fmt: skip
ENDPOINTS = Table(
    "endpoints",
    "One production or shadow variant of an endpoint a row.",
    ("account_id", "region", "endpoint_name", "variant_name"),
    (
        required(text("endpoint_name", "EndpointName")),
        required(text("variant_name", "VariantName")),
        required(REGION),
        required(choice("status", ENDPOINT_STATUS, "EndpointStatus at the end of the window")),
        choice("mode", "realtime async serverless components", "how it serves", "realtime"),
        TYPE,
        INSTANCES,
        time("created_at", "CreationTime", "taken as before the window; age unknown"),
        time("last_modified_at", "LastModifiedTime", "taken as created_at"),
        number(
            "instance_hours", "h", "instance-hours metered in the window",
            "instance_count × hours of the window in which it existed",
        ),
        VOLUME,
        text("model_name", "ModelName", LEVER),
        number("model_gib", "GiB", "size of the model in memory", LEVER),
        text("container", "serving container, e.g. triton, vllm, xgboost", LEVER),
        flag("needs_gpu", "the model needs a GPU", LEVER),
        count("copies", "copies of an inference component", LEVER),
        count("accelerators_per_copy", "NumberOfAcceleratorDevicesRequired", LEVER),
        GPU, GPU_MEMORY, CPU,
        ratio("memory_utilization_ratio", "peak use of memory", LEVER),
        number("latency_ms", "ms", "mean ModelLatency per call", LEVER),
        number("payload_kb", "KiB", "mean request plus response body", "serverless transfer left out"),
        number("max_rps", "calls/s", "measured capacity of one instance", LEVER),
        count("scaling_min", "MinCapacity of the scalable target", "no auto-scaling", unit="instances"),
        count("scaling_max", "MaxCapacity of the scalable target", "no auto-scaling", unit="instances"),
        number("serverless_memory_mb", "MB", "MemorySizeInMB", "serverless cost unknown"),
        count("max_concurrency", "MaxConcurrency"),
        count("provisioned_concurrency", "ProvisionedConcurrency", "none"),
        number("serverless_seconds", "s", "serverless inference billed in the window", "calls × latency"),
        number("serverless_io_gb", "GB", "data in and out billed in the window, serverless", "calls × payload"),
        flag("async_tolerant", "callers can wait minutes for the answer", LEVER),
        flag("offline", "called by batch jobs only, a daily run would do", LEVER),
        number("tokens_in_per_call", "tokens", "mean prompt tokens per call of a language model", LEVER),
        number("tokens_out_per_call", "tokens", "mean generated tokens per call of a language model", LEVER),
        flag("import_ok", "Bedrock Custom Model Import takes its architecture and size", LEVER),
        flag("keep", "the owner forbids stopping it (veto tag)", "no veto"),
        flag("shadow", "a shadow variant: billed, answers nobody", "not a shadow variant"), BILLED_USD, *COMMON,
    ),
    ordered=(("created_at", "last_modified_at"), ("scaling_min", "scaling_max")),
)  # fmt: skip
ENDPOINT_TRAFFIC = Table(
    "endpoint_traffic",
    "Calls of one variant in one hour. An hour that is absent is unknown; a 0 says that nobody called.",
    ("account_id", "region", "endpoint_name", "variant_name", "hour"),
    (
        required(text("endpoint_name", "EndpointName of a row in endpoints")),
        required(text("variant_name", "VariantName of that row")),
        HOUR,
        required(number("invocations", "calls", "Sum of Invocations in the hour")),
        Column("region", "region", "region of the endpoint", unknown="the one endpoint of that name"),
        *COMMON,
    ),
)
COMPUTE = Table(
    "compute",
    "Notebook instances, Studio apps, processing and batch transform jobs, HyperPod clusters, EC2 accelerators.",
    ("account_id", "region", "kind", "name"),
    (
        required(
            choice(
                "kind", "notebook studio processing transform cluster ec2",
                "what it is; cluster: an instance group of HyperPod, ec2: accelerators on EC2 or EKS (type with ml.)",
            )
        ),
        required(text("name", "name of the instance, app or job")),
        required(REGION),
        TYPE,
        count("instance_count", "instances", "1", low=1, unit="instances"),
        required(number("hours", "h", "hours running in the window, per instance")),
        number("idle_hours", "h", "hours running without activity, part of hours", LEVER),
        time("started_at", "start of a job; start of the app or instance", "hours spread over the window"),
        time("ended_at", "end of a job", "hours spread over the window"),
        choice("status", COMPUTE_STATUS, "status at the end of the window"),
        time("last_activity_at", "LastUserActivityTimestamp", LEVER),
        VOLUME,
        number("out_of_hours_hours", "h", "hours running outside office hours, part of hours", LEVER),
        flag("spot_enabled", "cluster or ec2: runs on spot", "treated as on demand"),
        flag("checkpointing", "cluster or ec2: what runs there can resume", LEVER),
        GPU, GPU_MEMORY,
        BILLED_USD,
        *COMMON,
    ),
    ordered=(("started_at", "ended_at"), ("idle_hours", "hours"), ("out_of_hours_hours", "hours")),
)  # fmt: skip
BEDROCK = Table(
    "bedrock",
    "One Bedrock model on one day. The four token directions are disjoint: input excludes cached.",
    ("account_id", "region", "model_id", "date", "tier", "scope"),
    (
        required(text("model_id", "model id without profile prefix; `unknown` when the bill does not say")),
        required(REGION),
        required(Column("date", "date", "day, UTC", "YYYY-MM-DD")),
        number("requests", "requests", "invocations"),
        number(
            "input_tokens",
            "tokens",
            "input neither read from nor written to the cache",
            "cost unknown, never 0",
        ),
        number("output_tokens", "tokens", "generated tokens", "cost unknown, never 0"),
        number("cache_read_tokens", "tokens", "input read from the prompt cache", "no caching seen"),
        number("cache_write_tokens", "tokens", "input written to the prompt cache", "no caching seen"),
        number(
            "cache_write_1h_tokens",
            "tokens",
            "input written to the cache with a time to live of one hour, not in cache_write_tokens",
            "every write is taken as kept for five minutes",
        ),
        ratio(
            "cacheable_ratio",
            "measured share of the input that is a repeated prefix",
            "the lever's assumption",
        ),
        number("prefix_tokens", "tokens", "mean length of the repeated prefix", "the lever's assumption"),
        number(
            "requests_per_ttl",
            "requests",
            "mean requests on one prefix within 5 minutes",
            "the lever's assumption",
        ),
        choice("tier", "on_demand batch flex priority provisioned", "price tier", "on_demand"),
        choice("scope", "in_region us eu apac global", "inference profile", "in_region"),
        ratio("latency_tolerant_ratio", "share of requests that can wait up to 24 hours", LEVER),
        number(
            "provisioned_units",
            "model units",
            "provisioned throughput",
            "cost unknown when tier is provisioned",
        ),
        number("cost_usd", "USD", "billed for the row, where known", "not compared", low=None),
        *COMMON,
    ),
)
STORAGE = Table(
    "storage",
    "One storage class of one bucket, at the end of the window.",
    ("account_id", "region", "bucket", "storage_class"),
    (
        required(text("bucket", "bucket name")),
        required(REGION),
        required(choice("storage_class", " ".join(STORAGE_CLASSES), "S3 storage class")),
        required(number("gib", "GiB", "bytes stored ÷ 2^30, all versions and unfinished uploads included")),
        number("objects", "objects", "objects", LEVER),
        number("small_objects", "objects", "objects below 128 KB", LEVER),
        number("small_gib", "GiB", "held by objects below 128 KB", LEVER),
        number("gib_not_accessed_30d", "GiB", "not read for 30 days or more", LEVER),
        number("gib_not_accessed_90d", "GiB", "not read for 90 days or more", LEVER),
        number("gib_not_accessed_180d", "GiB", "not read for 180 days or more", LEVER),
        number("retrieved_gib", "GiB/month", "read per month", LEVER),
        number(
            "bulk_retrieved_gib", "GiB/month", "of these, restored in bulk from an archive",
            "restores are taken as standard ones",
        ),
        number(
            "expedited_retrieved_gib", "GiB/month", "of these, restored expedited from an archive",
            "restores are taken as standard ones",
        ),
        number("put_requests", "requests/month", "PUT, COPY, POST, LIST per month", "request cost left out"),
        number("get_requests", "requests/month", "GET and others per month", "request cost left out"),
        number("noncurrent_gib", "GiB", "in noncurrent versions", LEVER),
        number("incomplete_upload_gib", "GiB", "parts of unfinished multipart uploads", LEVER),
        number("failed_artifact_gib", "GiB", "artefacts of failed training jobs", LEVER),
        flag("lifecycle", "the bucket has lifecycle rules", LEVER),
        flag("versioning", "versioning is on", LEVER),
        choice("content", "training_data models checkpoints logs other", "what it holds", LEVER),
        flag("compressible", "the data is not compressed yet", LEVER), BILLED_USD, *COMMON,
    ),
    ordered=(
        ("small_objects", "objects"), ("small_gib", "gib"), ("gib_not_accessed_30d", "gib"),
        ("gib_not_accessed_90d", "gib_not_accessed_30d"), ("gib_not_accessed_180d", "gib_not_accessed_90d"),
        ("noncurrent_gib", "gib"), ("incomplete_upload_gib", "gib"), ("failed_artifact_gib", "gib"),
        ("bulk_retrieved_gib", "retrieved_gib"), ("expedited_retrieved_gib", "retrieved_gib"),
    ),
)  # fmt: skip
SERVICES = Table(
    "services",
    "What runs or is stored beside the models: vector stores, file systems, logs, MLflow, Canvas … Optional.",
    ("account_id", "region", "kind", "name"),
    (
        required(choice("kind", SERVICE_KINDS, "what it is; fsx_lustre: FSx for Lustre, logs: a log group")),
        required(text("name", "name of the collection, file system, log group, server, app or feature group")),
        required(REGION),
        text(
            "size",
            "size as billed: MLflow Small, Medium, Large; FSx SCRATCH_2 or PERSISTENT_2-125 (type, MB/s per TiB); "
            "EFS elastic, where its throughput mode is elastic; AgentCore vcpu, memory_gb, gateway, gateway_search, "
            "memory_event, memory_record, memory_retrieval; Feature Store InMemory, Provisioned",
            "no price of FSx, MLflow and AgentCore: cost unknown; EFS: not elastic",
        ),
        number(
            "unit_hours", "h", "OCU-hours, server or session hours, AgentCore vCPU- or GB-hours metered in the window",
            "cost unknown, where billed by the hour",
        ),
        number("idle_hours", "h", "unit_hours in which nobody used it, part of unit_hours", LEVER),
        number("gib", "GiB", "stored (FSx: provisioned) at the end of the window", "cost unknown, where billed by GiB"),
        number("cold_gib", "GiB", "EFS: in Infrequent Access, part of gib", "none"),
        number("gib_not_accessed_30d", "GiB", "EFS: not read for 30 days or more, part of gib", LEVER),
        number("read_gib", "GiB/month", "EFS: read per month", "charges by byte left out; the lever's assumption"),
        number(
            "written_gib", "GiB/month", "written per month: ingested log data, vectors put, EFS writes",
            "charges by byte left out",
        ),
        number(
            "requests", "requests/month", "queries of a vector store, AgentCore calls, events or records, per month",
            "the lever's assumption; AgentCore: cost unknown",
        ),
        number(
            "read_units", "units/month", "Feature Store: read request units per month",
            "charges by read left out; levers that need it save nothing until it is known",
        ),
        number(
            "write_units", "units/month", "Feature Store: write request units per month",
            "charges by write left out; levers that need it save nothing until it is known",
        ),
        count("vectors", "vectors in a vector store", "read at the price of the smallest index", unit="vectors"),
        count("retention_days", "days a log group keeps its events; 0: for ever", LEVER, unit="days"),
        time("created_at", "creation", LEVER),
        flag("standby_replicas", "OpenSearch Serverless: redundant replicas", LEVER),
        flag("production", "callers depend on it", LEVER),
        flag("hybrid_search", "answers need hybrid or keyword search, or milliseconds", LEVER),
        flag("in_s3", "FSx: what it holds is in S3 too", LEVER), BILLED_USD, *COMMON,
    ),
    ordered=(
        ("idle_hours", "unit_hours"), ("cold_gib", "gib"), ("gib_not_accessed_30d", "gib"),
    ),
)  # fmt: skip
