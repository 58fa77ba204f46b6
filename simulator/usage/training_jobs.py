"""What the columns of training jobs imply, worked out once: failures, tuning, likeness, smaller types."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.catalog import Catalog
from simulator.usage.tables import COMPLETED, FAILED, FAILURE_CLASSES, NOT_FAILED, STOPPED

Codes = NDArray[np.int64]


def failure_classes(reasons: NDArray[np.object_], outcome: Codes) -> Codes:
    """Class of each failed job, with which FailureReason starts ("AlgorithmError: …"); -1 = did not fail."""
    prefix = pd.Series(reasons, dtype=object).str.split(":").str[0].str.strip()
    named = pd.Index(FAILURE_CLASSES).get_indexer(pd.Index(prefix))
    known = np.where(named < 0, FAILURE_CLASSES.index("unknown"), named)
    return np.where(outcome == FAILED, known, NOT_FAILED).astype(np.int64)


def stops_early(tuning_job: NDArray[np.object_], outcome: Codes) -> NDArray[np.bool_]:
    """Trials whose tuning job has stopped at least one trial before its end."""
    stopped = pd.unique(pd.Series(tuning_job[(outcome == STOPPED) & (tuning_job != "")], dtype=object))
    return pd.Series(tuning_job, dtype=object).isin(stopped).to_numpy(bool)


def alike_jobs(jobs: pd.DataFrame, outcome: Codes) -> NDArray[np.float64]:
    """Completed jobs that share owner, name up to its number, region, type and count; NaN without an owner.

    It stands for "same image and data", which a snapshot does not hold.
    """
    owner = jobs["owner"].fillna("").astype(str)
    stem = jobs["job_name"].astype(str).str.replace(r"[-_.]*\d[-_.\d]*$", "", regex=True)
    key = [owner, stem, jobs["region"].astype(str), jobs["instance_type"].astype(str), jobs["instance_count"]]
    completed = pd.Series((outcome == COMPLETED).astype(float), index=jobs.index)
    alike = completed.groupby(key, sort=False, dropna=False).transform("sum").to_numpy(float)
    return np.where(owner.to_numpy(object) == "", np.nan, alike)


def smaller_training_types(catalog: Catalog) -> Codes:
    """Per instance type the type to right-size to, -1 = none; the last entry answers for the unknown code -1.

    Of the GPU types of the same family that may train and have fewer GPUs: those with most GPUs, and of these
    the one with most vCPUs per GPU that has not more of them than now (data loading must keep its pace).
    """
    family = np.array([name.rsplit(".", 1)[0] for name in catalog.instance_types], object)
    per_gpu = catalog.vcpu / np.where(catalog.gpu_count > 0, catalog.gpu_count, np.nan)
    usable = np.flatnonzero(catalog.training_ok & (catalog.gpu_count > 0) & catalog.has_gpu)
    found = np.full(len(family) + 1, -1, np.int64)
    for code in np.flatnonzero((catalog.gpu_count > 1) & catalog.has_gpu):
        same = usable[family[usable] == family[code]]
        fitting = same[(catalog.gpu_count[same] < catalog.gpu_count[code]) & ~(per_gpu[same] > per_gpu[code])]
        if len(fitting):
            found[code] = max(fitting, key=lambda c: (catalog.gpu_count[c], np.nan_to_num(per_gpu[c])))
    return found
