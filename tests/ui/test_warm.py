"""The start of the app: light where the server waits for it, ready when the first visitor comes, in any case told."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.ui import session, view, visit, warm

ROOT = Path(__file__).parents[2]
NOT_AT_START = {
    "altair", "alembic", "boto3", "botocore", "cyclopts", "duckdb", "fsspec", "jinja2", "jsonschema", "keyring", "mcp",
    "openpyxl", "polars", "pydantic", "requests", "scipy.optimize", "sklearn", "sqlalchemy", "statsmodels",
    "xlsxwriter",
}  # fmt: skip
"""What other pages, files and commands need: the first page is made without any of it."""
NOT_BEFORE_SERVING = {
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sqlalchemy",
    "simulator.levers",
    "simulator.workspace",
}
"""What the server imports only once it answers: the browser fetches the page's own files meanwhile."""


def imported_by(program: str, home: Path) -> set[str]:
    """Modules in a fresh Python after this, of a user who has kept nothing."""
    alone = {**os.environ, "XDG_DATA_HOME": str(home), "ML_SPEND_DATABASE": ""}
    printed = f"import sys; {program}; print('\\n' + ' '.join(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", printed], cwd=ROOT, capture_output=True, text=True, check=True, env=alone
    )
    return set(said.stdout.splitlines()[-1].split())


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process in which nobody has got ready."""
    monkeypatch.setattr(warm, "_started", [])


def test_the_server_answers_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    program = "import streamlit_app; assert streamlit_app.app.script_path.name == 'streamlit_app.py'"
    assert NOT_BEFORE_SERVING & imported_by(program, tmp_path) == set()


def test_the_first_page_is_made_without_what_it_does_not_show(tmp_path: Path) -> None:
    program = (
        "from streamlit.testing.v1 import AppTest; from simulator.ui import warm; warm.begin();"
        f"app = AppTest.from_file({str(ROOT / 'streamlit_app.py')!r}, default_timeout=60).run();"
        "assert app.title[0].value.startswith('You pay') and not app.exception"
    )
    assert NOT_AT_START & imported_by(program, tmp_path) == set()


@pytest.mark.usefixtures("cold")
def test_the_sample_is_there_when_the_first_visitor_comes() -> None:
    async def served() -> None:
        async with warm.life(None):
            warm.wait()

    view.VIEWS.clear()
    asyncio.run(served())
    ready = view.VIEWS.get((visit.FIRST_SAMPLE, session.today(), 0.0))
    assert ready is not None
    assert {"baseline", "bill", "findings", "price_shares", "as_it_is"} <= set(vars(ready))


@pytest.mark.usefixtures("cold")
def test_what_fails_while_getting_ready_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that needs it meets it again, and tells it."""

    def fail() -> None:
        raise OSError("prices cannot be read")

    monkeypatch.setattr(warm, "_first_page", fail)
    before = sys.getswitchinterval()
    warm.begin()
    warm.begin()
    warm.wait()
    assert [t.is_alive() for t in warm._started] == [False]
    assert sys.getswitchinterval() == before
    assert gc.isenabled()


@pytest.mark.usefixtures("cold")
def test_what_a_killed_server_left_is_removed_when_the_next_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(warm, "_first_page", lambda: None)
    code = "import os; from simulator.scratch import ScratchFolder as F; f = F(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)}, check=False)
    assert len(os.listdir(tmp_path)) == 1
    warm.begin()
    warm.wait()
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("cold")
def test_a_run_where_no_server_got_ready_does_not_wait() -> None:
    warm.wait()
