"""Frames made here → a snapshot. The types of the schema without a detour over text: a table can have a million rows.

What a bill can hold and a snapshot cannot (a negative quantity of a correction, a control character in a name) is left
unknown or cleaned, and counted. Keys, order and windows are checked as for any snapshot.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from simulator.snapshot.checks import row_problems
from simulator.snapshot.columns import NUMERIC, TIMES, Column, Table
from simulator.snapshot.problems import Problem
from simulator.snapshot.references import reference_problems
from simulator.snapshot.schema import TABLES
from simulator.snapshot.snapshot import Manifest, Snapshot, SnapshotError

DECIMALS = 9
"""Engines add up in different orders: below a thousand-millionth the same bill would give different snapshots."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Assembly:
    """Tables as they come, each checked at once; `left_out` are sentences about quantities that were left unknown."""

    def __init__(self) -> None:
        self.tables: dict[str, pd.DataFrame] = {}
        self.left_out: list[str] = []
        self._problems: list[Problem] = []

    def add(self, name: str, frame: pd.DataFrame, *, one_row_per_key: bool = False) -> pd.DataFrame:
        """Type, clean and check one table; returns it. One made `one_row_per_key` is not searched for repeats."""
        self.tables[name] = table = _typed_table(TABLES[name], frame, self.left_out)
        if len(table) and not one_row_per_key:
            self._problems += row_problems(TABLES[name], _numbered(table))
        return table

    def finish(self, manifest: Manifest) -> Snapshot:
        """The snapshot; tables nobody added are empty. Raises SnapshotError when tables contradict each other."""
        self.tables = {name: self.tables.get(name, _empty(name)) for name in TABLES}
        numbered = {name: _numbered(table) for name, table in self.tables.items()}
        if problems := self._problems + reference_problems(manifest, numbered):
            raise SnapshotError(problems)
        return Snapshot(manifest, self.tables)


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(range(2, len(frame) + 2))


def _typed_table(table: Table, frame: pd.DataFrame, left_out: list[str]) -> pd.DataFrame:
    if frame.empty:
        return _empty(table.name)
    out = pd.DataFrame({c.name: _typed(c, frame) for c in table.columns})
    for column in table.columns:
        if column.kind not in NUMERIC or column.low is None or column.name not in frame:
            continue
        low = out[column.name] < column.low
        if low.any():
            left_out.append(f"{int(low.sum()):,} negative values of {table.name}.{column.name}: left unknown")
            out.loc[low, column.name] = float("nan")
        if column.required and out[column.name].isna().any():
            out = out[out[column.name].notna()].reset_index(drop=True)
    return out


def _empty(name: str) -> pd.DataFrame:
    return _without_rows(name).copy()


@cache
def _without_rows(name: str) -> pd.DataFrame:
    return pd.DataFrame({c.name: _unknown(_dtype(c), 0) for c in TABLES[name].columns})


def _dtype(column: Column) -> str:
    if column.kind in TIMES:
        return "datetime64[us, UTC]"
    return "float64" if column.kind in NUMERIC else "boolean" if column.kind == "flag" else "str"


@lru_cache(maxsize=64)
def _unknown(dtype: str, rows: int) -> Any:
    """A column of which nothing is known; frames copy it."""
    return pd.Series([""] if dtype == "str" else [None], dtype=dtype).array.take(np.zeros(rows, int))


def _typed(column: Column, frame: pd.DataFrame) -> Any:
    dtype = _dtype(column)
    if column.name not in frame:
        return _unknown(dtype, len(frame))
    values = frame[column.name]
    if dtype == "float64":
        return np.round(pd.to_numeric(values).to_numpy(float, na_value=np.nan), DECIMALS)
    if dtype == "str":
        return _texts(values)
    return _times(values) if column.kind in TIMES else values.astype("boolean").array


def _times(values: pd.Series) -> Any:
    moments = pd.to_datetime(values)
    moments = moments.dt.tz_localize("UTC") if moments.dt.tz is None else moments.dt.tz_convert("UTC")
    return moments.array.as_unit("us")


def _texts(values: pd.Series) -> Any:
    """Text of the schema's type; each word is cleaned and made once."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        code, words = values.cat.codes.to_numpy(int), values.cat.categories
    else:
        code, words = pd.factorize(values, use_na_sentinel=True)
    clean = pd.array([*(CONTROL.sub(" ", str(w)).strip() for w in words), ""], dtype="str")
    return clean.take(code % len(clean))
