"""Rows of a table: a part of them, for when only a few resources are in question; those that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.usage.profile import Profile
from simulator.usage.tables import Meter, Table, meters_of

AnyTable = TypeVar("AnyTable", bound=Table)
WIDE = 100


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


class Picked:
    """Rows of a wide column, one value per hour, that are copied only when they are asked for."""

    def __init__(self, whole: Any, rows: NDArray[np.int64]) -> None:
        self.whole, self.rows = whole, rows
        self.shape = (len(rows), *whole.shape[1:])

    def __getitem__(self, wanted: Any) -> Any:
        """The lines at these places of the part: numbers, a mask or a slice."""
        return self.whole[self.rows[wanted]]

    def __len__(self) -> int:
        return len(self.rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.whole[self.rows], dtype)


def taken(table: AnyTable, rows: NDArray[np.int64]) -> AnyTable:
    """The table's columns at `rows`, without its hourly profile."""
    size = len(table)
    columns: dict[str, Any] = {}
    for name, value in vars(table).items():
        if isinstance(value, np.ndarray):
            if value.shape[:1] == (size,):
                columns[name] = Picked(value, rows) if _is_wide(value) else value.take(rows, 0)
        elif isinstance(value, Picked):
            columns[name] = Picked(value.whole, value.rows[rows])
    return unshaped(table.changed(**columns))


def shaped_part(table: AnyTable, rows: NDArray[np.int64]) -> AnyTable:
    """The table's columns at `rows`, with their hourly profile."""
    return taken(table, rows).changed(profile=table.profile.taken(rows))


def _is_wide(value: Any) -> bool:
    return value.ndim == 2 and value.shape[1] > WIDE


def changed_meters(before: Table, after: Table) -> Iterator[tuple[Meter, Any, Any, NDArray[np.bool_] | None]]:
    """Meters that may differ: each with its quantity before and after, and the resources priced under another key
    (None: none)."""
    old, new = vars(before), vars(after)
    moved: dict[str, NDArray[np.bool_] | None] = {"": None}
    for meter in meters_of(type(before)):  # type: ignore[arg-type]
        if meter.by not in moved:
            moved[meter.by] = moved_keys(before, after, meter.by)
        quantity, target, keys = old[meter.name], new[meter.name], moved[meter.by]
        if quantity is not target or keys is not None:
            yield meter, quantity, target, keys


def changed_rows(before: Table, after: Table) -> NDArray[np.bool_]:
    """Resources of which some meter differs, in any draw, or is priced under another type or model."""
    changed = repriced_rows(before, after)
    for _, old, new, _ in changed_meters(before, after):
        if old is not new:
            differs = (old != new) & ~(np.isnan(old) & np.isnan(new))
            changed |= differs if differs.ndim == 1 else differs.any(axis=0)
    return changed


def repriced_rows(before: Table, after: Table) -> NDArray[np.bool_]:
    """Resources of which a quantity that was there already is priced under another type or model."""
    repriced = np.zeros(len(before), bool)
    for _, old, _, moved in changed_meters(before, after):
        if moved is not None:
            there = moved & (old != 0)
            repriced |= there if there.ndim == 1 else there.any(axis=0)
    return repriced


def moved_keys(before: Table, after: Table, by: str) -> NDArray[np.bool_] | None:
    """Resources priced under another type or model than before; None where there is none."""
    if not by or getattr(after, by) is getattr(before, by):
        return None
    moved = np.asarray(getattr(after, by) != getattr(before, by), bool)
    return moved if np.count_nonzero(moved) else None


def restored(before: AnyTable, after: AnyTable, rows: NDArray[np.bool_]) -> AnyTable:
    """`after`, whose `rows` are in every column as they were before.

    Rows may differ by draw in quantities; a code or a flag is one for all draws, that of the setting.
    """
    old, size = vars(before), len(before)
    by_kind = {True: rows, False: rows if rows.ndim == 1 else rows[0]}
    place = np.arange(size) + np.where(rows, 0, size) if rows.ndim == 2 else None
    columns = {
        name: _either(by_kind[value.dtype.kind == "f"], old[name], value, place)
        for name, value in vars(after).items()
        if value is not old[name] and isinstance(value, np.ndarray) and value.shape[-1:] == (size,)
    }
    return after.changed(**columns)


def _either(
    rows: NDArray[np.bool_], old: Any, new: Any, place: NDArray[np.int64] | None
) -> NDArray[np.generic]:
    """`old` where `rows`, else `new`. Where rows differ by draw and neither column does, values are looked up at their
    place in both, one behind the other: in a third of the time."""
    if place is not None and rows.ndim == 2 and old.ndim == new.ndim == 1:
        return np.concatenate([old, new]).take(place)
    return np.where(rows, old, new)
