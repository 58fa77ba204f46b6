"""What exists, once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from simulator.demand.selecting import NAMES, chosen
from simulator.demand.workload import Rows, Window, Workload, words


@dataclass(frozen=True)
class CopyOf(Workload):
    """A resource equal to an existing one, with its traffic, under another name: the same again."""

    id = "copy_of"
    title = "Copy of what exists"

    what: str = words("Name of what is copied")

    def rows(self, window: Window) -> Rows:
        """It adds rows of the account itself: see `change`."""
        return {}

    def change(self, tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
        """The rows and their copies."""
        made = dict(tables)
        for name, column in NAMES.items():
            mine = chosen(name, tables[name], "name", self.what)
            if mine.any():
                copy = tables[name][mine].assign(**{column: self.name})
                made[name] = pd.concat([tables[name], copy], ignore_index=True)
        return made
