"""Rows of a table: a part of them, for when only a few resources are in question; those that differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.usage.profile import Profile
from simulator.usage.tables import Table

AnyTable = TypeVar("AnyTable", bound=Table)


@dataclass(frozen=True)
class Unshaped(Profile):
    """A profile that ignores when things run: for comparing monthly quantities only."""

    def with_shape(
        self, rows: NDArray[np.bool_], shape: NDArray[np.float64] | Callable[[], NDArray[np.float64]]
    ) -> Profile:
        """Itself."""
        return self


def unshaped(table: AnyTable) -> AnyTable:
    """The whole table without its hourly profile."""
    flat = Profile.flat(len(table), 1)
    return table.changed(profile=Unshaped(1, flat.start, flat.end, flat.shaped, flat.shape))


def taken(table: AnyTable, rows: NDArray[np.int64]) -> AnyTable:
    """The table's columns at `rows`, without its hourly profile."""
    size = len(table)
    columns: dict[str, Any] = {}
    for f in fields(table):
        value = getattr(table, f.name)
        if isinstance(value, np.ndarray) and value.shape[:1] == (size,):
            columns[f.name] = value[rows]
    return unshaped(table.changed(**columns))


def changed_rows(before: Table, after: Table) -> NDArray[np.bool_]:
    """Resources of which some meter differs, in any draw."""
    changed = np.zeros(len(before), bool)
    for (_, old), (_, new) in zip(before.meters(), after.meters(), strict=True):
        if old is not new:
            differs = (old != new) & ~(np.isnan(old) & np.isnan(new))
            changed |= differs if differs.ndim == 1 else differs.any(axis=0)
    return changed
