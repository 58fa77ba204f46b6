"""S3 buckets: their columns, bytes by class with the ages, sizes and reads that levers ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulator.aws.storage_classes import STORAGE_CLASSES
from simulator.catalog import Catalog
from simulator.snapshot.snapshot import Snapshot
from simulator.units import BYTES_PER_GIB
from simulator.usage.buckets import Buckets
from simulator.usage.gb_months import covered_months
from simulator.usage.profile import Profile
from simulator.usage.table import Array, Table, Texts, derived, meter

# Classes whose requests have a price of their own; Intelligent-Tiering's is that of STANDARD in every region.
REQUEST_CLASSES = ("STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE", "EXPRESS_ONEZONE")
AT_LEAST_128_KB = ("STANDARD_IA", "ONEZONE_IA", "GLACIER_IR")
ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
TIERED_ARCHIVES = ("INTELLIGENT_TIERING_AA", "INTELLIGENT_TIERING_DAA")
SMALL_BYTES, INDEX_BYTES, NAME_BYTES = 128 * 1024, 32 * 1024, 8 * 1024
RETRIEVAL = {
    "retrieval_ia_gb": "STANDARD_IA",
    "retrieval_onezone_ia_gb": "ONEZONE_IA",
    "retrieval_glacier_ir_gb": "GLACIER_IR",
    "retrieval_glacier_gb": "GLACIER",
    "retrieval_deep_archive_gb": "DEEP_ARCHIVE",
    "retrieval_express_gb": "EXPRESS_ONEZONE",
}
RESTORES = {
    "retrieval_glacier_bulk_gb": ("bulk_retrieved_gib", ("GLACIER",)),
    "retrieval_deep_archive_bulk_gb": ("bulk_retrieved_gib", ("DEEP_ARCHIVE",)),
    "retrieval_intelligent_bulk_gb": ("bulk_retrieved_gib", TIERED_ARCHIVES),
    "retrieval_glacier_expedited_gb": ("expedited_retrieved_gib", ("GLACIER",)),
    "retrieval_intelligent_expedited_gb": ("expedited_retrieved_gib", TIERED_ARCHIVES),
}
TIERED = np.array([name.startswith("INTELLIGENT_TIERING") for name in STORAGE_CLASSES])


def _read(item: str) -> Any:
    return meter("storage_retrieval", "gb", "storage", item=item)


def _restore(item: str) -> Any:
    return meter("storage_retrieval_request", "request", "storage", item=item)


def _gb(storage_class: str) -> Any:
    return meter("storage", "gb_month", "storage", item=storage_class)


def _requests(kind: str, storage_class: str) -> Any:
    return meter(f"storage_{kind}", "request", "storage", item=storage_class)


def _transition(storage_class: str) -> Any:
    return meter("storage_transition", "transition", "storage", item=storage_class, once=True)


def _early(storage_class: str) -> Any:
    return meter("storage", "gb_month", "storage", item=storage_class, once=True)


def _copied(storage_class: str) -> Any:
    return meter("storage_get", "request", "storage", item=storage_class, once=True)


def _copied_gb(storage_class: str) -> Any:
    return meter("storage_retrieval", "gb", "storage", item=storage_class, once=True)


@dataclass(frozen=True)
class Storage(Table):
    """S3 buckets, per month. Ages, sizes and reads describe the part that was in STANDARD, `standard_gib`.

    `unmoved_reads_gib` is what is read a month of what a plan left in STANDARD (`retrieved_gib` before any lever).
    `tiered_gib` is what a plan moved out of STANDARD, coldest first, `auto_*` what Intelligent-Tiering took of it;
    `archive_standard_gb` what archived objects keep in STANDARD (8 KB of index each, restored copies).
    `failed_gib`, `noncurrent_gib` and `incomplete_gib` are (rows, STORAGE_CLASSES): what could be deleted, by
    class, of `stored_gib`, as are `small_objects_in` and `small_gib_in`; `large_share` is that of bytes in objects
    of at least 128 KB; `index_gib` is what each class keeps in STANDARD. `early_*` are GB-months still owed for
    data that leaves its class before the minimum; `rewrite_*` the requests of writing again.
    """

    large_share: Array = field(init=False, metadata=derived("standard_gib", "objects", "small_gib"))
    content: Texts
    lifecycle: Array
    standard_gib: Array
    tiered_gib: Array
    auto_fa_gb: Array
    auto_ia_gb: Array
    auto_aia_gb: Array
    auto_objects: Array
    objects: Array
    small_objects: Array
    small_gib: Array
    gib_not_accessed_30d: Array
    gib_not_accessed_90d: Array
    gib_not_accessed_180d: Array
    retrieved_gib: Array
    unmoved_reads_gib: Array
    noncurrent_gib: Array
    incomplete_gib: Array
    failed_gib: Array
    stored_gib: Array
    small_objects_in: Array
    small_gib_in: Array
    index_gib: Array
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
    put_standard_ia: Array = _requests("put", "STANDARD_IA")
    get_standard_ia: Array = _requests("get", "STANDARD_IA")
    put_onezone_ia: Array = _requests("put", "ONEZONE_IA")
    get_onezone_ia: Array = _requests("get", "ONEZONE_IA")
    put_glacier_ir: Array = _requests("put", "GLACIER_IR")
    get_glacier_ir: Array = _requests("get", "GLACIER_IR")
    put_glacier: Array = _requests("put", "GLACIER")
    get_glacier: Array = _requests("get", "GLACIER")
    put_deep_archive: Array = _requests("put", "DEEP_ARCHIVE")
    get_deep_archive: Array = _requests("get", "DEEP_ARCHIVE")
    put_express_onezone: Array = _requests("put", "EXPRESS_ONEZONE")
    get_express_onezone: Array = _requests("get", "EXPRESS_ONEZONE")
    retrieval_ia_gb: Array = _read("STANDARD_IA")
    retrieval_onezone_ia_gb: Array = _read("ONEZONE_IA")
    retrieval_glacier_ir_gb: Array = _read("GLACIER_IR")
    retrieval_glacier_gb: Array = _read("GLACIER")
    retrieval_glacier_bulk_gb: Array = _read("GLACIER#bulk")
    retrieval_glacier_expedited_gb: Array = _read("GLACIER#expedited")
    retrieval_deep_archive_gb: Array = _read("DEEP_ARCHIVE")
    retrieval_deep_archive_bulk_gb: Array = _read("DEEP_ARCHIVE#bulk")
    retrieval_intelligent_gb: Array = _read("INTELLIGENT_TIERING")
    retrieval_intelligent_bulk_gb: Array = _read("INTELLIGENT_TIERING#bulk")
    retrieval_intelligent_expedited_gb: Array = _read("INTELLIGENT_TIERING#expedited")
    retrieval_express_gb: Array = _read("EXPRESS_ONEZONE")
    restore_glacier: Array = _restore("GLACIER")
    restore_glacier_bulk: Array = _restore("GLACIER#bulk")
    restore_glacier_expedited: Array = _restore("GLACIER#expedited")
    restore_deep_archive: Array = _restore("DEEP_ARCHIVE")
    restore_deep_archive_bulk: Array = _restore("DEEP_ARCHIVE#bulk")
    billed_units: Array = meter("billed", "usd", "storage", item="bedrock")
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
    copied_standard_ia: Array = _copied("STANDARD_IA")
    copied_onezone_ia: Array = _copied("ONEZONE_IA")
    copied_glacier_ir: Array = _copied("GLACIER_IR")
    copied_standard_ia_gb: Array = _copied_gb("STANDARD_IA")
    copied_onezone_ia_gb: Array = _copied_gb("ONEZONE_IA")
    copied_glacier_ir_gb: Array = _copied_gb("GLACIER_IR")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "large_share", _large_share(self))


def _large_share(s: Storage) -> Array:
    """Share of what is in STANDARD: all where sizes are unknown, none if the mean is less. No lever changes it."""
    mean_bytes = s.standard_gib * BYTES_PER_GIB / np.where(s.objects > 0, s.objects, np.nan)
    small = np.where(
        np.isnan(s.small_gib), np.where(mean_bytes < SMALL_BYTES, s.standard_gib, 0.0), s.small_gib
    )
    return np.where(s.standard_gib > 0, 1 - np.minimum(small / np.maximum(s.standard_gib, 1e-12), 1.0), 0.0)


def storage_usage(s: Snapshot, catalog: Catalog, factor: float, basis: str, keep: Collection[str]) -> Storage:
    """One row per bucket. A window bills GB-months: what is stored times the window's share of its month."""
    b = Buckets(s)
    month = covered_months(s.manifest) if basis == "window" else 1.0
    ids = b.key("bucket")
    read = b.by_class("retrieved_gib")
    gib, index_gib = _billed_gib(b)
    ages = {name: b.number(name) for name in (f"gib_not_accessed_{days}d" for days in (30, 90, 180))}
    return Storage(
        resource_id=ids,
        region=catalog.region_code(b.key("region")),
        owner=b.text("owner"),
        tags=b.text("tags"),
        profile=Profile.flat(len(ids), round(s.window_hours)),
        kept=np.isin(ids.astype(str), list(keep)) if keep else np.zeros(len(ids), bool),
        billed_units=np.nan_to_num(b.by_class("billed_usd")).sum(axis=1) * factor,
        content=b.text("content"),
        lifecycle=b.flag("lifecycle"),
        standard_gib=np.nan_to_num(b.number("gib")),
        tiered_gib=np.zeros(len(ids)),
        **{f"auto_{n}": np.zeros(len(ids)) for n in ("fa_gb", "ia_gb", "aia_gb", "objects")},
        objects=b.number("objects"),
        small_objects=b.number("small_objects"),
        small_gib=b.number("small_gib"),
        **ages,
        retrieved_gib=b.number("retrieved_gib"),
        unmoved_reads_gib=b.number("retrieved_gib"),
        noncurrent_gib=b.by_class("noncurrent_gib"),
        incomplete_gib=b.by_class("incomplete_upload_gib"),
        failed_gib=b.by_class("failed_artifact_gib"),
        stored_gib=b.by_class("gib"),
        small_objects_in=b.by_class("small_objects"),
        small_gib_in=b.by_class("small_gib"),
        index_gib=index_gib,
        compressible=b.flag("compressible"),
        archive_standard_gb=index_gib.sum(axis=1) * month,
        monitored_objects=_watched(b) * month,
        **_request_meters(b, month),
        **{f"{c.lower()}_gb": np.nan_to_num(gib[:, i]) * month for i, c in enumerate(STORAGE_CLASSES)},
        **_retrieval_meters(b, read, month),
    )


