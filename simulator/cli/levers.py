"""`levers`: what can be turned."""

from __future__ import annotations

import argparse
from typing import Any

from simulator.analysis.answer import lever_catalogue
from simulator.cli.options import add_command, as_json


def levers(args: argparse.Namespace) -> str:
    """Every lever with its parameters."""
    catalogue = lever_catalogue()
    if args.format == "json":
        return as_json(catalogue)
    lines = []
    for item in catalogue:
        lines.append(f"{item['id']} ({item['family']}): {item['title']}")
        lines += [f"    {p['name']} = {p['default']} {p['unit']}: {p['label']}" for p in item["parameters"]]
    return "\n".join(lines)


def add(commands: Any) -> None:
    """Add the command."""
    add_command(commands, "levers", levers, ("table", "json"))
