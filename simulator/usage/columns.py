"""Typed access to the snapshot's tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd

from simulator.snapshot.snapshot import Snapshot
from simulator.usage.table import Codes, Table, facts_of

Basis = Literal["run_rate", "window"]
Key = TypeVar("Key", bound=tuple[str, ...])


def texts(column: pd.Series) -> np.ndarray:
    """A column of text, "" unknown."""
    return column.to_numpy(dtype=object, na_value="")


def numbered(keys: Iterable[Key]) -> tuple[list[Key], Codes]:
    """The different keys in order, and the number of each key's own."""
    given = list(keys)
    different = sorted(set(given))
    number = {key: i for i, key in enumerate(different)}
    return different, np.array([number[key] for key in given], np.int64)


class Columns:
    """Typed access to one snapshot table: numbers with NaN, texts with "", flags 1 / 0 / NaN."""

    def __init__(self, snapshot: Snapshot, table: str) -> None:
        self.frame = snapshot.tables[table]
        self.window_start = pd.Timestamp(snapshot.manifest.window_start)
        self._texts: dict[str, np.ndarray] = {}

    def number(self, name: str) -> np.ndarray:
        """Numbers in the unit of the schema, NaN unknown."""
        column = self.frame[name]
        numbers = column if column.dtype.kind == "f" else pd.to_numeric(column)
        return numbers.to_numpy(dtype=float, na_value=np.nan, copy=True)

    def flag(self, name: str) -> np.ndarray:
        """1 true, 0 false, NaN unknown."""
        return self.frame[name].to_numpy(dtype=float, na_value=np.nan)

    def text(self, name: str) -> np.ndarray:
        """Texts, "" unknown."""
        if name not in self._texts:
            self._texts[name] = texts(self.frame[name])
        return self._texts[name].copy()

    def hour(self, name: str) -> np.ndarray:
        """Hours from the window's start, NaN unknown."""
        since = self.frame[name].array - self.window_start
        return np.asarray(since / pd.Timedelta(hours=1), float)

    def facts(self, table: type[Table]) -> dict[str, Any]:
        """The columns of `table` that are the snapshot's own."""
        read = {"number": self.number, "flag": self.flag, "text": self.text}
        return {
            column: read[kind](name) if per == 1 else read[kind](name) / per
            for column, kind, name, per in facts_of(table)  # type: ignore[arg-type]
        }

    def kept(self, ids: np.ndarray, keep: Collection[str]) -> np.ndarray:
        """Which of the resources the planner wants left alone."""
        return np.isin(ids.astype(str), list(keep)) if keep else np.zeros(len(ids), bool)
