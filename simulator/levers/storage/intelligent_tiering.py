"""S6: Intelligent-Tiering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, rewritten, unsure
from simulator.levers.storage.objects import (
    COLD,
    age_evidence,
    cold_gb,
    cold_history,
    large_gb,
    nothing_to_move,
    objects_per_gb,
)
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class IntelligentTiering(Lever):
    """Let S3 move each object by its own accesses: infrequent access after 30 days, archive instant after 90.

    Reading moves it back, without a retrieval fee. Every object of at least 128 KB costs a monitoring fee
    each month, and one transition, once; smaller ones neither move nor pay. Below about 250 KB per object the
    fee is more than infrequent access saves (`break_even_gib`): then this loses money. Suits data
    with unpredictable access; where ages are known, a lifecycle rule does the same without the fee. With
    the lifecycle rule on too, each bucket goes to whichever of the two is cheaper on the bill.

    Source: rules.md#intelligent-tiering; S3 user guide, intelligent-tiering-overview.
    """

    id = "intelligent_tiering"
    title = "S3 Intelligent-Tiering"
    stage = 7
    table = "storage"
    effort_hours = 2.0
    phase = 2

    cold_ratio: float = param(**COLD)
    archive_ratio: float = param(
        "Share of that data also untouched for 90 days, where unknown", "ratio", 0.3, low=0.0, high=0.6,
        step=0.05, grade="assumed",
        source="Ages are not in CloudWatch; S3 Storage Lens or Inventory would show it",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets with Standard data in a known number of objects, and no rule yet."""
        s = usage.storage
        return decide(
            s,
            *nothing_to_move(s),
            unsure(
                np.isnan(s.objects),
                "The number of its objects is unknown, and so is the monitoring fee: see NumberOfObjects.",
            ),
            otherwise="Standard data in objects of at least 128 KB.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move all movable objects; spread them over the tiers by age; add fee and one-off transitions."""
        s = usage.storage
        ok = self.verdicts(usage).applies
        moved = np.where(ok, large_gb(s), 0.0)
        cold = np.where(ok, cold_gb(s, 30, self.cold_ratio), 0.0)
        archived = np.minimum(cold_gb(s, 90, 0.0), cold)
        unknown_age = np.isnan(s.gib_not_accessed_90d)
        if unknown_age.any():
            archived = np.where(unknown_age, cold * self.archive_ratio, archived)
        objects = np.where(ok, moved * objects_per_gb(s, 1.0), 0.0)
        return rewritten(
            usage,
            "storage",
            standard_gb=s.standard_gb - moved,
            tiered_gib=s.tiered_gib + moved,
            intelligent_tiering_fa_gb=s.intelligent_tiering_fa_gb + (moved - cold),
            intelligent_tiering_ia_gb=s.intelligent_tiering_ia_gb + (cold - archived),
            intelligent_tiering_aia_gb=s.intelligent_tiering_aia_gb + archived,
            monitored_objects=s.monitored_objects + objects,
            to_intelligent_tiering=s.to_intelligent_tiering + objects,
            auto_fa_gb=s.auto_fa_gb + (moved - cold),
            auto_ia_gb=s.auto_ia_gb + (cold - archived),
            auto_aia_gb=s.auto_aia_gb + archived,
            auto_objects=s.auto_objects + objects,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Ages and sizes of the bucket's own objects."""
        return age_evidence(usage.storage, 30)

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """The cold share of the buckets whose ages are known."""
        return cold_history(usage.storage)


def break_even_gib(
    monitoring_usd_per_object: Any, standard_usd_per_gb: Any, infrequent_usd_per_gb: Any
) -> Any:
    """Object size above which infrequent access saves more than monitoring costs."""
    return monitoring_usd_per_object / (standard_usd_per_gb - infrequent_usd_per_gb)
