"""The report: its arithmetic closes, its figures are the JSON's, and foreign text stays text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from simulator import Result, Scenario, answer, preset, simulate
from simulator.cli.main import main
from simulator.reports.actions import action_files
from simulator.reports.report import html_report, markdown_report
from simulator.reports.report.blocks import Words, usd
from simulator.reports.report.facts import Facts
from simulator.reports.report.overview import summary
from simulator.risk.bills import assess
from tests.accounts import account_with, prices, sample_account

Table = list[dict[str, str]]
DRAWS = 200


@pytest.fixture(scope="module", params=[("report", "report_plan"), ("team", "balanced")], ids=lambda p: p[0])
def result(request: pytest.FixtureRequest) -> Result:
    name, scenario = request.param
    return simulate(sample_account(name), preset(scenario), prices())


@pytest.fixture(scope="module")
def text(result: Result) -> str:
    return markdown_report(result, draws=DRAWS)


def section(text: str, title: str) -> str:
    return text.split(f"\n## {title}\n")[1].split("\n## ", maxsplit=1)[0]


def tables(text: str) -> list[Table]:
    found = re.findall(r"(?:^\|.*\|\n?)+", text, flags=re.M)
    rows = [[[c.strip() for c in r.strip("| ").split(" | ")] for r in t.strip().split("\n")] for t in found]
    return [[dict(zip(t[0], r, strict=False)) for r in t[2:]] for t in rows]


def dollars(cell: str) -> float:
    return float(cell.replace("$", "").replace(",", "").replace("−", "-"))


def assert_adds_up(table: Table, *columns: str) -> None:
    assert table[-1][next(iter(table[-1]))] == "Total"
    for column in columns:
        parts = sum(dollars(r[column]) for r in table[:-1])
        assert parts == pytest.approx(dollars(table[-1][column]), abs=0.001), column


def test_savings_per_area_add_up_and_are_current_less_optimized(text: str) -> None:
    table = tables(section(text, "Expected cost savings"))[0]
    assert_adds_up(table, "Current", "Optimized", "Saving")
    for row in table:
        assert dollars(row["Saving"]) == pytest.approx(
            dollars(row["Current"]) - dollars(row["Optimized"]), abs=0.001
        )


def test_roadmap_phases_and_months_add_up(text: str) -> None:
    phases, months = tables(section(text, "Implementation roadmap"))
    assert_adds_up(phases, "Work", "Saving per month")
    assert_adds_up(months, "Baseline", "Scenario", "One-off", "Cash paid")
    saved = 0.0
    for row in months[:-1]:
        saved += dollars(row["Baseline"]) - dollars(row["Scenario"]) - dollars(row["One-off"])
        assert dollars(row["Saved so far"]) == pytest.approx(saved, abs=0.001)
    assert dollars(months[-1]["Saved so far"]) == pytest.approx(saved, abs=0.001)


def test_explained_and_unexplained_are_the_bill(text: str) -> None:
    table = tables(section(text, "Current state"))[0]
    assert dollars(table[-1]["Explained"]) + dollars(table[-1]["Unexplained"]) == pytest.approx(
        dollars(table[-1][next(c for c in table[-1] if c.startswith("Billed"))]), abs=0.011
    )


def test_phase_savings_are_the_saving_of_the_areas(text: str) -> None:
    area = tables(section(text, "Expected cost savings"))[0][-1]["Saving"]
    assert tables(section(text, "Implementation roadmap"))[0][-1]["Saving per month"] == area


def test_figures_are_those_of_the_json_to_the_cent(result: Result, text: str) -> None:
    said = answer(result, 12)
    areas = tables(section(text, "Expected cost savings"))[0]
    assert dollars(areas[-1]["Current"]) == pytest.approx(said["baseline"]["run_rate_usd"], abs=0.0051)
    assert dollars(areas[-1]["Optimized"]) == pytest.approx(said["result"]["run_rate_usd"], abs=0.0051)
    months = tables(section(text, "Implementation roadmap"))[1]
    for row, month in zip(months[:-1], said["months"], strict=True):
        assert dollars(row["Scenario"]) == pytest.approx(month["scenario_usd"], abs=0.011)
        assert dollars(row["Cash paid"]) == pytest.approx(month["scenario_cash_usd"], abs=0.011)
    for lever in said["levers"]:
        if abs(lever["saving_attributed_usd"]) >= 0.01:
            assert f"{usd(lever['saving_attributed_usd'])} per month credited" in text


def test_range_of_the_total_is_that_of_the_draws(result: Result, text: str) -> None:
    total = tables(section(text, "Expected cost savings"))[0][-1]
    spread = assess(result, 12, draws=DRAWS).range
    assert total["Optimized P10"] == usd(spread.p10_usd)
    assert total["Optimized P90"] == usd(spread.p90_usd)


def test_every_unknown_cost_is_listed(result: Result, text: str) -> None:
    listed = section(text, "What is unknown")
    for unknown in answer(result)["unknown"]:
        if unknown["resource_id"]:
            assert unknown["resource_id"].replace("_", r"\_") in listed


def test_the_seed_reports_idle_pair_saves_2211_90() -> None:
    """Two ml.g5.2xlarge at 1.515 USD for 730 hours (audit, section 5)."""
    account = sample_account("report")
    text = markdown_report(simulate(account, preset("report_plan"), prices()), draws=DRAWS)
    rows = {r["Opportunity"]: r for r in tables(section(text, "Optimization opportunities"))[0]}
    assert rows["Stop idle endpoints"]["Saving alone per month"] == "$2,211.90"
    assert "Serverless inference" not in rows


class Page(HTMLParser):
    """What a browser would load, run or show."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href", "data")]
        self.loads += [k for k, _ in attrs if k.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_self_contained_with_charts_and_no_script(result: Result, text: str) -> None:
    page = Page()
    page.feed(html_report(result, draws=DRAWS))
    assert page.tags.count("svg") == 3
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert all(address.startswith("#") for address in page.loads)
    total = tables(section(text, "Expected cost savings"))[0][-1]
    for figure in total.values():
        assert figure in page.text


EVIL = "<img src=x onerror=alert(1)> | **x** ``` [a](javascript:b)"


def test_foreign_text_stays_text() -> None:
    account = account_with(
        endpoints=[{"endpoint_name": "quiet", "owner": EVIL}],
        compute=[{"name": EVIL, "kind": "notebook", "hours": 10}],
    )
    result = simulate(account, preset("none"), prices())
    page = Page()
    page.feed(html_report(result, draws=DRAWS))
    assert EVIL in page.text
    assert "img" not in page.tags
    text = markdown_report(result, draws=DRAWS)
    assert "<img" not in text.replace(r"\<img", "")
    assert r"\| \*\*x\*\* \`\`\` \[a\]" in text


def json_blocks(text: str) -> list[dict[str, Any]]:
    return [json.loads(b) for b in re.findall(r"^```json\n(.*?)^```", text, flags=re.M | re.S)]


def test_what_the_report_asks_of_aws_is_what_the_action_pack_asks(result: Result, text: str) -> None:
    """One maker for both: every block of the report stands in a file of the pack."""
    pack = [
        json.loads(t) for p, t in action_files(result).items() if p.endswith(".json") and "policies" not in p
    ]
    known = pack + [t for p in pack if "targets" in p for t in p["targets"]]
    blocks = json_blocks(text)
    assert len(blocks) >= 3  # idle pair, lifecycle or failed jobs, monitoring: what acts on both samples
    for block in blocks:
        assert any(block.items() <= made.items() or _holds(made, block) for made in known), block


def _holds(made: dict[str, Any], block: dict[str, Any]) -> bool:
    """The monitoring block: budget, anomaly and the first alarm of one target."""
    alarm = block.get("alarm")
    rest = {k: v for k, v in block.items() if k != "alarm"}
    return rest.items() <= made.items() and alarm in made.get("alarms", [])


def test_the_budget_filters_by_every_service_its_amount_holds(result: Result, text: str) -> None:
    budget = next(b for b in json_blocks(text) if "budget" in b)["budget"]["Budget"]
    assert float(budget["BudgetLimit"]["Amount"]) == pytest.approx(result.outcome.total_usd, abs=0.01)
    assert "Amazon Simple Storage Service" in budget["CostFilters"]["Service"]


def test_command_writes_both_files_and_refuses_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "report"
    asked = ["report", "--usage", "report", "--scenario", "no_regret", "--draws", "50", "--out", str(out)]
    assert main(asked) == 0
    assert (
        (out / "report.md").read_text(encoding="utf-8").startswith("# ML Workload Cost Optimization Report")
    )
    assert {f.name for f in out.iterdir()} == {"report.md", "report.html", "workbook.xlsx", "tables.zip"}
    assert (out / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main([*asked, "--set", "managed_spot.discount=7"]) == 2
    assert "managed_spot.discount" in capsys.readouterr().err


def test_the_summary_gives_the_range_of_the_whole_bill() -> None:
    """What no usage explains is in it, and is named."""
    words = summary(Facts(simulate(sample_account("report"), Scenario(), prices()), 12, draws=200, seed=0))
    said = " ".join(b.text for b in words.blocks if isinstance(b, Words))
    assert "The whole bill lies between" in said
    assert "$7,197.15 per month that no usage explains" in said
