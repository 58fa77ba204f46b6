"""Endpoints, one row per production or shadow variant: what runs, on what, since when.

DescribeEndpoint knows counts but no instance type; that is in DescribeEndpointConfig (rules.md). A field that
could not be read stays unknown: an endpoint never disappears because its details are denied.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from simulator.sources.collect.client.failures import Gone
from simulator.sources.collect.client.reader import Place, Reader
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.components import ComponentBook
from simulator.sources.collect.services.scaling import ScalingBook
from simulator.sources.collect.services.tags import TagBook
from simulator.sources.collect.services.training import chunks

VARIANTS_PER_METRIC_CALL = 60
NO_FLEET = ("Failed", "Creating", "OutOfService")
Answer = dict[str, Any]
Row = dict[str, Any]
Measure = Callable[[list[Row]], Any]


class Endpoints:
    """Reads the endpoints of one place; `measure` adds what CloudWatch knows to a list of rows."""

    def __init__(
        self, reader: Reader, tables: Tables, tags: TagBook, scaling: ScalingBook, components: ComponentBook
    ) -> None:
        self.reader, self.tables, self.tags = reader, tables, tags
        self.scaling, self.components = scaling, components
        self.place: Place = reader.place
        self._shared: dict[tuple[str, str], Answer | None] = {}
        self._lock = threading.Lock()

    def read(self, measure: Measure) -> int:
        """Write one row a variant; gives the number of rows."""
        listed = list_endpoints(self.reader)
        written = 0
        for rows, _ in self.reader.each(
            chunks(self._rows(listed), VARIANTS_PER_METRIC_CALL), measure, ahead=self.place.options.parallel
        ):
            written += self.tables.write("endpoints", rows)
        if self.scaling.known is False and written:
            self.reader.say("auto-scaling limits are unknown: endpoints may scale already.")
        return written

    def _rows(self, listed: list[Answer]) -> Iterator[Row]:
        for done, (summary, described) in enumerate(self.reader.each(listed, self._describe), 1):
            self.reader.progress(done, len(listed))
            if described is not None:
                yield from self._endpoint_rows(summary, *described)

    def _describe(self, summary: Answer) -> tuple[Answer, Answer, dict[str, Answer]]:
        """The endpoint, its config and its models by name; empty answers where they cannot be read."""
        name = summary["EndpointName"]
        asked = self.reader.attempt(
            "sagemaker", "DescribeEndpoint", needs="EndpointStatus", EndpointName=name
        )
        endpoint = asked or {}
        config = self._once(
            "DescribeEndpointConfig", "EndpointConfigName", endpoint.get("EndpointConfigName")
        )
        variants = config.get("ProductionVariants", []) + config.get("ShadowProductionVariants", [])
        names = [v["ModelName"] for v in variants if v.get("ModelName")]
        return endpoint, config, {n: self._once("DescribeModel", "ModelName", n) for n in names}

    def _once(self, operation: str, field: str, name: str | None) -> Answer:
        """A config or model, asked for once however many endpoints share it."""
        if not name:
            return {}
        with self._lock:
            if (operation, name) in self._shared:
                return self._shared[operation, name] or {}
        try:
            answer = self.reader.attempt("sagemaker", operation, needs=field, **{field: name}) or {}
        except Gone:
            answer = {}
        slim = {k: v for k, v in answer.items() if k in KEPT_FIELDS}
        with self._lock:
            self._shared[operation, name] = slim
        return slim

    def _endpoint_rows(
        self, summary: Answer, endpoint: Answer, config: Answer, models: dict[str, Answer]
    ) -> Iterator[Row]:
        arn = summary["EndpointArn"]
        created, modified = summary["CreationTime"], summary["LastModifiedTime"]
        common = {
            **self.place.base,
            **self.tags.columns(arn),
            "endpoint_name": summary["EndpointName"],
            "status": endpoint.get("EndpointStatus") or summary["EndpointStatus"],
            "created_at": created,
            "last_modified_at": max(created, modified),
            "keep": self.tags.keep(arn, self.place.end),
        }
        wanted = (("ProductionVariants", False), ("ShadowProductionVariants", True))
        found = False
        for field, shadow in wanted:
            for name, running, planned in matched(endpoint.get(field), config.get(field)):
                found = True
                row = {
                    **common,
                    "variant_name": name,
                    "shadow": shadow,
                    "mode": mode(endpoint, config, planned),
                }
                row.update(self._variant(running, planned, bool(endpoint), row))
                row.update(model_facts(models.get(planned.get("ModelName", ""), {})))
                yield row
        if not found:
            yield {**common, "variant_name": "unknown"}

    def _variant(self, running: Answer, planned: Answer, described: bool, row: Row) -> Row:
        serverless = running.get("CurrentServerlessConfig") or planned.get("ServerlessConfig") or {}
        limits = self._limits(running, planned, (row["endpoint_name"], row["variant_name"]))
        hosted = self.components.hosted.get((row["endpoint_name"], row["variant_name"]))
        return {
            **instances(running, planned),
            **(empty_fleet(row["status"]) if described and not running else {}),
            "volume_gb": planned.get("VolumeSizeInGB"),
            "model_name": planned.get("ModelName"),
            "scaling_min": limits[0],
            "scaling_max": limits[1],
            "serverless_memory_mb": serverless.get("MemorySizeInMB"),
            "max_concurrency": serverless.get("MaxConcurrency"),
            "provisioned_concurrency": serverless.get("ProvisionedConcurrency"),
            **(hosted.columns() if hosted else {}),
        }

    def _limits(
        self, running: Answer, planned: Answer, key: tuple[str, str]
    ) -> tuple[int | None, int | None]:
        managed = running.get("ManagedInstanceScaling") or planned.get("ManagedInstanceScaling") or {}
        if key in self.scaling.limits:
            return self.scaling.limits[key]
        if managed.get("Status") == "ENABLED":
            return managed.get("MinInstanceCount"), managed.get("MaxInstanceCount")
        return None, None


KEPT_FIELDS = (
    "ProductionVariants", "ShadowProductionVariants", "AsyncInferenceConfig", "PrimaryContainer", "Containers",
)  # fmt: skip


def list_endpoints(reader: Reader) -> list[Answer]:
    """Summaries of all endpoints; the default page of 10 is widened to 100."""
    return reader.items("sagemaker", "ListEndpoints", "Endpoints", "EndpointName", MaxResults=100)


def matched(running: Any, planned: Any) -> list[tuple[str, Answer, Answer]]:
    """(variant, as it runs, as configured) of every variant either side names."""
    runs = {v["VariantName"]: v for v in running or ()}
    plans = {v["VariantName"]: v for v in planned or ()}
    return [(n, runs.get(n, {}), plans.get(n, {})) for n in dict.fromkeys([*runs, *plans])]


def mode(endpoint: Answer, config: Answer, planned: Answer) -> str | None:
    """How the variant serves; None when neither endpoint nor config could be read."""
    if endpoint.get("AsyncInferenceConfig") or config.get("AsyncInferenceConfig"):
        return "async"
    if not planned:
        return None
    if planned.get("ServerlessConfig"):
        return "serverless"
    return "realtime" if planned.get("ModelName") else "components"


def instances(running: Answer, planned: Answer) -> Row:
    """Type and count. A pool that mixes types has a count but no single type: the type is unknown."""
    pools = {p["InstanceType"] for p in running.get("InstancePools") or () if p.get("CurrentInstanceCount")}
    single = pools.pop() if len(pools) == 1 else None
    return {
        "instance_type": single or (None if pools else planned.get("InstanceType")),
        "instance_count": running.get("CurrentInstanceCount"),
    }


def empty_fleet(status: str) -> Row:
    """An endpoint that failed at creation reports no variant: it holds no instance."""
    return {"instance_count": 0} if status in NO_FLEET else {}


def model_facts(model: Answer) -> Row:
    """Container and whether it is built for a GPU, as far as the image's name tells."""
    containers = model.get("Containers") or (
        [model["PrimaryContainer"]] if model.get("PrimaryContainer") else []
    )
    images = [c["Image"].rpartition("/")[2] for c in containers if c.get("Image")]
    if not images:
        return {}
    multi = any(c.get("Mode") == "MultiModel" for c in containers)
    names = [image.partition("@")[0].partition(":")[0] for image in images]
    return {
        "container": " + ".join(dict.fromkeys(names)) + (" (multi-model)" if multi else ""),
        "needs_gpu": needs_gpu(" ".join(images)),
    }


def needs_gpu(images: str) -> bool | None:
    """True for images built for CUDA, False for CPU images, None when the tag does not say."""
    text = images.lower()
    if "gpu" in text or "-cu1" in text or "cuda" in text:
        return True
    return False if "cpu" in text else None
