"""The real billing files of ../shared import; totals equal those computed beside them with Decimal."""

import json
from pathlib import Path

import pytest

from simulator.sources.bills import import_bill

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "billing"
OPTSCALE = "cur_optscale_marketing (.csv, .athena.parquet, .cur2.parquet, .cur2.csv.gz hold the same rows)"
EXPLORER = "cur_optscale_marketing (.cost_explorer.json and .cost_explorer.csv)"
CENT = 0.005

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason=f"no real billing files: {FOLDER.name} is not beside the repository"
)


def expected(name: str) -> dict:
    return json.loads((FOLDER / "expected_totals.json").read_text())[name]


@pytest.mark.parametrize("ending", ["csv", "athena.parquet", "cur2.parquet", "cur2.csv.gz"])
def test_a_real_report_has_its_totals_in_every_shape(ending):
    told, want = import_bill(FOLDER / f"cur_optscale_marketing.{ending}").report, expected(OPTSCALE)
    assert (told.rows, told.rows_rejected) == (want["rows"], 0)
    assert told.unblended_usd == pytest.approx(float(want["unblended_cost"]), abs=1e-8)
    assert told.amortized_usd == pytest.approx(float(want["amortized_cost"]), abs=1e-8)
    kinds = {k: float(v["unblended"]) for k, v in want["by_line_item_type"].items()}
    assert told.by_line_type == pytest.approx(kinds, abs=1e-8)


def test_a_real_report_of_storage_has_its_totals():
    name = "cur_legacy_anon_2023-11.part_a.csv"
    imported, want = import_bill(FOLDER / name), expected(name)
    told = imported.report
    assert told.rows == want["rows"]
    assert told.unblended_usd == pytest.approx(float(want["unblended_cost"]), abs=1e-8)
    assert told.amortized_usd == pytest.approx(float(want["amortized_cost"]), abs=1e-8)
    s3 = sum(float(v["unblended"]) for k, v in want["s3_by_usage_type"].items() if k)
    assert told.classified_usd == pytest.approx({"storage": s3}, abs=1e-8)
    billed = imported.snapshot.tables["billed"]
    for usage_type, line in want["s3_by_usage_type"].items():
        rows = billed[
            (billed["usage_type"] == usage_type)
            & (billed["service"] == "AmazonS3")
            & (billed["line_type"] == "Usage")
        ]
        if usage_type:
            assert rows["cost_usd"].sum() == pytest.approx(float(line["unblended"]), abs=1e-7)
            assert rows["usage_quantity"].sum() == pytest.approx(
                float(line["usage_amount"]), rel=1e-3, abs=1e-7
            )


def test_a_real_focus_file_keeps_every_provider_and_says_so():
    name = "focus_1_0_sample.part_a.csv"
    told, want = import_bill(FOLDER / name).report, expected(name)
    billed = {p: float(v["BilledCost"]) for p, v in want["by_provider"].items()}
    assert (told.format, told.rows, told.rows_rejected) == ("FOCUS 1.0", want["rows"], 0)
    assert told.by_provider == pytest.approx(billed, abs=1e-8)
    assert told.unblended_usd == pytest.approx(sum(billed.values()), abs=1e-8)
    assert told.amortized_usd == pytest.approx(
        sum(float(v["EffectiveCost"]) for v in want["by_provider"].values()), abs=1e-8
    )
    assert told.classified_usd == pytest.approx({"storage": float(want["amazon_s3"]["BilledCost"])}, abs=1e-8)
    assert any("Microsoft, Oracle" in w for w in told.warnings)
    assert any("effective cost of 0" in w for w in told.warnings)


@pytest.mark.parametrize("ending", ["cost_explorer.json", "cost_explorer.csv"])
def test_cost_explorer_answers_have_their_totals_and_leave_amortized_unknown(ending):
    imported, want = import_bill(FOLDER / f"cur_optscale_marketing.{ending}"), expected(EXPLORER)
    told = imported.report
    assert told.unblended_usd == pytest.approx(float(want["unblended_total"]), abs=1e-8)
    assert told.amortized_usd is None
    assert imported.snapshot.window_hours == 24 * want["days"]


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*[!s].*")) if FOLDER.exists() else [], ids=lambda p: p.name
)
def test_dollars_in_are_dollars_out_to_the_cent(path):
    if path.name == "expected_totals.json":
        return
    imported = import_bill(path)
    told = imported.report
    assert sum(told.classified_usd.values()) + told.other_usd == pytest.approx(told.unblended_usd, abs=CENT)
    assert imported.snapshot.tables["billed"]["cost_usd"].sum() == pytest.approx(told.unblended_usd, abs=CENT)
