"""Frames made here → a snapshot. The types of the schema without a detour over text: a table can have a million rows.

What a bill can hold and a snapshot cannot (a negative quantity of a correction, a control character in a name) is left
unknown or cleaned, and counted. Keys, order and windows are checked as for any snapshot.
"""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from simulator.usage.checks import row_problems
from simulator.usage.columns import NUMERIC, TIMES, Column, Table
from simulator.usage.problems import Problem
from simulator.usage.references import reference_problems
from simulator.usage.schema import TABLES
from simulator.usage.snapshot import Manifest, Snapshot, SnapshotError

DECIMALS = 9
"""Engines add up in different orders: below a thousand-millionth the same bill would give different snapshots."""
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Assembly:
    """Tables as they come, each checked at once; `left_out` are sentences about quantities that were left unknown."""

    def __init__(self) -> None:
        self.tables = {name: _empty(name).copy() for name in TABLES}
        self.left_out: list[str] = []
        self._problems: list[Problem] = []

    def add(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Type, clean and check one table; returns it."""
        self.tables[name] = table = _typed_table(TABLES[name], frame, self.left_out)
        if len(table):
            self._problems += row_problems(TABLES[name], _numbered(table))
        return table

    def finish(self, manifest: Manifest) -> Snapshot:
        """The snapshot; tables nobody added are empty. Raises SnapshotError when tables contradict each other."""
        numbered = {name: _numbered(table) for name, table in self.tables.items()}
        if problems := self._problems + reference_problems(manifest, numbered):
            raise SnapshotError(problems)
        return Snapshot(manifest, self.tables)


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(range(2, len(frame) + 2))


def _typed_table(table: Table, frame: pd.DataFrame, left_out: list[str]) -> pd.DataFrame:
    frame = frame.reset_index(drop=True)
    if frame.empty:
        return _empty(table.name).copy()
    out = pd.DataFrame({c.name: _typed(c, frame) for c in table.columns}, index=frame.index)
    for column in table.columns:
        if column.kind not in NUMERIC or column.low is None or not len(out):
            continue
        low = out[column.name] < column.low
        if low.any():
            left_out.append(f"{int(low.sum()):,} negative values of {table.name}.{column.name}: left unknown")
            out.loc[low, column.name] = float("nan")
        if column.required:
            out = out[out[column.name].notna()]
    return out.reset_index(drop=True)


@cache
def _empty(name: str) -> pd.DataFrame:
    nothing = pd.DataFrame()
    return pd.DataFrame({c.name: _typed(c, nothing) for c in TABLES[name].columns})


def _typed(column: Column, frame: pd.DataFrame) -> pd.Series:
    if column.name not in frame:
        kind = "float64" if column.kind in NUMERIC else "boolean" if column.kind == "flag" else "str"
        if column.kind in TIMES:
            return pd.Series(pd.NaT, frame.index, dtype="datetime64[us, UTC]")
        return pd.Series("" if kind == "str" else None, frame.index, dtype=kind)
    values = frame[column.name]
    if column.kind in NUMERIC:
        return pd.to_numeric(values).astype("float64").round(DECIMALS)
    if column.kind in TIMES:
        return _times(values)
    if column.kind == "flag":
        return values.astype("boolean")
    return _texts(values)


def _times(values: pd.Series) -> pd.Series:
    moments = pd.to_datetime(values)
    moments = moments if moments.dt.tz is not None else moments.dt.tz_localize("UTC")
    return moments.dt.tz_convert("UTC").astype("datetime64[us, UTC]")


def _texts(values: pd.Series) -> pd.Series:
    """Text of the schema's type; each word is cleaned and made once."""
    code, words = pd.factorize(values, use_na_sentinel=True)
    clean = pd.array([*(CONTROL.sub(" ", str(w)).strip() for w in words), ""], dtype="str")
    return pd.Series(clean.take(code % len(clean)), values.index)
