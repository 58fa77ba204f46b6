"""Training jobs that ran in the window, with the time AWS billed and how busy their hardware was.

Source: DescribeTrainingJob, and CloudWatch /aws/sagemaker/TrainingJobs by Host = <job>/algo-1 (the first host).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from simulator.sources.collect.client.reader import Place, Reader
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.devices import gpus, share, vcpus
from simulator.sources.collect.services.metrics import HOUR, Metric, MetricReader, Series
from simulator.sources.collect.services.tags import TagBook

NAMESPACE = "/aws/sagemaker/TrainingJobs"
STATUS = {"Stopping": "InProgress", "Deleting": "Stopped"}
JOBS_PER_METRIC_CALL = 40
Job = dict[str, Any]
Row = dict[str, Any]


class TrainingJobs:
    """Reads the jobs of one place into `training_jobs`."""

    def __init__(self, reader: Reader, tables: Tables, tags: TagBook, metrics: MetricReader) -> None:
        self.reader, self.tables, self.tags, self.metrics = reader, tables, tags, metrics
        self.place: Place = reader.place
        self.clipped = self.outside = self.tokens = 0

    def read(self) -> int:
        """Write one row a job (a row per group for a heterogeneous cluster); gives the number of rows."""
        names = list_training_jobs(self.reader)
        written = 0
        groups = chunks(self._rows(names), JOBS_PER_METRIC_CALL)
        for rows, measured in self.reader.each(groups, self._measure, ahead=self.place.options.parallel):
            written += self.tables.write("training_jobs", measured or rows)
        self._explain()
        return written

    def _rows(self, names: list[str]) -> Iterator[Row]:
        for done, (_, job) in enumerate(self.reader.each(names, self._describe), 1):
            self.reader.progress(done, len(names))
            if job is not None:
                yield from self._job_rows(job)

    def _describe(self, name: str) -> Job:
        return self.reader.call(
            "sagemaker", "DescribeTrainingJob", needs="TrainingJobStatus", TrainingJobName=name
        )

    def _job_rows(self, job: Job) -> Iterator[Row]:
        groups = instance_groups(job.get("ResourceConfig", {}))
        if not groups:
            self.tokens += 1
            return
        times = self._times(job)
        if times is None:
            self.outside += 1
            return
        name = job["TrainingJobName"]
        for group, instance_type, count in groups:
            yield {
                **self.place.base,
                **self.tags.columns(job["TrainingJobArn"]),
                **facts(job),
                **times,
                "job_name": f"{name}/{group}" if group else name,
                "instance_type": instance_type,
                "instance_count": count,
            }

    def _times(self, job: Job) -> Row | None:
        """Times and billed seconds inside the window, None for a job that ended before it."""
        start, end = job.get("TrainingStartTime"), job.get("TrainingEndTime")
        status = job["TrainingJobStatus"]
        if start is None:
            over = status not in ("InProgress", "Stopping")
            return {"training_seconds": 0, "billable_seconds": 0} if over else {}
        trained = job.get("TrainingTimeInSeconds")
        if trained is None:
            trained = ((end or max(self.place.end, start)) - start).total_seconds()
        inside = share_inside(start, end or self.place.end, self.place.start)
        if inside == 0:
            return None
        self.clipped += inside < 1
        billed = job.get("BillableTimeInSeconds")
        return {
            "started_at": max(start, self.place.start) if inside < 1 else start,
            "ended_at": end,
            "training_seconds": trained * inside,
            "billable_seconds": None if billed is None else billed * inside,
        }

    def _measure(self, rows: list[Row]) -> list[Row]:
        wanted = [(row, metric) for row in rows for metric in metrics_of(row)]
        series = self.metrics.read([metric for _, metric in wanted])
        for (row, metric), answer in zip(wanted, series, strict=True):
            row.update(utilization(metric, answer, row["instance_type"]))
        return rows

    def _explain(self) -> None:
        if self.clipped:
            self.reader.say(
                f"{self.clipped:,} jobs began before the window: only the share of their time inside it is counted."
            )
        if self.tokens:
            self.reader.say(
                f"{self.tokens:,} serverless jobs are billed by token and have no instances: they are left out."
            )


def list_training_jobs(reader: Reader) -> list[str]:
    """Names of the jobs touched since the window's start, and of those that run on unchanged since before it."""
    changed = {"LastModifiedTimeAfter": reader.place.start}
    running = {"StatusEquals": "InProgress"}
    names: dict[str, None] = {}
    for wanted in (changed, running):
        listed = reader.items(
            "sagemaker",
            "ListTrainingJobs",
            "TrainingJobSummaries",
            "TrainingJobName",
            MaxResults=100,
            **wanted,
        )
        names.update(dict.fromkeys(item["TrainingJobName"] for item in listed))
    return list(names)