def _billed_gib(b: Buckets) -> tuple[Array, Array]:
    """GiB billed by class, and what archives keep in STANDARD.

    Objects below 128 KB pay 128 KB in Standard-IA, One Zone-IA and Glacier Instant Retrieval: their number times
    that where it is known, else what the mean size implies. Each object in the archives adds 32 KB there and
    8 KB in STANDARD. Source: S3 user guide, storage-class-intro; rules.md#infrequent-access, S5.
    """
    gib, objects = b.by_class("gib"), b.by_class("objects")
    small, small_gib = b.by_class("small_objects"), b.by_class("small_gib")
    padded = gib - small_gib + np.maximum(small_gib, small * (SMALL_BYTES / BYTES_PER_GIB))
    by_mean = np.fmax(gib, objects * (SMALL_BYTES / BYTES_PER_GIB))
    least = np.where(np.isnan(padded), by_mean, padded)
    archived = np.where(gib > 0, np.nan_to_num(objects), 0.0)
    is_least, is_archive = (np.isin(STORAGE_CLASSES, names) for names in (AT_LEAST_128_KB, ARCHIVES))
    billed = np.where(
        is_least, least, gib + np.where(is_archive, archived * (INDEX_BYTES / BYTES_PER_GIB), 0.0)
    )
    return billed, archived * is_archive * (NAME_BYTES / BYTES_PER_GIB)


