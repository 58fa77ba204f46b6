"""`collect`: a live account, read-only, into a snapshot."""

from __future__ import annotations

from typing import Any

from simulator.cli.options import add_command
from simulator.sources.collect.command import add_collect_arguments, collect_command


def add(commands: Any) -> None:
    """Add the command."""
    add_collect_arguments(add_command(commands, "collect", collect_command, ("text", "json")))
