"""A snapshot's usage as lines of a bill, without money: quantities by resource, usage type and hour (or day).

The inverse of `resources` and `quantities`; quantities are those the engine meters for the window (`to_usage`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from simulator.aws.region_prefixes import PREFIXES
from simulator.aws.storage_classes import TIMED_STORAGE
from simulator.snapshot.snapshot import Snapshot
from simulator.usage.build import to_usage
from simulator.usage.endpoints import RUNNING
from simulator.usage.tables import Table, Usage
from tests.sources.bills import schedule

PREFIX_OF = {region: prefix for prefix, region in PREFIXES.items() if prefix != "EUW1"}
STORAGE_TYPES = {storage_class: usage_type for usage_type, storage_class in TIMED_STORAGE.items()}
RETRIEVALS = {
    "retrieval_ia_gb": "Retrieval-SIA",
    "retrieval_onezone_ia_gb": "Retrieval-ZIA",
    "retrieval_glacier_ir_gb": "Retrieval-GIR",
    "retrieval_glacier_gb": "Standard-Retrieval-Bytes",
}
TOKENS = {
    "input_tokens": "input-tokens",
    "output_tokens": "output-tokens",
    "cache_read_tokens": "cache-read-input-token-count",
    "cache_write_tokens": "cache-write-input-token-count",
}
APPS = ("JupyterLab", "CodeEditor", "KernelGateway")
COLUMNS = (
    "product",
    "usage_type",
    "unit",
    "resource_id",
    "region",
    "account_id",
    "owner",
    "tags",
    "start",
    "hours",
    "quantity",
)


def metered_lines(snapshot: Snapshot) -> pd.DataFrame:
    """One row per resource, usage type and hour; `hours` is the length of the line, `quantity` in `unit`."""
    writer = _Writer(snapshot)
    for make in (_training, _endpoints, _compute, _storage, _bedrock):
        for line in make(writer):
            writer.add(line)
    return writer.frame()


class _Writer:
    """Collects lines; knows the window and how names become ARNs."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.usage: Usage = to_usage(snapshot, basis="window")
        self.start = pd.Timestamp(snapshot.manifest.window_start).tz_convert(None)
        self.hours = round(snapshot.window_hours)
        self.account = next(iter(snapshot.manifest.account_ids), "000000000000")
        self._parts: list[pd.DataFrame] = []

    def rows(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Rows of a snapshot table with their number."""
        rows: list[dict[str, Any]] = self.snapshot.tables[name].to_dict("records")  # type: ignore[assignment]
        yield from enumerate(rows)

    def line(
        self,
        row: dict[str, Any],
        product: str,
        usage_type: str,
        unit: str,
        kind: str,
        name: str,
        amounts: Any,
    ) -> dict[str, Any]:
        """One usage type of one resource: `amounts` by hour of the window, (hour, amount), or an amount."""
        account = row.get("account_id") or self.account
        resource = (
            f"arn:aws:s3:::{name}"
            if kind == "s3"
            else f"arn:aws:sagemaker:{row['region']}:{account}:{kind}/{name}"
            if kind
            else name
        )
        prefix = PREFIX_OF.get(row["region"], "")
        return {
            "product": product,
            "usage_type": f"{prefix}-{usage_type}" if prefix else usage_type,
            "unit": unit,
            "resource_id": resource,
            "region": row["region"],
            "account_id": account,
            "owner": row.get("owner") or "",
            "tags": row.get("tags") or "",
            "amounts": amounts,
        }

    def add(self, line: dict[str, Any]) -> None:
        """Spread a line over the hours in which there is something to meter."""
        amounts = line.pop("amounts")
        step = line.pop("step", 1)
        if isinstance(amounts, float):
            amounts = (0, amounts)
        if isinstance(amounts, tuple):
            hour, quantity = np.array([amounts[0]]), np.array([amounts[1]])
        else:
            hour = np.flatnonzero(amounts)
            quantity = amounts[hour]
        moments = self.start + pd.to_timedelta(hour * step, "h")
        self._parts.append(
            pd.DataFrame({**line, "start": moments, "hours": float(step), "quantity": quantity})
        )

    def frame(self) -> pd.DataFrame:
        """All lines."""
        return (
            pd.concat(self._parts, ignore_index=True) if self._parts else pd.DataFrame(columns=list(COLUMNS))
        )

    def offset(self, moment: Any) -> float:
        """Hours from the window's start; NaN unknown."""
        return (
            float("nan")
            if pd.isna(moment)
            else (moment.tz_convert(None) - self.start) / pd.Timedelta(hours=1)
        )


def _quantity(table: Table, meter: str, row: int) -> float:
    return float(np.nan_to_num(getattr(table, meter)[row]))


def _training(w: _Writer) -> Iterator[dict[str, Any]]:
    for i, row in w.rows("training_jobs"):
        t, kind, name = w.usage.training, "training-job", row["job_name"]
        start, end = w.offset(row["started_at"]), w.offset(row["ended_at"])
        for meter, token in (("billable_hours", "Train"), ("spot_hours", "TrSpt")):
            if hours := _quantity(t, meter, i):
                amounts = schedule.interval(hours, start, end, w.hours)
                yield w.line(
                    row, "Amazon SageMaker", f"{token}:{row['instance_type']}", "Hrs", kind, name, amounts
                )
        if pool := _quantity(t, "warm_pool_hours", i):
            amounts = schedule.interval(pool, end, end, w.hours)
            yield w.line(
                row, "Amazon SageMaker", f"TrainWarmPool:{row['instance_type']}", "Hrs", kind, name, amounts
            )
        if volume := _quantity(t, "volume_gb_month", i):
            yield w.line(row, "Amazon SageMaker", "Train:VolumeUsage.gp2", "GB-Mo", kind, name, volume)


def _endpoints(w: _Writer) -> Iterator[dict[str, Any]]:
    for i, row in w.rows("endpoints"):
        t, kind, name = w.usage.endpoints, "endpoint", row["endpoint_name"]
        for meter, token in (("instance_hours", "Host"), ("async_hours", "AsyncInf")):
            hours = _quantity(t, meter, i)
            if hours and row["instance_type"]:
                amounts = _endpoint_hours(w, row, hours)
                yield w.line(
                    row, "Amazon SageMaker", f"{token}:{row['instance_type']}", "Hrs", kind, name, amounts
                )
        if volume := _quantity(t, "volume_gb_month", i):
            yield w.line(row, "Amazon SageMaker", "Host:VolumeUsage.gp2", "GB-Mo", kind, name, volume)
        if work := _quantity(t, "serverless_gb_seconds", i):
            memory_gib = row["serverless_memory_mb"] / 1024
            amounts = schedule.spread(work / memory_gib, w.hours)
            yield w.line(
                row, "Amazon SageMaker", f"ServerlessInf:Mem-{memory_gib:g}GB", "seconds", kind, name, amounts
            )
        if data := _quantity(t, "serverless_io_gb", i):
            yield w.line(row, "Amazon SageMaker", "Data-Bytes-Out", "GB", kind, name, data)


def _endpoint_hours(w: _Writer, row: dict[str, Any], hours: float) -> np.ndarray:
    count = row["instance_count"] if row["instance_count"] > 0 else 1.0
    if row["status"] not in RUNNING:
        return schedule.steady(hours, count, w.hours)[::-1]
    if row["scaling_max"] > row["scaling_min"]:
        born = int(np.clip(np.nan_to_num(w.offset(row["created_at"])), 0, w.hours - 3))
        return schedule.scaling(hours, born, w.hours)
    return schedule.steady(hours, count, w.hours)


def _compute(w: _Writer) -> Iterator[dict[str, Any]]:
    tokens = {"notebook": "Notebk:", "processing": "Processing:", "transform": "Tsform:"}
    kinds = {
        "notebook": "notebook-instance",
        "studio": "app",
        "processing": "processing-job",
        "transform": "transform-job",
    }
    for i, row in w.rows("compute"):
        t, kind, name = w.usage.compute, row["kind"], row["name"]
        app = next((a for a in APPS if name.startswith(a)), "JupyterLab")
        token = tokens.get(kind, f"Studio:{app}-")
        hours = _quantity(t, f"{kind}_hours", i)
        once = kind in ("processing", "transform")
        if hours:
            start, end = w.offset(row["started_at"]), w.offset(row["ended_at"])
            amounts = (
                schedule.interval(hours, start, end, w.hours) if once else schedule.spread(hours, w.hours)
            )
            yield w.line(
                row, "Amazon SageMaker", f"{token}{row['instance_type']}", "Hrs", kinds[kind], name, amounts
            )
        if volume := _quantity(t, "volume_gb_month", i):
            usage_type = f"{token.partition(':')[0]}:VolumeUsage.gp2"
            yield w.line(row, "Amazon SageMaker", usage_type, "GB-Mo", kinds[kind], name, volume)


def _storage(w: _Writer) -> Iterator[dict[str, Any]]:
    rows = w.snapshot.tables["storage"].drop_duplicates(["account_id", "bucket", "region"])
    rows = rows.sort_values(["account_id", "bucket", "region"])
    buckets: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    for i, row in enumerate(buckets):
        t, name = w.usage.storage, row["bucket"]
        meters = [(f"{c.lower()}_gb", usage_type, "GB-Mo") for c, usage_type in STORAGE_TYPES.items()]
        meters += [
            ("put_requests", "Requests-Tier1", "Requests"),
            ("get_requests", "Requests-Tier2", "Requests"),
        ]
        meters += [(m, u, "GB") for m, u in RETRIEVALS.items()] + [
            ("monitored_objects", "Monitoring-Automation-INT", "Objects")
        ]
        for meter, usage_type, unit in meters:
            amount = _quantity(t, meter, i) or 0.0
            if meter == "standard_gb":  # 8 KB of index for each archived object are billed as Standard
                amount += _quantity(t, "archive_standard_gb", i) or 0.0
            if amount:
                days = max(w.hours // 24, 1)
                line = w.line(
                    row,
                    "Amazon Simple Storage Service",
                    usage_type,
                    unit,
                    "s3",
                    name,
                    np.full(days, amount / days),
                )
                yield {**line, "step": 24}


def _bedrock(w: _Writer) -> Iterator[dict[str, Any]]:
    for _, row in w.rows("bedrock"):
        model, scope, tier = row["model_id"], row["scope"], row["tier"]
        if scope in ("", "in_region", "global"):
            resource = f"arn:aws:bedrock:{row['region']}::foundation-model/{model}"
        else:
            place = f"{row['region']}:{row['account_id'] or w.account}"
            resource = f"arn:aws:bedrock:{place}:inference-profile/{scope}.{model}"
        day = int(max(w.offset(row["date"]), 0.0))
        ending = ("-cross-region-global" if scope == "global" else "") + (
            f"-{tier}" if tier not in ("", "on_demand") else ""
        )
        for column, words in TOKENS.items():
            if pd.notna(row[column]):
                line = w.line(
                    row, "Amazon Bedrock", f"{model}-{words}{ending}", "1K tokens", "", resource, None
                )
                yield {**line, "amounts": (day, row[column] / 1000.0)}
        if pd.notna(row["provisioned_units"]):
            line = w.line(
                row,
                "Amazon Bedrock",
                f"{model}-ProvisionedThroughput-NoCommit-ModelUnits",
                "hours",
                "",
                resource,
                None,
            )
            yield {**line, "amounts": (day, row["provisioned_units"] * 24.0)}
