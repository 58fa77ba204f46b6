"""What two runs are compared by: their tables, and how each source ended."""

from __future__ import annotations

import pandas as pd

from simulator.snapshot.snapshot import Snapshot


def same_tables(one: Snapshot, other: Snapshot, *, but: tuple[str, ...] = ()) -> None:
    """Every table but the named ones is equal, row by row."""
    for name, table in one.tables.items():
        if name not in but:
            pd.testing.assert_frame_equal(table, other.tables[name], obj=name)


def statuses(snapshot: Snapshot) -> dict[str, str]:
    """Status by source, without the region."""
    return {s.name.split()[0]: s.status for s in snapshot.manifest.sources}
