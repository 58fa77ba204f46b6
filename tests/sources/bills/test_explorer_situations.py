# ruff: noqa: DTZ001  bills are in UTC without a mark
"""Cost Explorer as people group it, and lines that only words describe; values worked out by hand.

One ml.g5.2xlarge endpoint is $1.515 an hour: $1,090.80 in September's 720 h, 1.515 × 730 = $1,105.95 per month.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.sources.bills.situations import (
    G5,
    Line,
    daily,
    explorer_csv,
    explorer_json,
    focus_csv,
    hosting,
    legacy_csv,
    tried,
)

MONTH, SEPTEMBER_USD, LONGER = 1105.95, 1090.80, 730 / 720
HEAD = ["Usage type", f"USE1-{G5}($)", f"USE1-{G5}(Hrs)", "Total costs($)"]
SEPTEMBER_ROW = ["2026-09-01", "1090.80", "720", "1090.80"]


@pytest.mark.parametrize("total", ["Total costs", "Total", "Usage type total"])
@pytest.mark.parametrize("last", [False, True])
def test_a_total_row_is_no_period_whatever_it_is_called(tmp_path: Path, total: str, last: bool) -> None:
    rows = [SEPTEMBER_ROW, [total, *SEPTEMBER_ROW[1:]]]
    found = tried(explorer_csv([HEAD, *(rows if last else rows[::-1])], tmp_path / "a.csv"))
    assert found.report.unblended_usd == pytest.approx(SEPTEMBER_USD)
    assert found.run_rate == pytest.approx(MONTH, abs=0.02)


def test_dimensions_are_known_in_capitals(tmp_path: Path) -> None:
    head = ["Usage Type", *HEAD[1:3], "Total Costs ($)"]
    assert tried(explorer_csv([head, SEPTEMBER_ROW], tmp_path / "a.csv")).run_rate == pytest.approx(
        MONTH, abs=0.02
    )


def test_a_linked_account_is_its_number_whatever_name_stands_beside_it(tmp_path: Path) -> None:
    rows = [["Linked account", "prod (111122223333)($)", "444455556666($)"], ["2026-09-01", "1000", "10"]]
    found = tried(explorer_csv(rows, tmp_path / "a.csv"))
    assert found.imported.snapshot.manifest.account_ids == ("111122223333", "444455556666")


@pytest.mark.parametrize("form", ["csv", "json"])
def test_instance_types_of_sagemaker_are_sagemaker_at_the_bills_own_figure(tmp_path: Path, form: str) -> None:
    """$1,090.80 are ml.g5.2xlarge, whatever for; $10.00 have no instance type, $69.12 are EC2's."""
    if form == "csv":
        head = ["Instance type", "ml.g5.2xlarge($)", "No instance type($)", "m5.large($)"]
        path = explorer_csv([head, ["2026-09-01", "1090.80", "10", "69.12"]], tmp_path / "a.csv")
    else:
        groups = [(("ml.g5.2xlarge",), SEPTEMBER_USD, 720.0, "Hrs"), (("NoInstanceType",), 10.0, None, "")]
        groups.append((("m5.large",), 69.12, 720.0, "Hrs"))
        path = explorer_json(
            [("2026-09-01", "2026-10-01", groups)], tmp_path / "a.json", keys=["INSTANCE_TYPE"]
        )
    found = tried(path)
    assert found.report.unblended_usd == pytest.approx(SEPTEMBER_USD + 79.12)
    assert found.run_rate == pytest.approx(MONTH, abs=0.02)
    assert found.says("usage type")


def test_a_plan_without_charge_types_is_known_by_its_fee(tmp_path: Path) -> None:
    """Covered hours cost nothing, the fee 872.64 / 720 = $1.212 an hour: $884.76 per month, not $1,105.95."""
    fee = "SageMakerSP:1yrNoUpfront"
    head = [*HEAD[:3], f"{fee}($)", f"{fee}(Hrs)", "Total costs($)"]
    row = ["2026-09-01", "0", "720", "872.64", "720", "872.64"]
    found = tried(explorer_csv([head, row], tmp_path / "a.csv"))
    assert found.report.classified_usd["commitments"] == pytest.approx(872.64)
    assert found.run_rate == pytest.approx(884.76, abs=0.02)


