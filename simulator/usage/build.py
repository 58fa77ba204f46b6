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
from simulator.snapshot.snapshot import Snapshot
from simulator.units import HOURS_PER_MONTH, KIB_PER_GIB, SECONDS_PER_HOUR, run_rate_factor
from simulator.usage.bedrock_models import bedrock_usage
from simulator.usage.buckets import storage_usage
from simulator.usage.endpoint_traffic import (
    busy_ratio,
    hour_of_week,
    hourly_calls,
    peak_calls,
    silent_hours,
    sorted_load,
    wakeups_per_hour,
    weekday_windows,
)
from simulator.usage.endpoint_types import (
    families,
    groups,
    inferentia_types,
    multi_gpu_types,
    same_on_bedrock,
    smaller_hosting_types,
)
from simulator.usage.office import office_hours
from simulator.usage.profile import Profile
from simulator.usage.silence import long_silence
from simulator.usage.tables import (
    ANY_MODE,
    OUTCOMES,
    Compute,
    Endpoints,
    Training,
    Usage,
)
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
            ("bedrock", bedrock_usage),
            ("storage", storage_usage),
        )
    }
    return Usage(
        **build,
        catalog=catalog,
        window_hours=snapshot.window_hours,
        period_hours=snapshot.window_hours * factor,
    )


def _hours(snapshot: Snapshot) -> int:
    return round(snapshot.window_hours)


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


def _metered(t: Columns, name: str, factor: float, worked_out: np.ndarray) -> np.ndarray:
    """What the bill metered in the window, where it did; else what follows from the traffic."""
    metered = t.number(name) * factor
    return np.where(np.isnan(metered), worked_out, metered)


def _endpoints(
    s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]
) -> Endpoints:
    t = Columns(s, "endpoints")
    name, variant = t.text("endpoint_name"), t.text("variant_name")
    keys = name + "/" + variant
    ids = np.where(pd.Series(name).duplicated(keep=False).to_numpy(), keys, name)
    region, container = t.text("region"), t.text("container")
    endpoint = groups(t.text("account_id"), region, name, known=name != "")
    week_hour = hour_of_week(t.window_start)
    traffic = hourly_calls(t.frame, s.tables["endpoint_traffic"], t.window_start, _hours(s))
    share, begin = weekday_windows(traffic, week_hour)
    silence = long_silence(traffic, endpoint)
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
        region=catalog.region_code(region),
        owner=t.text("owner"),
        profile=Profile.flat(len(ids), _hours(s)),
        kept=t.kept(ids, keep),
        endpoint_name=name,
        endpoint=endpoint,
        variants=np.bincount(endpoint)[endpoint].astype(float) if len(ids) else np.zeros(0),
        place=groups(t.text("account_id"), region, known=region != ""),
        pool=groups(t.text("account_id"), region, container, known=container != ""),
        triton=np.array(["triton" in text.lower() for text in container], bool),
        pooled=np.zeros(len(ids), bool),
        mode_choice=np.full(len(ids), ANY_MODE, np.int64),
        status=t.text("status"),
        mode=np.where(mode == "", "realtime", mode),
        container=container,
        model_name=t.text("model_name"),
        instance_type=code,
        resized_type=code,
        smaller_type=smaller_hosting_types(catalog)[code],
        multi_gpu_type=multi_gpu_types(catalog)[code],
        inferentia_type=inferentia_types(catalog)[code],
        family=families(catalog)[code],
        bedrock_model=same_on_bedrock(t.text("model_name"), catalog),
        instance_count=t.number("instance_count"),
        age_hours=s.window_hours - np.fmax(t.hour("created_at"), t.hour("last_modified_at")),
        traffic=traffic,
        traffic_sorted=sorted_load(traffic),
        window_share=share,
        window_start=begin,
        first_hour_of_week=week_hour,
        peak_calls_per_hour=peak_calls(traffic),
        busy_ratio=busy_ratio(traffic),
        wakeups_per_month=wakeups_per_hour(traffic) * s.window_hours * factor,
        observed_hours=observed,
        silent_hours=silent_hours(traffic),
        long_silence=silence,
        long_silence_hours=silence.sum(axis=1).astype(float),
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
        serverless_gb_seconds=np.where(
            serverless, _metered(t, "serverless_seconds", factor, calls * latency) * memory, 0.0
        ),
        serverless_io_gb=np.where(
            serverless, np.nan_to_num(_metered(t, "serverless_io_gb", factor, calls * payload)), 0.0
        ),
        provisioned_gb_seconds=np.where(
            serverless,
            np.nan_to_num(t.number("provisioned_concurrency") * memory)
            * s.window_hours
            * factor
            * SECONDS_PER_HOUR,
            0.0,
        ),
        volume_gb_month=np.nan_to_num(volume * hours / HOURS_PER_MONTH),
    )


def _compute(s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]) -> Compute:
    t = Columns(s, "compute")
    ids, kind = t.text("name"), t.text("kind")
    count = np.nan_to_num(t.number("instance_count"), nan=1.0)
    hours = t.number("hours") * count * factor
    kept_hours = s.window_hours * factor
    once = np.isin(kind, ("processing", "transform"))
    start, end = t.hour("started_at"), t.hour("ended_at")
    meters = {
        f"{k}_hours": np.where(kind == k, hours, 0.0)
        for k in ("notebook", "studio", "processing", "transform")
    }
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
        volume_gb_month=np.nan_to_num(t.number("volume_gb"))
        * np.where(once, np.nan_to_num(hours), kept_hours)
        / HOURS_PER_MONTH,
        **meters,
    )
