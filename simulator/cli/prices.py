"""`prices`: what the price book knows, how old and how complete it is, a template for own prices, a refresh."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from cyclopts import Parameter

from simulator.cli.main import deliver
from simulator.cli.options import Many, Out, TableOrJson, as_json, open_usage
from simulator.pricing import audit as price_audit
from simulator.pricing import refresh as prices_refresh
from simulator.pricing.book import PriceBook
from simulator.pricing.bulk_offers import PRICE_LIST_URL
from simulator.pricing.files import COLUMNS, DATA
from simulator.pricing.price import PriceNotFound
from simulator.pricing.price_list import OFFERS
from simulator.words import percent

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


SHOWN = (
    "component", "item", "region", "tier_from", "usd", "unit", "per", "effective_from", "effective_to", "end_of_life",
    "checked_on", "grade", "in_force", "source", "note",
)  # fmt: skip
"""Columns of `prices show`; tiers and ends only where a row has one."""
AsOf = Annotated[date | None, Parameter(help="prices in force on this date; today by default")]
Folder = Annotated[Path, Parameter(help="price data; the shipped one by default")]
Regions = Annotated[tuple[str, ...], Many, Parameter(help="only these regions")]


def show(
    key: Annotated[
        list[str] | None, Parameter(help="COMPONENT/ITEM, such as hosting/ml.g5.2xlarge, or its beginning")
    ] = None,
    /,
    *,
    region: Regions = (),
    prices: Annotated[Path | None, Parameter(help="own prices, applied")] = None,
    usage: Annotated[
        str | None, Parameter(help="an account: its billed rates, and the discounts its bill shows")
    ] = None,
    as_of: AsOf = None,
    folder: Folder = DATA,
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """Every row of a price, past and present: dates (start, end, end of life of its model), source, grade, and which is
    in force."""
    if not key and not region:
        raise ValueError(
            "prices show: give a KEY such as hosting/ml.g5.2xlarge, or --region us-east-1, or both"
        )
    rows = price_audit.history(as_of or today(), own=prices, folder=folder)
    discounts: dict[str, float] = {}
    if usage is not None:
        book = PriceBook.load(as_of or today(), own=prices, folder=folder)
        book = book.with_billed(open_usage(usage).tables["billed_rates"])
        rows, discounts = price_audit.with_billed(rows, book), dict(book.discounts)
    chosen = price_audit.with_end_of_life(price_audit.select(rows, key or [], list(region)))
    if chosen.empty:
        raise PriceNotFound(price_audit.not_found(rows, key or [], list(region)))
    if format == "json":
        plain = [_plain({str(k): v for k, v in r.items()}) for r in chosen.to_dict("records")]
        return deliver(as_json(plain), out)
    sometimes = {"tier_from": chosen["tier_from"] > 0, "effective_to": chosen["effective_to"] != "",
                 "end_of_life": chosen["end_of_life"] != ""}  # fmt: skip
    shown = chosen[[c for c in SHOWN if c not in sometimes or sometimes[c].any()]]
    text = str(shown.to_string(index=False, formatters={"usd": "{:.10g}".format, "per": "{:g}".format}))
    said = [
        f"{service}: {percent(ratio, 2)} off list by the account's bill"
        for service, ratio in discounts.items()
    ]
    return deliver("\n".join([text, *said]), out)


def check(
    *, as_of: AsOf = None, folder: Folder = DATA, format: TableOrJson = "table", out: Out = None
) -> str | None:
    """Age, holes and conflicts of the price book; assumed rows. Lists only: the exit code is 0."""
    found = price_audit.audit(as_of or today(), folder=folder)
    return deliver(as_json(asdict(found)) if format == "json" else found.text(), out)


def refresh(
    *,
    region: Regions = (),
    offer: Annotated[tuple[str, ...], Many, Parameter(help="only these offers")] = tuple(OFFERS),
    through: Annotated[
        Literal["bulk", "api"], Parameter(help="offer files (no credentials) or GetProducts")
    ] = "bulk",
    savings_plans: Annotated[
        bool, Parameter(help="rates of SageMaker Savings Plans as well", negative=())
    ] = False,
    price_list_url: Annotated[
        str, Parameter(env_var="SIMULATOR_PRICE_LIST_URL", help="another address of the price list")
    ] = PRICE_LIST_URL,
    folder: Annotated[
        Path | None, Parameter(help="where to write, such as pricing_data; the user's data folder by default")
    ] = None,
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """Append today's prices from AWS's Price List to the user's price data: all or nothing, never backwards in time.
    Without --region: every region, which is a large download."""
    unknown = [name for name in offer if name not in OFFERS]
    if unknown:
        raise ValueError(f"--offer {unknown[0]}: expected one of {', '.join(OFFERS)}")
    done = prices_refresh.refresh(
        list(region), today(), offers=list(offer), through_api=through == "api",
        savings_plans=savings_plans, url=price_list_url, folder=folder,
        progress=_say,
    )  # fmt: skip
    return deliver(as_json(asdict(done)) if format == "json" else done.text(), out)


def _say(done: int, of: int, name: str) -> None:
    """Progress goes to the error stream: the answer stays clean."""
    sys.stderr.write(f"{done} of {of}: {name}\n")


def template(*, out: Out = None) -> str | None:
    """A CSV to fill with own or negotiated prices, for --prices. Blank columns: one tier, always in force."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for component, item, region, usd, unit, per, note in TEMPLATE:
        row = {"component": component, "item": item, "region": region, "usd": usd, "unit": unit, "per": per}
        writer.writerow(row | {"note": note})
    return deliver(text.getvalue().rstrip("\n"), out)


def today() -> date:
    """The date by the clock, UTC."""
    return datetime.now(UTC).date()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Ready for JSON: an open tier has no end."""
    return {k: None if v == float("inf") or pd.isna(v) else v for k, v in row.items()}
