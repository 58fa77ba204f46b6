"""A price ends as it begins: promotions, what comes back after them, and what the calendar of a projection sees."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import PriceBook
from simulator.analysis.answer import answer
from simulator.analysis.projection import project
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import simulate
from simulator.pricing.files import (
    ALWAYS_THERE,
    COLUMNS,
    OwnText,
    in_force,
    read_rows,
    rows_in_force,
    shipped_rows,
)
from simulator.pricing.price import PriceNotFound
from tests.accounts import PRICES, START, account_with, traffic

KEY = ("hosting", "ml.g5.2xlarge", "us-east-1")
BUSY: dict[str, Any] = {
    "endpoints": [{"endpoint_name": "a"}],
    "endpoint_traffic": traffic("a", [1000.0] * 720),
}
HEAD = "component,item,region,usd,unit,effective_from,effective_to\n"


def promotion(usd: float = 1.0, start: str = "2026-01-01", end: str = "2027-01-11") -> OwnText:
    """The account's own price, until the list counts again."""
    return OwnText(f"{HEAD}hosting,ml.g5.2xlarge,us-east-1,{usd},instance_hour,{start},{end}\n")


def test_a_price_is_in_force_from_its_first_day_to_before_its_last() -> None:
    listed = PriceBook.load(PRICES).price(*KEY).usd
    for day, usd in (("2027-01-10", 1.0), ("2027-01-11", listed), ("2025-12-31", None)):
        found = PriceBook.load(date.fromisoformat(day), own=promotion())
        assert found.price(*KEY).usd == (
            usd if usd is not None else PriceBook.load(found.as_of).price(*KEY).usd
        )


def test_the_projection_sees_the_end_of_a_promotion_in_its_month() -> None:
    """$1 until 11 January 2027, then $1.515: 730 in December, 730 × 10/31 + 1,105.95 × 21/31, 1,105.95 in February."""
    result = simulate(account_with(**BUSY), Scenario(), PriceBook.load(PRICES, own=promotion()))
    assert result.book.changes == (date(2027, 1, 11),)
    months = [m.baseline_usd for m in project(result, 3)]
    assert months == pytest.approx([730.0, 730 * 10 / 31 + 1105.95 * 21 / 31, 1105.95])
    assert any(
        "$1 per instance_hour now, costs $1.515 from 2027-01-11 on" in w for w in answer(result)["warnings"]
    )


def test_a_price_that_ends_with_nothing_behind_it_is_unknown_and_said() -> None:
    row = {"instance_type": "ml.z9.xlarge", "endpoint_name": "b"}
    own = OwnText(f"{HEAD}hosting,ml.z9.xlarge,*,2,instance_hour,2026-01-01,2027-01-01\n")
    book = PriceBook.load(PRICES, own=own)
    with pytest.raises(PriceNotFound):
        book.on(date(2027, 1, 1)).price("hosting", "ml.z9.xlarge", "us-east-1")
    account = account_with(endpoints=[row], endpoint_traffic=traffic("b", [1.0] * 720))
    said = answer(simulate(account, Scenario(), book))
    assert [m["baseline_usd"] for m in said["months"]][:2] == pytest.approx([1460.0, 0.0])
    assert any("has no known price" in w for w in said["warnings"])


def test_a_billed_rate_ends_with_the_list_price_it_was_paid_at() -> None:
    """The bill of October says $1.20; an announced list price of $2 takes its place on its day, less the discount."""
    rate = {
        "component": "hosting", "item": KEY[1], "region": KEY[2], "unit": "instance_hour", "quantity": 720.0,
        "contracted_unit_price_usd": 1.2, "list_unit_price_usd": 1.5, "period_start": START,
        "period_end": START + timedelta(days=30),
    }  # fmt: skip
    account = account_with(**BUSY, billed_rates=[rate])
    listed = PriceBook.load(PRICES)
    announced = listed.rows[
        (listed.rows["component"] == "hosting")
        & (listed.rows["item"] == KEY[1])
        & (listed.rows["region"] == KEY[2])
    ]
    later = announced.assign(usd=2.0, effective_from="2027-01-01", checked_on="2026-11-01")
    book = replace(listed, announced=pd.concat([announced, later], ignore_index=True), _later={}, _cache={})
    laid = account.book(book)
    assert laid.price(*KEY).usd == 1.2
    assert laid.on(date(2026, 12, 31)).price(*KEY).usd == 1.2
    assert laid.on(date(2027, 1, 1)).price(*KEY).usd == pytest.approx(2.0 * 0.8)


DAYS = st.integers(0, 60).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
SPANS = st.lists(
    st.tuples(DAYS, st.one_of(st.none(), st.integers(1, 40))),
    min_size=1,
    max_size=5,
    unique_by=lambda s: s[0],
)