def _watched(b: Buckets) -> Array:
    """Objects of at least 128 KB in Intelligent-Tiering; where the small ones are not counted, by the mean size."""
    gib, objects, small = b.by_class("gib"), b.by_class("objects"), b.by_class("small_objects")
    all_small = gib * (BYTES_PER_GIB / SMALL_BYTES) < objects
    large = objects - np.where(np.isnan(small), np.where(all_small, objects, 0.0), small)
    return np.asarray(np.where(TIERED & (gib > 0), large, 0.0).sum(axis=1))


def _request_meters(b: Buckets, month: float) -> dict[str, Array]:
    """Requests by the class they are made to: each has its price."""
    found: dict[str, Array] = {}
    for kind in ("put", "get"):
        asked = np.nan_to_num(b.by_class(f"{kind}_requests")) * month
        for name in REQUEST_CLASSES:
            found[f"{kind}_{name.lower()}"] = asked[:, STORAGE_CLASSES.index(name)]
        found[f"{kind}_requests"] = asked[:, ~np.isin(STORAGE_CLASSES, REQUEST_CLASSES)].sum(axis=1)
    return found


def _retrieval_meters(b: Buckets, read: Array, month: float) -> dict[str, Array]:
    """GB read back by class; of archives those restored in bulk or expedited have prices of their own."""
    left = np.nan_to_num(read)
    found: dict[str, Array] = {}
    for meter_name, (column, classes) in RESTORES.items():
        part = np.minimum(
            np.where(np.isin(STORAGE_CLASSES, classes), np.nan_to_num(b.by_class(column)), 0.0), left
        )
        left = left - part
        found[meter_name] = part.sum(axis=1) * month
    archived = np.isin(STORAGE_CLASSES, TIERED_ARCHIVES)
    found["retrieval_intelligent_gb"] = left[:, archived].sum(axis=1) * month
    return found | {m: left[:, STORAGE_CLASSES.index(c)] * month for m, c in RETRIEVAL.items()}
