"""Dollars: what is counted where, currencies, discounts, and rows kept aside."""

import pytest

from simulator.sources.bills import BillError, import_bill
from tests.sources.bills.bills import ARN, cur2_parquet, legacy_csv, line, mixed_bill


def told(tmp_path, lines, **more):
    return import_bill(cur2_parquet(lines, tmp_path / "bill.parquet"), **more).report


def test_every_kind_of_line_is_in_the_total_once(tmp_path):
    found = told(tmp_path, mixed_bill())
    assert found.by_line_type == pytest.approx(
        {
            "Usage": 36.0 + 6.0 + 9.0 + 2.0 + 5.0,
            "SavingsPlanCoveredUsage": 36.0,
            "SavingsPlanNegation": -36.0,
            "SavingsPlanRecurringFee": 24.0,
            "Tax": 3.0,
            "Credit": -4.0,
        }
    )


def test_amortized_cost_of_a_plan_that_was_half_used(tmp_path):
    """Covered usage at its plan rate, $7; the fee of $12 as the $4 nobody used: $11 against $12 unblended."""
    lines = [
        line(
            "USW2-Host:ml.m5.large",
            10.0,
            kind="SavingsPlanCoveredUsage",
            savings_plan_savings_plan_effective_cost=7.0,
        ),
        line("USW2-Host:ml.m5.large", -10.0, kind="SavingsPlanNegation"),
        line(
            "SageMakerSP:1yr",
            12.0,
            kind="SavingsPlanRecurringFee",
            product="MachineLearningSavingsPlans",
            quantity=24.0,
            savings_plan_total_commitment_to_date=12.0,
            savings_plan_used_commitment=8.0,
        ),
    ]
    found = told(tmp_path, lines)
    assert (found.unblended_usd, found.amortized_usd) == (pytest.approx(12.0), pytest.approx(11.0))
    assert any("differs from unblended" in w for w in found.warnings)


def test_an_amortized_total_is_unknown_when_the_plan_columns_are_missing(tmp_path):
    path = legacy_csv(
        [line("USW2-Host:ml.m5.large", 10.0, kind="SavingsPlanCoveredUsage")], tmp_path / "b.csv"
    )
    header, rows = path.read_text().split("\n", 1)
    path.write_text(header.replace("savingsPlan/SavingsPlanEffectiveCost", "x") + "\n" + rows)
    found = import_bill(path).report
    assert found.amortized_usd is None
    assert any("amortized cost is unknown" in w for w in found.warnings)


def test_another_currency_is_kept_apart_until_a_rate_is_given(tmp_path):
    lines = [
        *mixed_bill(),
        line("USW2-BoxUsage:t3.large", 100.0, product="AmazonEC2", line_item_currency_code="CNY"),
    ]
    apart = told(tmp_path, lines)
    assert apart.unblended_usd == pytest.approx(81.0)
    assert apart.other_currencies == {"CNY": 100.0}
    assert any("--rate CNY=" in w for w in apart.warnings)
    assert told(tmp_path, lines, usd_per={"CNY": 0.14}).unblended_usd == pytest.approx(81.0 + 14.0)


def test_a_bill_without_dollars_has_an_unknown_total_not_zero(tmp_path):
    found = told(tmp_path, [line("USW2-Host:ml.m5.large", 10.0, line_item_currency_code="EUR")])
    assert found.unblended_usd is None
    assert found.other_currencies == {"EUR": 10.0}


def test_usage_in_another_currency_still_counts_as_usage(tmp_path):
    lines = [
        line("USW2-Host:ml.m5.large", 1.0, line_item_currency_code="EUR", resource=f"{ARN}endpoint/x", hour=h)
        for h in range(3)
    ]
    snapshot = import_bill(cur2_parquet(lines, tmp_path / "b.parquet")).snapshot
    assert snapshot.tables["endpoints"]["instance_hours"].tolist() == [3.0]


def test_free_tier_lines_have_usage_and_no_dollars(tmp_path):
    imported = import_bill(
        cur2_parquet([line("Host:ml.m5.large", 0.0, quantity=0.5889)], tmp_path / "b.parquet")
    )
    assert imported.report.unblended_usd == 0.0
    assert imported.snapshot.tables["endpoints"]["instance_hours"].tolist() == [pytest.approx(0.5889)]


