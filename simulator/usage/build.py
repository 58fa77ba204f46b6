"""Snapshot → usage: facts per resource into columns per month.

`basis="run_rate"` projects the window to 730 h; what runs now runs all month. `basis="window"` is what
the window itself metered, to be reconciled with the bill. See docs/method.md, "From snapshot to usage".
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import numpy as np
import pandas as pd

from simulator.catalog import Catalog, load_catalog
from simulator.units import DAYS_PER_STORAGE_MONTH, HOURS_PER_MONTH, KIB_PER_GIB, SECONDS_PER_HOUR, run_rate_factor
from simulator.usage.office import office_hours
from simulator.usage.profile import Profile
from simulator.usage.snapshot import Snapshot
from simulator.usage.tables import OUTCOMES, Bedrock, Compute, Endpoints, Storage, Training, Usage
from simulator.usage.training_jobs import alike_jobs, failure_classes, smaller_training_types, stops_early

Basis = Literal["run_rate", "window"]
RUNNING = ("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed")


class Columns:
    """Typed access to one snapshot table: numbers with NaN, texts with "", flags 1 / 0 / NaN."""

    def __init__(self, snapshot: Snapshot, table: str) -> None:
        self.frame = snapshot.tables[table]
        self.window_start = pd.Timestamp(snapshot.manifest.window_start)

    def number(self, name: str) -> np.ndarray:
        return pd.to_numeric(self.frame[name]).to_numpy(dtype=float, na_value=np.nan)

    def flag(self, name: str) -> np.ndarray:
        return self.frame[name].astype("boolean").to_numpy(dtype=float, na_value=np.nan)

    def text(self, name: str) -> np.ndarray:
        return self.frame[name].fillna("").astype(str).to_numpy(dtype=object)

    def hour(self, name: str) -> np.ndarray:
        """Hours from the window's start, NaN unknown."""
        times = pd.to_datetime(self.frame[name], utc=True)
        return ((times - self.window_start) / pd.Timedelta(hours=1)).to_numpy(dtype=float, na_value=np.nan)

    def kept(self, ids: np.ndarray, keep: Collection[str]) -> np.ndarray:
        return np.isin(ids.astype(str), list(keep)) if keep else np.zeros(len(ids), bool)


def to_usage(
    snapshot: Snapshot,
    *,
    basis: Basis = "run_rate",
    keep: Collection[str] = (),
    catalog: Catalog | None = None,
) -> Usage:
    """Usage of a month (`run_rate`) or of the window itself. `keep` lists resource ids no lever may touch."""
    catalog = catalog or load_catalog()
    factor = run_rate_factor(snapshot.window_hours) if basis == "run_rate" else 1.0
    build: dict[str, Any] = {
        name: make(snapshot, catalog, factor, basis, keep)
        for name, make in (
            ("training", _training),
            ("endpoints", _endpoints),
            ("compute", _compute),
            ("bedrock", _bedrock),
            ("storage", _storage),
        )
    }
    return Usage(**build, catalog=catalog, window_hours=snapshot.window_hours, period_hours=snapshot.window_hours * factor)


def _hours(snapshot: Snapshot) -> int:
    return int(round(snapshot.window_hours))


