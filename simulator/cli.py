"""The command line. Exit codes: 0 fine, 2 bad input, with the reason on stderr."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.commands import commitment, levers, project, snapshot
from simulator.prices import PriceNotFound
from simulator.usage.snapshot import SnapshotError

COMMANDS = (project, commitment, levers, snapshot)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; print the answer or write it to --out."""
    args = parser().parse_args(arguments)
    try:
        _deliver(args.run(args), getattr(args, "out", None))
    except (SnapshotError, PriceNotFound, ValueError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    made = argparse.ArgumentParser(
        prog="python -m simulator", description="What-if simulator for AWS ML spend."
    )
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.add(commands)
    return made


def _deliver(text: str, out: Path | None) -> None:
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
