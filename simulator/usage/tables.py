"""Usage: what the account used in a month, as columns. No money.

One table per kind of resource, one row per resource, one NumPy array per column. A *meter* is a column
that AWS bills: a quantity with the price key it is billed under. Levers move quantities between meters
and never see a price. Codes (`instance_type`, `region`, `model`) index the vocabularies of the catalogue;
-1 is unknown. A meter has the shape (rows,) or, when parameters are draws, (draws, rows).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from simulator.catalog import Catalog
from simulator.usage.profile import Profile

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
Texts = NDArray[np.object_]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Meter:
    """What a billed column is: `price` component, the column (or the literal item) that names the item, unit.

    `component` is where reports show it. `eligible` tells whether a SageMaker Savings Plan may cover it.
    `once` marks what is billed one time when a change is made, not every month.
    """

    name: str
    price: str
    unit: str
    component: str
    by: str = ""
    item: str = ""
    eligible: bool = False
    once: bool = False


def meter(price: str, unit: str, component: str, **more: Any) -> Any:
    """Declare a billed column of a usage table (see `Meter`)."""
    declared = Meter("", price, unit, component, **more)
    return field(default_factory=lambda: np.zeros(0), metadata={"meter": declared})


@cache
def meters_of(table: type) -> tuple[Meter, ...]:
    """The meters of a table in the order of declaration."""
    return tuple(
        replace(f.metadata["meter"], name=f.name) for f in dataclasses.fields(table) if "meter" in f.metadata
    )


@dataclass(frozen=True)
class Table:
    """Columns every kind of resource has. `kept` marks resources the planner wants left alone."""

    resource_id: Texts
    region: Codes
    owner: Texts
    profile: Profile
    kept: Mask

    def __len__(self) -> int:
        return len(self.resource_id)

    def __post_init__(self) -> None:
        for declared in meters_of(type(self)):  # type: ignore[arg-type]
            if getattr(self, declared.name).size == 0:
                object.__setattr__(self, declared.name, np.zeros(len(self)))

    def changed(self, **columns: Any) -> Self:
        """The table with some columns replaced: `dataclasses.replace` without its cost per untouched column.

        Raises TypeError for a column the table does not have.
        """
        if not self.__dict__.keys() >= columns.keys():
            raise TypeError(
                f"{type(self).__name__} has no column {sorted(columns.keys() - self.__dict__.keys())}"
            )
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.update(columns)
        return new

    def meters(self) -> Iterator[tuple[Meter, Array]]:
        """The billed columns with their quantities."""
        for declared in meters_of(type(self)):  # type: ignore[arg-type]
            yield declared, getattr(self, declared.name)

    def scaled(self, names: tuple[str, ...], factor: Any, rows: Mask) -> dict[str, Array]:
        """The named meters with the quantity of the chosen rows multiplied by `factor`."""
        return {name: np.where(rows, getattr(self, name) * factor, getattr(self, name)) for name in names}


OUTCOMES = ("Completed", "Failed", "Stopped", "InProgress")
COMPLETED, FAILED, STOPPED, IN_PROGRESS = range(4)
FAILURE_CLASSES = ("AlgorithmError", "ClientError", "CapacityError", "InternalServerError", "unknown")
NOT_FAILED = -1


@dataclass(frozen=True)
class Training(Table):
    """Training jobs, per month. Billed hours are instance-hours: billable seconds / 3600 x instances.

    `outcome` and `failure_class` index OUTCOMES and FAILURE_CLASSES. `trial` marks children of tuning jobs,
    `stops_early` those whose tuning job already stopped trials. `alike_jobs` counts the completed jobs of the
    same owner, name stem, region, type and count (NaN: owner unknown). `smaller_type` is the type a
    right-sizing would try, `slowdown_ratio` how much longer the job takes on it.
    """

    instance_type: Codes
    resized_type: Codes
    smaller_type: Codes
    slowdown_ratio: Array
    instance_count: Array
    status: Texts
    outcome: Codes
    failure_reason: Texts
    failure_class: Codes
    tuning_job: Texts
    trial: Mask
    stops_early: Mask
    alike_jobs: Array
    training_hours: Array
    job_hours: Array
    jobs_per_month: float
    spot: Array
    checkpointing: Array
    max_runtime_hours: Array
    max_wait_hours: Array
    warm_pool: Array
    volume_gb: Array
    download_hours: Array
    upload_hours: Array
    gpu_utilization_ratio: Array
    gpu_memory_ratio: Array
    cpu_utilization_ratio: Array
    billable_hours: Array = meter("training", "instance_hour", "training", by="instance_type", eligible=True)
    resized_hours: Array = meter("training", "instance_hour", "training", by="resized_type", eligible=True)
    spot_hours: Array = meter("training", "instance_hour", "training", by="instance_type")
    resized_spot_hours: Array = meter("training", "instance_hour", "training", by="resized_type")
    warm_pool_hours: Array = meter(
        "warm_pool", "instance_hour", "training", by="instance_type", eligible=True
    )
    resized_warm_pool_hours: Array = meter(
        "warm_pool", "instance_hour", "training", by="resized_type", eligible=True
    )
    volume_gb_month: Array = meter("volume", "gb_month", "training", item="gp2")


MODE_LEVERS = (
    "async_inference",
    "batch_transform",
    "inference_components",
    "multi_model",
    "scale_to_zero",
    "serverless",
    "to_bedrock",
)
ANY_MODE, NO_MODE = -1, -2


@dataclass(frozen=True)
class Endpoints(Table):
    """Endpoint variants, per month. `traffic[r, h]` is calls in hour h of the window, NaN = unknown.

    `traffic_sorted`, `window_share`, `window_start` and what else the calls imply: see usage/endpoint_traffic.
    `long_silence[r, h]` is true after 24 hours without a call to any variant, see usage/silence.
    `mode_choice` indexes MODE_LEVERS: the one serving mode that may act (ANY_MODE: all, NO_MODE: none).
    `variants` counts the rows of the same endpoint (`endpoint`), `place` numbers account and region, `pool`
    endpoints of one place and container, `family` the family of the instance type. `pooled` marks endpoints a lever put
    on shared instances, `max_rps` is the capacity of one instance of the type in the plan (`resized_type`).
    """

    endpoint_name: Texts
    endpoint: Codes
    variants: Array
    place: Codes
    pool: Codes
    triton: Mask
    pooled: Mask
    mode_choice: Codes
    status: Texts
    mode: Texts
    container: Texts
    model_name: Texts
    instance_type: Codes
    resized_type: Codes
    smaller_type: Codes
    multi_gpu_type: Codes
    inferentia_type: Codes
    family: Codes
    bedrock_model: Codes
    instance_count: Array
    age_hours: Array
    traffic: Array
    traffic_sorted: Array
    window_share: Array
    window_start: Codes
    first_hour_of_week: float
    peak_calls_per_hour: Array
    busy_ratio: Array
    wakeups_per_month: Array
    observed_hours: Array
    silent_hours: Array
    long_silence: Mask
    long_silence_hours: Array
    calls_per_month: Array
    veto: Array
    needs_gpu: Array
    model_gib: Array
    copies: Array
    accelerators_per_copy: Array
    gpu_utilization_ratio: Array
    gpu_memory_ratio: Array
    cpu_utilization_ratio: Array
    memory_utilization_ratio: Array
    latency_seconds: Array
    payload_gib: Array
    max_rps: Array
    scaling_min: Array
    scaling_max: Array
    async_tolerant: Array
    offline: Array
    shadow: Array
    tokens_in_per_call: Array
    tokens_out_per_call: Array
    volume_gb: Array
    serverless_memory_gib: Array
    instance_hours: Array = meter("hosting", "instance_hour", "hosting", by="instance_type", eligible=True)
    resized_hours: Array = meter("hosting", "instance_hour", "hosting", by="resized_type", eligible=True)
    async_hours: Array = meter("async_inference", "instance_hour", "hosting", by="resized_type")
    transform_hours: Array = meter(
        "batch_transform", "instance_hour", "hosting", by="instance_type", eligible=True
    )
    serverless_gb_seconds: Array = meter("serverless_inference", "gb_second", "hosting", item="gb_second")
    serverless_io_gb: Array = meter("serverless_inference", "gb", "hosting", item="gb_io")
    provisioned_gb_seconds: Array = meter(
        "serverless_inference", "gb_second", "hosting", item="provisioned_gb_second"
    )
    bedrock_input_tokens: Array = meter("bedrock_input", "token", "hosting", by="bedrock_model")
    bedrock_output_tokens: Array = meter("bedrock_output", "token", "hosting", by="bedrock_model")
    volume_gb_month: Array = meter("volume", "gb_month", "hosting", item="gp2")


@dataclass(frozen=True)
class Compute(Table):
    """Notebook instances, Studio apps, processing and batch transform, per month.

    `interactive` marks notebooks and Studio apps. `metered_hours` is what ran before any lever; idle and
    out-of-hours hours are parts of it. `office_hours[h]` is 1 in hours of the window inside office hours.
    """

    kind: Texts
    interactive: Mask
    instance_type: Codes
    instance_count: Array
    metered_hours: Array
    idle_hours: Array
    out_of_hours_hours: Array
    office_hours: Array
    notebook_hours: Array = meter("notebook", "instance_hour", "compute", by="instance_type", eligible=True)
    studio_hours: Array = meter("studio", "instance_hour", "compute", by="instance_type", eligible=True)
    processing_hours: Array = meter(
        "processing", "instance_hour", "compute", by="instance_type", eligible=True
    )
    transform_hours: Array = meter(
        "batch_transform", "instance_hour", "compute", by="instance_type", eligible=True
    )
    volume_gb_month: Array = meter("volume", "gb_month", "compute", item="gp2")


@dataclass(frozen=True)
class Bedrock(Table):
    """Bedrock models by region and tier, per month, with tokens in four disjoint directions.

    `routed_*` meters are requests sent to another, cheaper model. `tier_*` meters count on-demand tokens of
    equal cost: tokens of another service tier times that tier's price over the on-demand price. Likewise
    `write_equivalent_tokens`: cache writes without a price of their own, as input tokens of equal cost.
    `billed_units` are dollars of the bill whose tokens nobody knows, at one dollar each.
    """

    model: Codes
    routed_model: Codes
    provisioned_model: Codes
    tier: Texts
    requests: Array
    cacheable_ratio: Array
    prefix_tokens: Array
    requests_per_ttl: Array
    latency_tolerant_ratio: Array
    peak_tokens_per_minute: Array
    reported_cost_usd: Array
    input_tokens: Array = meter("bedrock_input", "token", "bedrock", by="model")
    output_tokens: Array = meter("bedrock_output", "token", "bedrock", by="model")
    cache_read_tokens: Array = meter("bedrock_cache_read", "token", "bedrock", by="model")
    cache_write_tokens: Array = meter("bedrock_cache_write", "token", "bedrock", by="model")
    write_equivalent_tokens: Array = meter("bedrock_input", "token", "bedrock", by="model")
    batch_input_tokens: Array = meter("bedrock_batch_input", "token", "bedrock", by="model")
    batch_output_tokens: Array = meter("bedrock_batch_output", "token", "bedrock", by="model")
    tier_input_tokens: Array = meter("bedrock_input", "token", "bedrock", by="model")
    tier_output_tokens: Array = meter("bedrock_output", "token", "bedrock", by="model")
    routed_input_tokens: Array = meter("bedrock_input", "token", "bedrock", by="routed_model")
    routed_output_tokens: Array = meter("bedrock_output", "token", "bedrock", by="routed_model")
    routed_cache_read_tokens: Array = meter("bedrock_cache_read", "token", "bedrock", by="routed_model")
    routed_cache_write_tokens: Array = meter("bedrock_cache_write", "token", "bedrock", by="routed_model")
    routed_batch_input_tokens: Array = meter("bedrock_batch_input", "token", "bedrock", by="routed_model")
    routed_batch_output_tokens: Array = meter("bedrock_batch_output", "token", "bedrock", by="routed_model")
    provisioned_unit_hours: Array = meter(
        "bedrock_provisioned", "model_unit_hour", "bedrock", by="provisioned_model"
    )
    billed_units: Array = meter("billed", "usd", "bedrock", item="bedrock")


STORAGE_CLASSES = (
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "INTELLIGENT_TIERING_FA",
    "INTELLIGENT_TIERING_IA",
    "INTELLIGENT_TIERING_AIA",
    "INTELLIGENT_TIERING_AA",
    "INTELLIGENT_TIERING_DAA",
    "EXPRESS_ONEZONE",
    "REDUCED_REDUNDANCY",
)


def _gb(storage_class: str) -> Any:
    return meter("storage", "gb_month", "storage", item=storage_class)


def _transition(storage_class: str) -> Any:
    return meter("storage_transition", "transition", "storage", item=storage_class, once=True)


def _early(storage_class: str) -> Any:
    return meter("storage", "gb_month", "storage", item=storage_class, once=True)


@dataclass(frozen=True)
class Storage(Table):
    """S3 buckets, per month. Ages, sizes and reads describe the part that was in STANDARD, `standard_gib`.

    `tiered_gib` is what a plan moved out of STANDARD, coldest first; `archive_standard_gb` what archived
    objects keep in STANDARD (8 KB of index each, and restored copies). `failed_gib`, `noncurrent_gib` and
    `incomplete_gib` are (rows, STORAGE_CLASSES): what could be deleted, by class. `early_*` are GB-months
    still owed for data that leaves its class before the minimum; `rewrite_*` the requests of writing again.
    """

    content: Texts
    lifecycle: Array
    standard_gib: Array
    tiered_gib: Array
    objects: Array
    small_objects: Array
    small_gib: Array
    gib_not_accessed_30d: Array
    gib_not_accessed_90d: Array
    gib_not_accessed_180d: Array
    retrieved_gib: Array
    noncurrent_gib: Array
    incomplete_gib: Array
    failed_gib: Array
    compressible: Array
    standard_gb: Array = _gb("STANDARD")
    standard_ia_gb: Array = _gb("STANDARD_IA")
    onezone_ia_gb: Array = _gb("ONEZONE_IA")
    glacier_ir_gb: Array = _gb("GLACIER_IR")
    glacier_gb: Array = _gb("GLACIER")
    deep_archive_gb: Array = _gb("DEEP_ARCHIVE")
    intelligent_tiering_fa_gb: Array = _gb("INTELLIGENT_TIERING_FA")
    intelligent_tiering_ia_gb: Array = _gb("INTELLIGENT_TIERING_IA")
    intelligent_tiering_aia_gb: Array = _gb("INTELLIGENT_TIERING_AIA")
    intelligent_tiering_aa_gb: Array = _gb("INTELLIGENT_TIERING_AA")
    intelligent_tiering_daa_gb: Array = _gb("INTELLIGENT_TIERING_DAA")
    express_onezone_gb: Array = _gb("EXPRESS_ONEZONE")
    reduced_redundancy_gb: Array = _gb("REDUCED_REDUNDANCY")
    archive_standard_gb: Array = _gb("STANDARD")
    put_requests: Array = meter("storage_put", "request", "storage", item="STANDARD")
    get_requests: Array = meter("storage_get", "request", "storage", item="STANDARD")
    retrieval_ia_gb: Array = meter("storage_retrieval", "gb", "storage", item="STANDARD_IA")
    retrieval_onezone_ia_gb: Array = meter("storage_retrieval", "gb", "storage", item="ONEZONE_IA")
    retrieval_glacier_ir_gb: Array = meter("storage_retrieval", "gb", "storage", item="GLACIER_IR")
    retrieval_glacier_gb: Array = meter("storage_retrieval", "gb", "storage", item="GLACIER")
    retrieval_deep_archive_gb: Array = meter("storage_retrieval", "gb", "storage", item="DEEP_ARCHIVE")
    restore_glacier: Array = meter("storage_retrieval_request", "request", "storage", item="GLACIER")
    restore_deep_archive: Array = meter(
        "storage_retrieval_request", "request", "storage", item="DEEP_ARCHIVE"
    )
    monitored_objects: Array = meter(
        "storage_monitoring", "object_month", "storage", item="INTELLIGENT_TIERING"
    )
    to_standard_ia: Array = _transition("STANDARD_IA")
    to_glacier_ir: Array = _transition("GLACIER_IR")
    to_glacier: Array = _transition("GLACIER")
    to_deep_archive: Array = _transition("DEEP_ARCHIVE")
    to_intelligent_tiering: Array = _transition("INTELLIGENT_TIERING")
    early_standard_ia: Array = _early("STANDARD_IA")
    early_onezone_ia: Array = _early("ONEZONE_IA")
    early_glacier_ir: Array = _early("GLACIER_IR")
    early_glacier: Array = _early("GLACIER")
    early_deep_archive: Array = _early("DEEP_ARCHIVE")
    rewrite_puts: Array = meter("storage_put", "request", "storage", item="STANDARD", once=True)
    rewrite_gets: Array = meter("storage_get", "request", "storage", item="STANDARD", once=True)


TABLES: dict[str, type[Table]] = {
    "training": Training,
    "endpoints": Endpoints,
    "compute": Compute,
    "bedrock": Bedrock,
    "storage": Storage,
}
COMPONENTS = ("training", "hosting", "compute", "bedrock", "storage", "commitments", "other")


@dataclass(frozen=True)
class Usage:
    """A period of an account: five tables, the vocabulary of their codes and the window behind them.

    Quantities are per `period_hours`: 730 at run rate, the window's own hours when it is to be reconciled.
    """

    training: Training
    endpoints: Endpoints
    compute: Compute
    bedrock: Bedrock
    storage: Storage
    catalog: Catalog
    window_hours: float
    period_hours: float

    def table(self, name: str) -> Table:
        """One of the five tables by name."""
        table: Table = getattr(self, name)
        return table
