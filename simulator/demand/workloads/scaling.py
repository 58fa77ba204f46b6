"""What exists becomes more or less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from simulator.demand.selecting import BY, NAMES, chosen, traffic_of
from simulator.demand.sizes import scaled
from simulator.demand.workload import Rows, Window, Workload, amount, words


@dataclass(frozen=True)
class Scaling(Workload):
    """Everything of this name, owner or tag ("key=value") is so many times what it is, from the first day on.

    Instances of an endpoint too: twice the fleet for twice the calls.
    """

    id = "scaling"
    title = "Change of what exists"

    by: str = words("Chosen by", "name", choices=BY)
    what: str = words("Name, owner, or tag as key=value")
    factor: float = amount("Times what it is", "times", 2.0, most=1_000)

    def rows(self, window: Window) -> Rows:
        """It adds nothing."""
        return {}

    def change(self, tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
        """The same rows at another size."""
        masks = {
            name: chosen(name, frame, self.by, self.what) for name, frame in tables.items() if name in NAMES
        }
        masks["endpoint_traffic"] = masks["endpoint_traffic"] | traffic_of(tables, masks["endpoints"])
        made = dict(tables)
        for name, mask in masks.items():
            if mask.any():
                parts = [tables[name][~mask], scaled(name, tables[name][mask], self.factor, fleet=True)]
                made[name] = pd.concat(parts).sort_index()
        return made