def test_when_prefix_and_region_column_disagree_the_usage_type_is_believed_and_it_is_said(tmp_path):
    imported = import_bill(
        cur2_parquet([line("EUC1-Host:ml.m5.large", 1.0, region="us-west-2")], tmp_path / "b.parquet")
    )
    assert imported.snapshot.tables["endpoints"]["region"].tolist() == ["eu-central-1"]
    assert any(w.startswith("1 rows: the usage type names another region") for w in imported.report.warnings)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("lineItem/UnblendedCost", "abc", "abc"),
        ("lineItem/UnblendedCost", "", "expected a number"),
        ("lineItem/UnblendedCost", "nan", "expected a number"),
        ("lineItem/UnblendedCost", "1e300", "expected a number"),
        ("lineItem/UsageAmount", "many", "many"),
        ("lineItem/UsageStartDate", "yesterday", "expected a time"),
        ("lineItem/UsageStartDate", "infinity", "expected a time"),
        ("lineItem/UsageStartDate", "1970-01-01T00:00:00Z", "expected a time"),
        ("lineItem/LineItemType", "17", "expected a kind of line"),
    ],
)
def test_a_bad_row_is_named_and_kept_aside_and_the_rest_is_loaded(tmp_path, column, value, reason):
    path = legacy_csv(mixed_bill(), tmp_path / "b.csv")
    lines = path.read_text().split("\n")
    head = lines[0].split(",")
    cells = lines[7].split(",")
    cells[head.index(column)] = value
    lines[7] = ",".join(cells)
    path.write_text("\n".join(lines))
    found = import_bill(path).report
    assert (found.rows, found.rows_rejected) == (110, 1)
    assert found.unblended_usd == pytest.approx(81.0 - 0.75)
    assert (found.rejected[0].file, found.rejected[0].line, found.rejected[0].column) == ("b.csv", 8, column)
    assert reason in str(found.rejected[0])


@pytest.mark.parametrize("column", ["line_item_unblended_cost", "line_item_usage_amount"])
def test_a_line_that_is_no_number_is_named_and_its_neighbours_are_loaded(tmp_path, column):
    lines = mixed_bill()
    lines[3][column] = float("nan")  # Parquet's statistics pass over it
    imported = import_bill(cur2_parquet(lines, tmp_path / "b.parquet"))
    found = imported.report
    assert (found.rows_rejected, found.rejected[0].line, found.rejected[0].column) == (1, 4, column)
    assert found.unblended_usd == pytest.approx(81.0 - 0.75)
    assert imported.snapshot.tables["endpoints"]["instance_hours"].tolist() == [47.5]
    assert imported.snapshot.tables["hourly_usage"]["instance_hours"].sum() == pytest.approx(47.5 + 4)


def test_a_row_after_a_line_break_inside_quotes_has_the_line_of_the_file(tmp_path):
    path = legacy_csv(mixed_bill(), tmp_path / "b.csv")
    lines = path.read_text().split("\n")
    cells = lines[2].split(",")
    cells[lines[0].split(",").index("product/ProductName")] = '"two\nlines"'
    lines[2] = ",".join(cells)
    lines[5] = lines[5].replace("0.75", "x", 1)
    path.write_text("\n".join(lines))
    assert import_bill(path).report.rejected[0].line == 7


def test_rows_with_too_few_and_too_many_values_are_kept_aside(tmp_path):
    path = legacy_csv(mixed_bill(), tmp_path / "b.csv")
    lines = path.read_text().split("\n")
    lines[1], lines[3] = ",".join(lines[1].split(",")[:4]), lines[3] + ",more"
    path.write_text("\n".join(lines))
    found = import_bill(path).report
    assert [r.line for r in found.rejected] == [2, 4]
    assert found.unblended_usd == pytest.approx(81.0 - 1.5)


def test_a_file_of_nothing_but_bad_rows_is_refused(tmp_path):
    path = legacy_csv([line("USW2-Host:ml.m5.large", 1.0)], tmp_path / "b.csv")
    path.write_text(path.read_text().replace(",1.0,USD", ",x,USD").replace("2026", "20x6"))
    with pytest.raises(BillError, match=r"b\.csv: no line of the export can be read"):
        import_bill(path)


def test_a_file_that_ends_in_the_middle_of_a_line_is_said_to_be_cut_off(tmp_path):
    path = legacy_csv(mixed_bill(), tmp_path / "b.csv")
    path.write_text(path.read_text()[:-40])
    found = import_bill(path).report
    assert any("may be cut off" in w for w in found.warnings)
    assert found.rows_rejected == 1
