"""S5: Glacier Flexible Retrieval and Deep Archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.storage.objects import (
    DELETED_EARLY,
    MEAN_SHARE_OWED,
    age_evidence,
    cold_gb,
    moved_reads,
    nothing_to_move,
    objects_per_gb,
)
from simulator.params import param
from simulator.units import BYTES_PER_GIB, DAYS_PER_STORAGE_MONTH
from simulator.usage.storage import INDEX_BYTES, NAME_BYTES
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class GlacierArchive(Lever):
    """Archive data that nobody has read for 180 days, where it takes hours to get back.

    Each object adds 32 KB at the archive price and 8 KB at the Standard price, and costs a transition, once;
    what is deleted before 90 (Flexible) or 180 days (Deep Archive) pays the rest. Data read again must be
    restored first, by request and GB, and its copy is billed in Standard meanwhile. Never for data a job may
    need: a training set in Glacier breaks the next training job.

    Source: rules.md#glacier-classes; S3 user guide, lifecycle-transition-general-considerations.
    """

    id = "glacier_archive"
    title = "Archive untouched data in Glacier"
    stage = 7
    table = "storage"
    effort_hours = 6.0
    phase = 3

    storage_class: str = param(
        "Storage class", "class", "GLACIER", choices=("GLACIER", "DEEP_ARCHIVE"), grade="official",
        source="Flexible Retrieval: restore in minutes to 12 hours; Deep Archive: 12 to 48 hours",
    )  # fmt: skip
    archived_ratio: float = param(
        "Share of the data untouched for 180 days that is archived", "ratio", 0.80, low=0.50, high=1.0,
        step=0.05, grade="assumed", source="Our judgement: some of it must stay at hand",
    )  # fmt: skip
    restored_ratio: float = param(
        "Share of archived data restored each month", "ratio", 0.01, low=0.0, high=0.05, step=0.005,
        grade="assumed", source="Our judgement: it was not read for half a year",
    )  # fmt: skip
    restore_tier: str = param(
        "How it is restored", "tier", "standard", choices=("standard", "bulk", "expedited"), grade="official",
        source="S3 user guide, archive retrieval options: bulk 5 to 48 hours, standard 3 to 12 (Deep Archive 12), "
        "expedited minutes, for Flexible Retrieval only: Deep Archive then restores standard",
    )  # fmt: skip
    copy_days: float = param(
        "Days a restored copy stays in Standard", "days", 7.0, low=1.0, high=14.0, step=1.0, maximum=365.0,
        grade="assumed", source="Chosen with each restore request",
    )  # fmt: skip
    deleted_early_ratio: float = param(**DELETED_EARLY)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets whose untouched data and objects are known, and that no training job reads."""
        s = usage.storage
        return decide(
            s,
            *nothing_to_move(s),
            refuse(
                (s.content == "training_data") & ~(s.retrieved_gib == 0),
                "Holds training data that may be read again: a restore takes hours, the next job would fail.",
            ),
            unsure(
                np.isnan(s.gib_not_accessed_180d),
                "What nobody has read for 180 days is unknown: S3 Storage Lens or Inventory would show it.",
            ),
            refuse(s.gib_not_accessed_180d == 0, "All its data was read within 180 days."),
            unsure(
                np.isnan(s.objects), "The number of its objects is unknown: each adds 40 KB and a transition."
            ),
            otherwise="Holds data that nobody has read for 180 days; getting it back takes hours.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move GB to the archive; add overhead, restores, one-off transitions and early deletions."""
        s, limits = usage.storage, usage.catalog.limits
        ok = self.verdicts(usage).applies
        name = self.storage_class.lower()
        speed = self.restore_speed
        moved = np.where(ok, cold_gb(s, 180, 0.0) * self.archived_ratio, 0.0)
        objects = np.where(ok, moved * objects_per_gb(s, 1.0), 0.0)
        archive_gib, standard_gib = archive_overhead_gib(objects)
        restored, asked = moved_reads(s, moved, moved * self.restored_ratio, 1.0)
        months = limits[f"s3_min_days_{self.storage_class}"] / DAYS_PER_STORAGE_MONTH
        added = {
            f"{name}_gb": moved + archive_gib,
            "archive_standard_gb": standard_gib + restored * self.copy_days / DAYS_PER_STORAGE_MONTH,
            f"retrieval_{name}{speed}_gb": restored,
            f"restore_{name}{speed}": objects * restored / np.where(moved > 0, moved, 1.0),
            f"get_{name}": asked,
            "get_requests": -asked,
            "unmoved_reads_gib": -restored,
            f"to_{name}": objects,
            f"early_{name}": moved * self.deleted_early_ratio * MEAN_SHARE_OWED * months,
            "tiered_gib": moved,
        }
        columns = {meter: getattr(s, meter) + amount for meter, amount in added.items()}
        return rewritten(usage, "storage", standard_gb=s.standard_gb - moved, **columns)

    @property
    def restore_speed(self) -> str:
        """What follows the class in the names of the restore's meters."""
        offered = self.restore_tier == "bulk" or (self.restore_tier, self.storage_class) == (
            "expedited",
            "GLACIER",
        )
        return f"_{self.restore_tier}" if offered else ""

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Ages and sizes of the bucket's own objects."""
        return age_evidence(usage.storage, 180)


def archive_overhead_gib(objects: Any) -> tuple[Any, Any]:
    """GiB that archived objects add: 32 KB each at the archive's price, 8 KB each at Standard's."""
    return objects * (INDEX_BYTES / BYTES_PER_GIB), objects * (NAME_BYTES / BYTES_PER_GIB)
