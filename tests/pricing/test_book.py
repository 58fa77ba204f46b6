"""The price book: own prices, age, what a result rests on, the `prices` commands. Figures by hand."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from simulator import PriceBook, PriceNotFound, Scenario, answer, simulate
from simulator.cli.main import main
from simulator.pricing.basis import price_basis
from simulator.pricing.files import ALWAYS_THERE
from tests.accounts import PRICES, account_with, prices

HEADER = ",".join(ALWAYS_THERE)
SHORT = "component,item,region,usd,unit"
G5 = "ml.g5.2xlarge"


def own(folder: Path, *lines: str, header: str = SHORT) -> Path:
    path = folder / "own.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def load(path: Path, **more: Any) -> PriceBook:
    return PriceBook.load(PRICES, own=path, **more)


def test_an_own_price_beats_the_published_one(tmp_path: Path) -> None:
    book = load(own(tmp_path, f"hosting,{G5},us-east-1,1.2,instance_hour"))
    price = book.price("hosting", G5, "us-east-1")
    assert (price.usd, price.grade) == (1.2, "own")
    assert book.price("hosting", G5, "us-west-2").usd == pytest.approx(1.515)


def test_an_own_price_for_every_region_replaces_those_of_each_region(tmp_path: Path) -> None:
    book = load(own(tmp_path, f"hosting,{G5},*,1.2,instance_hour"))
    assert book.price("hosting", G5, "us-east-1").usd == 1.2
    assert book.price("hosting", G5, "eu-west-1").usd == 1.2


def test_an_own_price_replaces_all_tiers(tmp_path: Path) -> None:
    book = load(own(tmp_path, "storage,STANDARD,us-east-1,0.02,gb_month"))
    assert book.table("storage", ("STANDARD",), ("us-east-1",)).tiers == {}
    assert prices().table("storage", ("STANDARD",), ("us-east-1",)).tiers != {}


def test_own_prices_and_a_discount_reach_the_bill(tmp_path: Path) -> None:
    account = account_with(endpoints=[{"instance_type": G5}])
    book = load(own(tmp_path, f"hosting,{G5},us-east-1,1.0,instance_hour"), discount_ratio=0.1)
    assert simulate(account, Scenario(()), book).baseline.total_usd == pytest.approx(730 * 1.0 * 0.9)


def test_an_own_price_that_starts_later_does_not_count_yet(tmp_path: Path) -> None:
    line = f"hosting,{G5},us-east-1,,,1.2,instance_hour,1,2027-01-01,,,,"
    assert load(own(tmp_path, line, header=HEADER)).price("hosting", G5, "us-east-1").usd == pytest.approx(
        1.515
    )


def test_blank_lines_blanks_around_values_and_a_byte_order_mark_are_no_error(tmp_path: Path) -> None:
    path = own(tmp_path, "", f" hosting , {G5} ,us-east-1, 1.2 ,instance_hour", ",,,,", "")
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load(path).price("hosting", G5, "us-east-1").usd == 1.2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"hosting,{G5},us-east-1,cheap,instance_hour", "own.csv, row 3, column usd: .* not 'cheap'"),
        (f"hosting,{G5},us-east-1,nan,instance_hour", "row 3, column usd: .* not 'nan'"),
        (f"hosting,{G5},us-east-1,inf,instance_hour", "row 3, column usd: .* not 'inf'"),
        (f"hosting,{G5},us-east-1,-1,instance_hour", "row 3, column usd: .*at least 0, not '-1'"),
        (f"hosting,{G5},us-east-1,,instance_hour", "row 3, column usd: .* not ''"),
        (f"hostin,{G5},us-east-1,1,instance_hour", "row 3, column component: .*hosting.* not 'hostin'"),
        (f"hosting,{G5},us-east-9,1,instance_hour", "row 3, column region: .*us-east-1.* not 'us-east-9'"),
        (f"hosting,{G5},us-east-1,1,hour", "row 3, column unit: expected instance_hour.* not 'hour'"),
    ],
)
def test_a_wrong_value_is_named_with_its_file_row_and_column(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load(own(tmp_path, "", line))


def test_two_own_prices_for_one_key_are_refused(tmp_path: Path) -> None:
    line = f"hosting,{G5},us-east-1,1,instance_hour"
    with pytest.raises(ValueError, match=r"row 3, column item: expected one row per component"):
        load(own(tmp_path, line, line))


@pytest.mark.parametrize(
    ("column", "value"), [("effective_from", "24.11.2026"), ("effective_from", "2026-13-01"), ("per", "0")]
)
def test_wrong_dates_and_divisors_are_named(tmp_path: Path, column: str, value: str) -> None:
    path = own(tmp_path, f"hosting,{G5},us-east-1,1,instance_hour,{value}", header=f"{SHORT},{column}")
    with pytest.raises(ValueError, match=f"row 2, column {column}: .* not '{value}'"):
        load(path)


def test_a_missing_column_and_a_file_that_is_no_csv_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"own.csv: column 'unit' is missing"):
        load(own(tmp_path, "hosting,a,*,1", header="component,item,region,usd"))
    (tmp_path / "own.csv").write_bytes(b"\xff\xfe\x00\x01\xd8")
    with pytest.raises(ValueError, match=r"own.csv: not UTF-8 \(byte 1\)"):
        load(tmp_path / "own.csv")


def test_prices_older_than_90_days_warn_with_their_age(tmp_path: Path) -> None:
    header = f"{SHORT},checked_on"
    account = account_with(endpoints=[{"instance_type": G5}])
    for checked, old in (("2026-08-26", False), ("2026-08-25", True)):  # 90 and 91 days before 2026-11-24
        book = load(own(tmp_path, f"hosting,{G5},us-east-1,1,instance_hour,{checked}", header=header))
        result = simulate(account, Scenario(()), book)
        basis = price_basis(book, result.outcome.charges)
        assert basis.oldest_days == (91 if old else 90)
        assert basis.oldest_checked_on == checked
        assert basis.stale_usd == pytest.approx(730.0 if old else 0.0)
        assert bool(basis.warnings()) == old


def test_the_age_is_that_of_the_prices_used_not_of_the_whole_book() -> None:
    book = prices()
    result = simulate(account_with(endpoints=[{"instance_type": G5}]), Scenario(()), book)
    basis = price_basis(book, result.outcome.charges)
    assert basis.rows == 1
    assert basis.oldest_checked_on == book.price("hosting", G5, "us-east-1").checked_on
    assert book.oldest_days() > book.oldest_days("hosting") >= (basis.oldest_days or 0)


def test_dollars_on_assumed_prices_are_said(tmp_path: Path) -> None:
    # async inference of g5.2xlarge in us-east-1 is filled by rule; hosting is published.
    rows = [{"instance_type": G5, "mode": "async"}, {"instance_type": G5}]
    book = prices()
    assert book.price("async_inference", G5, "us-east-1").grade == "assumed"
    data = answer(simulate(account_with(endpoints=rows), Scenario(()), book))
    assert data["prices"]["assumed_usd"] == pytest.approx(730 * 1.515)
    assert data["prices"]["assumed_rows"] == data["prices"]["assumed_charges"] == 1
    assert any("filled by rule" in w for w in data["warnings"])


def test_show_lists_past_and_present_rows_and_says_which_counts(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["prices", "show", "studio/ml.p4d.24xlarge", "--region", "us-east-1", "--format", "json"]
    assert main([*command, "--as-of", "2026-11-24"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(r["usd"], r["in_force"]) for r in rows] == [(37.6885, False), (25.2512883, True)]
    assert rows[0]["effective_from"] == "2025-04-30"
    assert main([*command, "--as-of", "2025-05-01"]) == 0
    assert [r["in_force"] for r in json.loads(capsys.readouterr().out)] == [True, False]


def test_show_takes_the_beginning_of_an_item_and_a_region_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "show", "bedrock_input/anthropic.claude-sonnet-4…", "--format", "json"]) == 0
    items = {r["item"] for r in json.loads(capsys.readouterr().out)}
    assert len(items) > 1
    assert all(i.startswith("anthropic.claude-sonnet-4") for i in items)
    assert main(["prices", "show", "--region", "us-east-1"]) == 0
    assert "ml.g5.2xlarge" in capsys.readouterr().out


def test_show_of_an_unknown_key_suggests_one_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", "show", "hosting/ml.g5.3xlarge"]) == 2
    assert "did you mean hosting/ml.g5" in capsys.readouterr().err
    assert main(["prices", "show"]) == 2
    assert "give a KEY" in capsys.readouterr().err


def test_check_lists_age_holes_and_conflicts_of_a_small_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prices").mkdir()
    lines = [
        "hosting,ml.a.large,us-east-1,,,1.00,instance_hour,1,2026-01-01,2026-06-01,api,one,",
        "hosting,ml.a.large,us-east-1,,,1.05,instance_hour,1,2026-03-01,2026-03-01,secondary,two,",
        "hosting,ml.b.large,us-east-1,,,2.00,instance_hour,1,2026-11-01,2026-11-01,assumed,rule,R1",
    ]
    (tmp_path / "prices" / "a.csv").write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    flags = "training_ok,hosting_ok,transform_ok,processing_ok,notebook_ok,studio_ok"
    types = [f"ml.{x}.large,false,true,false,false,false,false" for x in "abc"]
    (tmp_path / "instances.csv").write_text("\n".join([f"instance_type,{flags}", *types]), encoding="utf-8")
    command = ["prices", "check", "--folder", str(tmp_path), "--as-of", "2026-11-24", "--format"]
    assert main([*command, "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rows"] == 2
    # the later row is in force: checked on 1 March, 268 days before
    assert found["components"] == [
        {"component": "hosting", "prices": 2, "oldest_days": 268, "older_than_90_days": 1, "assumed": 1, "secondary": 1}
    ]  # fmt: skip
    assert [(h["missing"], h["for_example"]) for h in found["holes"]] == [(1, "ml.c.large")]
    assert [(c["source"], c["source_other"]) for c in found["conflicts"]] == [("one", "two")]
    assert main([*command, "table"]) == 0
    assert "Conflicts: 1" in capsys.readouterr().out


def test_the_template_is_a_file_that_prices_takes(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    assert main(["prices", "template", "--out", str(path)]) == 0
    book = load(path)
    assert book.price("hosting", G5, "us-east-1").grade == "own"
    assert book.price("bedrock_input", "amazon.nova-pro-v1:0", "us-east-1").usd == pytest.approx(0.7e-6)


def test_a_missing_price_is_said_and_never_zero() -> None:
    with pytest.raises(
        PriceNotFound, match=r"no price for hosting ml\.nope\.large in us-east-1 on 2026-11-24"
    ):
        PriceBook.load(date(2026, 11, 24)).price("hosting", "ml.nope.large", "us-east-1")


def test_own_prices_are_read_from_a_regular_file_only() -> None:
    """/dev/zero never ends."""
    with pytest.raises(ValueError, match="zero: not a regular file"):
        PriceBook.load(PRICES, own=Path("/dev/zero"))
