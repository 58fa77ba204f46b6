"""What exists is retired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from simulator.demand.selecting import BY, NAMES, chosen, traffic_of
from simulator.demand.workload import Rows, Window, Workload, words


@dataclass(frozen=True)
class Retirement(Workload):
    """Everything of this name, owner or tag ("key=value") is gone from the first day on."""

    id = "retirement"
    title = "Retirement"

    by: str = words("Chosen by", "name", choices=BY)
    what: str = words("Name, owner, or tag as key=value")

    def rows(self, window: Window) -> Rows:
        """It adds nothing."""
        return {}

    def change(self, tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
        """The rows that stay."""
        gone = {
            name: chosen(name, frame, self.by, self.what) for name, frame in tables.items() if name in NAMES
        }
        gone["endpoint_traffic"] = gone["endpoint_traffic"] | traffic_of(tables, gone["endpoints"])
        return {
            name: frame[~gone[name]].reset_index(drop=True) if name in gone and gone[name].any() else frame
            for name, frame in tables.items()
        }
