"""Endpoint variants: their columns, their hours, and the meters of serverless ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from simulator.catalog import Catalog
from simulator.snapshot.snapshot import Snapshot
from simulator.units import HOURS_PER_MONTH, KIB_PER_GIB, SECONDS_PER_HOUR
from simulator.usage.columns import Basis, Columns
from simulator.usage.endpoint_traffic import (
    Ranks,
    busy_ratio,
    hour_of_week,
    hourly_calls,
    peak_calls,
    silent_hours,
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
from simulator.usage.profile import Profile
from simulator.usage.silence import long_silence
from simulator.usage.table import Array, Codes, Mask, Table, Texts, derived, flag, meter, number, text

RUNNING = ("InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed")
MIB_PER_GIB, MS_PER_SECOND = 1024, 1000
ANY_MODE, NO_MODE = -1, -2


@dataclass(frozen=True)
class Endpoints(Table):
    """Endpoint variants, per month. `traffic[r, h]` is calls in hour h of the window, NaN = unknown.

    `ranks`, `window_share`, `window_start` and what else the calls imply: see usage/endpoint_traffic; `rank_row` is
    the row's place in `ranks`, which every part of the table shares.
    `long_silence[r, h]` is true after 24 hours without a call to any variant, see usage/silence.
    `mode_choice` indexes `levers.mode_levers()`: the one serving mode that may act (ANY_MODE: all, NO_MODE: none).
    `variants` counts the rows of the same endpoint (`endpoint`), `place` numbers account and region, `pool`
    endpoints of one place and container, `family` the family of the instance type. `pooled` marks endpoints a lever put
    on shared instances, `max_rps` is the capacity of one instance of the type in the plan (`resized_type`).
    `is_serverless`, `is_async`, `has_components` and `in_service` say what `mode` and `status` tell in words: no lever
    changes either, and many ask.
    """

    is_serverless: Mask = field(init=False, metadata=derived("mode"))
    is_async: Mask = field(init=False, metadata=derived("mode"))
    has_components: Mask = field(init=False, metadata=derived("mode"))
    in_service: Mask = field(init=False, metadata=derived("status"))
    endpoint_name: Texts
    endpoint: Codes
    variants: Array
    place: Codes
    pool: Codes
    triton: Mask
    pooled: Mask
    mode_choice: Codes
    mode: Texts
    instance_type: Codes
    resized_type: Codes
    smaller_type: Codes
    multi_gpu_type: Codes
    inferentia_type: Codes
    family: Codes
    bedrock_model: Codes
    age_hours: Array
    traffic: Array
    ranks: Ranks
    rank_row: Codes
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
    status: Texts = text("status")
    container: Texts = text("container")
    model_name: Texts = text("model_name")
    instance_count: Array = number("instance_count")
    veto: Array = flag("keep")
    needs_gpu: Array = flag("needs_gpu")
    model_gib: Array = number("model_gib")
    copies: Array = number("copies")
    accelerators_per_copy: Array = number("accelerators_per_copy")
    gpu_utilization_ratio: Array = number("gpu_utilization_ratio")
    gpu_memory_ratio: Array = number("gpu_memory_ratio")
    cpu_utilization_ratio: Array = number("cpu_utilization_ratio")
    memory_utilization_ratio: Array = number("memory_utilization_ratio")
    latency_seconds: Array = number("latency_ms", MS_PER_SECOND)
    payload_gib: Array = number("payload_kb", KIB_PER_GIB)
    max_rps: Array = number("max_rps")
    scaling_min: Array = number("scaling_min")
    scaling_max: Array = number("scaling_max")
    async_tolerant: Array = flag("async_tolerant")
    offline: Array = flag("offline")
    shadow: Array = flag("shadow")
    import_ok: Array = flag("import_ok")
    tokens_in_per_call: Array = number("tokens_in_per_call")
    tokens_out_per_call: Array = number("tokens_out_per_call")
    volume_gb: Array = number("volume_gb")
    serverless_memory_gib: Array = number("serverless_memory_mb", MIB_PER_GIB)
    instance_hours: Array = meter("hosting", "instance_hour", "hosting", by="instance_type", eligible=True)
    resized_hours: Array = meter("hosting", "instance_hour", "hosting", by="resized_type", eligible=True)
    reserved_hours: Array = meter("inference_plan", "instance_hour", "hosting", by="resized_type")
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
    import_unit_minutes: Array = meter("bedrock_custom_import", "cmu_minute", "hosting", item="unit")
    import_units: Array = meter("bedrock_custom_import", "cmu_month", "hosting", item="storage")
    volume_gb_month: Array = meter("volume", "gb_month", "hosting", item="gp2")
    billed_units: Array = meter("billed", "usd", "hosting", item="bedrock")

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "is_serverless", self.mode == "serverless")
        object.__setattr__(self, "is_async", self.mode == "async")
        object.__setattr__(self, "has_components", self.mode == "components")
        object.__setattr__(self, "in_service", self.status == "InService")


def endpoint_usage(
    s: Snapshot,
    catalog: Catalog,
    factor: float,
    basis: Basis,
    keep: Collection[str],
    on: date | None = None,
) -> Endpoints:
    """Variants of the window; at run rate what runs `on` the day (the window's end by default) runs all month."""
    t = Columns(s, "endpoints")
    planned = planned_until(t, s, on)
    names, traffic = _names(t), _traffic(s, t, factor)
    silence = long_silence(traffic["traffic"], names["endpoint"])
    code = catalog.type_code(t.text("instance_type"))
    ids = names["resource_id"]
    return Endpoints(
        region=catalog.region_code(t.text("region")),
        owner=t.text("owner"),
        tags=t.text("tags"),
        profile=Profile.flat(len(ids), round(s.window_hours)),
        kept=t.kept(ids, keep),
        pooled=np.zeros(len(ids), bool),
        mode_choice=np.full(len(ids), ANY_MODE, np.int64),
        mode=np.where(t.text("mode") == "", "realtime", t.text("mode")),
        age_hours=s.window_hours - np.fmax(t.hour("created_at"), t.hour("last_modified_at")),
        bedrock_model=same_on_bedrock(t.text("model_name"), catalog),
        long_silence=silence,
        long_silence_hours=silence.sum(axis=1).astype(float),
        **names,
        **traffic,
        **_types(code, catalog),
        **t.facts(Endpoints),
        billed_units=np.nan_to_num(t.number("billed_usd")) * factor,
        **_instance_meters(t, s, catalog.nvme[code], factor, basis, planned),
        **_serverless_meters(t, s, traffic["calls_per_month"], factor),
    )


def _names(t: Columns) -> dict[str, Any]:
    """What the resource is called, and which rows belong together."""
    name, variant = t.text("endpoint_name"), t.text("variant_name")
    account, region, container = t.text("account_id"), t.text("region"), t.text("container")
    endpoint = groups(account, region, name, known=name != "")
    times = Counter(name)
    several = np.array([times[n] > 1 for n in name], bool)
    return {
        "resource_id": np.where(several, name + "/" + variant, name),
        "endpoint_name": name,
        "endpoint": endpoint,
        "variants": np.bincount(endpoint)[endpoint].astype(float) if len(name) else np.zeros(0),
        "place": groups(account, region, known=region != ""),
        "pool": groups(account, region, container, known=container != ""),
        "triton": np.array(["triton" in text.lower() for text in container], bool),
    }


def _types(code: Codes, catalog: Catalog) -> dict[str, Any]:
    """The type, and the types a lever might move to."""
    return {
        "instance_type": code,
        "resized_type": code,
        "smaller_type": smaller_hosting_types(catalog)[code],
        "multi_gpu_type": multi_gpu_types(catalog)[code],
        "inferentia_type": inferentia_types(catalog)[code],
        "family": families(catalog)[code],
    }


def _traffic(s: Snapshot, t: Columns, factor: float) -> dict[str, Any]:
    """The hourly calls and what they imply."""
    week_hour = hour_of_week(t.window_start)
    calls = hourly_calls(t.frame, s.tables["endpoint_traffic"], t.window_start, round(s.window_hours))
    share, begin = weekday_windows(calls, week_hour)
    observed = (~np.isnan(calls)).sum(axis=1).astype(float)
    per_hour = np.where(observed > 0, np.nansum(calls, axis=1) / np.maximum(observed, 1), np.nan)
    return {
        "traffic": calls,
        "ranks": Ranks.of(calls),
        "rank_row": np.arange(len(calls)),
        "window_share": share,
        "window_start": begin,
        "first_hour_of_week": week_hour,
        "peak_calls_per_hour": peak_calls(calls),
        "busy_ratio": busy_ratio(calls),
        "wakeups_per_month": wakeups_per_hour(calls) * s.covered_hours * factor,
        "observed_hours": observed,
        "silent_hours": silent_hours(calls),
        "calls_per_month": per_hour * s.covered_hours * factor,
    }


def launches(s: Snapshot) -> tuple[date, ...]:
    """Days after the window on which endpoints are to be created."""
    if s.tables["endpoints"].empty:
        return ()
    created = pd.to_datetime(s.tables["endpoints"]["created_at"], utc=True)
    later = created[created >= pd.Timestamp(s.manifest.window_end)]
    return tuple(sorted({d.date() for d in later}))


def planned_until(t: Columns, s: Snapshot, on: date | None) -> tuple[Mask, Mask]:
    """Variants created after the window: those that run on the day, and those that do not yet."""
    born = t.hour("created_at")
    later = born >= s.window_hours
    day = pd.Timestamp(on, tz="UTC") if on else pd.Timestamp(s.manifest.window_end)
    runs = later & (np.nan_to_num(born) < (day - t.window_start) / pd.Timedelta(hours=1) + (24 if on else 0))
    return runs, later & ~runs


def _instance_meters(
    t: Columns, s: Snapshot, own_disk: Mask, factor: float, basis: Basis, planned: tuple[Mask, Mask]
) -> dict[str, Any]:
    hours, queued = _hours(t, s, factor, basis), t.text("mode") == "async"
    if basis == "run_rate":
        runs, waits = planned
        hours = np.where(
            runs & (t.text("mode") != "serverless"), t.number("instance_count") * HOURS_PER_MONTH, hours
        )
        hours = np.where(waits, 0.0, hours)
    volume = np.where(own_disk, 0.0, np.nan_to_num(t.number("volume_gb")))
    return {
        "instance_hours": np.where(queued, 0.0, hours),
        "async_hours": np.where(queued, hours, 0.0),
        "volume_gb_month": np.nan_to_num(volume * hours / HOURS_PER_MONTH),
    }


def _serverless_meters(t: Columns, s: Snapshot, calls: Array, factor: float) -> dict[str, Any]:
    """What the bill metered in the window, where it did; else what follows from the traffic."""
    memory = t.number("serverless_memory_mb") / MIB_PER_GIB
    seconds = _metered(t, "serverless_seconds", factor, calls * t.number("latency_ms") / MS_PER_SECOND)
    transfer = _metered(t, "serverless_io_gb", factor, calls * t.number("payload_kb") / KIB_PER_GIB)
    reserved = t.number("provisioned_concurrency") * memory * s.covered_hours * factor * SECONDS_PER_HOUR
    meters = {
        "serverless_gb_seconds": seconds * memory,
        "serverless_io_gb": np.nan_to_num(transfer),
        "provisioned_gb_seconds": np.nan_to_num(reserved),
    }
    return {name: np.where(t.text("mode") == "serverless", column, 0.0) for name, column in meters.items()}


def _hours(t: Columns, s: Snapshot, factor: float, basis: Basis) -> np.ndarray:
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