def _training(s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]) -> Training:
    t = Columns(s, "training_jobs")
    ids = t.text("job_name")
    count = t.number("instance_count")
    trained = t.number("training_seconds")
    spot = t.flag("spot_enabled")
    billed = t.number("billable_seconds")
    billed = np.where(np.isnan(billed) & (spot != 1), trained, billed)
    hours = billed / SECONDS_PER_HOUR * count * factor
    code = catalog.type_code(t.text("instance_type"))
    has_volume = np.where(catalog.nvme[code], 0.0, np.nan_to_num(t.number("volume_gb")))
    outcome = pd.Index(OUTCOMES).get_indexer(pd.Index(t.text("status"))).astype(np.int64)
    return Training(
        resource_id=ids,
        region=catalog.region_code(t.text("region")),
        owner=t.text("owner"),
        profile=Profile.intervals(t.hour("started_at"), t.hour("ended_at"), _hours(s)),
        kept=t.kept(ids, keep),
        instance_type=code,
        resized_type=code,
        smaller_type=smaller_training_types(catalog)[code],
        slowdown_ratio=np.ones(len(ids)),
        instance_count=count,
        status=t.text("status"),
        outcome=outcome,
        failure_reason=t.text("failure_reason"),
        failure_class=failure_classes(t.text("failure_reason"), outcome),
        tuning_job=t.text("tuning_job"),
        trial=t.text("tuning_job") != "",
        stops_early=stops_early(t.text("tuning_job"), outcome),
        alike_jobs=alike_jobs(t.frame, outcome),
        training_hours=trained / SECONDS_PER_HOUR * count * factor,
        job_hours=trained / SECONDS_PER_HOUR,
        jobs_per_month=factor,
        spot=spot,
        checkpointing=t.flag("checkpointing"),
        max_runtime_hours=t.number("max_runtime_seconds") / SECONDS_PER_HOUR,
        max_wait_hours=t.number("max_wait_seconds") / SECONDS_PER_HOUR,
        warm_pool=t.flag("warm_pool_enabled"),
        volume_gb=t.number("volume_gb"),
        download_hours=t.number("download_seconds") / SECONDS_PER_HOUR,
        upload_hours=t.number("upload_seconds") / SECONDS_PER_HOUR,
        gpu_utilization_ratio=t.number("gpu_utilization_ratio"),
        gpu_memory_ratio=t.number("gpu_memory_ratio"),
        cpu_utilization_ratio=t.number("cpu_utilization_ratio"),
        billable_hours=np.where(spot == 1, 0.0, hours),
        spot_hours=np.where(spot == 1, hours, 0.0),
        warm_pool_hours=np.nan_to_num(t.number("warm_pool_seconds")) / SECONDS_PER_HOUR * count * factor,
        volume_gb_month=has_volume * np.nan_to_num(hours) / HOURS_PER_MONTH,
    )


def _traffic(s: Snapshot, keys: np.ndarray) -> np.ndarray:
    """Invocations by variant and hour of the window; hours never observed are NaN."""
    frame = s.tables["endpoint_traffic"]
    traffic = np.full((len(keys), _hours(s)), np.nan)
    if len(frame):
        t = Columns(s, "endpoint_traffic")
        rows = pd.Index(keys).get_indexer(t.text("endpoint_name") + "/" + t.text("variant_name"))
        hour = np.floor(t.hour("hour")).astype(np.int64)
        inside = (rows >= 0) & (hour >= 0) & (hour < traffic.shape[1])
        traffic[rows[inside], hour[inside]] = t.number("invocations")[inside]
    return traffic


def _silent_hours(traffic: np.ndarray) -> np.ndarray:
    """Length of the run of observed zeros up to the window's end, per row (0 = a call or unknown just now)."""
    busy = ~(traffic == 0)
    last = np.where(busy.any(axis=1), traffic.shape[1] - np.argmax(busy[:, ::-1], axis=1), 0)
    return (traffic.shape[1] - last).astype(float)


def _endpoint_hours(t: Columns, s: Snapshot, factor: float, basis: Basis) -> np.ndarray:
    count, metered = t.number("instance_count"), t.number("instance_hours")
    status, mode = t.text("status"), t.text("mode")
    born = np.clip(np.nan_to_num(t.hour("created_at"), nan=0.0), 0, s.window_hours)
    if basis == "window":
        hours = np.where(np.isnan(metered), count * (s.window_hours - born), metered)
    else:
        scales = t.number("scaling_max") > t.number("scaling_min")
        hours = np.where(scales & ~np.isnan(metered), metered * factor, count * HOURS_PER_MONTH)
        hours = np.where(np.isin(status, RUNNING) | np.isnan(hours), hours, 0.0)
    never_ran = np.isin(status, ("Failed", "Creating", "OutOfService")) & ~(metered > 0) & ~(count > 0)
    return np.where(never_ran | (mode == "serverless"), 0.0, hours)


