"""The snapshot's table of storage, a row per bucket and storage class, seen by bucket."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.aws.storage_classes import STORAGE_CLASSES
from simulator.snapshot.snapshot import Snapshot
from simulator.usage.columns import numbered, texts
from simulator.usage.table import Array

KEY = ["account_id", "bucket", "region"]


class Buckets:
    """The snapshot's rows seen by bucket: one value, or one per storage class."""

    def __init__(self, s: Snapshot) -> None:
        self._frame = frame = s.tables["storage"]
        self.rows, row = numbered(zip(*(texts(frame[name]) for name in KEY), strict=True))
        columns = pd.Index(STORAGE_CLASSES).get_indexer(pd.Index(frame["storage_class"]))
        self._known = columns >= 0
        self._place = row[self._known], columns[self._known]
        standard = np.flatnonzero(columns == STORAGE_CLASSES.index("STANDARD"))
        self._standard = np.full(len(self.rows), -1)
        self._standard[row[standard]] = standard

    def key(self, name: str) -> NDArray[np.object_]:
        """A part of the bucket's name."""
        part = KEY.index(name)
        return np.array([row[part] for row in self.rows], object)

    def by_class(self, name: str) -> Array:
        """Numbers (rows, STORAGE_CLASSES), NaN unknown or no such row."""
        wide = np.full((len(self.rows), len(STORAGE_CLASSES)), np.nan)
        wide[self._place] = self._frame[name].to_numpy(float, na_value=np.nan)[self._known]
        return wide

    def number(self, name: str) -> Array:
        """Numbers of the STANDARD row."""
        return self._of_standard(self._frame[name].to_numpy(float, na_value=np.nan), np.nan)

    def flag(self, name: str) -> Array:
        """1 / 0 / NaN of the STANDARD row."""
        return self.number(name)

    def text(self, name: str) -> NDArray[np.object_]:
        """Text of the STANDARD row, "" unknown."""
        return self._of_standard(texts(self._frame[name]), "")

    def _of_standard(self, values: NDArray[Any], unknown: float | str) -> NDArray[Any]:
        return np.where(self._standard >= 0, values[self._standard], unknown)
