"""The same bill in every format, place and packing gives the same totals and the same snapshot."""

import csv
import gzip
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator.sources.bills import BillError, import_bill
from simulator.sources.bills.formats import recognise, snake_case
from tests.sources.bills.bills import (
    MIXED_OTHER_USD,
    MIXED_PARTS,
    MIXED_USD,
    WRITERS,
    cur2_csv,
    cur2_parquet,
    legacy_csv,
    line,
    mixed_bill,
)


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_of_one_bill_gives_the_totals_worked_out_by_hand(tmp_path, name):
    told = import_bill(WRITERS[name](mixed_bill(), tmp_path / name)).report
    assert told.format == ("legacy CUR" if name[0] in "la" else "CUR 2.0")
    assert (told.rows, told.rows_rejected) == (MIXED_USD["rows"], 0)
    assert told.unblended_usd == pytest.approx(MIXED_USD["unblended"], abs=1e-9)
    assert told.amortized_usd == pytest.approx(MIXED_USD["amortized"], abs=1e-9)
    assert told.classified_usd == pytest.approx(MIXED_PARTS, abs=1e-9)
    assert told.other_usd == pytest.approx(MIXED_OTHER_USD, abs=1e-9)


def test_every_format_of_one_bill_gives_the_same_snapshot(tmp_path):
    first, *others = (
        import_bill(w(mixed_bill(), tmp_path / n), name="b").snapshot for n, w in WRITERS.items()
    )
    for other in others:
        for name, table in first.tables.items():
            pd.testing.assert_frame_equal(table, other.tables[name])


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_times_of_a_zone_are_the_same_moments(tmp_path, zone):
    plain = cur2_parquet(mixed_bill(), tmp_path / "plain.parquet")
    table = pq.read_table(plain)
    marked = [
        pa.field(f.name, pa.timestamp("us", zone) if pa.types.is_timestamp(f.type) else f.type)
        for f in table.schema
    ]
    pq.write_table(table.cast(pa.schema(marked)), tmp_path / "marked.parquet")
    first, second = (import_bill(p, name="b").snapshot for p in (plain, tmp_path / "marked.parquet"))
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])


@pytest.mark.parametrize(
    ("place", "files"),
    [
        ("folder", "folder"),
        ("folder/*.csv", "folder"),
        ("folder/**/*.csv", "folder/deep/er"),
        ("all.zip", "zip"),
    ],
)
def test_a_bill_cut_into_files_is_one_bill_wherever_they_lie(tmp_path, place, files):
    lines = mixed_bill()
    where = tmp_path / ("folder" if files == "zip" else files)
    where.mkdir(parents=True)
    for i in range(4):
        legacy_csv(lines[i::4], where / f"part-{i}.csv")
    (where / "manifest.json").write_text("{}")
    if files == "zip":
        with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(where.iterdir()):
                archive.write(path, f"month/{path.name}")
    told = import_bill(tmp_path / place).report
    assert told.rows == MIXED_USD["rows"]
    assert told.unblended_usd == pytest.approx(MIXED_USD["unblended"], abs=1e-9)


def test_content_counts_and_not_the_name(tmp_path):
    packed = cur2_csv(mixed_bill(), tmp_path / "bill.csv.gz")
    odd = tmp_path / "export [final]*.txt"
    shutil.copy(packed, odd)
    assert import_bill([odd]).report.unblended_usd == pytest.approx(MIXED_USD["unblended"])
    plain = tmp_path / "looks-like.parquet"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    assert import_bill([plain]).report.unblended_usd == pytest.approx(MIXED_USD["unblended"])


def _moved(lines, days):
    """The bill so many days later."""
    times = ("line_item_usage_start_date", "line_item_usage_end_date")
    return [{k: v + timedelta(days=days) if k in times else v for k, v in row.items()} for row in lines]


def test_columns_may_come_in_any_order_and_differ_from_month_to_month(tmp_path):
    """Three months of $81, the second and third with other columns."""
    rows, second, third = (
        _rows(legacy_csv(_moved(mixed_bill(), days), tmp_path / f"{days}.csv")) for days in (0, 31, 61)
    )
    folder = tmp_path / "months"
    folder.mkdir()
    turned = [list(reversed(r)) for r in second]
    with_tag = [[*reversed(r), "resourceTags/user:env" if i == 0 else "prod"] for i, r in enumerate(third)]
    for name, table in (("1.csv", rows), ("2.csv", turned), ("3.csv", with_tag)):
        with (folder / name).open("w", newline="") as stream:
            csv.writer(stream).writerows(table)
    told = import_bill(folder).report
    assert told.rows == 3 * MIXED_USD["rows"]
    assert told.unblended_usd == pytest.approx(3 * MIXED_USD["unblended"])


