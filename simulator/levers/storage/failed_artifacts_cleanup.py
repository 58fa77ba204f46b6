"""S1: delete what failed training jobs left behind."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.levers.lever import Evidence, Lever, Verdicts, rewritten
from simulator.levers.storage.deletion import OWED, deletable, deleted, measured
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class FailedArtifactsCleanup(Lever):
    """Delete the artefacts of failed training jobs: GB stored become GB × (1 − share).

    They lie under S3OutputPath/<job>/ of each failed job; end the prefix with "/", or `job-1` also matches
    `job-10`. Bytes in infrequent-access and Glacier classes still owe the rest of their minimum duration,
    once. Cannot be undone without versioning; a bad idea for checkpoints from which a job is to resume.

    Source: rules.md#clean-up; S3 user guide, minimum storage duration.
    """

    id = "failed_artifacts_cleanup"
    title = "Delete artefacts of failed jobs"
    stage = 1
    table = "storage"
    effort_hours = 3.0
    reversible = False
    phase = 1

    deleted_ratio: float = param(
        "Share of these artefacts that is deleted", "ratio", 0.90, low=0.50, high=1.0, step=0.05,
        grade="assumed", source="Some are kept to find out why the job failed",
    )  # fmt: skip
    owed_ratio: float = param(**OWED)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets known to hold such artefacts."""
        return deletable(
            usage.storage,
            usage.storage.failed_gib,
            nothing="Holds no artefacts of failed jobs.",
            unknown="Whether it holds artefacts of failed jobs is unknown: sum the prefixes of failed jobs.",
            otherwise="Holds artefacts of failed jobs.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Delete from the classes in which the artefacts lie."""
        ok = self.verdicts(usage).applies
        s = usage.storage
        return rewritten(
            usage, "storage", **deleted(usage, s.failed_gib, self.deleted_ratio, self.owed_ratio, ok)
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The bytes are measured; how many may go is a decision."""
        return (Evidence(measured(usage.storage.failed_gib), "These bytes are not measured."),)
