"""The Report page: what is taken away is what the engine makes; an earlier plan is compared or refused in words."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from simulator import Account, Result, load_sample, simulate
from simulator.analysis import ledger
from simulator.engine.scenario import preset
from simulator.ui.pages.report import FILES
from simulator.ui.work import write_file
from tests.accounts import prices
from tests.ui.pages import opened, ran


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(Account.open(load_sample("report")), preset("no_regret"), prices())


def upload(app: AppTest, content: bytes) -> None:
    uploader: Any = app.get("file_uploader")[0]
    uploader.set_value(("plan.json", content, "application/json"))
    ran(app)


def test_every_button_offers_its_file() -> None:
    app = opened("report", sample="report")
    labels = {b.label for b in app.button}
    assert {"Make report to print", "Make workbook", "Make tables", "Make action pack"} <= labels


def test_a_file_is_made_by_a_worker_and_offered_until_the_scenario_changes() -> None:
    app = opened("report", sample="report")
    app.button(key="make_actions.zip").click()
    ran(app)
    assert [getattr(b, "label", "") for b in app.get("download_button")] == ["Download action pack"]
    assert "make_actions.zip" not in {b.key for b in app.button}
    app.session_state["draft"] = preset("no_regret")
    ran(app)
    assert not app.get("download_button")
    assert "make_actions.zip" in {b.key for b in app.button}


def test_files_hold_what_their_names_say(result: Result) -> None:
    made = {name: write_file(lambda words, ratio: None, name, result, 12) for _, name, *_ in FILES}
    assert made["report.html"].startswith(b"<!")
    assert b"2,211.90" in made["report.md"]
    assert zipfile.is_zipfile(io.BytesIO(made["workbook.xlsx"]))
    for name in ("tables.zip", "actions.zip"):
        assert zipfile.ZipFile(io.BytesIO(made[name])).testzip() is None


def test_an_earlier_plan_is_compared_with_the_account_in_hand(result: Result) -> None:
    kept = ledger.to_json(ledger.keep(result, date(2026, 11, 1), 12))
    app = opened("ledger", sample="report")
    upload(app, kept.encode())
    assert any(m.label == "Realised saving, per month" for m in app.metric)
    assert any("no saving can have been realized yet" in m.value for m in app.markdown)


def test_a_file_that_is_no_plan_is_refused_in_words() -> None:
    app = opened("ledger", sample="report")
    upload(app, b"{}")
    assert any("cannot be compared" in e.value for e in app.error)
