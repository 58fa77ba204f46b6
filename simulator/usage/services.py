"""What runs or is stored beside the models: vector stores, file systems, logs, MLflow, Canvas, Feature Store.

One table for all of them: each row bills some of its meters, by its kind and size. Prices are the list's where AWS's
list is known to us, else those of the account's own bill; without either the cost is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.catalog import Catalog
from simulator.snapshot.snapshot import Snapshot
from simulator.usage.columns import Basis, Columns
from simulator.usage.gb_months import covered_months
from simulator.usage.profile import Profile
from simulator.usage.table import Array, Mask, Table, Texts, flag, meter, number, text

FSX_SIZES = {
    "SCRATCH_2": "fsx_scratch_gb",
    "PERSISTENT_1-50": "fsx_1_50_gb",
    "PERSISTENT_1-100": "fsx_1_100_gb",
    "PERSISTENT_1-200": "fsx_1_200_gb",
    "PERSISTENT_2-125": "fsx_2_125_gb",
    "PERSISTENT_2-250": "fsx_2_250_gb",
    "PERSISTENT_2-500": "fsx_2_500_gb",
    "PERSISTENT_2-1000": "fsx_2_1000_gb",
}
"""Deployment type and MB/s per TiB → the meter of its gigabytes. Source: FSx for Lustre pricing page."""
MLFLOW_SIZES = {"Small": "mlflow_small_hours", "Medium": "mlflow_medium_hours", "Large": "mlflow_large_hours"}
AGENTCORE_HOURS = {"vcpu": "agentcore_vcpu_hours", "memory_gb": "agentcore_gb_hours"}
AGENTCORE_COUNTS = {
    "gateway": "agentcore_gateway_calls",
    "gateway_search": "agentcore_gateway_searches",
    "memory_event": "agentcore_memory_events",
    "memory_record": "agentcore_memory_records",
    "memory_retrieval": "agentcore_memory_retrievals",
}
"""Size of an AgentCore row → its meter: vCPU and GB by the hour, the rest counted. Source: AgentCore pricing page."""
GIB_PER_TIB = 1024.0
FIRST_VECTORS = 100_000.0
"""Queries of an S3 vector index process its bytes at one price up to so many vectors, at half of it beyond."""


def _fsx(size: str) -> Any:
    return meter("file_system", "gb_month", "other", item=f"fsx_{size.lower()}")


def _agentcore(item: str, unit: str) -> Any:
    return meter("agentcore", unit, "bedrock", item=item)


def _mlflow(size: str) -> Any:
    return meter("mlflow", "hour", "other", item=size.lower())


@dataclass(frozen=True)
class Services(Table):
    """Services beside the models, per month. `stored_gib` is what they hold, `hours_before` what ran before any lever.

    `age_days` is how long a log group has been filling (NaN unknown). What a store of vectors in S3 bills is stored
    gigabytes, gigabytes put, queries, and the gigabytes of its index that queries go through.
    """

    kind: Texts
    stored_gib: Array
    hours_before: Array
    idle_hours: Array
    age_days: Array
    elastic: Mask
    size: Texts = text("size")
    gib_not_accessed_30d: Array = number("gib_not_accessed_30d")
    read_gib: Array = number("read_gib")
    written_gib: Array = number("written_gib")
    requests: Array = number("requests")
    vectors: Array = number("vectors")
    read_units: Array = number("read_units")
    write_units: Array = number("write_units")
    retention_days: Array = number("retention_days")
    standby_replicas: Array = flag("standby_replicas")
    production: Array = flag("production")
    hybrid_search: Array = flag("hybrid_search")
    in_s3: Array = flag("in_s3")
    ocu_hours: Array = meter("vector_store", "ocu_hour", "other", item="opensearch_ocu")
    opensearch_gb: Array = meter("vector_store", "gb_month", "other", item="opensearch_storage")
    vectors_gb: Array = meter("vector_store", "gb_month", "storage", item="s3_vectors")
    vectors_put_gb: Array = meter("vector_store", "gb", "storage", item="s3_vectors_put")
    vector_queries: Array = meter("vector_store", "query", "storage", item="s3_vectors_query")
    vectors_first_gb: Array = meter("vector_store", "gb", "storage", item="s3_vectors_processed_100k")
    vectors_more_gb: Array = meter("vector_store", "gb", "storage", item="s3_vectors_processed")
    efs_gb: Array = meter("file_system", "gb_month", "other", item="efs")
    efs_ia_gb: Array = meter("file_system", "gb_month", "other", item="efs_ia")
    efs_elastic_ia_gb: Array = meter("file_system", "gb_month", "other", item="efs_elastic_ia")
    efs_ia_read_gb: Array = meter("file_system", "gb", "other", item="efs_ia_read")
    efs_elastic_read_gb: Array = meter("file_system", "gb", "other", item="efs_elastic_read")
    efs_elastic_write_gb: Array = meter("file_system", "gb", "other", item="efs_elastic_write")
    fsx_scratch_gb: Array = _fsx("SCRATCH_2")
    fsx_1_50_gb: Array = _fsx("PERSISTENT_1-50")
    fsx_1_100_gb: Array = _fsx("PERSISTENT_1-100")
    fsx_1_200_gb: Array = _fsx("PERSISTENT_1-200")
    fsx_2_125_gb: Array = _fsx("PERSISTENT_2-125")
    fsx_2_250_gb: Array = _fsx("PERSISTENT_2-250")
    fsx_2_500_gb: Array = _fsx("PERSISTENT_2-500")
    fsx_2_1000_gb: Array = _fsx("PERSISTENT_2-1000")
    fsx_unknown_gb: Array = _fsx("unknown")
    logs_gb: Array = meter("cloudwatch", "gb_month", "other", item="logs_storage")
    logs_ingested_gb: Array = meter("cloudwatch", "gb", "other", item="logs_ingestion")
    mlflow_small_hours: Array = _mlflow("Small")
    mlflow_medium_hours: Array = _mlflow("Medium")
    mlflow_large_hours: Array = _mlflow("Large")
    mlflow_unknown_hours: Array = _mlflow("unknown")
    canvas_hours: Array = meter("canvas", "hour", "other", item="session")
    feature_store_gb: Array = meter("feature_store", "gb_month", "other", item="online_storage")
    feature_reads: Array = meter("feature_store", "request", "other", item="read_request")
    feature_writes: Array = meter("feature_store", "request", "other", item="write_request")
    feature_read_capacity_hours: Array = meter("feature_store", "hour", "other", item="read_capacity")
    feature_write_capacity_hours: Array = meter("feature_store", "hour", "other", item="write_capacity")
    agentcore_vcpu_hours: Array = _agentcore("vcpu", "hour")
    agentcore_gb_hours: Array = _agentcore("memory_gb", "hour")
    agentcore_gateway_calls: Array = _agentcore("gateway", "request")
    agentcore_gateway_searches: Array = _agentcore("gateway_search", "request")
    agentcore_memory_events: Array = _agentcore("memory_event", "request")
    agentcore_memory_records: Array = _agentcore("memory_record", "request")
    agentcore_memory_retrievals: Array = _agentcore("memory_retrieval", "request")
    agentcore_unknown_units: Array = _agentcore("unknown", "request")
    billed_units: Array = meter("billed", "usd", "other", item="bedrock")
    agentcore_billed_units: Array = meter("billed", "usd", "bedrock", item="bedrock")
    moved_gb: Array = meter("file_system", "gb", "other", item="efs_ia_write", once=True)
    vectors_moved_gb: Array = meter("vector_store", "gb", "storage", item="s3_vectors_put", once=True)


HOUR_METERS = ("ocu_hours", *MLFLOW_SIZES.values(), "mlflow_unknown_hours", "canvas_hours")
FSX_METERS = (*FSX_SIZES.values(), "fsx_unknown_gb")


def service_usage(
    s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]
) -> Services:
    """Hours metered in the window, `factor` of them a month; what is stored is stored all month.

    Rows known only by their dollars have their quantities at 0: their dollars are the bill's own.
    """
    t = Columns(s, "services")
    ids, kind = t.text("name"), t.text("kind")
    month = covered_months(s.manifest) if basis == "window" else 1.0
    billed = np.nan_to_num(t.number("billed_usd")) * factor
    hours, idle = t.number("unit_hours") * factor, t.number("idle_hours") * factor
    quantities = _quantities(t, kind, hours, month)
    dollars_only = (billed > 0) & np.isnan(hours) & np.isnan(t.number("gib")) & np.isnan(t.number("requests"))
    return Services(
        resource_id=ids,
        region=catalog.region_code(t.text("region")),
        owner=t.text("owner"),
        tags=t.text("tags"),
        profile=Profile.flat(len(ids), round(s.window_hours)),
        kept=t.kept(ids, keep),
        kind=kind,
        stored_gib=t.number("gib"),
        hours_before=hours,
        idle_hours=idle,
        age_days=(s.window_hours - t.hour("created_at")) / 24.0,
        elastic=t.text("size") == "elastic",
        **t.facts(Services),
        billed_units=np.where(kind == "agentcore", 0.0, billed),
        agentcore_billed_units=np.where(kind == "agentcore", billed, 0.0),
        **{name: np.where(dollars_only, 0.0, q) for name, q in quantities.items()},
    )


def _quantities(t: Columns, kind: Texts, hours: Array, month: float) -> dict[str, Array]:
    """Every billed quantity of the rows, 0 where a row's kind does not bill it, NaN where it is not known."""
    size, gib = t.text("size"), t.number("gib") * month
    read, written, requests, reads, writes = (
        np.nan_to_num(t.number(n)) * month
        for n in ("read_gib", "written_gib", "requests", "read_units", "write_units")
    )
    cold = np.nan_to_num(t.number("cold_gib")) * month
    elastic = size == "elastic"
    first, more = processed_gib(requests, t.number("gib"), t.number("vectors"))

    def of(name: str, amount: Array, also: Mask | bool = True) -> Array:
        return np.where((kind == name) & also, amount, 0.0)

    return {
        "ocu_hours": of("opensearch_serverless", hours),
        "opensearch_gb": of("opensearch_serverless", np.nan_to_num(gib)),
        "vectors_gb": of("s3_vectors", gib),
        "vectors_put_gb": of("s3_vectors", written),
        "vector_queries": of("s3_vectors", requests),
        "vectors_first_gb": of("s3_vectors", np.nan_to_num(first)),
        "vectors_more_gb": of("s3_vectors", np.nan_to_num(more)),
        "efs_gb": of("efs", gib - cold),
        "efs_ia_gb": of("efs", cold, ~elastic),
        "efs_elastic_ia_gb": of("efs", cold, elastic),
        "efs_elastic_read_gb": of("efs", read, elastic),
        "efs_elastic_write_gb": of("efs", written, elastic),
        **{m: of("fsx_lustre", gib, size == name) for name, m in FSX_SIZES.items()},
        "fsx_unknown_gb": of("fsx_lustre", gib, ~np.isin(size, list(FSX_SIZES))),
        "logs_gb": of("logs", gib),
        "logs_ingested_gb": of("logs", written),
        **{m: of("mlflow", hours, size == name) for name, m in MLFLOW_SIZES.items()},
        "mlflow_unknown_hours": of("mlflow", hours, ~np.isin(size, list(MLFLOW_SIZES))),
        "canvas_hours": of("canvas", hours),
        "feature_store_gb": of("feature_store", np.where(np.isnan(gib) & (reads + writes > 0), 0.0, gib)),
        "feature_reads": of("feature_store", reads),
        "feature_writes": of("feature_store", writes),
        **_agentcore_quantities(of, size, hours, t.number("requests") * month),
    }


def _agentcore_quantities(
    of: Callable[..., Array], size: Texts, hours: Array, counted: Array
) -> dict[str, Array]:
    """By the size of each AgentCore row; a size that is not known has a quantity without a price."""
    known = np.isin(size, [*AGENTCORE_HOURS, *AGENTCORE_COUNTS])
    return {
        **{m: of("agentcore", hours, size == name) for name, m in AGENTCORE_HOURS.items()},
        **{m: of("agentcore", counted, size == name) for name, m in AGENTCORE_COUNTS.items()},
        "agentcore_unknown_units": of("agentcore", np.fmax(hours, counted), ~known),
    }


def processed_gib(queries: Any, gib: Any, vectors: Any) -> tuple[Any, Any]:
    """GiB that queries of an S3 vector index go through: of its first 100,000 vectors, and of the rest.

    Each query is charged for the whole index. Where the number of vectors is not known, all is at the first price,
    the higher one. Source: S3 pricing page, S3 Vectors: its example of 10 million vectors in 40 indexes costs 11.38.
    """
    through = queries * gib
    share = np.where(np.nan_to_num(vectors) > FIRST_VECTORS, FIRST_VECTORS / np.fmax(vectors, 1.0), 1.0)
    return through * share, through * (1.0 - share)
