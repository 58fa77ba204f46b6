"""`validate` and `sample`: snapshots as files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from simulator.cli.options import add_command, as_json
from simulator.snapshot.sample import SAMPLES, load_sample
from simulator.snapshot.snapshot import load_snapshot, save_snapshot


def validate(args: argparse.Namespace) -> str:
    """Check a snapshot: a folder or .zip."""
    snapshot = load_snapshot(args.path)
    rows = {name: len(table) for name, table in snapshot.tables.items() if len(table)}
    if args.format == "json":
        return as_json({"name": snapshot.manifest.name, "valid": True, "rows": rows})
    return f"{snapshot.manifest.name}: valid; " + ", ".join(f"{n} {c}" for n, c in rows.items())


def sample(args: argparse.Namespace) -> str:
    """Write a shipped sample as a snapshot folder or .zip, to see the form to fill."""
    save_snapshot(load_sample(args.name), args.path)
    return f"wrote sample {args.name} to {args.path}"


def add(commands: Any) -> None:
    """Add both commands."""
    add_command(commands, "validate", validate, ("table", "json")).add_argument("path", type=Path)
    command = add_command(commands, "sample", sample)
    command.add_argument("name", choices=SAMPLES)
    command.add_argument("--out", dest="path", type=Path, required=True)
