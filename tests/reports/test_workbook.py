"""The workbook: recalculated from its formulas it gives the engine's numbers, also after an assumption is changed."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from simulator import Account, PriceBook, Result, Scenario, answer, preset, project, simulate
from simulator.analysis.projection import worth
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.reports.workbook import workbook
from simulator.reports.workbook.live import affine
from tests.accounts import PRICES, account_with, prices, sample_account
from tests.reports.spreadsheet import Cells, Question, recalculated, require_soffice

CENT = 0.005
SHEETS = [
    "Summary", "Assumptions", "Levers", "Resources", "Months", "Commitments", "Charges", "Sources", "Savings by month",
    "Ranges by month", "Unit costs by month",
]  # fmt: skip


@pytest.fixture(scope="module")
def account() -> Account:
    return sample_account("team")


@pytest.fixture(scope="module")
def result(account: Account) -> Result:
    """All levers from the first month, so that months are exact after a change of assumptions too."""
    plan = preset("balanced")
    return simulate(account, replace(plan, start_months={x.id: 1 for x in plan.levers}), prices())


@pytest.fixture(scope="module")
def content(result: Result) -> bytes:
    return workbook(result)


ALL_KINDS = {
    "negotiated_discount": 0.12, "training_growth": 0.25, "traffic_growth": 0.10, "data_growth": 0.30,
    "engineering_usd_per_hour": 145.0, "interest_ratio": 0.11, "managed_spot__advisor_error": 0.05,
    "prompt_caching__adoption_ratio": 0.5, "savings_plan__discount_1y_no_upfront": 0.26,
    "savings_plan__size_ratio": 0.85, "start__savings_plan": 4,
}  # fmt: skip
"""All kinds of live cells at once: each of them wrong would show."""


@pytest.fixture(scope="module")
def with_rates(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The plan balanced where two types have a published rate of the Savings Plan."""
    own = tmp_path_factory.mktemp("rates") / "rates.csv"
    own.write_text(
        "component,item,region,usd,unit\n"
        "savings_plan,hosting:ml.g5.2xlarge#1y_no_upfront,us-east-1,1.0,instance_hour\n"
        "savings_plan,hosting:ml.g5.12xlarge#1y_no_upfront,us-east-1,6.0,instance_hour\n",
        encoding="utf-8",
    )
    return simulate(account, preset("balanced"), PriceBook.load(PRICES, own=own))


@pytest.fixture(scope="module")
def calculated(
    with_rates: Result, content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Cells]:
    """What LibreOffice makes of each workbook, after the changes of its test."""
    require_soffice()
    nowhere = account_with(endpoints=[{"endpoint_name": "odd", "region": "xx-nowhere-1"}])
    unknown = workbook(simulate(nowhere, preset("none"), prices()))
    questions: dict[str, Question] = {"with_rates": (workbook(with_rates), {}), "unknown": (unknown, {})}
    questions["price_filled_in"] = unknown, {f"Sources!D{price_row(unknown, 'hosting')}": 2.0}
    row = price_row(content, "bedrock_output")
    questions["own_price"] = content, {f"Sources!D{row}": Cells(content)[f"Sources!D{row}"] * 2}
    questions["all_kinds"] = content, ALL_KINDS
    questions["covered"] = content, {"failed_jobs__preventable_algorithm_ratio": 0.8}
    return recalculated(questions, tmp_path_factory.mktemp("calculated"))


def price_row(content: bytes, component: str) -> int:
    """The first row of the prices that is of a component, one of a known price if there is any."""
    rows = {n: r for n, r in Cells(content).rows("Sources").items() if r.get("A") == component}
    return next((n for n, r in rows.items() if isinstance(r.get("D"), float)), min(rows))


