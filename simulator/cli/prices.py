"""`prices`: what the price book knows, how old and how complete it is, a template for own prices, a refresh."""

from __future__ import annotations

import argparse
import csv
import io
import os
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.cli.options import add_command, as_json
from simulator.pricing import audit as price_audit
from simulator.pricing import refresh as prices_refresh
from simulator.pricing.book import PriceNotFound
from simulator.pricing.files import COLUMNS, DATA
from simulator.pricing.price_list import OFFERS
from simulator.pricing.refresh import PRICE_LIST_URL

TEMPLATE = (
    ("hosting", "ml.g5.2xlarge", "us-east-1", "1.35", "instance_hour", "1", "from our contract"),
    ("training", "ml.g5.2xlarge", "*", "1.35", "instance_hour", "1", "* = every region"),
    (
        "bedrock_input",
        "amazon.nova-pro-v1:0",
        "us-east-1",
        "0.70",
        "token",
        "1000000",
        "per 1,000,000 tokens",
    ),
    ("storage", "STANDARD", "us-east-1", "0.020", "gb_month", "1", "one price replaces all tiers"),
)


def show(args: argparse.Namespace) -> str:
    """Every row of a price, past and present: dates, source, grade, and which is in force. KEY is
    COMPONENT/ITEM, such as hosting/ml.g5.2xlarge, or its beginning."""
    if not args.key and not args.region:
        raise ValueError(
            "prices show: give a KEY such as hosting/ml.g5.2xlarge, or --region us-east-1, or both"
        )
    rows = price_audit.history(args.as_of or today(), own=args.prices, folder=args.folder)
    chosen = price_audit.select(rows, args.key, args.region)
    if chosen.empty:
        raise PriceNotFound(price_audit.not_found(rows, args.key, args.region))
    if args.format == "json":
        return as_json([_plain({str(k): v for k, v in r.items()}) for r in chosen.to_dict("records")])
    columns = ["component", "item", "region", "usd", "unit", "per", "effective_from", "checked_on", "grade",
               "in_force", "source", "note"]  # fmt: skip
    tiers = ["tier_from"] if (chosen["tier_from"] > 0).any() else []
    shown = chosen[[*columns[:3], *tiers, *columns[3:]]]
    return str(shown.to_string(index=False, formatters={"usd": "{:.10g}".format, "per": "{:g}".format}))


def check(args: argparse.Namespace) -> str:
    """Age, holes and conflicts of the price book; assumed rows. Lists only: the exit code is 0."""
    found = price_audit.audit(args.as_of or today(), folder=args.folder)
    return as_json(asdict(found)) if args.format == "json" else found.text()


def refresh(args: argparse.Namespace) -> str:
    """Append today's prices from AWS's Price List to the price data: all or nothing, never backwards in time.
    Without --region: every region, which is a large download."""
    done = prices_refresh.refresh(
        args.region, today(), offers=args.offer, through_api=args.through == "api",
        savings_plans=args.savings_plans, url=args.price_list_url, folder=args.folder,
    )  # fmt: skip
    return as_json(asdict(done)) if args.format == "json" else done.text()


def template(args: argparse.Namespace) -> str:
    """A CSV to fill with own or negotiated prices, for --prices. Blank columns: one tier, always in force."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for component, item, region, usd, unit, per, note in TEMPLATE:
        row = {"component": component, "item": item, "region": region, "usd": usd, "unit": unit, "per": per}
        writer.writerow(row | {"note": note})
    return text.getvalue().rstrip("\n")


def today() -> date:
    """The date by the clock, UTC."""
    return datetime.now(UTC).date()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Ready for JSON: an open tier has no end."""
    return {k: None if v == float("inf") or pd.isna(v) else v for k, v in row.items()}


def add(commands: Any) -> None:
    """Add the commands under `prices`."""
    parser = commands.add_parser("prices", help="prices: show, check, template, refresh")
    below = parser.add_subparsers(required=True, metavar="COMMAND")
    one = add_command(below, "show", show, ("table", "json"))
    one.add_argument("key", nargs="*", metavar="KEY")
    one.add_argument("--region", nargs="+", default=[], metavar="R")
    one.add_argument("--prices", type=Path, help="own prices laid over")
    all_of_it = add_command(below, "check", check, ("table", "json"))
    fresh = add_command(below, "refresh", refresh, ("table", "json"))
    fresh.add_argument("--region", nargs="+", default=[], metavar="R")
    fresh.add_argument("--offer", nargs="+", choices=OFFERS, default=list(OFFERS))
    fresh.add_argument(
        "--through",
        choices=("bulk", "api"),
        default="bulk",
        help="offer files (no credentials) or GetProducts",
    )
    fresh.add_argument(
        "--savings-plans", action="store_true", help="Savings Plan rates as well (needs credentials)"
    )
    fresh.add_argument(
        "--price-list-url", default=os.environ.get("SIMULATOR_PRICE_LIST_URL", PRICE_LIST_URL), metavar="URL"
    )
    blank = add_command(below, "template", template)
    for command in (one, all_of_it):
        command.add_argument("--as-of", type=date.fromisoformat, metavar="DATE")
    for command in (one, all_of_it, fresh):
        command.add_argument(
            "--folder", type=Path, default=DATA, help="price data; the shipped one by default"
        )
    for command in (one, all_of_it, fresh, blank):
        command.add_argument("--out", type=Path, help="write to this file instead of printing")