def test_parquet_and_csv_of_different_months_add_up(tmp_path):
    later = [
        line(
            "USW2-Host:ml.g5.2xlarge",
            2.0,
            hour=24 * 31,
            resource="arn:aws:sagemaker:us-west-2:1:endpoint/chat",
        )
    ]
    cur2_parquet(mixed_bill(), tmp_path / "october.parquet")
    legacy_csv(later, tmp_path / "november.csv")
    imported = import_bill(tmp_path)
    assert imported.report.format == "CUR 2.0, legacy CUR" or imported.report.format == "legacy CUR, CUR 2.0"
    assert imported.report.unblended_usd == pytest.approx(MIXED_USD["unblended"] + 2.0)


def test_the_same_content_under_two_names_counts_once(tmp_path):
    legacy_csv(mixed_bill(), tmp_path / "a.csv")
    shutil.copy(tmp_path / "a.csv", tmp_path / "b.csv")
    told = import_bill(tmp_path).report
    assert told.unblended_usd == pytest.approx(MIXED_USD["unblended"])
    assert any("b.csv has the same content as a.csv" in w for w in told.warnings)
    twice = import_bill([tmp_path / "a.csv", tmp_path / "a.csv"]).report
    assert twice.unblended_usd == pytest.approx(MIXED_USD["unblended"])


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    path = legacy_csv(mixed_bill(), tmp_path / "a.csv")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert import_bill(path).report.unblended_usd == pytest.approx(MIXED_USD["unblended"])


def test_semicolons_from_a_spreadsheet_are_fine(tmp_path):
    rows = _rows(legacy_csv(mixed_bill(), tmp_path / "a.csv"))
    with (tmp_path / "b.csv").open("w", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows(rows)
    assert import_bill(tmp_path / "b.csv").report.unblended_usd == pytest.approx(MIXED_USD["unblended"])


def test_legacy_names_are_spelled_as_athena_spells_them():
    assert snake_case("savingsPlan/SavingsPlanARN") == "savings_plan_savings_plan_a_r_n"
    assert snake_case("resourceTags/user:Name") == "resource_tags_user_name"
    assert snake_case("pricing/publicOnDemandCost") == "pricing_public_on_demand_cost"
    assert snake_case("line_item_usage_type") == "line_item_usage_type"


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        (
            ["BilledCost", "ChargeCategory", "ServiceName", "BillingCurrency", "ChargePeriodStart"],
            "FOCUS 1.0",
        ),
        (
            [
                "BilledCost",
                "ChargeCategory",
                "ServiceName",
                "BillingCurrency",
                "ChargePeriodStart",
                "SkuMeter",
            ],
            "FOCUS 1.1",
        ),
        (
            [
                "BilledCost",
                "ChargeCategory",
                "ServiceName",
                "BillingCurrency",
                "ChargePeriodStart",
                "InvoiceId",
            ],
            "FOCUS 1.2",
        ),
    ],
)
def test_focus_versions_are_told_apart_by_their_columns(columns, name):
    assert recognise(columns, "f.csv").name == name


def test_a_missing_column_is_named():
    with pytest.raises(BillError, match=r"f\.csv: CUR 2\.0 without column line_item_unblended_cost"):
        recognise(
            [
                "line_item_usage_type",
                "line_item_line_item_type",
                "line_item_product_code",
                "line_item_currency_code",
                "line_item_usage_start_date",
                "product",
            ],
            "f.csv",
        )


def test_another_table_is_refused_with_what_was_expected(tmp_path):
    (tmp_path / "a.csv").write_text("name,age\nx,1\n")
    with pytest.raises(BillError, match=r"not a billing export we know.*expected a Cost and Usage Report"):
        import_bill(tmp_path / "a.csv")


@pytest.mark.thorough
def test_imports_at_the_same_time_do_not_disturb_each_other(tmp_path):
    path = cur2_parquet(mixed_bill(), tmp_path / "a.parquet")
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: import_bill(path).report, range(8)))
    assert {t.unblended_usd for t in told} == {MIXED_USD["unblended"]}


def _rows(path):
    with path.open(newline="") as stream:
        return list(csv.reader(stream))
