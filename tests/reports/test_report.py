"""The report: its arithmetic closes, its figures are the JSON's, and foreign text stays text."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from simulator import Account, Result, answer, load_sample, preset, simulate
from simulator.cli.main import main
from simulator.reports.report import html_report, markdown_report
from simulator.reports.report.blocks import usd
from simulator.reports.report.requests import _MAKERS, anomaly_monitor, budget, examples, idle_alarm
from simulator.risk.bills import assess
from tests.accounts import account_with, prices

Table = list[dict[str, str]]
DRAWS = 200


@pytest.fixture(scope="module", params=[("report", "report_plan"), ("team", "balanced")], ids=lambda p: p[0])
def result(request: pytest.FixtureRequest) -> Result:
    name, scenario = request.param
    return simulate(Account.open(load_sample(name)), preset(scenario), prices())


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
    return float(cell.replace("$", "").replace(",", ""))


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
    assert_adds_up(phases, "Work", "Saving a month")
    assert_adds_up(months, "Today's way", "With the plan", "One-off", "Cash paid")
    saved = 0.0
    for row in months[:-1]:
        saved += dollars(row["Today's way"]) - dollars(row["With the plan"]) - dollars(row["One-off"])
        assert dollars(row["Saved so far"]) == pytest.approx(saved, abs=0.001)
    assert dollars(months[-1]["Saved so far"]) == pytest.approx(saved, abs=0.001)


def test_explained_and_unexplained_are_the_bill(text: str) -> None:
    table = tables(section(text, "Current state"))[0]
    assert dollars(table[-1]["Explained"]) + dollars(table[-1]["Unexplained"]) == pytest.approx(
        dollars(table[-1][next(c for c in table[-1] if c.startswith("Billed"))]), abs=0.011
    )


def test_phase_savings_are_the_saving_of_the_areas(text: str) -> None:
    area = tables(section(text, "Expected cost savings"))[0][-1]["Saving"]
    assert tables(section(text, "Implementation roadmap"))[0][-1]["Saving a month"] == area


def test_figures_are_those_of_the_json_to_the_cent(result: Result, text: str) -> None:
    said = answer(result, 12)
    areas = tables(section(text, "Expected cost savings"))[0]
    assert dollars(areas[-1]["Current"]) == pytest.approx(said["baseline"]["run_rate_usd"], abs=0.0051)
    assert dollars(areas[-1]["Optimized"]) == pytest.approx(said["result"]["run_rate_usd"], abs=0.0051)
    months = tables(section(text, "Implementation roadmap"))[1]
    for row, month in zip(months[:-1], said["months"], strict=True):
        assert dollars(row["With the plan"]) == pytest.approx(month["scenario_usd"], abs=0.011)
        assert dollars(row["Cash paid"]) == pytest.approx(month["scenario_cash_usd"], abs=0.011)
    for lever in said["levers"]:
        if abs(lever["saving_attributed_usd"]) >= 0.01:
            assert f"{usd(lever['saving_attributed_usd'])} a month credited" in text


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
    account = Account.open(load_sample("report"))
    text = markdown_report(simulate(account, preset("report_plan"), prices()), draws=DRAWS)
    rows = {r["Opportunity"]: r for r in tables(section(text, "Optimization opportunities"))[0]}
    assert rows["Stop idle endpoints"]["Saving alone a month"] == "$2,211.90"
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


def test_python_in_the_report_parses(text: str) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S)
    assert blocks
    for block in blocks:
        ast.parse(block)


@pytest.mark.parametrize("name", ["report", "team"])
def test_every_call_fits_the_service_model(name: str) -> None:
    result = simulate(Account.open(load_sample(name)), preset("ambitious"), prices())
    session = botocore.session.get_session()
    calls = [c for lever in _MAKERS for c in examples(result, lever)]
    calls += [budget(result), anomaly_monitor(), idle_alarm(result, "us-east-1", "an-endpoint")]
    assert len(calls) > 5
    for call in calls:
        model = session.get_service_model(call.service)
        operation = next(o for o in model.operation_names if _snake(o) == call.operation)
        shape = model.operation_model(operation).input_shape
        report = ParamValidator().validate(call.parameters, shape)
        assert not report.has_errors(), (call.operation, report.generate_report())
        assert not list(_not_in_enums(call.parameters, shape)), call.operation


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _not_in_enums(value: Any, shape: Any) -> list[str]:
    """Values outside an enum of the service model, which botocore's own check lets pass."""
    if isinstance(value, dict) and hasattr(shape, "members"):
        return [x for k, v in value.items() for x in _not_in_enums(v, shape.members[k])]
    if isinstance(value, list):
        return [x for v in value for x in _not_in_enums(v, shape.member)]
    enum = getattr(shape, "enum", [])
    return [str(value)] if enum and value not in enum else []


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
