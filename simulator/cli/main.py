"""The command line. Exit codes: 0 fine, 2 bad input, with the reason on stderr."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from simulator.pricing.book import PriceNotFound
from simulator.snapshot.snapshot import SnapshotError

# command: its module in simulator/cli; only the one asked for is imported, some bring slow libraries
COMMANDS = {
    "project": "project",
    "compare": "project",
    "commitment": "commitment",
    "seek": "commitment",
    "spot": "spot",
    "levers": "levers",
    "validate": "snapshot",
    "sample": "snapshot",
    "report": "report",
    "ledger": "ledger",
    "collect": "collect",
    "import": "imports",
    "actions": "actions",
    "prices": "prices",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; print the answer or write it to --out."""
    arguments = sys.argv[1:] if arguments is None else arguments
    args = parser(arguments[0] if arguments else "").parse_args(arguments)
    try:
        _deliver(args.run(args), getattr(args, "out", None))
    except (SnapshotError, PriceNotFound, ValueError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


def parser(command: str = "") -> argparse.ArgumentParser:
    """The parser of one command, or of all when the command is not known."""
    made = argparse.ArgumentParser(
        prog="python -m simulator", description="What-if simulator for AWS ML spend."
    )
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    names = [COMMANDS[command]] if command in COMMANDS else dict.fromkeys(COMMANDS.values())
    for name in names:
        import_module(f"simulator.cli.{name}").add(commands)
    return made


def _deliver(text: str, out: Path | None) -> None:
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
