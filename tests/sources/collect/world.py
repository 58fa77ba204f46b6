"""What the stand-in account holds. Seeds moto's own backends, and keeps what moto has no backend for.

Runs in the server's process. moto lists, filters and pages by the attributes of its objects, so an object with the
attributes and the whole Describe answer is enough: no validation of instance types, any status, any duration.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal.models import moto_api_backend
from moto.s3.models import s3_backends
from moto.sagemaker.models import sagemaker_backends

ACCOUNT = "123456789012"
PLACES = {
    "training-job": ("training_jobs", "TrainingJobName"),
    "endpoint": ("endpoints", "EndpointName"),
    "endpoint-config": ("endpoint_configs", "EndpointConfigName"),
    "model": ("_models", "ModelName"),
    "processing-job": ("processing_jobs", "ProcessingJobName"),
    "transform-job": ("transform_jobs", "TransformJobName"),
    "notebook-instance": ("notebook_instances", "NotebookInstanceName"),
    "hyper-parameter-tuning-job": ("hyper_parameter_tuning_jobs", "HyperParameterTuningJobName"),
    "cluster": ("clusters", "ClusterName"),
}
ARN_FIELDS = {"hyper-parameter-tuning-job": "HyperParameterTuningJobArn"}


class Thing:
    """One resource: its Describe answer, and every field of it as moto's attribute name."""

    def __init__(self, kind: str, answer: dict[str, Any], arn: str) -> None:
        self.answer = answer
        self.tags = answer.pop("Tags", [])
        self.arn = arn
        word = "".join(part.capitalize() for part in kind.split("-"))
        answer.setdefault(ARN_FIELDS.get(kind, f"{word}Arn"), arn)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        field = "".join(part.capitalize() for part in name.split("_"))
        if name == "status":
            return next((v for k, v in self.answer.items() if k.endswith("Status")), None)
        return self.answer.get(field)

    @property
    def response_object(self) -> dict[str, Any]:
        return dict(self.answer)

    def to_dict(self) -> dict[str, Any]:
        return self.response_object

    def summary(self) -> dict[str, Any]:
        wanted = re.compile(r"Name|Arn|Time|Status")
        return {k: v for k, v in self.answer.items() if wanted.search(k) and not isinstance(v, dict | list)}


class World:
    """Everything that was seeded. `points` are metric points by (region, namespace, name, dimensions)."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        moto_api_backend.reset()
        self.points: dict[tuple[Any, ...], list[tuple[float, float]]] = defaultdict(list)
        self.answers: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.costs: list[dict[str, Any]] = []
        self.prices: dict[str, float] = {}
        self.points_per_page = 100_800
        self.items_per_page = 100
        self.partial_metrics: set[str] = set()

    def seed(self, seed: dict[str, Any]) -> None:
        """Add to the account: "resources", "objects" (keys of a bucket), "metrics", "answers", "costs", "prices"."""
        account = seed.get("account", ACCOUNT)
        region = seed.get("region", "us-west-2")
        backend = sagemaker_backends[account][region]
        for kind, answers in seed.get("resources", {}).items():
            attribute, name_field = PLACES[kind]
            for described in answers:
                answer = timed(described)
                name = answer[name_field]
                arn = f"arn:aws:sagemaker:{region}:{account}:{kind}/{name}"
                getattr(backend, attribute)[name] = Thing(kind, answer, arn)
        for bucket, keys in seed.get("objects", {}).items():
            for key in keys:
                s3_backends[account]["aws"].put_object(bucket, key, b"")
        for namespace, name, dimensions, points in seed.get("metrics", ()):
            key = (region, namespace, name, frozenset(map(tuple, dimensions)))
            self.points[key] += [(epoch(t), v) for t, v in points]
        for operation, items in seed.get("answers", {}).items():
            service, _, call = operation.partition(":")
            self.answers.setdefault((service, call), []).extend(items)
        self.costs += seed.get("costs", ())
        self.prices.update(seed.get("prices", {}))
        self.points_per_page = seed.get("points_per_page", self.points_per_page)
        self.items_per_page = seed.get("items_per_page", self.items_per_page)
        self.partial_metrics |= set(seed.get("partial_metrics", ()))

    def metric(
        self, region: str, query: dict[str, Any], start: float, end: float
    ) -> Iterator[tuple[float, float]]:
        """(start of the period, statistic) of one query, oldest first; exact dimensions, as AWS does."""
        stat = query["MetricStat"]
        metric, period = stat["Metric"], int(stat["Period"])
        dimensions = frozenset((d["Name"], d["Value"]) for d in metric.get("Dimensions", ()))
        buckets: dict[float, list[float]] = defaultdict(list)
        for at, value in self.points.get((region, metric["Namespace"], metric["MetricName"], dimensions), ()):
            if start <= at < end:
                buckets[at - at % period].append(value)
        return ((at, statistic(stat["Stat"], values)) for at, values in sorted(buckets.items()))


def statistic(name: str, values: list[float]) -> float:
    """Sum, Average or Maximum."""
    if name == "Maximum":
        return max(values)
    return sum(values) / (len(values) if name == "Average" else 1)


def timed(answer: Any, key: str = "") -> Any:
    """ISO texts under keys that end in Time as naive UTC times, which is what moto keeps."""
    if isinstance(answer, dict):
        return {k: timed(v, k) for k, v in answer.items()}
    if isinstance(answer, list):
        return [timed(v, key) for v in answer]
    if isinstance(answer, str) and key.endswith("Time"):
        return datetime.fromisoformat(answer).astimezone(UTC).replace(tzinfo=None)
    return answer


def epoch(text: str | float) -> float:
    """An ISO text or a number as seconds since 1970."""
    return text if isinstance(text, int | float) else datetime.fromisoformat(text).timestamp()


WORLD = World()