def assert_same(cells: Cells, result: Result, months: int = 12) -> None:
    assert cells.errors() == []
    assert cells["total_today_usd"] == pytest.approx(result.baseline.total_usd, abs=CENT)
    assert cells["total_plan_usd"] == pytest.approx(result.outcome.total_usd, abs=CENT)
    rows = project(result, months)
    for cell, month in zip(cells.table("Months", 3)[:-1], rows, strict=True):
        assert cell["Baseline"] == pytest.approx(month.baseline_usd, abs=CENT)
        assert cell["Scenario"] == pytest.approx(month.scenario_usd, abs=CENT)
        assert cell["One-off"] == pytest.approx(month.once_usd, abs=CENT)
        assert cell["Cash, scenario"] == pytest.approx(month.scenario_cash_usd, abs=CENT)
        assert cell["Saved so far"] == pytest.approx(month.cumulative_saving_usd, abs=CENT * 12)
    value = worth(rows, result.scenario.planning.interest_ratio)
    assert cells["net_present_value_usd"] == pytest.approx(value.net_present_value_usd, abs=CENT * 12)


def test_recalculated_it_gives_the_engines_numbers(tmp_path: Path) -> None:
    require_soffice()
    made = simulate(sample_account("report"), preset("report_plan"), prices())
    assert_same_by_area(recalculated({"report_plan": (workbook(made), {})}, tmp_path)["report_plan"], made)


@pytest.mark.thorough
def test_recalculated_the_widest_preset_gives_the_engines_numbers(account: Account, tmp_path: Path) -> None:
    require_soffice()
    made = simulate(account, preset("ambitious"), prices())
    assert_same_by_area(recalculated({"ambitious": (workbook(made), {})}, tmp_path)["ambitious"], made)


def assert_same_by_area(cells: Cells, made: Result) -> None:
    assert_same(cells, made)
    said = answer(made)
    areas = {r["Area, USD per month"]: r for r in cells.table("Summary", 13)}
    for component, title in {"training": "Training", "hosting": "Hosting", "storage": "Storage"}.items():
        usd = said["result"]["components"][component]["run_rate_usd"]
        assert areas[title]["Scenario"] == pytest.approx(usd, abs=CENT)
    assert areas["Total"]["Saving"] == pytest.approx(made.saving_usd, abs=CENT)


def with_values(scenario: Scenario, lever_id: str, **values: float) -> Scenario:
    setting = scenario.setting(lever_id)
    assert setting is not None
    return scenario.with_lever(replace(setting, **values))


def again(result: Result, scenario: Scenario) -> Result:
    return simulate(result.account, scenario, result.book)


@pytest.mark.thorough
def test_changing_assumptions_moves_the_workbook_as_the_engine(
    result: Result, calculated: dict[str, Cells]
) -> None:
    growth = {"training_growth": 0.25, "traffic_growth": 0.10, "data_growth": 0.30}
    scenario = replace(
        result.scenario,
        planning=replace(
            result.scenario.planning, engineering_usd_per_hour=145.0, interest_ratio=0.11, **growth
        ),
        start_months={**result.scenario.start_months, "savings_plan": 4},
    )
    scenario = with_values(scenario, "managed_spot", advisor_error=0.05)
    scenario = with_values(scenario, "prompt_caching", adoption_ratio=0.5)
    scenario = with_values(scenario, "savings_plan", discount_1y_no_upfront=0.26, size_ratio=0.85)
    changed = simulate(result.account, scenario, PriceBook.load(PRICES, discount_ratio=0.12))
    assert_same(calculated["all_kinds"], changed)
    assert changed.saving_usd < result.saving_usd - 1


