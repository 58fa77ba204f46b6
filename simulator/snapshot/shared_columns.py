"""Columns that several tables of a snapshot have."""

from __future__ import annotations

from simulator.snapshot.columns import Column, count, number, ratio, required, text

LEVER = "levers that need it save nothing until it is known"
COMMON = (
    text("account_id", "AWS account, as text (leading zeros count)", "all rows belong to one account"),
    text("owner", "team or person who answers for the resource", "attributed to no one"),
    Column("tags", "json", "resource tags, a JSON object of texts", unknown="no tag known"),
)
REGION = Column(
    "region", "region", "AWS region code, e.g. us-west-2", unknown="shown as unknown; no price can be found"
)
TYPE = Column(
    "instance_type",
    "instance_type",
    "SageMaker instance type, e.g. ml.g5.2xlarge",
    unknown="no price: cost unknown, listed as a question",
)
GPU = ratio("gpu_utilization_ratio", "mean use of the GPUs (CloudWatch sum ÷ GPU count ÷ 100)", LEVER)
GPU_MEMORY = ratio("gpu_memory_ratio", "peak use of GPU memory (÷ GPU count ÷ 100)", LEVER)
CPU = ratio("cpu_utilization_ratio", "mean use of the vCPUs (CloudWatch sum ÷ vCPU count ÷ 100)", LEVER)
VOLUME = number(
    "volume_gb", "GB", "attached storage per instance", "volume cost left out; 0 for types with own NVMe"
)
BILLED_USD = number(
    "billed_usd",
    "USD",
    "billed in the window for usage whose quantity no source gives",
    "none: usage is priced",
)
HOUR = required(Column("hour", "hour", "start of the hour", "ISO 8601, UTC, full hour"))
INSTANCES = count("instance_count", "instances", "cost unknown", unit="instances")
