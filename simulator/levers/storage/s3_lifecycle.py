"""S4 and S5: a lifecycle rule that moves old data to Standard-IA and Glacier Instant Retrieval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten
from simulator.levers.storage.objects import (
    COLD,
    DELETED_EARLY,
    MEAN_SHARE_OWED,
    OBJECT_MIB,
    age_evidence,
    cold_gb,
    cold_history,
    moved_reads,
    nothing_to_move,
    objects_per_gb,
    taken_back,
)
from simulator.params import param
from simulator.units import BYTES_PER_GIB, DAYS_PER_STORAGE_MONTH
from simulator.usage.rows import restored
from simulator.usage.storage import SMALL_BYTES
from simulator.usage.tables import Mask, Storage, Usage


@dataclass(frozen=True)
class S3Lifecycle(Lever):
    """Let a lifecycle rule move data unread for 30 days to Standard-IA, for 90 to Glacier Instant Retrieval.

    Objects below 128 KB stay: they are not moved, and would be billed as 128 KB. Each moved object costs one
    transition request, once; what is deleted before 30 or 90 days pays the rest; reading moved data costs a
    retrieval per GB and a more expensive request, every month, never more than is read of the bucket. Where ages are
    known, moved data was not read last month and the assumed share comes back; where they are not, it is read
    as much as the bucket. A bad idea for data that training jobs read again and again: retrieval then costs
    more than storage saves.

    Source: rules.md#infrequent-access; S3 user guide, lifecycle-transition-general-considerations.
    """

    id = "s3_lifecycle"
    title = "S3 lifecycle to cheaper classes"
    stage = 7
    table = "storage"
    effort_hours = 3.0
    phase = 1

    cold_ratio: float = param(**COLD)
    archive_ratio: float = param(
        "Share of that data also untouched for 90 days, where unknown", "ratio", 0.0, low=0.0, high=0.5,
        step=0.05, grade="assumed", source="As above; 0 keeps everything in Standard-IA",
    )  # fmt: skip
    retrieved_ratio: float = param(
        "Share of moved data read back each month, where unknown", "ratio", 0.05, low=0.0, high=0.5,
        step=0.01, maximum=5.0, grade="assumed", source="rules.md#infrequent-access: retrieval is charged per GB",
    )  # fmt: skip
    deleted_early_ratio: float = param(**DELETED_EARLY)
    object_mib: float = param(**OBJECT_MIB)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets with Standard data of a useful object size and no rule yet."""
        s = usage.storage
        return decide(
            s,
            *nothing_to_move(s),
            refuse(s.gib_not_accessed_30d == 0, "All its data was read within 30 days."),
            refuse(
                np.isnan(s.gib_not_accessed_30d) & (s.retrieved_gib >= s.standard_gib),
                "All of it is read every month: retrieval would cost more than storage saves.",
            ),
            otherwise="Standard data without a lifecycle rule.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move GB between classes; add retrievals, one-off transitions and early deletions."""
        return self._moved(usage, self.verdicts(usage).applies)

    def _moved(self, usage: Usage, ok: Mask) -> Usage:
        """The usage after the rule on these buckets; the same where there are none."""
        if not ok.any():
            return usage
        s, limits = usage.storage, usage.catalog.limits
        cold = np.where(ok, cold_gb(s, 30, self.cold_ratio), 0.0)
        archived = np.minimum(cold_gb(s, 90, self.archive_ratio), cold)
        unknown_age = np.isnan(s.gib_not_accessed_90d)
        if unknown_age.any():
            archived = np.where(unknown_age, cold * self.archive_ratio, archived)
        infrequent = cold - archived
        read = np.where(
            np.isnan(s.gib_not_accessed_30d) & ~np.isnan(s.retrieved_gib), _read(s), self.retrieved_ratio
        )
        per_gb = objects_per_gb(s, self.object_mib)
        got, asked = moved_reads(s, cold, cold * read, self.object_mib)
        share = archived / np.where(cold > 0, cold, 1.0)
        early = self.deleted_early_ratio * MEAN_SHARE_OWED / DAYS_PER_STORAGE_MONTH
        return rewritten(
            usage,
            "storage",
            standard_gb=s.standard_gb - cold,
            tiered_gib=s.tiered_gib + cold,
            standard_ia_gb=s.standard_ia_gb + billed_gib(infrequent * per_gb, infrequent),
            glacier_ir_gb=s.glacier_ir_gb + billed_gib(archived * per_gb, archived),
            unmoved_reads_gib=s.unmoved_reads_gib - got,
            retrieval_ia_gb=s.retrieval_ia_gb + got * (1 - share),
            retrieval_glacier_ir_gb=s.retrieval_glacier_ir_gb + got * share,
            get_requests=s.get_requests - asked,
            get_standard_ia=s.get_standard_ia + asked * (1 - share),
            get_glacier_ir=s.get_glacier_ir + asked * share,
            to_standard_ia=s.to_standard_ia + infrequent * per_gb,
            to_glacier_ir=s.to_glacier_ir + archived * per_gb,
            early_standard_ia=s.early_standard_ia + infrequent * early * limits["s3_min_days_STANDARD_IA"],
            early_glacier_ir=s.early_glacier_ir + archived * early * limits["s3_min_days_GLACIER_IR"],
        )

    def alternative(self, usage: Usage) -> Usage | None:
        """The rule in place of Intelligent-Tiering, for buckets that it took; None where it took none."""
        taken = at_setting(usage.storage.auto_objects) > 0
        if not taken.any():
            return None
        back = taken_back(usage, taken)
        ours = taken & self.verdicts(back).applies
        after = self._moved(back, ours)
        if not (taken & ~ours).any():
            return after
        return usage.with_tables(storage=restored(usage.storage, after.storage, ~ours))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Ages, sizes and reads of the bucket's own objects."""
        s = usage.storage
        return (
            *age_evidence(s, 30),
            Evidence(~np.isnan(s.retrieved_gib), "How much of it is read is unknown."),
        )

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """The cold share of the buckets whose ages are known."""
        return cold_history(usage.storage)


def billed_gib(objects: Any, gib: Any, minimum_bytes: float = SMALL_BYTES) -> Any:
    """GiB billed in Standard-IA, One Zone-IA and Glacier Instant Retrieval: at least 128 KB an object."""
    return np.maximum(gib, objects * (minimum_bytes / BYTES_PER_GIB))


def _read(s: Storage) -> Any:
    return np.nan_to_num(s.retrieved_gib) / np.where(s.standard_gib > 0, s.standard_gib, np.inf)