@pytest.mark.thorough
def test_own_price_moves_the_workbook_as_the_engine(
    result: Result, content: bytes, calculated: dict[str, Cells], tmp_path: Path
) -> None:
    """S3 requests and a Bedrock model: no plan covers them, so that the figures are exact."""
    cells, row = Cells(content), price_row(content, "bedrock_output")
    own = tmp_path / "own.csv"
    head = "component,item,region,tier_from,tier_to,usd,unit,per,effective_from,checked_on,grade,source,note"
    component, item, region = (cells[f"Sources!{column}{row}"] for column in "ABC")
    usd = cells[f"Sources!D{row}"] * 2
    own.write_text(
        f"{head}\n{component},{item},{region},0,,{usd!r},token,1,2026-01-01,2026-01-01,own,mine,\n"
    )
    engine = simulate(result.account, result.scenario, PriceBook.load(PRICES, own=own))
    assert_same(calculated["own_price"], engine)
    assert engine.baseline.total_usd > result.baseline.total_usd + 1


@pytest.mark.thorough
def test_a_price_filled_in_makes_an_unknown_cost_known(calculated: dict[str, Cells]) -> None:
    before = calculated["unknown"]
    assert before["total_today_usd"] == 0
    assert before.table("Charges", 2)[0]["Cost today"] == "unknown"
    assert calculated["price_filled_in"]["total_today_usd"] == pytest.approx(730 * 2.0)


def test_sheets_charts_and_cached_values_are_there(result: Result, content: bytes) -> None:
    """A viewer that does not calculate shows the engine's totals."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert book.sheetnames == SHEETS
    assert book["Summary"]["B5"].value == pytest.approx(result.baseline.total_usd)
    assert book["Summary"]["B6"].value == pytest.approx(result.outcome.total_usd)
    bill = result.baseline.total_usd + book["Summary"]["E5"].value
    assert book["Summary"]["E6"].value == pytest.approx(bill)
    assert book["Summary"]["E8"].value == pytest.approx(result.saving_usd / bill)
    charts = openpyxl.load_workbook(io.BytesIO(content))
    assert [len(charts[s]._charts) for s in ("Summary", "Months")] == [1, 1]


def test_foreign_text_never_becomes_a_formula() -> None:
    names = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(1)", "\t=1"]
    account = account_with(
        endpoints=[{"endpoint_name": f"quiet-{n}", "owner": name} for n, name in enumerate(names)],
        storage=[{"bucket": name, "gib": 5} for name in names],
    )
    book = openpyxl.load_workbook(io.BytesIO(workbook(simulate(account, preset("none"), prices()))))
    cells = [c for s in book for r in s.iter_rows() for c in r]
    for name in names:
        shown = [c for c in cells if c.value == f"'{name.strip()}"]
        assert len(shown) >= 2, name
        assert {c.data_type for c in shown} == {"s"}
        assert not [c for c in cells if c.data_type == "f" and str(c.value) == name]


@pytest.mark.thorough
def test_where_a_savings_plan_covers_the_changed_hours_it_is_close(
    result: Result, calculated: dict[str, Cells]
) -> None:
    """The shape of covered usage over the hours stays that of the settings: within 1 % of the change."""
    changed = again(result, with_values(result.scenario, "failed_jobs", preventable_algorithm_ratio=0.8))
    cells = calculated["covered"]
    moved = abs(changed.outcome.total_usd - result.outcome.total_usd)
    assert moved > 1
    assert cells["total_plan_usd"] == pytest.approx(changed.outcome.total_usd, abs=0.01 * moved)


def test_a_parameter_is_live_only_when_quantities_follow_it_in_a_straight_line(account: Account) -> None:
    """Spot hours are hours × (1 − discount) × (1 + w): a line in the discount; in 1/M they are none."""
    made = simulate(account, Scenario((ManagedSpot(),)), prices())
    live = {s.parameter for s in affine(made)}
    assert "discount" in live
    assert "interruption_hours" not in live


@pytest.mark.thorough
def test_with_published_plan_rates_it_still_gives_the_engines_numbers(
    with_rates: Result, calculated: dict[str, Cells]
) -> None:
    """Rates per type make groups no formula follows: plans are grey values then, the rest stays live."""
    assert with_rates.outcome.settlement.allocations[0].covered_usd.shape[0] > 1
    assert_same(calculated["with_rates"], with_rates)
