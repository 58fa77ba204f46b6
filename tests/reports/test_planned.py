"""The report's chapter on what is planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from simulator import Scenario, simulate
from simulator.demand import from_dict
from simulator.reports.report import render_markdown
from simulator.reports.report.contents import contents
from tests.accounts import prices, sample_account


def test_the_report_lists_what_is_planned_and_what_it_adds_by_month() -> None:
    """A pair of ml.g5.12xlarge: 2 x 7.09 x 730 = $10,351.40 from March."""
    pair = {
        "workload": "realtime_endpoint",
        "name": "chat | x",
        "start": "2027-03-01",
        "instance_type": "ml.g5.12xlarge",
        "instances": 2,
    }
    scenario = replace(Scenario(), workloads=(from_dict(pair),))
    result = simulate(sample_account("report"), scenario, prices(date(2026, 11, 28)))
    text = render_markdown(contents(result, 6, draws=50))
    chapter = text.split("## What is planned")[1].split("\n## ")[0]
    assert r"chat \| x" in chapter
    months = {line.split("|")[1].strip(): line for line in chapter.splitlines() if line.startswith("| 20")}
    assert "$0.00" in months["2027-02"]
    assert "$10,351.40" in months["2027-03"]


def test_a_scenario_without_workloads_has_no_such_chapter() -> None:
    result = simulate(sample_account("report"), Scenario(), prices(date(2026, 11, 28)))
    assert "What is planned" not in render_markdown(contents(result, 2, draws=50))