@settings(max_examples=10)
@given(spans=SPANS)
def test_on_any_day_the_latest_price_begun_and_not_ended_counts_and_the_calendar_agrees(
    spans: list[tuple[date, int | None]],
) -> None:
    ends = [a + timedelta(days=n) if n else None for a, n in spans]
    lines = [
        f"hosting,ml.a.large,us-east-1,,,{1 + n},instance_hour,1,{a},{end or ''},2026-01-01,api,one,"
        for n, ((a, _), end) in enumerate(zip(spans, ends, strict=True))
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = book_folder(Path(name), lines)
        first = PriceBook.load(date(2026, 1, 1), folder=folder)
        for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(0, 105, 15)):
            begun = [
                (a, 1 + n)
                for n, ((a, _), end) in enumerate(zip(spans, ends, strict=True))
                if a <= day and (end is None or day < end)
            ]
            for book in (PriceBook.load(day, folder=folder), first.on(day)):
                usd = book.table("hosting", ("ml.a.large",), ("us-east-1",)).usd[0, 0]
                assert usd == max(begun)[1] if begun else usd != usd


def book_folder(folder: Path, lines: list[str]) -> Path:
    """A price book of a few lines."""
    (folder / "prices").mkdir(exist_ok=True)
    (folder / "prices" / "a.csv").write_text("\n".join([",".join(COLUMNS), *lines, ""]), encoding="utf-8")
    (folder / "regions.csv").write_text("region\nus-east-1\n", encoding="utf-8")
    (folder / "sources.csv").write_text("source,text,url_or_repo,note\none,one,,\n", encoding="utf-8")
    return folder


def test_an_end_before_the_beginning_is_named() -> None:
    with pytest.raises(ValueError, match="row 2, column effective_to: expected a day after effective_from"):
        PriceBook.load(PRICES, own=promotion(start="2026-05-01", end="2026-05-01"))


def test_a_file_with_ends_reads_as_one_without(tmp_path: Path) -> None:
    row = "hosting,ml.a.large,us-east-1,,,1.00,instance_hour,1,2026-01-01,{}2026-06-01,api,one,"
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "a.csv").write_text(",".join(ALWAYS_THERE) + "\n" + row.format("") + "\n")
    (tmp_path / "prices" / "b.csv").write_text(",".join(COLUMNS) + "\n" + row.format("2026-03-01,") + "\n")
    rows = shipped_rows(tmp_path)
    assert rows["effective_to"].tolist() == ["", "2026-03-01"]
    assert read_rows(tmp_path / "prices" / "b.csv")["effective_to"].tolist() == ["2026-03-01"]
    assert in_force(rows, date(2026, 3, 1))["file"].tolist() == ["a.csv"]


@settings(max_examples=10)
@given(spans=SPANS, first=DAYS, days=st.integers(0, 60))
def test_days_between_which_no_price_changes_have_the_very_same_rows(
    spans: list[tuple[date, int | None]], first: date, days: int
) -> None:
    """A server holds many books; what is in force on a stretch of days stands in memory once."""
    ends = [a + timedelta(days=n) if n else None for a, n in spans]
    lines = [
        f"hosting,ml.a.large,us-east-1,,,{1 + n},instance_hour,1,{a},{end or ''},2026-01-01,api,one,"
        for n, ((a, _), end) in enumerate(zip(spans, ends, strict=True))
    ]
    second = first + timedelta(days=days)
    turns = {a for a, _ in spans} | {end for end in ends if end}
    with tempfile.TemporaryDirectory() as name:
        folder = book_folder(Path(name), lines)
        (rows, one), (_, two) = (rows_in_force(folder, day) for day in (first, second))
    assert (one is two) == (not any(first < turn <= second for turn in turns))
    for day, found in ((first, one), (second, two)):
        pd.testing.assert_frame_equal(found, in_force(rows, day)[list(COLUMNS)].reset_index(drop=True))


LINES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["us-east-1", "*"]),
        DAYS,
        st.one_of(st.none(), st.integers(1, 40)),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[:3],
)


@settings(max_examples=25)
@given(shipped=LINES, stated=LINES, day=DAYS)
def test_own_prices_over_a_book_are_what_counts_of_all_rows(
    shipped: list[tuple[str, str, date, int | None]],
    stated: list[tuple[str, str, date, int | None]],
    day: date,
) -> None:
    """Only rows that own ones may touch are looked at: the whole, looked at together, says the same."""

    def lines(rows: list[tuple[str, str, date, int | None]], usd: int, grade: str) -> list[str]:
        return [
            f"hosting,ml.{item}.large,{region},,,{usd + n},instance_hour,1,{start},"
            f"{start + timedelta(days=days) if days else ''},2026-01-01,{grade},one,"
            for n, (item, region, start, days) in enumerate(rows)
        ]

    with tempfile.TemporaryDirectory() as name:
        folder = book_folder(Path(name), lines(shipped, 1, "api"))
        own = "\n".join([",".join(COLUMNS), *lines(stated, 100, "own"), ""])
        found = PriceBook.load(day, own=OwnText(own), folder=folder).rows
        both = pd.concat([shipped_rows(folder), read_rows(OwnText(own))], ignore_index=True)
    pd.testing.assert_frame_equal(found, in_force(both, day)[list(COLUMNS)].reset_index(drop=True))
