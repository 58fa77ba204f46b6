"""CloudWatch GetMetricData: whole series for known dimensions, in as few calls as the limits allow.

Metrics are asked for by their known dimensions, never found by ListMetrics, which forgets what is silent for two
weeks. A series is usable only when CloudWatch says Complete: silence then means zero; anything else means unknown.
Limits: 500 metrics and 100,800 points per call (rules.md#reading-an-account). Each metric asked for is billed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.sources.collect.client.failures import Failure, SourceFailed
from simulator.sources.collect.client.reader import Reader
from simulator.sources.collect.client.sources import MALFORMED

HOUR = 3600
DAY = 86400
METRICS_PER_CALL = 500
POINTS_PER_CALL = 100_800

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """One series: a statistic of one metric with exactly these dimensions, every `period` seconds."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str
    period: int = HOUR

    def query(self, identity: str) -> dict[str, Any]:
        """As GetMetricData wants it."""
        dimensions = [{"Name": n, "Value": v} for n, v in self.dimensions]
        metric = {"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions}
        return {"Id": identity, "MetricStat": {"Metric": metric, "Period": self.period, "Stat": self.stat}}


@dataclass(frozen=True, eq=False)
class Series:
    """Answer for one metric: times and values, oldest first; `complete` only if CloudWatch says so."""

    times: tuple[datetime, ...]
    values: Floats
    complete: bool

    def mean(self) -> float:
        """Mean of the points, NaN without any."""
        return float(self.values.mean()) if self.complete and len(self.values) else np.nan

    def peak(self) -> float:
        """Greatest point, NaN without any."""
        return float(self.values.max()) if self.complete and len(self.values) else np.nan

    def newest(self) -> float:
        """The latest point, NaN without any."""
        return float(self.values[-1]) if self.complete and len(self.values) else np.nan

    def by_hour(self, start: datetime, hours: int) -> Floats:
        """Sums by hour from `start`; an hour without a point is 0 when complete, all NaN when not."""
        if not self.complete:
            return np.full(hours, np.nan)
        sums = np.zeros(hours)
        for time, value in zip(self.times, self.values, strict=True):
            at = int((time - start).total_seconds() // HOUR)
            if 0 <= at < hours:
                sums[at] += value
        return sums


UNREAD = Series((), np.zeros(0), False)


class MetricReader:
    """Reads metrics of one place. After a first refusal it asks no more: everything later is unknown too."""

    def __init__(self, reader: Reader, start: datetime, end: datetime) -> None:
        self.reader, self.start, self.end = reader, start, end
        self.failure: Failure | None = None
        self.incomplete = 0
        self.asked = 0
        self.answered = 0

    def read(self, metrics: Sequence[Metric]) -> list[Series]:
        """The series of each metric, in order. Never raises for a failed call: those series are incomplete."""
        found: list[Series] = []
        for batch in self._batches(metrics):
            found += self._read_batch(batch)
        return found

    def status(self) -> int:
        """The count of answered metrics, to end a source with. Raises SourceFailed after a refusal."""
        if self.failure:
            raise SourceFailed(self.failure)
        if self.incomplete:
            self.reader.troubles.failures += [
                Failure("unsupported", "CloudWatch did not answer completely")
            ] * self.incomplete
        return self.answered

    def _batches(self, metrics: Sequence[Metric]) -> list[Sequence[Metric]]:
        seconds = (self.end - self.start).total_seconds()
        batches: list[Sequence[Metric]] = []
        for period in sorted({m.period for m in metrics}):
            points = int(seconds // period) + 1
            size = max(1, min(METRICS_PER_CALL, POINTS_PER_CALL // points))
            same = [m for m in metrics if m.period == period]
            batches += [same[i : i + size] for i in range(0, len(same), size)]
        order = [m for b in batches for m in b]
        if order != list(metrics):
            raise ValueError("metrics of one read are to be given in the order of their periods")
        return batches

    def _read_batch(self, batch: Sequence[Metric]) -> list[Series]:
        if self.failure:
            return [UNREAD] * len(batch)
        self.asked += len(batch)
        try:
            gathered = list(self._gather(batch).values())
        except SourceFailed as error:
            self.failure = error.failure
            return [UNREAD] * len(batch)
        except MALFORMED as error:
            self.failure = Failure("unsupported", f"an answer of unexpected form ({error!r})")
            return [UNREAD] * len(batch)
        self.incomplete += sum(not s.complete for s in gathered)
        self.answered += sum(s.complete for s in gathered)
        return gathered

    def _gather(self, batch: Sequence[Metric]) -> dict[str, Series]:
        points: dict[str, list[tuple[datetime, float]]] = {f"m{i}": [] for i in range(len(batch))}
        last: dict[str, str] = {}
        queries = [metric.query(f"m{i}") for i, metric in enumerate(batch)]
        pages = self.reader.pages(
            "cloudwatch", "GetMetricData", "MetricDataResults", MetricDataQueries=queries,
            StartTime=self.start, EndTime=self.end, ScanBy="TimestampAscending",
        )  # fmt: skip
        for page in pages:
            for result in page["MetricDataResults"]:
                if result["Id"] not in points:
                    raise KeyError(f"a metric {result['Id']} nobody asked for")
                points[result["Id"]] += zip(
                    result.get("Timestamps", ()), result.get("Values", ()), strict=True
                )
                last[result["Id"]] = result.get("StatusCode", "")
        return {i: _series(p, last.get(i) == "Complete") for i, p in points.items()}


def _series(points: list[tuple[datetime, float]], complete: bool) -> Series:
    points.sort(key=lambda point: point[0])
    return Series(tuple(t for t, _ in points), np.array([v for _, v in points], float), complete)
