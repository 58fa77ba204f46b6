"""Which columns of a snapshot grow with the size of a workload: quantities do, sizes per call and ratios do not."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

LINEAR: Mapping[str, tuple[str, ...]] = {
    "training_jobs": (
        "training_seconds",
        "billable_seconds",
        "warm_pool_seconds",
        "download_seconds",
        "upload_seconds",
    ),
    "endpoints": ("serverless_seconds", "serverless_io_gb"),
    "endpoint_traffic": ("invocations",),
    "compute": ("hours", "idle_hours", "out_of_hours_hours"),
    "bedrock": (
        "requests",
        "input_tokens",
        "output_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "cache_write_1h_tokens",
        "provisioned_units",
        "cost_usd",
    ),
    "storage": (
        "gib",
        "objects",
        "small_objects",
        "small_gib",
        "gib_not_accessed_30d",
        "gib_not_accessed_90d",
        "gib_not_accessed_180d",
        "retrieved_gib",
        "put_requests",
        "get_requests",
        "noncurrent_gib",
        "incomplete_upload_gib",
        "failed_artifact_gib",
    ),
    "services": (
        "unit_hours",
        "idle_hours",
        "gib",
        "cold_gib",
        "gib_not_accessed_30d",
        "read_gib",
        "written_gib",
        "requests",
        "vectors",
    ),
}
INSTANCES = {"endpoints": ("instance_count", "instance_hours", "provisioned_concurrency")}
"""Grow only when a whole fleet is scaled, not with a ramp."""


def scaled(table: str, frame: pd.DataFrame, factor: float, *, fleet: bool = False) -> pd.DataFrame:
    """The rows at another size. `fleet`: instances of endpoints too."""
    if factor == 1.0:
        return frame
    names = [*LINEAR.get(table, ()), *(INSTANCES.get(table, ()) if fleet else ())]
    present = [n for n in names if n in frame.columns]
    return frame.assign(**{n: frame[n] * factor for n in present})