@pytest.mark.parametrize("usage_type", ["USE1-Canvas:Session-Hrs", "USE1-MLflow:Small", "USE1-IndexingOCU"])
def test_services_without_a_quantity_are_in_the_run_rate(tmp_path: Path, usage_type: str) -> None:
    rows = [[*HEAD[:3], f"{usage_type}($)"], ["2026-09-01", "1090.80", "720", "456"]]
    found = tried(explorer_csv(rows, tmp_path / "a.csv"))
    assert found.run_rate == pytest.approx(MONTH + 456 * LONGER, abs=0.02)


@pytest.mark.parametrize("quantity", [100.0, None])
def test_vectors_of_s3_count_once(tmp_path: Path, quantity: float | None) -> None:
    """100 GB-months at $0.06: $6.00, as the service's size, or as the bill's own dollars (then × 730 / 720)."""
    line = Line("USE1-Vectors-TimedStorage-ByteHrs", quantity, 6.0, product="AmazonS3", unit="GB-Mo")
    found = tried(
        legacy_csv([line, *daily(Line("Tax", 1.0, 0.0, product="AmazonS3"), 30)], tmp_path / "a.csv")
    )
    assert found.run_rate == pytest.approx(6.0 if quantity else 6.0 * LONGER, abs=0.1)


WITHOUT_AWS_COLUMNS = ["x_ServiceCode", "x_UsageType"]


@pytest.mark.parametrize(
    ("description", "component"),
    [
        ("$1.515 per Hosting ml.g5.2xlarge hour in US East (N. Virginia)", "hosting"),
        ("$1.515 per Training ml.g5.2xlarge hour in US East (N. Virginia)", "training"),
        ("USE1-Host:ml.g5.2xlarge", "hosting"),
        ("words nobody knows", "compute"),
    ],
)
def test_what_only_a_description_tells_is_in_the_run_rate(
    tmp_path: Path, description: str, component: str
) -> None:
    lines = hosting(name="Amazon SageMaker", more={"ChargeDescription": description})
    found = tried(focus_csv(lines, tmp_path / "a.csv", without=WITHOUT_AWS_COLUMNS))
    assert found.component(component) == pytest.approx(MONTH, abs=0.02)
    assert found.unexplained() == {}


def test_months_of_a_table_without_a_charge_are_covered_and_have_no_usage(tmp_path: Path) -> None:
    """Two of four months are billed: 2 × 1,090.80 over June to September's 2,928 h."""
    months = [datetime(2026, m, 1) for m in (6, 7, 8, 9)]
    rows = [[f"{m:%Y-%m-%d}", *(SEPTEMBER_ROW[1:] if m.month in (6, 9) else ["0"] * 3)] for m in months]
    found = tried(explorer_csv([HEAD, *rows], tmp_path / "a.csv"))
    assert found.run_rate == pytest.approx(2 * SEPTEMBER_USD * 730 / 2928, abs=0.02)


def test_discounts_without_any_usage_are_dollars_and_no_ratio(tmp_path: Path) -> None:
    lines = [Line(f"USE1-{G5}", None, -36.36, kind="EdpDiscount")]
    found = tried(legacy_csv(lines, tmp_path / "a.csv"))
    assert found.report.unblended_usd == pytest.approx(-36.36)


def test_a_serverless_endpoint_alone(tmp_path: Path) -> None:
    """10,000 s a day of 4 GB at $0.00008: $24.00 in September."""
    serving = Line("USE1-ServerlessInf:Mem-4GB", 10_000.0, 0.8, unit="Seconds")
    odd = Line("USE1-Processing:ml.m5.xlarge", 0.0, 0.0)
    found = tried(legacy_csv([*daily(serving, 30), odd], tmp_path / "a.csv"))
    assert found.run_rate == pytest.approx(24 * LONGER, abs=0.01)
