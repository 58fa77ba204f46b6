"""The command line. Exit codes: 0 fine, 2 bad input, with the reason on stderr."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from simulator.account import Account
from simulator.answer import answer, lever_catalogue
from simulator.levers import lever
from simulator.prices import PriceBook, PriceNotFound
from simulator.reports.tables import as_csv, as_text, compared, savings_table
from simulator.scenario import PRESETS, Scenario, load_scenario
from simulator.simulate import Result, simulate
from simulator.usage.sample import SAMPLES, load_sample
from simulator.usage.snapshot import Snapshot, SnapshotError, load_snapshot, save_snapshot


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; print the answer or write it to --out."""
    args = _parser().parse_args(arguments)
    try:
        text = args.run(args)
        _deliver(text, getattr(args, "out", None))
    except (SnapshotError, PriceNotFound, ValueError, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


def project_command(args: argparse.Namespace) -> str:
    """One scenario on one account."""
    scenario = with_options(load_scenario(args.scenario), args.on, args.set)
    result = run(open_usage(args.usage), scenario, args)
    if args.format == "json":
        return _json(answer(result, args.months))
    table = savings_table(result)
    return as_csv(table) if args.format == "csv" else as_text(result, table)


def compare_command(args: argparse.Namespace) -> str:
    """Several scenarios on one account, side by side."""
    snapshot = open_usage(args.usage)
    results = [run(snapshot, load_scenario(name), args) for name in args.scenarios]
    if args.format == "json":
        return _json({"scenarios": [answer(r, args.months) for r in results]})
    table = compared(results)
    return as_csv(table) if args.format == "csv" else table.to_string(index=False)


def validate_command(args: argparse.Namespace) -> str:
    """Check a snapshot."""
    snapshot = load_snapshot(args.path)
    rows = {name: len(table) for name, table in snapshot.tables.items() if len(table)}
    if args.format == "json":
        return _json({"name": snapshot.manifest.name, "valid": True, "rows": rows})
    return f"{snapshot.manifest.name}: valid; " + ", ".join(f"{n} {c}" for n, c in rows.items())


def sample_command(args: argparse.Namespace) -> str:
    """Write a shipped sample as a snapshot folder or .zip."""
    save_snapshot(load_sample(args.name), args.path)
    return f"wrote sample {args.name} to {args.path}"


def levers_command(args: argparse.Namespace) -> str:
    """Every lever with its parameters."""
    levers = lever_catalogue()
    if args.format == "json":
        return _json(levers)
    lines = []
    for item in levers:
        lines.append(f"{item['id']} ({item['family']}): {item['title']}")
        lines += [f"    {p['name']} = {p['default']} {p['unit']}: {p['label']}" for p in item["parameters"]]
    return "\n".join(lines)


def open_usage(name: str) -> Snapshot:
    """A sample by name, or a snapshot by path."""
    if name in SAMPLES:
        return load_sample(name)
    if not Path(name).exists():
        raise ValueError(f"usage {name}: no such file or folder, and no such sample; samples are {', '.join(SAMPLES)}")
    return load_snapshot(name)


def run(snapshot: Snapshot, scenario: Scenario, args: argparse.Namespace) -> Result:
    """Simulate with the prices of the date asked for (today by default)."""
    as_of = args.prices_as_of or scenario.prices_as_of or date.today()
    book = PriceBook.load(as_of, own=args.prices, discount_ratio=args.discount or scenario.discount_ratio)
    return simulate(Account.open(snapshot), scenario, book)


def with_options(scenario: Scenario, on: Sequence[str], settings: Sequence[str]) -> Scenario:
    """The scenario with `--on LEVER` and `--set LEVER.PARAM=VALUE` laid over it; setting a lever turns it on."""
    for lever_id in on:
        if scenario.setting(lever_id) is None:
            scenario = scenario.with_lever(lever(lever_id)())
    for text in settings:
        name, found, value = text.partition("=")
        lever_id, dot, parameter = name.partition(".")
        if not (found and dot):
            raise ValueError(f"--set {text}: expected LEVER.PARAM=VALUE")
        current = scenario.setting(lever_id)
        values = current.values() if current else {}
        scenario = scenario.with_lever(lever(lever_id).create({**values, parameter: value}))
    return scenario


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, allow_nan=False)


def _deliver(text: str, out: Path | None) -> None:
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date such as 2026-11-24, not {text!r}") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="What-if simulator for AWS ML spend.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Any, formats: Sequence[str]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        if formats:
            command.add_argument("--format", choices=formats, default=formats[0])
        return command

    project = add("project", project_command, ("table", "json", "csv"))
    project.add_argument("--scenario", default="none", help=f"a scenario file or one of {', '.join(PRESETS)}")
    project.add_argument("--set", action="append", default=[], metavar="LEVER.PARAM=VALUE")
    project.add_argument("--on", nargs="+", action="extend", default=[], metavar="LEVER")
    compare = add("compare", compare_command, ("table", "json", "csv"))
    compare.add_argument("scenarios", nargs="+", metavar="SCENARIO")
    for command in (project, compare):
        command.add_argument("--usage", default="team", help="a sample (team, report) or the path of a snapshot")
        command.add_argument("--months", type=int, default=12)
        command.add_argument("--prices", type=Path, help="own prices, a CSV in the form of pricing_data/prices")
        command.add_argument("--prices-as-of", type=_date)
        command.add_argument("--discount", type=float, default=0.0, help="negotiated discount on list prices, 0 to 1")
        command.add_argument("--out", type=Path)
    validate = add("validate", validate_command, ("table", "json"))
    validate.add_argument("path", type=Path)
    sample = add("sample", sample_command, ())
    sample.add_argument("name", choices=SAMPLES)
    sample.add_argument("--out", dest="path", type=Path, required=True)
    add("levers", levers_command, ("table", "json"))
    return parser
