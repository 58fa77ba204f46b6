"""Small objects in Standard-IA and Glacier Instant Retrieval back to Standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.levers.storage.deletion import EARLY, OWED, months_owed
from simulator.params import param
from simulator.units import BYTES_PER_GIB, DAYS_PER_STORAGE_MONTH
from simulator.usage.storage import AT_LEAST_128_KB, SMALL_BYTES
from simulator.usage.tables import STORAGE_CLASSES, Usage


@dataclass(frozen=True)
class SmallObjectsToStandard(Lever):
    """Copy objects below 128 KB from Standard-IA, One Zone-IA and Glacier Instant Retrieval back to Standard.

    There each is billed as 128 KB: below 70 KB (128 KB × 0.0125 ÷ 0.023) Standard is cheaper than Standard-IA.
    Their billed minimum ends, their bytes are billed in Standard. Each copy costs a PUT, a GET of its class and the
    retrieval of its bytes, once; what has not stayed its 30 or 90 days owes the rest. A bad idea for objects that are
    deleted soon: the copy costs more than they ever save.

    Source: rules.md#infrequent-access; S3 user guide, storage-class-intro (128 KB minimum).
    """

    id = "small_objects_to_standard"
    title = "Small objects back to Standard"
    stage = 7
    table = "storage"
    effort_hours = 6.0
    phase = 2

    owed_ratio: float = param(**OWED)

    def verdicts(self, usage: Usage) -> Verdicts:
        """Buckets that hold counted small objects in a class with a minimum of 128 KB."""
        s = usage.storage
        held, small = (_at_least(column) for column in (s.stored_gib, s.small_objects_in))
        asked = (held > 0) & (np.isnan(small) | (np.isnan(_at_least(s.small_gib_in)) & (small > 0)))
        stored = np.nan_to_num(held).sum(axis=1) > 0
        return decide(
            s,
            refuse(~stored, "Has no data in a class that bills 128 KB an object at least."),
            unsure(
                asked.all(axis=1, where=held > 0),
                "How many of its objects are below 128 KB, and what they hold, is unknown: S3 Inventory would show it.",
            ),
            refuse(np.nansum(small, axis=1) == 0, "Has no objects below 128 KB there."),
            otherwise="Holds objects that are billed as 128 KB each.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Billed minimum → bytes in STANDARD; copies, retrievals and early deletions, once."""
        s, ok = usage.storage, self.verdicts(usage).applies
        if not ok.any():
            return usage
        columns: dict[str, Any] = {"standard_gb": s.standard_gb, "rewrite_puts": s.rewrite_puts}
        for name in AT_LEAST_128_KB:
            number = STORAGE_CLASSES.index(name)
            known = ok & ~np.isnan(s.small_gib_in[:, number])
            objects = np.where(known, np.nan_to_num(s.small_objects_in[:, number]), 0.0)
            stored = getattr(s, f"{name.lower()}_gb")
            least = np.minimum(objects * (SMALL_BYTES / BYTES_PER_GIB), stored)
            gib = np.minimum(np.nan_to_num(s.small_gib_in[:, number]), least)
            months = usage.catalog.limits[f"s3_min_days_{name}"] / DAYS_PER_STORAGE_MONTH
            columns["standard_gb"] = columns["standard_gb"] + np.where(objects > 0, gib, 0.0)
            columns["rewrite_puts"] = columns["rewrite_puts"] + objects
            columns[f"{name.lower()}_gb"] = stored - least
            copied = f"copied_{name.lower()}"
            columns[copied] = getattr(s, copied) + objects
            columns[f"{copied}_gb"] = getattr(s, f"{copied}_gb") + np.where(objects > 0, gib, 0.0)
            columns[EARLY[name]] = getattr(s, EARLY[name]) + least * months_owed(
                months, months * (1 - self.owed_ratio)
            )
        return rewritten(usage, "storage", **columns)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Counted small objects."""
        known = ~np.isnan(_at_least(usage.storage.small_objects_in)).all(axis=1)
        return (Evidence(known, "How many of its objects are small is unknown."),)


def _at_least(column: Any) -> Any:
    """The classes with a minimum of a column (rows, STORAGE_CLASSES)."""
    return column[:, [STORAGE_CLASSES.index(name) for name in AT_LEAST_128_KB]]
