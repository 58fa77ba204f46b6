"""A snapshot with its planned workloads, on any day: what is there then, at the size it then has.

Changes and retirements act on the rows of the snapshot itself, in the order given; additions come after them, so that a
workload added under the name of a retired resource takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from simulator.demand.sizes import scaled
from simulator.demand.workload import Window, Workload
from simulator.errors import InputError
from simulator.snapshot.problems import SnapshotError
from simulator.snapshot.snapshot import Snapshot, make_snapshot

HORIZON_YEARS = 6
_Rows = dict[Workload, dict[str, pd.DataFrame]]


class Demand:
    """Workloads on a snapshot. Raises InputError when a workload's rows are not ones a snapshot may have."""

    rows: _Rows

    def __init__(self, snapshot: Snapshot, workloads: Sequence[Workload], like: Demand | None = None) -> None:
        """`like`: another demand on the same snapshot; what both plan is not checked again."""
        self.snapshot, self.workloads = snapshot, tuple(workloads)
        manifest = snapshot.manifest
        window = Window(manifest.window_start, manifest.window_end, snapshot.covered_hours)
        known = like.rows if like is not None and like.snapshot is snapshot else {}
        self.rows = {
            w: known[w] if w in known else _checked(w, w.rows(window), snapshot) for w in self.workloads
        }
        self._added = [self.rows[w] for w in self.workloads]
        self._days: dict[tuple[float, ...], Snapshot] = {}
        self._changed: dict[tuple[bool, ...], Mapping[str, pd.DataFrame]] = {}
        self._joined: dict[tuple[object, ...], pd.DataFrame] = {}

    @property
    def changes(self) -> tuple[date, ...]:
        """Days after the window on which something planned changes."""
        end = self.snapshot.manifest.window_end.date()
        until = end + timedelta(days=366 * HORIZON_YEARS)
        return tuple(sorted({d for w in self.workloads for d in w.dates(until) if d > end}))

    def on(self, day: date) -> Snapshot:
        """The snapshot as it would be, had its window been metered on that day. Itself when nothing planned runs."""
        shares = tuple(w.share(day) for w in self.workloads)
        if not any(shares):
            return self.snapshot
        if shares not in self._days:
            self._days[shares] = self._with(shares)
        return self._days[shares]

    def _with(self, shares: tuple[float, ...]) -> Snapshot:
        tables = self._with_changes(shares)
        joined: dict[str, list[tuple[int, float]]] = {}
        for number, (added, share) in enumerate(zip(self._added, shares, strict=True)):
            if share > 0:
                for name in added:
                    joined.setdefault(name, []).append((number, share))
        made = {name: self._with_rows(name, tables[name], more) for name, more in joined.items()}
        return replace(self.snapshot, tables={**tables, **made})

    def _with_changes(self, shares: tuple[float, ...]) -> Mapping[str, pd.DataFrame]:
        """The tables with what is changed and retired; the same objects for the same changes."""
        there = tuple(
            s > 0 and type(w).change is not Workload.change
            for w, s in zip(self.workloads, shares, strict=True)
        )
        if there not in self._changed:
            tables: Mapping[str, pd.DataFrame] = self.snapshot.tables
            for workload, runs in zip(self.workloads, there, strict=True):
                if runs:
                    tables = workload.change(tables)
            self._changed[there] = tables
        return self._changed[there]

    def _with_rows(self, name: str, table: pd.DataFrame, more: Sequence[tuple[int, float]]) -> pd.DataFrame:
        """A table with rows of these workloads at these sizes; the same object for the same rows, on every day."""
        key = (name, id(table), *more)
        if key not in self._joined:
            frames = [scaled(name, self._added[number][name], share) for number, share in more]
            self._joined[key] = pd.concat([table, *frames], ignore_index=True)
        return self._joined[key]


def _checked(
    workload: Workload, rows: Mapping[str, list[dict[str, Any]]], snapshot: Snapshot
) -> dict[str, pd.DataFrame]:
    """The rows as a snapshot's own, typed and checked as a file's would be."""
    filled = {name: pd.DataFrame(content) for name, content in rows.items() if content}
    if not filled:
        return {}
    try:
        made = make_snapshot(replace(snapshot.manifest, sources=()), filled)
    except SnapshotError as error:
        first = error.problems[0]
        raise InputError(f"{workload.id} {workload.name!r}: {first}") from None
    return {name: made.tables[name] for name in filled}
