"""What puts a lever into practice: requests, targets and CloudFormation resources; data only, nothing is sent.

A lever makes its own in `action(chosen)`, or `reports/actions` has a function of its name. `chosen` is one step of the
scenario with the rows it changes, see `reports/actions/action.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_REQUESTS = 40
LONGEST_NAME = 63
REPLACE_ROLE = "arn:aws:iam::111122223333:role/REPLACE-ME"


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
        verb = "".join(f"-{c}" if c.isupper() else c for c in self.operation).lstrip("-").lower()
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


def new_name(name: str, suffix: str) -> str:
    """A name for what is made from something: its name and a suffix, within what AWS takes."""
    return name[: LONGEST_NAME - len(suffix)].rstrip("-") + suffix


def first(requests: list[Request]) -> tuple[Request, ...]:
    """As many requests as a person reads; the script has all targets."""
    return tuple(requests[:MOST_REQUESTS])
