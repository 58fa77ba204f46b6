"""Processing and batch transform jobs of the window, into `compute`: (end − start) × instances is billed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.sources.collect.client.reader import Place, Reader
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.tags import TagBook

Row = dict[str, Any]


@dataclass(frozen=True)
class JobKind:
    """Names the API gives to one kind of job."""

    kind: str
    word: str
    resources: tuple[str, ...]

    def field(self, suffix: str) -> str:
        """E.g. ProcessingStartTime."""
        return f"{self.word}{suffix}"


PROCESSING = JobKind("processing", "Processing", ("ProcessingResources", "ClusterConfig"))
TRANSFORM = JobKind("transform", "Transform", ("TransformResources",))


class BatchJobs:
    """Reads one kind of job of one place."""

    def __init__(self, reader: Reader, tables: Tables, tags: TagBook, kind: JobKind) -> None:
        self.reader, self.tables, self.tags, self.kind = reader, tables, tags, kind
        self.place: Place = reader.place

    def read(self) -> int:
        """Write one row a job; gives the number of rows."""
        word = self.kind.word
        listed = self.reader.items(
            "sagemaker", f"List{word}Jobs", f"{word}JobSummaries", f"{word}JobName",
            LastModifiedTimeAfter=self.place.start, MaxResults=100,
        )  # fmt: skip
        written = 0
        for done, (_, job) in enumerate(self.reader.each(listed, self._describe), 1):
            self.reader.progress(done, len(listed))
            row = self._row(job) if job is not None else None
            if row:
                written += self.tables.write("compute", [row])
        return written

    def _describe(self, item: Row) -> Row:
        name = f"{self.kind.word}JobName"
        return self.reader.call(
            "sagemaker",
            f"Describe{self.kind.word}Job",
            needs=f"{self.kind.word}JobStatus",
            **{name: item[name]},
        )

    def _row(self, job: Row) -> Row | None:
        resources: Row = job
        for name in self.kind.resources:
            resources = resources.get(name) or {}
        instance_type = resources.get("SelectedInstanceType") or resources.get("InstanceType")
        start, end = job.get(self.kind.field("StartTime")), job.get(self.kind.field("EndTime"))
        if not instance_type or start is None:
            return None
        name = self.kind.field("JobName")
        return {
            **self.place.base,
            **self.tags.columns(job[self.kind.field("JobArn")]),
            "kind": self.kind.kind,
            "name": job[name],
            "instance_type": instance_type,
            "instance_count": resources.get("SelectedInstanceCount") or resources.get("InstanceCount"),
            "hours": hours_inside(start, end, self.place),
            "started_at": start,
            "ended_at": end,
            "status": job[self.kind.field("JobStatus")],
            "volume_gb": resources.get("VolumeSizeInGB"),
        }


def hours_inside(start: datetime, end: datetime | None, place: Place) -> float:
    """Hours between start and end that lie after the window's start; a running job counts up to its end."""
    first = max(start, place.start)
    return max(((end or place.end) - first).total_seconds() / 3600, 0.0)
