"""Nothing is counted twice: a bill imported twice, in any two formats, is the bill imported once."""

from __future__ import annotations

import json
import zipfile
from itertools import combinations_with_replacement

import pandas as pd
import pytest

from simulator.sources.bills import BillError, import_bill
from tests.sources.bills.bills import MIXED_USD, cur2_csv, cur2_parquet, legacy_csv, line, mixed_bill

ARN_OF = "arn:aws:sagemaker:us-east-1:{}:endpoint/chat"


WRITERS = {"legacy": legacy_csv, "cur2": cur2_csv, "parquet": cur2_parquet}


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The mixed bill in each format, and what it is alone."""
    folder = tmp_path_factory.mktemp("once")
    files = {name: write(mixed_bill(), folder / f"{name}.bin") for name, write in WRITERS.items()}
    return {name: (file, import_bill([file]).snapshot.tables) for name, file in files.items()}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pair if pair[0] != pair[1] else pytest.param(*pair, marks=pytest.mark.thorough)
        for pair in combinations_with_replacement(WRITERS, 2)
    ],
)
def test_a_bill_in_two_formats_is_counted_once(tmp_path, once, one, other):
    lines = mixed_bill()
    first, alone = once[one]
    # another row of no cost: the same lines, but not the same bytes
    second = WRITERS[other](
        [*lines, line("USW2-Requests", 0.0, product="AmazonSNS")], tmp_path / "second.bin"
    )
    both = import_bill([first, second])
    assert both.report.unblended_usd == pytest.approx(MIXED_USD["unblended"])
    assert any("counted once" in w for w in both.report.warnings)
    for name in ("endpoints", "training_jobs", "storage", "bedrock"):
        pd.testing.assert_frame_equal(both.snapshot.tables[name], alone[name])


def test_two_parts_of_one_month_are_added(tmp_path):
    lines = mixed_bill()
    halves = [cur2_csv(lines[i::2], tmp_path / f"{name}.csv") for i, name in enumerate(("left", "right"))]
    assert import_bill(halves).report.unblended_usd == pytest.approx(MIXED_USD["unblended"])


def test_a_longer_delivery_of_the_month_wins(tmp_path):
    """24 h at $1.50 in the older one, 48 h in the newer: $72, not $108."""
    hours = [
        line("USW2-Host:ml.g5.2xlarge", 1.5, hour=h, resource=ARN_OF.format("011122220001"))
        for h in range(48)
    ]
    older, newer = cur2_csv(hours[:24], tmp_path / "a.csv"), cur2_csv(hours, tmp_path / "b.csv")
    report = import_bill([older, newer]).report
    assert report.unblended_usd == pytest.approx(72.0)
    assert any("a.csv" in w and "b.csv" in w for w in report.warnings)


def test_two_extracts_that_overlap_are_refused_with_both_names(tmp_path):
    hours = [
        line("USW2-Host:ml.g5.2xlarge", 1.5, hour=h, resource=ARN_OF.format("011122220001"))
        for h in range(48)
    ]
    left, right = cur2_csv(hours[:40], tmp_path / "a.csv"), cur2_csv(hours[8:], tmp_path / "b.csv")
    with pytest.raises(BillError, match=r"a\.csv.*b\.csv|b\.csv.*a\.csv"):
        import_bill([left, right])


@pytest.mark.parametrize("packed", [False, True])
def test_the_manifest_above_two_deliveries_decides(tmp_path, packed):
    """$36 and $72 are two states of one month; the manifest names the second."""
    root = tmp_path / "cur" / "20261001-20261101"
    hours = [line("USW2-Host:ml.g5.2xlarge", 1.5, hour=h) for h in range(48)]
    for delivery, count in (("aaaa", 24), ("bbbb", 48)):
        (root / delivery).mkdir(parents=True)
        legacy_csv(hours[:count], root / delivery / "bill-00001.csv")
    manifest = {
        "assemblyId": "bbbb",
        "reportKeys": ["p/cur/20261001-20261101/bbbb/bill-00001.csv"],
        "billingPeriod": {"start": "20261001T000000.000Z", "end": "20261101T000000.000Z"},
    }
    (root / "bill-Manifest.json").write_text(json.dumps(manifest))
    place = tmp_path / "cur"
    if packed:
        place = tmp_path / "cur.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for file in sorted(root.rglob("*.*")):
                archive.write(file, file.relative_to(tmp_path))
    report = import_bill(place).report
    assert report.unblended_usd == pytest.approx(72.0)
    assert any("older delivery" in w and "aaaa" in w for w in report.warnings)


def test_one_name_in_two_accounts_is_two_endpoints(tmp_path):
    """The account column is a spreadsheet's: 1.11122E+11 on every line; the ARNs tell two accounts apart."""
    lines = [
        line("Host:ml.g5.2xlarge", 1.5, hour=h, region="us-east-1", resource=ARN_OF.format(account))
        | {"line_item_usage_account_id": "1.11122E+11"}
        for h in range(24)
        for account in ("111122223333", "444455556666")
    ]
    found = import_bill(cur2_csv(lines, tmp_path / "x.csv"))
    assert sorted(found.snapshot.tables["endpoints"]["account_id"]) == ["111122223333", "444455556666"]
    assert any("spreadsheet" in w for w in found.report.warnings)


def _identified(hours):
    """Hours of an endpoint at $1.50 with the identity of a line."""
    return [
        line("USW2-Host:ml.g5.2xlarge", 1.5, hour=h, resource=ARN_OF.format("011122220001"))
        | {"identity_line_item_id": f"id{h}", "identity_time_interval": f"2026-10-01T{h:02d}"}
        for h in hours
    ]


@pytest.mark.parametrize("writer", [cur2_csv, cur2_parquet])
def test_a_line_that_occurs_twice_in_a_file_is_counted_once(tmp_path, writer):
    """48 hours, of which 20 occur twice: $72.00, not $102.00."""
    found = import_bill(writer([*_identified(range(48)), *_identified(range(20))], tmp_path / "x.bin"))
    assert found.report.unblended_usd == pytest.approx(72.0)
    assert found.snapshot.tables["endpoints"]["instance_hours"].sum() == pytest.approx(48.0)
    assert any("20 lines repeat another" in w for w in found.report.warnings)


@pytest.mark.parametrize("first", [40, 28, 25])
def test_extracts_that_overlap_are_told_apart_by_the_identity_of_lines(tmp_path, first):
    """Hours 0 to `first` and 20 to 48 of one month: 48 h at $1.50 whatever they have in common."""
    left = cur2_csv(_identified(range(first)), tmp_path / "a.csv")
    right = cur2_csv(_identified(range(20, 48)), tmp_path / "b.csv")
    report = import_bill([left, right]).report
    assert report.unblended_usd == pytest.approx(72.0)
    assert any("a.csv" in w and "b.csv" in w and f"{first - 20} lines" in w for w in report.warnings)


def test_extracts_without_identity_that_share_a_part_of_their_lines_are_refused(tmp_path):
    """10 of 28 lines in common, 36 %: neither one delivery nor two parts."""
    hours = [
        line("USW2-Host:ml.g5.2xlarge", 1.5, hour=h, resource=ARN_OF.format("011122220001"))
        for h in range(48)
    ]
    left, right = cur2_csv(hours[:30], tmp_path / "a.csv"), cur2_csv(hours[20:], tmp_path / "b.csv")
    with pytest.raises(BillError, match=r"a\.csv.*b\.csv|b\.csv.*a\.csv"):
        import_bill([left, right])
