"""What an action is: the requests, targets and CloudFormation resources that put one lever of a plan into practice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.engine.simulate import Result, Step
from simulator.words import plain

MOST_REQUESTS = 40
LONGEST_NAME = 63
REPLACE_ROLE = "arn:aws:iam::111122223333:role/REPLACE-ME"
FRAMES = {"training": "training_jobs", "endpoints": "endpoints", "compute": "compute", "services": "services"}

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Request:
    """One API request: what `aws … --cli-input-json` and boto3 take. `note` says what to fill in or beware of."""

    region: str
    service: str
    operation: str
    parameters: Mapping[str, Any]
    note: str = ""

    def command(self, path: str) -> str:
        """The AWS CLI command. It holds no name from the account: those are in the file."""
        service = {"s3": "s3api"}.get(self.service, self.service)
        verb = re.sub(r"(?<!^)(?=[A-Z])", "-", self.operation).lower()
        return f"aws {service} {verb} --region {self.region} --cli-input-json file://{path}"


@dataclass(frozen=True)
class Action:
    """What to do for one lever. `script` names a template; several actions may share it, with targets of each."""

    lever_id: str
    steps: tuple[str, ...]
    undo: str
    script: str = ""
    targets: tuple[dict[str, Any], ...] = ()
    requests: tuple[Request, ...] = ()
    resources: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


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

    def type_name(self, code: Any) -> str:
        """Name of an instance type, "" when unknown."""
        return self.step.before.catalog.instance_types[int(code)] if int(code) >= 0 else ""


def new_name(name: str, suffix: str) -> str:
    """A name for what is made from something: its name and a suffix, within what AWS takes."""
    return name[: LONGEST_NAME - len(suffix)].rstrip("-") + suffix


def first(requests: list[Request]) -> tuple[Request, ...]:
    """As many requests as a person reads; the script has all targets."""
    return tuple(requests[:MOST_REQUESTS])


def one_line(text: object) -> str:
    """Foreign text inside Markdown: no line breaks, no markup."""
    return plain(text, "markdown")
