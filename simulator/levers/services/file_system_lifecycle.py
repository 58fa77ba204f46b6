"""Cold files of EFS in Infrequent Access."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.services import Services
from simulator.usage.table import Array
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class FileSystemLifecycle(Lever):
    """Let EFS move files that were not read for 30 days to Infrequent Access: home folders of Studio, old data sets.

    Moved gigabytes cost the price of Infrequent Access (lower where throughput is elastic), each GB moved and each GB
    read there again costs a cent. What is read back is assumed, and never more than the reads that were measured.
    A bad idea for millions of files below 128 KiB: each is billed as 128 KiB there; and for data that a job will read
    again in whole: keep that in Standard.

    Source: rules.md#services; EFS user guide, lifecycle management and storage classes; AWS price feed, EFS.
    """

    id = "file_system_lifecycle"
    title = "Cold files of EFS to Infrequent Access"
    stage = 7
    table = "services"
    effort_hours = 2.0
    phase = 1

    read_back_ratio: float = param(
        "Share of the moved data that is read every month", "ratio", 0.05, low=0.0, high=0.3, step=0.01,
        grade="assumed", source="Our judgement: data that was not read for 30 days",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """File systems of EFS with files in Standard that were not read for 30 days."""
        t = usage.services
        return decide(
            t,
            refuse(t.kind != "efs", "Is no EFS file system."),
            unsure(np.isnan(t.efs_gb), "How much it holds is unknown."),
            unsure(np.isnan(t.gib_not_accessed_30d), "How much of it was not read for 30 days is not known."),
            refuse(_movable(t) == 0, "Holds nothing in Standard that was not read for 30 days."),
            otherwise="Holds files in Standard that were not read for 30 days.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Cold gigabytes move; reads of them and the move itself are charged."""
        t, ok = usage.services, self.verdicts(usage).applies
        moved = np.where(ok, _movable(t), 0.0)
        read = np.fmin(moved * self.read_back_ratio, t.read_gib)
        return rewritten(
            usage,
            "services",
            efs_gb=t.efs_gb - moved,
            efs_ia_gb=t.efs_ia_gb + np.where(t.elastic, 0.0, moved),
            efs_elastic_ia_gb=t.efs_elastic_ia_gb + np.where(t.elastic, moved, 0.0),
            efs_ia_read_gb=t.efs_ia_read_gb + np.where(ok, read, 0.0),
            moved_gb=t.moved_gb + moved,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """What is read back shows after a month."""
        nowhere = np.zeros(len(usage.services), bool)
        return (Evidence(nowhere, "How much of the cold data is read again is assumed."),)


def _movable(t: Services) -> Array:
    """GB in Standard that were not read for 30 days; what is in Infrequent Access already was not either."""
    cold = np.maximum(t.gib_not_accessed_30d - t.efs_ia_gb - t.efs_elastic_ia_gb, 0.0)
    return np.minimum(cold, t.efs_gb)
