"""S2: abort incomplete multipart uploads."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.levers.lever import Evidence, Lever, Verdicts, rewritten
from simulator.levers.storage.deletion import deletable, deleted, measured
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class AbortIncompleteUploads(Lever):
    """A lifecycle rule that aborts multipart uploads which were not completed within seven days.

    Their parts are billed like objects and seen by nobody; sizes and counts of a bucket include them. What
    remains is what is being uploaded right now. A bad idea only where uploads take longer than a week.

    Source: rules.md#incomplete-uploads; S3 user guide, mpu-abort-incomplete-mpu-lifecycle-config.
    """

    id = "abort_incomplete_uploads"
    title = "Abort incomplete uploads"
    stage = 1
    table = "storage"
    effort_hours = 1.0
    reversible = False
    phase = 1

    older_ratio: float = param(
        "Share of unfinished parts older than seven days", "ratio", 0.90, low=0.50, high=1.0, step=0.05,
        grade="assumed", source="Our judgement; ListMultipartUploads shows when each began",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets known to hold unfinished parts."""
        return deletable(
            usage.storage,
            usage.storage.incomplete_gib,
            nothing="Has no unfinished uploads.",
            unknown="Whether it has unfinished uploads is unknown: ListMultipartUploads and ListParts show it.",
            otherwise="Has unfinished uploads.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Delete the parts; a part owes no minimum duration."""
        ok = self.verdicts(usage).applies
        gone = deleted(usage, usage.storage.incomplete_gib, self.older_ratio, 0.0, ok)
        return rewritten(usage, "storage", **gone)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The bytes of the parts, from ListParts."""
        return (Evidence(measured(usage.storage.incomplete_gib), "These bytes are not measured."),)
