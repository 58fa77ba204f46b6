"""Heavy work of a page is done by a worker: an account is loaded or refused as before; work can be cancelled."""

from __future__ import annotations

import gc
import io
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from simulator import load_sample
from simulator.scratch import ScratchFolder
from simulator.snapshot.snapshot import save_snapshot
from simulator.ui import heavy
from simulator.ui.view import View
from tests.test_fuzz_files import BILL
from tests.test_jobs import is_alive, sleep, until
from tests.ui.pages import FIVE_FAMILIES, metrics, opened, ran


@pytest.fixture(scope="module")
def own_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    sample, path = load_sample("report"), tmp_path_factory.mktemp("own") / "own.zip"
    save_snapshot(replace(sample, manifest=replace(sample.manifest, name="mine")), path)
    return path.read_bytes()


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session state of its own, outside of any app."""
    made: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", made)
    return made


def account_page(tab: str) -> AppTest:
    app = opened("account")
    app.session_state["account_tab"] = tab
    return ran(app)


def test_uploaded_snapshot_is_read_by_a_worker_and_taken_with_its_figures(own_file: bytes) -> None:
    app = account_page("A snapshot")
    uploader: Any = app.get("file_uploader")[0]
    uploader.set_value(("own.zip", own_file, "application/zip"))
    ran(app)
    assert [s.value for s in app.success] == ["Loaded mine\\."]
    seen: View = app.session_state["view"]
    assert seen.account.snapshot.manifest.name == "mine"
    afresh = View(seen.account, seen.book)
    assert seen.baseline.total_usd == pytest.approx(afresh.baseline.total_usd)
    assert seen.bill == afresh.bill


def test_refused_snapshot_says_what_is_wrong_and_leaves_the_account_in_hand() -> None:
    app = account_page("A snapshot")
    uploader: Any = app.get("file_uploader")[0]
    uploader.set_value(("own.zip", b"PK\x03\x04 cut", "application/zip"))
    ran(app)
    assert "unchanged" in app.error[0].value
    assert "not a readable zip" in app.code[0].value
    assert any("**team**" in m.value for m in app.markdown)


def test_an_upload_for_which_there_is_no_room_is_refused_in_words(
    own_file: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = account_page("A snapshot")
    uploader: Any = app.get("file_uploader")[0]
    uploader.set_value(("own.zip", own_file, "application/zip"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    ran(app)
    assert "unchanged" in app.error[0].value
    assert "no room on this machine" in app.code[0].value
    assert not app.exception


def test_export_is_imported_by_a_worker_and_its_report_shown() -> None:
    app = account_page("A bill file")
    uploader: Any = app.get("file_uploader")[0]
    uploader.set_value([("august.csv", BILL, "text/csv"), ("august.csv", BILL, "text/csv")])
    ran(app)
    app.button(key="import").click()
    ran(app)
    assert [s.value for s in app.success] == ["Loaded august\\."]
    assert "same content" in app.code[0].value


def test_ten_times_the_draws_come_from_a_worker_and_go_with_the_scenario() -> None:
    app = opened("risk", FIVE_FAMILIES)
    before = metrics(app)
    app.button(key="draw_many").click()
    ran(app)
    assert any("from 10,000 draws" in c.value for c in app.caption)
    assert metrics(app).keys() == before.keys()
    assert "draw_many" not in {b.key for b in app.button}
    app.session_state["draft"] = replace(app.session_state["draft"], discount_ratio=0.1)
    ran(app)
    assert any("from 1,000 draws" in c.value for c in app.caption)


def test_cancelled_work_is_refused_in_words(tmp_path: Path, state: dict[str, Any]) -> None:
    heavy.begin("x", "Sleeping", sleep, str(tmp_path / "note"))
    held = state[heavy.SLOTS]["x"]
    threading.Timer(0.5, held.job.cancel).start()
    heavy.waited("x", lambda answer: state.update(taken=answer), "refused")
    assert "cancelled" in state["refused"]
    assert "taken" not in state
    assert not heavy.is_running("x")


def test_what_another_run_has_taken_meanwhile_is_not_taken_again(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class TakenWhileWaiting:
        answer = 3.0

        def start(self, *_: object) -> TakenWhileWaiting:
            return self

        @property
        def is_over(self) -> bool:
            state[heavy.SLOTS].clear()  # as the run before this one does
            return True

        def result(self, seconds: float) -> float:
            return self.answer

        def cancel(self) -> None: ...

    monkeypatch.setattr(heavy, "jobs", TakenWhileWaiting)
    heavy.begin("x", "Working", abs)
    heavy.waited("x", lambda answer: state.update(taken=answer), "refused")
    assert "taken" not in state


def test_work_of_a_session_that_is_gone_ends_and_its_uploads_are_removed(
    tmp_path: Path, state: dict[str, Any]
) -> None:
    folder = ScratchFolder()
    place = folder.path
    folder.put("bill.csv", io.BytesIO(b"1"))
    note = tmp_path / "note"
    heavy.begin("x", "Sleeping", sleep, str(note), folder=folder)
    del folder
    until(lambda: note.exists() and note.read_text() != "")
    assert place.exists()
    state.clear()
    gc.collect()
    until(lambda: not is_alive(int(note.read_text())))
    assert not place.parent.exists()
