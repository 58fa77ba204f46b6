"""`actions`: files to apply a scenario with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from simulator.cli.options import OnAccount, WithScenario, result_of
from simulator.documents import write_beside
from simulator.reports.actions import action_pack


def actions(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    out: Annotated[Path, Parameter(help="the .zip to write")] = Path("actions.zip"),
) -> str:
    """Write actions.zip: scripts, requests, monitoring and governance for a scenario. Nothing is changed by it."""
    pack = action_pack(result_of(account, scenario))
    write_beside(out, pack)
    return f"wrote {out} ({len(pack):,} bytes); read actions/README.md in it first"
