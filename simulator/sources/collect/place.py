"""The sources of one account in one region, in the order in which one needs another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.sources.collect.client.reader import Place, Reader
from simulator.sources.collect.cost import Inventory
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.batch_jobs import PROCESSING, TRANSFORM, BatchJobs
from simulator.sources.collect.services.bedrock import LISTS, Bedrock
from simulator.sources.collect.services.bedrock_bill import BedrockBill
from simulator.sources.collect.services.beside import Beside
from simulator.sources.collect.services.buckets import Buckets, list_buckets, size_window
from simulator.sources.collect.services.components import ComponentBook
from simulator.sources.collect.services.endpoints import Endpoints, list_endpoints
from simulator.sources.collect.services.listings import hyperpod_clusters, tuning_jobs
from simulator.sources.collect.services.metrics import MetricReader
from simulator.sources.collect.services.notebooks import Notebooks
from simulator.sources.collect.services.scaling import ScalingBook
from simulator.sources.collect.services.tags import TagBook
from simulator.sources.collect.services.traffic import Traffic
from simulator.sources.collect.services.training import TrainingJobs, list_training_jobs

SOURCES_PER_PLACE = 26
BUCKET_LIST, COMPONENTS = "s3:buckets", "sagemaker:inference_components"


def read_place(
    place: Place, tables: Tables, buckets: Sequence[str], bill: BedrockBill, bucket_list: str = "ok"
) -> None:
    """Read everything of a place into `tables`; its buckets, how their list ended, and its account's bill are known."""
    reader, tags = Reader(place), TagBook()
    reader.source("tag:resources", lambda: tags.read(reader))
    _training(reader, tables, tags)
    _endpoints(reader, tables, tags)
    _compute(reader, tables, tags)
    _bedrock(reader, tables, bill)
    _beside(reader, tables)
    reader.heard(BUCKET_LIST, bucket_list)
    if buckets or reader.failed(BUCKET_LIST):
        _storage(reader, tables, buckets)
    tables.close()


def _training(reader: Reader, tables: Tables, tags: TagBook) -> None:
    metrics = MetricReader(reader, reader.place.start, reader.place.end)
    reader.source("sagemaker:tuning_jobs", lambda: tuning_jobs(reader))
    reader.source("sagemaker:training_jobs", TrainingJobs(reader, tables, tags, metrics).read)
    _metrics_source(reader, "cloudwatch:training_utilization", metrics, "sagemaker:training_jobs")


def _endpoints(reader: Reader, tables: Tables, tags: TagBook) -> None:
    place, scaling, components = reader.place, ScalingBook(), ComponentBook()
    calls, hardware = (MetricReader(reader, place.start, place.end) for _ in range(2))
    reader.source("application-autoscaling:targets", lambda: scaling.read(reader))
    reader.source(COMPONENTS, lambda: components.read(reader))
    traffic = Traffic(tables, calls, hardware, components)
    endpoints = Endpoints(reader, tables, tags, scaling, components)
    reader.source("sagemaker:endpoints", lambda: endpoints.read(traffic.measure))
    _metrics_source(reader, "cloudwatch:endpoint_invocations", calls, "sagemaker:endpoints", COMPONENTS)
    _metrics_source(reader, "cloudwatch:endpoint_utilization", hardware, "sagemaker:endpoints")


def _metrics_source(reader: Reader, name: str, metrics: MetricReader, listed: str, *parts: str) -> None:
    """Log how metrics went that were read along with what they measure, and with its parts, listed on their own."""
    reader.source(name, metrics.status, of=(listed,), asked=lambda: metrics.asked, every=parts)


def _compute(reader: Reader, tables: Tables, tags: TagBook) -> None:
    notebooks = Notebooks(reader, tables, tags)
    reader.source("sagemaker:notebook_instances", notebooks.read_instances)
    reader.source("sagemaker:spaces", notebooks.read_spaces)
    reader.source("sagemaker:apps", notebooks.read_apps)
    reader.source("sagemaker:processing_jobs", BatchJobs(reader, tables, tags, PROCESSING).read)
    reader.source("sagemaker:transform_jobs", BatchJobs(reader, tables, tags, TRANSFORM).read)
    reader.source("sagemaker:hyperpod_clusters", lambda: hyperpod_clusters(reader))


def _bedrock(reader: Reader, tables: Tables, bill: BedrockBill) -> None:
    metrics = MetricReader(reader, reader.place.start, reader.place.end)
    bedrock = Bedrock(reader, tables, metrics, bill)
    reader.source("bedrock:models", bedrock.read_models)
    reader.source("bedrock:inference_profiles", bedrock.read_profiles)
    reader.source("bedrock:provisioned_throughput", bedrock.read_provisioned)
    reader.source(
        "cloudwatch:bedrock_tokens", bedrock.read_use, of=LISTS, asked=lambda: metrics.asked, every=LISTS
    )
    place = reader.place
    if agents := bill.agentcore.rows(place.region, place.base, place.start, place.end):
        tables.write("services", agents)


def _beside(reader: Reader, tables: Tables) -> None:
    beside = Beside(reader, tables)
    reader.source("logs:log_groups", beside.read_logs)
    reader.source("efs:file_systems", beside.read_efs)
    reader.source("fsx:file_systems", beside.read_fsx)
    reader.source("sagemaker:mlflow_servers", beside.read_mlflow)


def _storage(reader: Reader, tables: Tables, names: Sequence[str]) -> None:
    buckets = Buckets(reader, tables, MetricReader(reader, *size_window(reader.place.end)))
    settings, sizes = (lambda: buckets.read_settings(names)), (lambda: buckets.read_sizes(names))
    reader.source("s3:bucket_settings", settings, of=(BUCKET_LIST,), asked=lambda: len(names))
    reader.source("cloudwatch:bucket_sizes", sizes, of=(BUCKET_LIST,), asked=lambda: len(names))


def inventory(place: Place, *, with_buckets: bool) -> Inventory:
    """How much there is to read, by free listings only; None where a listing fails."""
    reader = Reader(place)
    bedrock = Bedrock(reader, None, None, BedrockBill())  # type: ignore[arg-type]

    def count(name: str, listing: Callable[[], int]) -> int | None:
        found: list[int] = []

        def read() -> int:
            found.append(listing())
            return found[0]

        reader.source(f"plan:{name}", read)
        return found[0] if found else None

    return Inventory(
        jobs=count("jobs", lambda: len(list_training_jobs(reader))),
        endpoints=count("endpoints", lambda: len(list_endpoints(reader))),
        buckets=count("buckets", lambda: len(list_buckets(reader))) if with_buckets else 0,
        models=count("models", lambda: bedrock.read_models() + bedrock.read_profiles()),
    )
