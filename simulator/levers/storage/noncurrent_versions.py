"""S3: expire noncurrent versions."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.levers.lever import Evidence, Lever, Verdicts, rewritten
from simulator.levers.storage.deletion import OWED, deletable, deleted, measured
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class NoncurrentVersions(Lever):
    """A lifecycle rule that expires versions some weeks after a newer one replaced them.

    Old versions are billed like objects and hidden in a bucket's size. Those within the retention stay. A bad
    idea where versions are the backup, or where a law asks for them.

    Source: rules.md#noncurrent-versions; S3 user guide, lifecycle configuration for versioned buckets
    (NoncurrentVersionExpiration).
    """

    id = "noncurrent_versions"
    title = "Expire old versions"
    stage = 1
    table = "storage"
    effort_hours = 2.0
    reversible = False
    phase = 1

    expired_ratio: float = param(
        "Share of noncurrent bytes older than the retention", "ratio", 0.70, low=0.40, high=0.95, step=0.05,
        grade="assumed", source="Our judgement for 30 days of retention; S3 Inventory would show it",
    )  # fmt: skip
    owed_ratio: float = param(**OWED)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets known to hold noncurrent bytes."""
        return deletable(
            usage.storage,
            usage.storage.noncurrent_gib,
            nothing="Holds no noncurrent versions.",
            unknown="How much of it is old versions is unknown: S3 Storage Lens or Inventory would show it.",
            otherwise="Holds noncurrent versions.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Delete from the classes in which the versions lie."""
        ok = self.verdicts(usage).applies
        gone = deleted(usage, usage.storage.noncurrent_gib, self.expired_ratio, self.owed_ratio, ok)
        return rewritten(usage, "storage", **gone)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The bytes of old versions, from Storage Lens."""
        return (Evidence(measured(usage.storage.noncurrent_gib), "These bytes are not measured."),)