def instance_groups(resources: Row) -> list[tuple[str, str, int]]:
    """(group name, type, count) of the job's instances; one group without a name for a plain cluster."""
    groups = resources.get("InstanceGroups") or ()
    if groups:
        return [
            (g.get("InstanceGroupName", g["InstanceType"]), g["InstanceType"], g["InstanceCount"])
            for g in groups
        ]
    instance_type = resources.get("SelectedInstanceType") or resources.get("InstanceType")
    count = resources.get("SelectedInstanceCount") or resources.get("InstanceCount")
    return [("", instance_type, count)] if instance_type and count else []


def facts(job: Job) -> Row:
    """Columns that do not depend on the window."""
    resources, stopping = job.get("ResourceConfig", {}), job.get("StoppingCondition", {})
    keep_alive = resources.get("KeepAlivePeriodInSeconds") or 0
    retained = job.get("WarmPoolStatus", {}).get("ResourceRetainedBillableTimeInSeconds")
    phases = job.get("SecondaryStatusTransitions", ())
    return {
        "status": STATUS.get(job["TrainingJobStatus"], job["TrainingJobStatus"]),
        "spot_enabled": bool(job.get("EnableManagedSpotTraining")),
        "checkpointing": bool((job.get("CheckpointConfig") or {}).get("S3Uri")),
        "max_runtime_seconds": stopping.get("MaxRuntimeInSeconds"),
        "max_wait_seconds": stopping.get("MaxWaitTimeInSeconds"),
        "tuning_job": (job.get("TuningJobArn") or "").rpartition("/")[2],
        "failure_reason": job.get("FailureReason"),
        "warm_pool_enabled": keep_alive > 0,
        "warm_pool_seconds": retained if retained is not None or keep_alive else 0,
        "volume_gb": resources.get("VolumeSizeInGB"),
        "download_seconds": seconds_in("Downloading", phases),
        "upload_seconds": seconds_in("Uploading", phases),
    }


def seconds_in(status: str, phases: Iterable[dict[str, Any]]) -> float | None:
    """Length of all phases of a status, None when none is recorded with its end."""
    spans = [
        (p["EndTime"] - p["StartTime"]).total_seconds()
        for p in phases
        if p.get("Status") == status and p.get("EndTime") and p.get("StartTime")
    ]
    return max(sum(spans), 0.0) if spans else None


def share_inside(start: datetime, end: datetime, window_start: datetime) -> float:
    """Share of a job's time that lies after the window's start: 1 for one that began in it, 0 for an older one."""
    if start >= window_start:
        return 1.0
    length = (end - start).total_seconds()
    return max((end - window_start).total_seconds(), 0.0) / length if length > 0 else 0.0


def metrics_of(row: Row) -> list[Metric]:
    """What to ask CloudWatch about the job: GPU metrics only where the type has GPUs."""
    if not row.get("training_seconds"):
        return []
    host = (("Host", f"{row['job_name'].partition('/')[0]}/algo-1"),)
    found = [Metric(NAMESPACE, "CPUUtilization", host, "Average", HOUR)]
    if gpus(row["instance_type"]) > 0:
        found += [
            Metric(NAMESPACE, "GPUUtilization", host, "Average", HOUR),
            Metric(NAMESPACE, "GPUMemoryUtilization", host, "Maximum", HOUR),
        ]
    return found


def utilization(metric: Metric, series: Series, instance_type: str) -> Row:
    """One utilisation column: the sum over devices divided by their number; absent when unknown."""
    if metric.name == "CPUUtilization":
        column, value = "cpu_utilization_ratio", share(series.mean(), vcpus(instance_type))
    elif metric.name == "GPUUtilization":
        column, value = "gpu_utilization_ratio", share(series.mean(), gpus(instance_type))
    else:
        column, value = "gpu_memory_ratio", share(series.peak(), gpus(instance_type))
    return {} if math.isnan(value) else {column: value}


def chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Rows in lists of at most `size`."""
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
