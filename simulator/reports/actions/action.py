"""What an action is made from: one step of the scenario, with the rows it changes and where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.engine.simulate import Result, Step
from simulator.levers.action import LONGEST_NAME, REPLACE_ROLE, Action, Request, first, new_name
from simulator.words import plain

__all__ = ["LONGEST_NAME", "REPLACE_ROLE", "Action", "Chosen", "Request", "first", "new_name", "one_line"]

FRAMES = {"training": "training_jobs", "endpoints": "endpoints", "compute": "compute", "services": "services"}
MOST_NAMED = 10

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Chosen:
    """One step of the plan with the resources it changes."""

    result: Result
    step: Step

    @property
    def rows(self) -> Rows:
        """Rows whose billed quantities or price keys the lever changed."""
        return np.flatnonzero(self.step.changed)

    @property
    def before(self) -> Any:
        """The lever's table as it found it."""
        return self.step.before.table(self.step.lever.table)

    @property
    def after(self) -> Any:
        """The lever's table as it left it."""
        return self.step.after.table(self.step.lever.table)

    @property
    def lever(self) -> Any:
        """The lever with its setting."""
        return self.step.lever

    def frame(self) -> pd.DataFrame:
        """The snapshot's own rows, in the order of the usage table (training, endpoints, compute, services)."""
        return self.result.account.snapshot.tables[FRAMES[self.step.lever.table]]

    def place(self, row: int) -> dict[str, str]:
        """Region and account of a row."""
        table = self.before
        known = int(table.region[row]) >= 0
        region = self.step.before.catalog.regions[int(table.region[row])] if known else ""
        return {"region": region, "account": self._account(row)}

    def _account(self, row: int) -> str:
        ids = self.result.account.snapshot.manifest.account_ids
        own = self.frame()["account_id"].iloc[row] if self.step.lever.table in FRAMES else ""
        if isinstance(own, str) and own:
            return own
        return str(ids[0]) if len(ids) == 1 else ""

    def names(self) -> str:
        """The first of the resources it changes, for a sentence."""
        return ", ".join(one_line(str(self.before.resource_id[row])) for row in self.rows[:MOST_NAMED])

    def type_name(self, code: Any) -> str:
        """Name of an instance type, "" when unknown."""
        return self.step.before.catalog.instance_types[int(code)] if int(code) >= 0 else ""


def one_line(text: object) -> str:
    """Foreign text inside Markdown: no line breaks, no markup."""
    return plain(text, "markdown")