def _endpoints(s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]) -> Endpoints:
    t = Columns(s, "endpoints")
    name, variant = t.text("endpoint_name"), t.text("variant_name")
    keys = name + "/" + variant
    ids = np.where(pd.Series(name).duplicated(keep=False).to_numpy(), keys, name)
    traffic = _traffic(s, keys)
    observed = (~np.isnan(traffic)).sum(axis=1).astype(float)
    hours = _endpoint_hours(t, s, factor, basis)
    mode = t.text("mode")
    code = catalog.type_code(t.text("instance_type"))
    calls = np.where(observed > 0, np.nansum(traffic, axis=1) / np.maximum(observed, 1), np.nan)
    calls = calls * s.window_hours * factor
    latency = t.number("latency_ms") / 1000
    memory = t.number("serverless_memory_mb") / 1024
    serverless = mode == "serverless"
    volume = np.where(catalog.nvme[code], 0.0, np.nan_to_num(t.number("volume_gb")))
    payload = t.number("payload_kb") / KIB_PER_GIB
    return Endpoints(
        resource_id=ids,
        region=catalog.region_code(t.text("region")),
        owner=t.text("owner"),
        profile=Profile.flat(len(ids), _hours(s)),
        kept=t.kept(ids, keep),
        endpoint_name=name,
        status=t.text("status"),
        mode=np.where(mode == "", "realtime", mode),
        container=t.text("container"),
        model_name=t.text("model_name"),
        instance_type=code,
        resized_type=code,
        bedrock_model=np.full(len(ids), -1, np.int64),
        instance_count=t.number("instance_count"),
        age_hours=s.window_hours - t.hour("created_at"),
        traffic=traffic,
        observed_hours=observed,
        silent_hours=_silent_hours(traffic),
        calls_per_month=calls,
        veto=t.flag("keep"),
        needs_gpu=t.flag("needs_gpu"),
        model_gib=t.number("model_gib"),
        copies=t.number("copies"),
        accelerators_per_copy=t.number("accelerators_per_copy"),
        gpu_utilization_ratio=t.number("gpu_utilization_ratio"),
        gpu_memory_ratio=t.number("gpu_memory_ratio"),
        cpu_utilization_ratio=t.number("cpu_utilization_ratio"),
        memory_utilization_ratio=t.number("memory_utilization_ratio"),
        latency_seconds=latency,
        payload_gib=payload,
        max_rps=t.number("max_rps"),
        scaling_min=t.number("scaling_min"),
        scaling_max=t.number("scaling_max"),
        async_tolerant=t.flag("async_tolerant"),
        offline=t.flag("offline"),
        shadow=t.flag("shadow"),
        tokens_in_per_call=t.number("tokens_in_per_call"),
        tokens_out_per_call=t.number("tokens_out_per_call"),
        volume_gb=t.number("volume_gb"),
        serverless_memory_gib=memory,
        instance_hours=np.where(mode == "async", 0.0, hours),
        async_hours=np.where(mode == "async", hours, 0.0),
        serverless_gb_seconds=np.where(serverless, calls * latency * memory, 0.0),
        serverless_io_gb=np.where(serverless, np.nan_to_num(calls * payload), 0.0),
        provisioned_gb_seconds=np.where(
            serverless,
            np.nan_to_num(t.number("provisioned_concurrency") * memory) * s.window_hours * factor * SECONDS_PER_HOUR,
            0.0,
        ),
        volume_gb_month=np.nan_to_num(volume * hours / HOURS_PER_MONTH),
    )


def _compute(s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]) -> Compute:
    t = Columns(s, "compute")
    ids, kind = t.text("name"), t.text("kind")
    count = np.nan_to_num(t.number("instance_count"), nan=1.0)
    hours = t.number("hours") * count * factor
    once = np.isin(kind, ("processing", "transform"))
    start, end = t.hour("started_at"), t.hour("ended_at")
    meters = {f"{k}_hours": np.where(kind == k, hours, 0.0) for k in ("notebook", "studio", "processing", "transform")}
    return Compute(
        resource_id=ids,
        region=catalog.region_code(t.text("region")),
        owner=t.text("owner"),
        profile=Profile.intervals(np.where(once, start, np.nan), np.where(once, end, np.nan), _hours(s)),
        kept=t.kept(ids, keep),
        kind=kind,
        interactive=~once,
        instance_type=catalog.type_code(t.text("instance_type")),
        instance_count=count,
        metered_hours=hours,
        idle_hours=t.number("idle_hours") * count * factor,
        out_of_hours_hours=t.number("out_of_hours_hours") * count * factor,
        office_hours=office_hours(t.window_start, _hours(s)),
        volume_gb_month=np.nan_to_num(t.number("volume_gb")) * s.window_hours * factor / HOURS_PER_MONTH,
        **meters,
    )


