"""Every price row has a reader: a meter, a Savings Plan's rate, or a line in `unread.csv` that says why not."""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd

from simulator.catalog import load_catalog
from simulator.pricing.book import DATA, PLAN_RATES, PriceBook
from simulator.usage.tables import TABLES, meters_of

AS_OF = date(2026, 11, 28)


@cache
def meters() -> dict[str, set[str]]:
    """Price component → items that some meter reads."""
    catalog = load_catalog()
    found: dict[str, set[str]] = {}
    for table in TABLES.values():
        for meter in meters_of(table):  # type: ignore[arg-type]
            names = catalog.models if meter.price.startswith("bedrock") else catalog.instance_types
            found.setdefault(meter.price, set()).update(names if meter.by else (meter.item,))
    return found


def without_reader(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that neither a meter nor a plan reads: their component and item."""
    read = meters()
    places = zip(rows["component"], rows["item"], strict=True)
    plans = rows["component"] == PLAN_RATES
    unread = pd.Series([item not in read.get(component, ()) for component, item in places], rows.index)
    return rows[unread & ~plans]


@cache
def reasons() -> dict[tuple[str, str], str]:
    table = pd.read_csv(DATA / "unread.csv", dtype=str, keep_default_na=False)
    return dict(zip(zip(table["component"], table["item"], strict=True), table["reason"], strict=True))


@cache
def rows() -> pd.DataFrame:
    return PriceBook.load(AS_OF).rows


def test_every_price_row_has_a_reader_or_a_reason() -> None:
    unread = without_reader(rows())
    keys = set(zip(unread["component"], unread["item"], strict=True))
    assert {k for k in keys if k not in reasons() and (k[0], "*") not in reasons()} == set()


def test_every_reason_is_that_of_a_row_which_nothing_reads() -> None:
    unread = without_reader(rows())
    keys = {*zip(unread["component"], unread["item"], strict=True), *((c, "*") for c in unread["component"])}
    assert set(reasons()) - keys == set()
    assert all(len(reason) > 20 for reason in reasons().values())


def test_a_row_that_nothing_reads_is_found() -> None:
    made = pd.DataFrame(
        [
            ("hosting", "ml.g5.2xlarge"),
            ("hosting", "ml.nothing"),
            ("moon", "dust"),
            (PLAN_RATES, "hosting:x#1y"),
        ],
        columns=["component", "item"],
    )
    assert list(without_reader(made)["item"]) == ["ml.nothing", "dust"]


def test_requests_to_intelligent_tiering_cost_what_those_to_standard_do() -> None:
    asked = rows()[rows()["component"].isin(["storage_put", "storage_get"])]
    by_item = asked.pivot_table(index=["component", "region"], columns="item", values="usd")
    both = by_item[["STANDARD", "INTELLIGENT_TIERING"]].dropna()
    assert len(both) > 60
    assert (both["STANDARD"] == both["INTELLIGENT_TIERING"]).all()
