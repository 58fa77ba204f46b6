"""S4 and S5: a lifecycle rule that moves old data to Standard-IA and Glacier Instant Retrieval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Storage, Usage

SMALL_MEAN_GIB = 128 / 2**20


@dataclass(frozen=True)
class S3Lifecycle(Lever):
    """Let a lifecycle rule move data not accessed for 30 days to Standard-IA, and for 90 to Glacier Instant Retrieval.

    Objects below 128 KB stay: they are not moved, and would be billed as 128 KB. Each moved object costs one
    transition request, once; reading moved data costs a retrieval per GB, every month. A bad idea for data
    training jobs read again and again: retrieval can cost more than storage saves.

    Source: DOMAIN 3.6 S4, S5; S3 user guide, lifecycle transition considerations.
    """

    id = "s3_lifecycle"
    title = "S3 lifecycle to cheaper classes"
    family = "storage"
    stage = 7
    table = "storage"
    effort_hours = 3.0
    phase = 1
    source = "S3 user guide, lifecycle-transition-general-considerations; DOMAIN S4, S5"

    cold_ratio: float = param(
        "Share of data not accessed for 30 days, where unknown", "ratio", 0.5, low=0.2, high=0.8, step=0.05,
        grade="assumed", source="Ages are not in CloudWatch; S3 Storage Lens or Inventory would tell",
    )  # fmt: skip
    archive_ratio: float = param(
        "Share of that data also untouched for 90 days, where unknown", "ratio", 0.0, low=0.0, high=0.5, step=0.05,
        grade="assumed", source="As above; 0 keeps everything in Standard-IA",
    )  # fmt: skip
    retrieved_ratio: float = param(
        "Share of moved data read back each month, where unknown", "ratio", 0.05, low=0.0, high=0.5, step=0.01,
        maximum=5.0, grade="assumed", source="DOMAIN S4: retrieval is charged per GB",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets with Standard data of a useful object size and no rule yet."""
        s = usage.storage
        return decide(
            s,
            refuse(s.standard_gb == 0, "Has no data in S3 Standard."),
            refuse(s.lifecycle == 1, "A lifecycle rule is already in place."),
            refuse(
                (s.objects > 0) & (movable_gib(s) <= 0),
                "All its objects are below 128 KB: tiering does not move them.",
            ),
            unsure(
                np.isnan(s.lifecycle) & np.isnan(s.gib_not_accessed_30d) & np.isnan(s.objects) & (s.standard_gb < 0),
                "Nothing is known about its objects.",
            ),
            otherwise="Standard data without a lifecycle rule.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move GiB between classes; add the retrievals and the one-off transitions."""
        s = usage.storage
        ok = self.verdicts(usage).applies
        movable = movable_gib(s)
        cold = np.where(np.isnan(s.gib_not_accessed_30d), movable * self.cold_ratio, s.gib_not_accessed_30d)
        cold = np.where(ok, np.minimum(cold, movable), 0.0)
        archived = np.where(np.isnan(s.gib_not_accessed_90d), cold * self.archive_ratio, s.gib_not_accessed_90d)
        archived = np.minimum(archived, cold)
        infrequent = cold - archived
        read = np.where(np.isnan(s.retrieved_gib), self.retrieved_ratio, _read_share(s))
        per_gib = np.where(s.objects > 0, (s.objects - np.nan_to_num(s.small_objects)) / np.maximum(movable, 1e-9), 0.0)
        per_gib = np.nan_to_num(per_gib)
        return rewritten(
            usage,
            "storage",
            standard_gb=s.standard_gb - cold,
            standard_ia_gb=s.standard_ia_gb + infrequent,
            glacier_ir_gb=s.glacier_ir_gb + archived,
            retrieval_ia_gb=s.retrieval_ia_gb + infrequent * read,
            retrieval_glacier_ir_gb=s.retrieval_glacier_ir_gb + archived * read,
            to_standard_ia=s.to_standard_ia + infrequent * per_gib,
            to_glacier_ir=s.to_glacier_ir + archived * per_gib,
        )


def movable_gib(s: Storage) -> np.ndarray:
    """GiB in Standard held by objects of at least 128 KB (all of it where sizes are unknown)."""
    mean = np.where(s.objects > 0, s.standard_gb / np.maximum(np.nan_to_num(s.objects), 1), np.inf)
    small = np.where(np.isnan(s.small_gib), np.where(mean < SMALL_MEAN_GIB, s.standard_gb, 0.0), s.small_gib)
    return np.maximum(s.standard_gb - small, 0.0)


def _read_share(s: Storage) -> np.ndarray:
    """Reads of cold data: what is read in a month beyond the part that is accessed anyway, over all data."""
    return np.where(s.standard_gb > 0, np.nan_to_num(s.retrieved_gib) / np.maximum(s.standard_gb, 1e-9), 0.0)
