"""`actions`: files to apply a scenario with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from simulator.cli.options import add_account, add_command, add_scenario, result_of
from simulator.reports.actions import action_pack


def actions(args: argparse.Namespace) -> str:
    """Write actions.zip: scripts, requests, monitoring and governance for a scenario. Nothing is changed by it."""
    pack = action_pack(result_of(args))
    path, args.out = args.out or Path("actions.zip"), None  # bytes go to the file, the sentence is printed
    path.write_bytes(pack)
    return f"wrote {path} ({len(pack):,} bytes); read actions/README.md in it first"


def add(commands: Any) -> None:
    """Add the command."""
    command = add_command(commands, "actions", actions)
    add_account(command)
    add_scenario(command)
