"""Options several commands share: which account, which scenario, which prices."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from simulator.engine.account import Account
from simulator.engine.scenario import PRESETS, Scenario, load_scenario
from simulator.engine.simulate import Result, simulate
from simulator.levers import lever
from simulator.pricing.book import PriceBook
from simulator.snapshot.sample import SAMPLES, load_sample
from simulator.snapshot.snapshot import Snapshot, load_snapshot

Command = Callable[[argparse.Namespace], str]


def add_command(
    commands: Any, name: str, run: Command, formats: Sequence[str] = ()
) -> argparse.ArgumentParser:
    """A command whose help is its function's docstring; the first format is the default."""
    command: argparse.ArgumentParser = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
    command.set_defaults(run=run)
    if formats:
        command.add_argument("--format", choices=formats, default=formats[0])
    return command


def add_account(command: argparse.ArgumentParser, *, prints: bool = True) -> None:
    """--usage, and the prices it is priced with; --out for a command that prints its answer."""
    command.add_argument("--usage", default="team", help="a sample (team, report) or the path of a snapshot")
    command.add_argument("--prices", type=Path, help="own prices, a CSV in the form of pricing_data/prices")
    command.add_argument("--prices-as-of", type=_date, metavar="DATE")
    command.add_argument(
        "--discount", type=float, default=0.0, help="negotiated discount on list prices, 0 to 1"
    )
    if prints:
        command.add_argument("--out", type=Path, help="write to this file instead of printing")


def add_scenario(command: argparse.ArgumentParser) -> None:
    """--scenario and what is laid over it."""
    command.add_argument("--scenario", default="none", help=f"a scenario file or one of {', '.join(PRESETS)}")
    command.add_argument("--set", action="append", default=[], metavar="LEVER.PARAM=VALUE")
    command.add_argument("--on", nargs="+", action="extend", default=[], metavar="LEVER")


def add_months(command: argparse.ArgumentParser) -> None:
    """--months, 1 to 60."""
    command.add_argument("--months", type=_months, default=12)


def open_usage(name: str) -> Snapshot:
    """A sample by name, or a snapshot by path. Raises ValueError when there is neither."""
    if name in SAMPLES:
        return load_sample(name)
    if not Path(name).exists():
        raise ValueError(
            f"usage {name}: no such file or folder, and no such sample; samples are {', '.join(SAMPLES)}"
        )
    return load_snapshot(name)


def scenario_of(args: argparse.Namespace) -> Scenario:
    """The scenario with `--on LEVER` and `--set LEVER.PARAM=VALUE` laid over it; setting a lever turns it on."""
    scenario = load_scenario(args.scenario)
    for lever_id in args.on:
        if scenario.setting(lever_id) is None:
            scenario = scenario.with_lever(lever(lever_id)())
    for text in args.set:
        name, found, value = text.partition("=")
        lever_id, dot, parameter = name.partition(".")
        if not (found and dot):
            raise ValueError(f"--set {text}: expected LEVER.PARAM=VALUE")
        current = scenario.setting(lever_id)
        values = current.values() if current else {}
        scenario = scenario.with_lever(lever(lever_id).create({**values, parameter: value}))
    return scenario


def book_of(args: argparse.Namespace, scenario: Scenario) -> PriceBook:
    """Prices of the date asked for (today by default), own prices and discount laid over."""
    as_of = args.prices_as_of or scenario.prices_as_of or datetime.now(tz=UTC).date()
    return PriceBook.load(as_of, own=args.prices, discount_ratio=args.discount or scenario.discount_ratio)


def result_of(args: argparse.Namespace, scenario: Scenario | None = None) -> Result:
    """The scenario of the arguments (or another) on the account of the arguments."""
    scenario = scenario or scenario_of(args)
    return simulate(Account.open(open_usage(args.usage)), scenario, book_of(args, scenario))


def as_json(data: Any) -> str:
    """JSON text; a NaN is a mistake, unknown is null."""
    return json.dumps(data, indent=2, allow_nan=False)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date such as 2026-11-24, not {text!r}") from None


def _months(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 60:
        raise argparse.ArgumentTypeError(f"expected months from 1 to 60, not {text!r}")
    return int(text)
