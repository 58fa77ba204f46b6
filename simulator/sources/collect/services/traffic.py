"""Calls by hour and utilisation of endpoint variants. Source: CloudWatch AWS/SageMaker, /aws/sagemaker/Endpoints.

An hour without a datapoint in a complete answer is written as 0 calls. When CloudWatch denied, failed or answered
partially, no hour is written: the traffic is unknown and the endpoint can never count as idle (rules.md#idle).
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from simulator.sources.collect.rows import Tables, moment_text
from simulator.sources.collect.services.components import ComponentBook
from simulator.sources.collect.services.devices import gpus, share, vcpus
from simulator.sources.collect.services.metrics import DAY, HOUR, Floats, Metric, MetricReader, Series

CALLS = "AWS/SageMaker"
HARDWARE = "/aws/sagemaker/Endpoints"
MICROSECONDS_PER_MS = 1000
NOT_SERVING = ("Failed", "Creating", "OutOfService", "Deleting")
Row = dict[str, Any]


class Traffic:
    """Adds utilisation to endpoint rows and writes their traffic."""

    def __init__(
        self, tables: Tables, calls: MetricReader, hardware: MetricReader, components: ComponentBook
    ) -> None:
        self.tables, self.calls, self.hardware, self.components = tables, calls, hardware, components
        self.rows = 0

    def measure(self, rows: list[Row]) -> bool:
        """Read both kinds of metrics for the variants of `rows`, which are updated in place."""
        serving = [r for r in rows if r["status"] not in NOT_SERVING and r["variant_name"] != "unknown"]
        self._traffic(serving)
        self._utilization(serving)
        return True

    def _traffic(self, rows: list[Row]) -> None:
        wanted = [(at, m) for at, row in enumerate(rows) for m in self._call_metrics(row)]
        series = self.calls.read([m for _, m in wanted])
        by_row: list[list[tuple[Metric, Series]]] = [[] for _ in rows]
        for (at, metric), answer in zip(wanted, series, strict=True):
            by_row[at].append((metric, answer))
        for row, answers in zip(rows, by_row, strict=True):
            self._write(row, hourly_calls(answers, self.calls.start, self._hours))

    def _call_metrics(self, row: Row) -> list[Metric]:
        endpoint, variant = row["endpoint_name"], row["variant_name"]
        here = (("EndpointName", endpoint), ("VariantName", variant))
        found = [Metric(CALLS, "Invocations", here, "Sum")]
        if row.get("mode") == "async":
            found.append(Metric(CALLS, "ApproximateBacklogSize", (("EndpointName", endpoint),), "Maximum"))
        hosted = self.components.hosted.get((endpoint, variant))
        names = hosted.names if hosted else []
        return found + [Metric(CALLS, "Invocations", (("InferenceComponentName", n),), "Sum") for n in names]

    @property
    def _hours(self) -> int:
        return round((self.calls.end - self.calls.start).total_seconds() / HOUR)

    def _write(self, row: Row, calls: Floats) -> None:
        first = first_hour(row["created_at"], self.calls.start)
        known = [h for h in range(max(first, 0), len(calls)) if not math.isnan(calls[h])]
        if not known:
            return
        start = self.calls.start
        fixed = {k: row[k] for k in ("endpoint_name", "variant_name", "region", "account_id")}
        self.rows += self.tables.write_columns(
            "endpoint_traffic",
            fixed,
            hour=[moment_text(start + timedelta(hours=h)) for h in known],
            invocations=[f"{calls[h]:.15g}" for h in known],
        )

    def _utilization(self, rows: list[Row]) -> None:
        wanted = [(row, metric) for row in rows for metric in hardware_metrics(row)]
        series = self.hardware.read([m for _, m in wanted])
        for (row, metric), answer in zip(wanted, series, strict=True):
            row.update(reading(metric, answer, row.get("instance_type") or ""))


def first_hour(created: datetime, start: datetime) -> int:
    """The first whole hour of the window in which the endpoint existed."""
    return math.ceil((created - start).total_seconds() / HOUR)


def hourly_calls(answers: list[tuple[Metric, Series]], start: datetime, hours: int) -> Floats:
    """Calls of a variant by hour: the greater of its own count and the sum over its components.

    Unknown when one of the answers is incomplete, and in the hours an async queue holds work without calls.
    """
    own, parts, backlog = np.zeros(hours), np.zeros(hours), np.zeros(hours)
    for metric, series in answers:
        values = series.by_hour(start, hours)
        if metric.name == "ApproximateBacklogSize":
            backlog += values
        elif metric.dimensions[0][0] == "InferenceComponentName":
            parts += values
        else:
            own += values
    calls = np.maximum(own, parts)
    waiting = (calls == 0) & (backlog > 0)
    return np.where(waiting | np.isnan(backlog), np.nan, calls)


def hardware_metrics(row: Row) -> list[Metric]:
    """What to ask about the hardware of a variant; daily points are enough for a mean and a peak."""
    here = (("EndpointName", row["endpoint_name"]), ("VariantName", row["variant_name"]))
    found = [Metric(CALLS, "ModelLatency", here, "Average", DAY)]
    if row.get("mode") == "serverless":
        return found
    found.append(Metric(HARDWARE, "CPUUtilization", here, "Average", DAY))
    found.append(Metric(HARDWARE, "MemoryUtilization", here, "Maximum", DAY))
    if gpus(row.get("instance_type") or "") > 0:
        found.append(Metric(HARDWARE, "GPUUtilization", here, "Average", DAY))
        found.append(Metric(HARDWARE, "GPUMemoryUtilization", here, "Maximum", DAY))
    return found


def reading(metric: Metric, series: Series, instance_type: str) -> Row:
    """One column from one series: CPU and GPU sums are divided by the device count, latency is µs; absent unknown."""
    if metric.name == "ModelLatency":
        column, value = "latency_ms", series.mean() / MICROSECONDS_PER_MS
    elif metric.name == "CPUUtilization":
        column, value = "cpu_utilization_ratio", share(series.mean(), vcpus(instance_type))
    elif metric.name == "MemoryUtilization":
        column, value = "memory_utilization_ratio", share(series.peak(), 1)
    elif metric.name == "GPUUtilization":
        column, value = "gpu_utilization_ratio", share(series.mean(), gpus(instance_type))
    else:
        column, value = "gpu_memory_ratio", share(series.peak(), gpus(instance_type))
    return {} if math.isnan(value) else {column: value}
