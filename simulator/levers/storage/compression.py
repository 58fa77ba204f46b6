"""S7: compression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.storage.objects import OBJECT_MIB
from simulator.params import param
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class Compression(Lever):
    """Store text, tables and logs compressed: GB become GB × (1 − share × (1 − ratio)).

    Only for data said to be uncompressed, and logs. Model weights and checkpoints barely shrink. Each object
    is read and written again, once; in a versioned bucket the old versions must expire too. Processor time to
    compress and decompress is not counted here. A bad idea for what is read in random order.

    Source: rules.md#compression.
    """

    id = "compression"
    title = "Compress stored data"
    stage = 2
    table = "storage"
    effort_hours = 16.0
    phase = 3

    size_ratio: float = param(
        "Size after compression over size before", "ratio", 0.60, low=0.30, high=1.0, step=0.05, minimum=0.05,
        grade="assumed", source="rules.md#compression: by type of data; measure a sample",
    )  # fmt: skip
    rewritten_ratio: float = param(
        "Share of the data that is rewritten", "ratio", 0.80, low=0.50, high=1.0, step=0.05, grade="assumed",
        source="Our judgement: some readers cannot be changed",
    )  # fmt: skip
    object_mib: float = param(**OBJECT_MIB)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets whose content compresses."""
        s = usage.storage
        return decide(
            s,
            refuse(s.standard_gb == 0, "Has no data in S3 Standard."),
            refuse((s.content == "models") | (s.content == "checkpoints"), "Model weights barely compress."),
            refuse(s.compressible == 0, "Its data is compressed already."),
            unsure(
                np.isnan(s.compressible) & (s.content != "logs"),
                "Whether its data is compressed already is unknown: compress a sample.",
            ),
            otherwise="Holds data that is not compressed yet.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Shrink STANDARD; add the one-off requests of rewriting."""
        s = usage.storage
        ok = self.verdicts(usage).applies
        rewrite_gb = np.where(ok, s.standard_gb * self.rewritten_ratio, 0.0)
        known = s.objects / np.where(s.standard_gib > 0, s.standard_gib, np.inf)
        objects = rewrite_gb * np.where(np.isnan(s.objects), 1024 / self.object_mib, known)
        return rewritten(
            usage,
            "storage",
            standard_gb=s.standard_gb - rewrite_gb * (1 - self.size_ratio),
            rewrite_puts=s.rewrite_puts + objects,
            rewrite_gets=s.rewrite_gets + objects,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A compressed sample, which nobody has reported."""
        s = usage.storage
        return (
            Evidence(~np.isnan(s.compressible), "Whether its data is compressed already is unknown."),
            Evidence(
                np.zeros(len(s), bool), "How far its data shrinks is assumed until a sample is compressed."
            ),
        )
