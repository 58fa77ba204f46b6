"""What several storage levers ask of a bucket: what is large enough to move, what is cold, how many objects.

Ages and sizes describe STANDARD as the snapshot saw it; a plan may since have deleted or compressed some of
it (evenly) and moved some of it (coldest first, `tiered_gib`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.levers.lever import Evidence, Rule, refuse, rewritten, unsure
from simulator.usage.tables import Mask, Storage, Usage

OBJECT_MIB: dict[str, Any] = {
    "label": "Mean object size, where the number of objects is unknown",
    "unit": "MiB",
    "default": 8.0,
    "low": 1.0,
    "high": 64.0,
    "step": 1.0,
    "minimum": 0.125,
    "maximum": 100_000.0,
    "grade": "assumed",
    "source": "Our judgement; CloudWatch's NumberOfObjects or S3 Inventory would show it",
}
COLD: dict[str, Any] = {
    "label": "Share of data not accessed for 30 days, where unknown",
    "unit": "ratio",
    "default": 0.5,
    "low": 0.2,
    "high": 0.8,
    "step": 0.05,
    "grade": "assumed",
    "source": "Ages are not in CloudWatch; S3 Storage Lens or Inventory would show it",
}
DELETED_EARLY: dict[str, Any] = {
    "label": "Share of moved data deleted before its minimum duration",
    "unit": "ratio",
    "default": 0.02,
    "low": 0.0,
    "high": 0.20,
    "step": 0.01,
    "grade": "assumed",
    "source": "rules.md#infrequent-access, S5: the rest of the minimum is charged; taken as half of it on average",
}
MEAN_SHARE_OWED = 0.5
NOTHING_GB = 1e-9


def remaining_ratio(s: Storage) -> Any:
    """Bytes left of what STANDARD held, moved or not: below 1 after deletion and compression."""
    return np.where(
        s.standard_gib > 0, (s.standard_gb + s.tiered_gib) / np.maximum(s.standard_gib, 1e-12), 0.0
    )


def large_gb(s: Storage) -> Any:
    """GB still in STANDARD that a lifecycle rule would move: objects of at least 128 KB."""
    return _in_standard(s, s.large_share * s.standard_gib, remaining_ratio(s), s.standard_gb)


def cold_gb(s: Storage, days: int, assumed_ratio: Any) -> Any:
    """GB still in STANDARD, movable and unread for `days`; a share of the movable where ages are unknown.

    What was not read for longer was not read for `days` either: it bounds the assumed share from below.
    """
    age = getattr(s, f"gib_not_accessed_{days}d")
    large = s.large_share * s.standard_gib
    known, unread = ~np.isnan(age), age
    if not known.all():  # else no draw of the assumption is looked at
        assumed = large * assumed_ratio
        for longer in (n for n in (90, 180) if n > days):
            assumed = np.fmax(assumed, getattr(s, f"gib_not_accessed_{longer}d"))
        unread = np.where(known, age, assumed)
    return _in_standard(s, np.minimum(unread, large), remaining_ratio(s), s.standard_gb)


def _in_standard(s: Storage, gib: Any, remaining: Any, most_gb: Any) -> Any:
    """What of so many GiB is left and not moved yet, at most so much."""
    return np.minimum(np.maximum(gib * remaining - s.tiered_gib, 0.0), most_gb)


def objects_per_gb(s: Storage, object_mib: Any) -> Any:
    """Movable objects per GB; from the assumed mean size where the bucket's number of objects is unknown."""
    large = s.large_share * s.standard_gib
    small = np.where(np.isnan(s.small_objects), 0.0, s.small_objects)
    known = (s.objects - small) / np.where(large > 0, large, np.inf)
    unknown = np.isnan(s.objects)
    known = np.maximum(known, 0.0)
    return np.where(unknown, 1024 / object_mib, known) if unknown.any() else known


def moved_reads(s: Storage, moved_gb: Any, wanted_gb: Any, object_mib: Any) -> tuple[Any, Any]:
    """GB and GET requests per month that go to data which a lever moves, of the `wanted_gb` it expects.

    Never above what is measured to be read of STANDARD; requests in proportion to the bytes, else one per object
    read, and never more than there are.
    """
    read = np.where(np.isnan(s.unmoved_reads_gib), wanted_gb, np.minimum(wanted_gb, s.unmoved_reads_gib))
    per_gb = s.get_requests / np.where(s.unmoved_reads_gib > NOTHING_GB, s.unmoved_reads_gib, np.nan)
    asked = read * np.where(np.isnan(per_gb), objects_per_gb(s, object_mib), per_gb)
    return np.where(moved_gb > 0, read, 0.0), np.where(moved_gb > 0, np.minimum(asked, s.get_requests), 0.0)


def nothing_to_move(s: Storage) -> tuple[Rule, ...]:
    """Buckets that no tiering lever may touch."""
    return (
        refuse(s.standard_gb == 0, "Has no data in S3 Standard."),
        refuse(s.lifecycle == 1, "A lifecycle rule is already in place."),
        refuse(s.large_share == 0, "All its objects are below 128 KB: tiering does not move them."),
        refuse(large_gb(s) < NOTHING_GB, "All that could move is in another class already in this scenario."),
        unsure(
            np.isnan(s.lifecycle),
            "Whether it has lifecycle rules is unknown: s3:GetLifecycleConfiguration would show it.",
        ),
    )


def age_evidence(s: Storage, days: int) -> tuple[Evidence, ...]:
    """Ages and sizes of the bucket's own objects."""
    return (
        Evidence(
            ~np.isnan(getattr(s, f"gib_not_accessed_{days}d")),
            f"What was not read for {days} days is assumed.",
        ),
        Evidence(~np.isnan(s.objects), "The number of its objects is unknown."),
        Evidence(~np.isnan(s.small_gib), "What its objects below 128 KB hold is unknown."),
    )


def cold_history(s: Storage) -> dict[str, tuple[float, str]]:
    """The share of cold data in the buckets of this account whose ages are known."""
    known = ~np.isnan(s.gib_not_accessed_30d) & (s.standard_gib > 0)
    if not known.any():
        return {}
    share = float(s.gib_not_accessed_30d[known].sum() / s.standard_gib[known].sum())
    return {"cold_ratio": (min(share, 1.0), f"{int(known.sum())} buckets of this account with known ages.")}


def taken_back(usage: Usage, rows: Mask) -> Usage:
    """What Intelligent-Tiering took of these buckets in STANDARD again; no more than is there."""
    s = usage.storage
    auto = {name: getattr(s, f"auto_{name}") for name in ("fa_gb", "ia_gb", "aia_gb", "objects")}
    there = {name: getattr(s, f"intelligent_tiering_{name}") for name in ("fa_gb", "ia_gb", "aia_gb")}
    back = {name: np.where(rows, np.minimum(auto[name], there[name]), 0.0) for name in there}
    objects = np.where(rows, np.minimum(s.auto_objects, s.monitored_objects), 0.0)
    gone = back["fa_gb"] + back["ia_gb"] + back["aia_gb"]
    return rewritten(
        usage,
        "storage",
        standard_gb=s.standard_gb + gone,
        tiered_gib=s.tiered_gib - gone,
        monitored_objects=s.monitored_objects - objects,
        to_intelligent_tiering=s.to_intelligent_tiering - np.minimum(objects, s.to_intelligent_tiering),
        **{f"intelligent_tiering_{name}": there[name] - gb for name, gb in back.items()},
        **{f"auto_{name}": np.where(rows, 0.0, quantity) for name, quantity in auto.items()},
    )
