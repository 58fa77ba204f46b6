"""From checked texts to the types of the schema: NaN, NaT, NA or "" where a cell is unknown."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from simulator.snapshot.columns import NUMERIC, TIMES, Table
from simulator.snapshot.text_table import FEW_ROWS

ArrayLike = np.ndarray | ExtensionArray
FLAGS = {"true": True, "false": False}


def moments(cells: pd.Series) -> pd.Series:
    """Texts to UTC times; what is no time becomes NaT."""
    return pd.to_datetime(cells, format="ISO8601", utc=True, errors="coerce").astype("datetime64[us, UTC]")


def numbers(cells: pd.Series) -> NDArray[np.float64]:
    """Texts to the numbers they are nearest to; NaN where there is none."""
    given = cells.to_numpy(object)
    return np.where(given == "", "nan", given).astype(float)


def typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """A checked text frame with every column of the schema, in order: NaN, NaT, NA or "" where unknown."""
    return _with_all_columns(table, frame) if len(frame) else without_rows(table)


def without_rows(table: Table) -> pd.DataFrame:
    """The table with every column and no row: a frame of its own that shares its columns until it is changed."""
    return _without_rows(table).copy(deep=False)


@cache
def _without_rows(table: Table) -> pd.DataFrame:
    return _with_all_columns(table, pd.DataFrame(index=range(0)))


def _with_all_columns(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    converted = _converted(table, frame)
    columns = {
        c.name: converted[c.name] if c.name in converted else _unknown(c.kind, len(frame))
        for c in table.columns
    }
    return pd.DataFrame(columns, index=frame.index)


def _converted(table: Table, frame: pd.DataFrame) -> dict[str, pd.Series | ArrayLike]:
    """The columns of a text frame that hold anything, in their types.

    Of few rows, all numbers are read in one call, and all times: a call costs more than its cells.
    """
    given = [c for c in table.columns if c.name in frame.columns]
    if len(frame) > FEW_ROWS:
        return {c.name: _typed(c.kind, frame[c.name]) for c in given}
    texts = {c.name: cells for c in given if any(cells := frame[c.name].tolist())}
    found: dict[str, pd.Series | ArrayLike] = {}
    for kinds in (NUMERIC, TIMES):
        names = [c.name for c in given if c.kind in kinds and c.name in texts]
        if names:
            joined = pd.Series([cell for name in names for cell in texts[name]], dtype="str")
            values = _typed(next(iter(kinds)), joined).array
            found |= {n: values[i * len(frame) : (i + 1) * len(frame)] for i, n in enumerate(names)}
    rest = [c for c in given if c.name in texts and c.name not in found]
    return found | {c.name: _typed(c.kind, frame[c.name]) for c in rest}


def _typed(kind: str, cells: pd.Series) -> pd.Series:
    if kind in NUMERIC:
        return pd.Series(numbers(cells), cells.index)
    if kind in TIMES:
        return moments(cells)
    if kind == "flag":
        return pd.Series([FLAGS.get(cell.lower()) for cell in cells.tolist()], cells.index, dtype="boolean")
    return cells


@lru_cache(maxsize=64)
def _unknown(kind: str, rows: int) -> ArrayLike:
    """A column of which nothing is known, in the type it has when something is. A frame takes a copy of it."""
    if kind in NUMERIC:
        return np.full(rows, np.nan)
    if kind in TIMES:
        return pd.Series(pd.NaT, range(rows), dtype="datetime64[us, UTC]").array
    if kind == "flag":
        return pd.Series(pd.NA, range(rows), dtype="boolean").array
    return pd.Series("", range(rows), dtype="str").array
