"""Training jobs: their columns, and what these imply: failures, tuning, likeness, smaller types."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from simulator.catalog import Catalog
from simulator.snapshot.snapshot import Snapshot
from simulator.units import HOURS_PER_MONTH, SECONDS_PER_HOUR
from simulator.usage.columns import Basis, Columns, texts
from simulator.usage.profile import Profile
from simulator.usage.table import Array, Codes, Mask, Table, Texts, flag, meter, number, text

OUTCOMES = ("Completed", "Failed", "Stopped", "InProgress", "Unknown")
COMPLETED, FAILED, STOPPED, IN_PROGRESS, ENDED_UNKNOWN = range(5)
FAILURE_CLASSES = ("AlgorithmError", "ClientError", "CapacityError", "InternalServerError", "unknown")
NOT_FAILED = -1
NUMBER_AT_END = re.compile(r"[-_.]*\d[-_.\d]*$")


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
    outcome: Codes
    failure_class: Codes
    trial: Mask
    stops_early: Mask
    alike_jobs: Array
    training_hours: Array
    job_hours: Array
    jobs_per_month: float
    status: Texts = text("status")
    failure_reason: Texts = text("failure_reason")
    tuning_job: Texts = text("tuning_job")
    instance_count: Array = number("instance_count")
    spot: Array = flag("spot_enabled")
    checkpointing: Array = flag("checkpointing")
    max_runtime_hours: Array = number("max_runtime_seconds", SECONDS_PER_HOUR)
    max_wait_hours: Array = number("max_wait_seconds", SECONDS_PER_HOUR)
    warm_pool: Array = flag("warm_pool_enabled")
    volume_gb: Array = number("volume_gb")
    download_hours: Array = number("download_seconds", SECONDS_PER_HOUR)
    upload_hours: Array = number("upload_seconds", SECONDS_PER_HOUR)
    gpu_utilization_ratio: Array = number("gpu_utilization_ratio")
    gpu_memory_ratio: Array = number("gpu_memory_ratio")
    cpu_utilization_ratio: Array = number("cpu_utilization_ratio")
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
    billed_units: Array = meter("billed", "usd", "training", item="bedrock")


def training_usage(
    s: Snapshot, catalog: Catalog, factor: float, basis: Basis, keep: Collection[str]
) -> Training:
    """Jobs of the window, `factor` of each a month."""
    t = Columns(s, "training_jobs")
    ids, code = t.text("job_name"), catalog.type_code(t.text("instance_type"))
    return Training(
        resource_id=ids,
        region=catalog.region_code(t.text("region")),
        owner=t.text("owner"),
        tags=t.text("tags"),
        profile=Profile.intervals(t.hour("started_at"), t.hour("ended_at"), round(s.window_hours)),
        kept=t.kept(ids, keep),
        instance_type=code,
        resized_type=code,
        smaller_type=smaller_training_types(catalog)[code],
        slowdown_ratio=np.ones(len(ids)),
        jobs_per_month=factor,
        **t.facts(Training),
        billed_units=np.nan_to_num(t.number("billed_usd")) * factor,
        **_outcomes(t),
        **_hours(t, catalog.nvme[code], factor),
    )


def _outcomes(t: Columns) -> dict[str, Any]:
    outcome = pd.Index(OUTCOMES).get_indexer(pd.Index(t.text("status"))).astype(np.int64)
    return {
        "outcome": outcome,
        "failure_class": failure_classes(t.text("failure_reason"), outcome),
        "trial": t.text("tuning_job") != "",
        "stops_early": stops_early(t.text("tuning_job"), outcome),
        "alike_jobs": alike_jobs(t.frame, outcome),
    }


def _hours(t: Columns, own_disk: Mask, factor: float) -> dict[str, Any]:
    """Instance-hours by how they are billed; a volume is billed for types without a disk of their own."""
    count, spot = t.number("instance_count"), t.flag("spot_enabled")
    trained, billed = t.number("training_seconds"), t.number("billable_seconds")
    billed = np.where(np.isnan(billed) & (spot != 1), trained, billed)
    hours = billed / SECONDS_PER_HOUR * count * factor
    volume = np.where(own_disk, 0.0, np.nan_to_num(t.number("volume_gb")))
    return {
        "training_hours": trained / SECONDS_PER_HOUR * count * factor,
        "job_hours": trained / SECONDS_PER_HOUR,
        "billable_hours": np.where(spot == 1, 0.0, hours),
        "spot_hours": np.where(spot == 1, hours, 0.0),
        "warm_pool_hours": np.nan_to_num(t.number("warm_pool_seconds")) / SECONDS_PER_HOUR * count * factor,
        "volume_gb_month": volume * np.nan_to_num(hours) / HOURS_PER_MONTH,
    }


def failure_classes(reasons: Texts, outcome: Codes) -> Codes:
    """Class of each failed job, with which FailureReason starts ("AlgorithmError: …"); -1 = did not fail."""
    prefix = [reason.partition(":")[0].strip() for reason in reasons]
    named = pd.Index(FAILURE_CLASSES).get_indexer(pd.Index(prefix, dtype=object))
    known = np.where(named < 0, FAILURE_CLASSES.index("unknown"), named)
    return np.where(outcome == FAILED, known, NOT_FAILED).astype(np.int64)


def stops_early(tuning_job: Texts, outcome: Codes) -> Mask:
    """Trials whose tuning job has stopped at least one trial before its end."""
    stopped = set(tuning_job[(outcome == STOPPED) & (tuning_job != "")])
    return np.array([job in stopped for job in tuning_job], bool)


def alike_jobs(jobs: pd.DataFrame, outcome: Codes) -> Array:
    """Completed jobs that share owner, name up to its number, region, type and count; NaN without an owner.

    It stands for "same image and data", which a snapshot does not hold.
    """
    owner, names, *place = (texts(jobs[name]) for name in ("owner", "job_name", "region", "instance_type"))
    stems = [NUMBER_AT_END.sub("", name) for name in names]
    keys = list(zip(owner, stems, *place, jobs["instance_count"].fillna(-1.0), strict=True))
    completed = Counter(key for key, ended in zip(keys, outcome, strict=True) if ended == COMPLETED)
    alike = np.array([completed[key] for key in keys], float)
    return np.where(owner == "", np.nan, alike)


def smaller_training_types(catalog: Catalog) -> Codes:
    """Per instance type the type to right-size to, -1 = none; the last entry answers for the unknown code -1.

    Of the GPU types of the same family that may train and have fewer GPUs: those with most GPUs, and of these
    the one with most vCPUs per GPU that has not more of them than now (data loading must keep its pace).
    """
    family = np.array([name.rsplit(".", 1)[0] for name in catalog.instance_types], object)
    per_gpu = catalog.vcpu / np.where(catalog.gpu_count > 0, catalog.gpu_count, np.nan)
    may = catalog.training_ok & (catalog.gpu_count > 0) & catalog.has_gpu & ~catalog.retiring
    usable = np.flatnonzero(may)
    found = np.full(len(family) + 1, -1, np.int64)
    for code in np.flatnonzero((catalog.gpu_count > 1) & catalog.has_gpu):
        same = usable[family[usable] == family[code]]
        fitting = same[(catalog.gpu_count[same] < catalog.gpu_count[code]) & ~(per_gpu[same] > per_gpu[code])]
        if len(fitting):
            found[code] = max(fitting, key=lambda c: (catalog.gpu_count[c], np.nan_to_num(per_gpu[c])))
    return found