def _bedrock(s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]) -> Bedrock:
    """Days are summed per model, region, tier and scope; a direction no day reports stays unknown.

    What cannot be priced by its tokens, but has a reported cost, is taken from the bill (`billed_units`).
    """
    frame = s.tables["bedrock"].copy()
    scope = frame["scope"].fillna("").astype(str)
    model = frame["model_id"].astype(str)
    prefixed = np.array([m.startswith(f"{p}.") for m, p in zip(model, scope, strict=True)], bool)
    local = scope.isin(["", "in_region"]) | prefixed
    frame["item"] = model.where(local, scope + "." + model)
    frame["tier"] = frame["tier"].fillna("").astype(str).replace("", "on_demand")
    groups = frame.groupby(["item", "region", "tier"], sort=True, dropna=False)
    summed = ["requests", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd"]
    total = groups[summed].sum(min_count=1)
    mean = groups[["cacheable_ratio", "prefix_tokens", "requests_per_ttl", "latency_tolerant_ratio", "provisioned_units"]].mean()
    peak = groups[["input_tokens", "output_tokens"]].max().sum(axis=1, min_count=1) / (24 * 60)
    index = total.index.to_frame(index=False)
    column = {name: total[name].to_numpy(float, na_value=np.nan) * factor for name in summed}
    tier = index["tier"].to_numpy(object)
    ids = (index["item"] + " " + index["region"] + np.where(tier == "on_demand", "", " " + index["tier"])).to_numpy(object)
    code = catalog.model_code(index["item"].to_numpy(object))
    known = ~np.isnan(column["input_tokens"]) & ~np.isnan(column["output_tokens"])
    by_token = np.isin(tier.astype(str), ("on_demand", "batch"))
    by_bill = (column["cost_usd"] >= 0) & ~(known & by_token & (code >= 0))

    def tokens(name: str, mask: np.ndarray) -> np.ndarray:
        missing = np.nan if name in ("input_tokens", "output_tokens") else 0.0
        value = np.where(np.isnan(column[name]), missing, column[name])
        return np.where(mask & ~by_bill, value, 0.0)

    on_demand, batch, hourly = tier == "on_demand", tier == "batch", tier == "provisioned"
    units = mean["provisioned_units"].to_numpy(float, na_value=np.nan)
    unpriced = np.where(~by_token & ~hourly & ~by_bill, np.nan, 0.0)
    return Bedrock(
        resource_id=ids,
        region=catalog.region_code(index["region"].to_numpy(object)),
        owner=np.full(len(ids), "", object),
        profile=Profile.flat(len(ids), _hours(s)),
        kept=np.isin(ids.astype(str), list(keep)) if keep else np.zeros(len(ids), bool),
        model=code,
        routed_model=code,
        provisioned_model=np.full(len(ids), -1, np.int64),
        tier=tier,
        requests=column["requests"],
        cacheable_ratio=mean["cacheable_ratio"].to_numpy(float, na_value=np.nan),
        prefix_tokens=mean["prefix_tokens"].to_numpy(float, na_value=np.nan),
        requests_per_ttl=mean["requests_per_ttl"].to_numpy(float, na_value=np.nan),
        latency_tolerant_ratio=mean["latency_tolerant_ratio"].to_numpy(float, na_value=np.nan),
        peak_tokens_per_minute=peak.to_numpy(float, na_value=np.nan),
        reported_cost_usd=column["cost_usd"],
        input_tokens=tokens("input_tokens", on_demand),
        output_tokens=tokens("output_tokens", on_demand),
        cache_read_tokens=tokens("cache_read_tokens", on_demand),
        cache_write_tokens=tokens("cache_write_tokens", on_demand),
        batch_input_tokens=tokens("input_tokens", batch),
        batch_output_tokens=tokens("output_tokens", batch),
        tier_input_tokens=unpriced,
        tier_output_tokens=unpriced,
        provisioned_unit_hours=np.where(hourly & ~by_bill, units * s.window_hours * factor, 0.0),
        billed_units=np.where(by_bill, column["cost_usd"], 0.0),
    )


def _storage(s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]) -> Storage:
    """One row per bucket: GiB by class into meters; ages, sizes and reads from its STANDARD row."""
    frame = s.tables["storage"].copy()
    month = s.window_hours / 24 / DAYS_PER_STORAGE_MONTH if basis == "window" else 1.0
    frame["account_id"] = frame["account_id"].fillna("").astype(str)
    key = ["account_id", "bucket", "region"]
    indexed = frame.set_index([*key, "storage_class"])
    rows = indexed.groupby(level=key, sort=True).size().index
    index = rows.to_frame(index=False)
    standard = frame[frame["storage_class"] == "STANDARD"].set_index(key).reindex(rows)
    ids = index["bucket"].to_numpy(object)

    def by_class(name: str) -> np.ndarray:
        wide = pd.to_numeric(indexed[name]).astype(float).unstack("storage_class")
        return wide.reindex(index=rows, columns=list(STORAGE_CLASSES)).to_numpy(float, na_value=np.nan)

    def col(name: str) -> np.ndarray:
        return pd.to_numeric(standard[name]).to_numpy(float, na_value=np.nan)

    def flag(name: str) -> np.ndarray:
        return standard[name].astype("boolean").to_numpy(float, na_value=np.nan)

    gib, read = by_class("gib"), by_class("retrieved_gib")
    at = {name: number for number, name in enumerate(STORAGE_CLASSES)}
    reads = {
        f"retrieval_{meter}_gb": np.nan_to_num(read[:, at[name]]) * month
        for meter, name in (
            ("ia", "STANDARD_IA"), ("onezone_ia", "ONEZONE_IA"), ("glacier_ir", "GLACIER_IR"),
            ("glacier", "GLACIER"), ("deep_archive", "DEEP_ARCHIVE"),
        )
    }  # fmt: skip
    tiered = np.array([name.startswith("INTELLIGENT") for name in STORAGE_CLASSES])
    watched = by_class("objects") - np.nan_to_num(by_class("small_objects"))
    watched = np.where(tiered & (np.nan_to_num(gib) > 0), watched, 0.0).sum(axis=1)
    return Storage(
        resource_id=ids,
        region=catalog.region_code(index["region"].to_numpy(object)),
        owner=standard["owner"].fillna("").astype(str).to_numpy(object),
        profile=Profile.flat(len(ids), _hours(s)),
        kept=np.isin(ids.astype(str), list(keep)) if keep else np.zeros(len(ids), bool),
        content=standard["content"].fillna("").astype(str).to_numpy(object),
        lifecycle=flag("lifecycle"),
        standard_gib=np.nan_to_num(col("gib")),
        tiered_gib=np.zeros(len(ids)),
        objects=col("objects"),
        small_objects=col("small_objects"),
        small_gib=col("small_gib"),
        gib_not_accessed_30d=col("gib_not_accessed_30d"),
        gib_not_accessed_90d=col("gib_not_accessed_90d"),
        gib_not_accessed_180d=col("gib_not_accessed_180d"),
        retrieved_gib=col("retrieved_gib"),
        noncurrent_gib=by_class("noncurrent_gib"),
        incomplete_gib=by_class("incomplete_upload_gib"),
        failed_gib=by_class("failed_artifact_gib"),
        compressible=flag("compressible"),
        put_requests=np.nansum(by_class("put_requests"), axis=1) * month,
        get_requests=np.nansum(by_class("get_requests"), axis=1) * month,
        monitored_objects=watched * month,
        **{f"{name.lower()}_gb": np.nan_to_num(gib[:, i]) * month for i, name in enumerate(STORAGE_CLASSES)},
        **reads,
    )
