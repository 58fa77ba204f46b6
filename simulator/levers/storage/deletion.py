"""Deleting bytes by storage class: what the clean-up levers share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.lever import Verdicts, decide, refuse, unsure
from simulator.units import DAYS_PER_STORAGE_MONTH
from simulator.usage.storage import ARCHIVES, AT_LEAST_128_KB
from simulator.usage.tables import STORAGE_CLASSES, Storage, Usage

Array = NDArray[np.float64]
EARLY = {
    "STANDARD_IA": "early_standard_ia",
    "ONEZONE_IA": "early_onezone_ia",
    "GLACIER_IR": "early_glacier_ir",
    "GLACIER": "early_glacier",
    "DEEP_ARCHIVE": "early_deep_archive",
}
OWED: dict[str, Any] = {
    "label": "Share of the minimum duration still owed by what is deleted from IA and Glacier classes",
    "unit": "ratio",
    "default": 0.5,
    "low": 0.0,
    "high": 1.0,
    "step": 0.05,
    "grade": "assumed",
    "source": "rules.md#clean-up: deleting early pays the rest of 30, 90 or 180 days, once; ages are unknown",
}


NOTHING_GIB = 1e-12


def measured(gib: Array) -> NDArray[np.bool_]:
    """Buckets with a number for at least one class (rows, STORAGE_CLASSES)."""
    return np.asarray((~np.isnan(gib)).any(axis=1))


def months_owed(minimum_months: Any, held_months: Any) -> Any:
    """Months of storage still charged when an object leaves its class. Source: S3 FAQ, early deletion."""
    return np.maximum(minimum_months - held_months, 0.0)


def deletable(s: Storage, gib: Array, *, nothing: str, unknown: str, otherwise: str) -> Verdicts:
    """Buckets in which some bytes (rows, STORAGE_CLASSES) of the kind are known to lie."""
    return decide(
        s,
        unsure(~measured(gib), unknown),
        refuse(np.nansum(gib, axis=1) == 0, nothing),
        otherwise=otherwise,
    )


def deleted(usage: Usage, gib: Array, ratio: Any, owed_ratio: Any, ok: NDArray[np.bool_]) -> dict[str, Any]:
    """Columns after deleting `ratio` of `gib` (rows, STORAGE_CLASSES), no more than there is.

    With an object go the minimum and the index it is billed for. Bytes in a class with a minimum duration owe
    `owed_ratio` of it, once.
    """
    s = usage.storage
    columns: dict[str, Any] = {}
    for number, name in enumerate(STORAGE_CLASSES):
        amount = np.where(ok & (gib[:, number] > 0), gib[:, number], 0.0)
        if not amount.any():
            continue
        stored = getattr(s, f"{name.lower()}_gb")
        share = np.clip(amount * ratio / np.maximum(s.stored_gib[:, number], NOTHING_GIB), 0.0, 1.0)
        bytes_gone = np.minimum(amount * ratio, stored)
        gone = stored * share if name in (*AT_LEAST_128_KB, *ARCHIVES) else bytes_gone
        columns[f"{name.lower()}_gb"] = stored - gone
        if s.index_gib[:, number].any():
            kept = columns.get("archive_standard_gb", s.archive_standard_gb)
            columns["archive_standard_gb"] = np.maximum(kept - s.index_gib[:, number] * share, 0.0)
        if name in EARLY:
            months = usage.catalog.limits[f"s3_min_days_{name}"] / DAYS_PER_STORAGE_MONTH
            owed = months_owed(months, months * (1 - owed_ratio))
            due = bytes_gone if name in ARCHIVES else gone  # of an archive's index no minimum is known
            columns[EARLY[name]] = getattr(s, EARLY[name]) + due * owed
    return columns
