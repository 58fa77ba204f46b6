"""`import`: billing exports into a snapshot."""

from __future__ import annotations

from typing import Any

from simulator.cli.options import add_command
from simulator.sources.bills.command import add_import_arguments, import_command


def add(commands: Any) -> None:
    """Add the command."""
    add_import_arguments(add_command(commands, "import", import_command, ("text", "json")))
