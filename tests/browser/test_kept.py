"""The server killed with -9 and started again: F5 and another device find what was shown as saved, on both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Page, expect

from simulator.workspace import open_workspace
from tests.browser.app import follow, open_page, press, settle
from tests.browser.conftest import Visitor
from tests.browser.served import free_port, serve_app
from tests.postgres import new_database, postgres_tools, running_postgres

pytestmark = pytest.mark.thorough
SAVED = re.compile(r"version (\d+) is saved")


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where the server keeps things."""
    snapshots = {"ML_SPEND_SNAPSHOTS": str(tmp_path / "snapshots")}
    if request.param == "sqlite":
        yield {"ML_SPEND_DATABASE": f"sqlite:///{tmp_path / 'workspace.db'}"} | snapshots
    elif postgres_tools() is None:
        pytest.skip("no PostgreSQL server on this machine: apt-get install postgresql")
    else:
        with running_postgres() as server:
            yield {"ML_SPEND_DATABASE": new_database(server)} | snapshots


def said_version(page: Page) -> int:
    """The version the page says is saved."""
    found = SAVED.search(page.get_by_text(SAVED).first.inner_text(timeout=30_000))
    assert found is not None
    return int(found.group(1))


@pytest.fixture(scope="module")
def port() -> int:
    """Of all servers of these tests: a browser that was there before has the scripts of the page."""
    return free_port()


@pytest.fixture(scope="module")
def app_url(port: int) -> str:
    """Where the visitors of these tests come to."""
    return f"http://127.0.0.1:{port}"


def test_what_was_shown_as_saved_is_there_after_a_kill_f5_and_on_another_device(
    visitors: Callable[[int], Visitor], port: int, settings: dict[str, str]
) -> None:
    for n in (0, 1):
        visitors(n).forget()
    page, other = visitors(0).page, visitors(1).page
    with TemporaryDirectory() as folder:
        with serve_app(Path(folder) / "log", settings, port=port) as served:
            open_page(page, served.url, "workspace?sample=report&stop_idle_endpoints.on=true")
            press(page, "Keep the account report")
            press(page, "Keep the scenario")
            expect(page.get_by_text("version 1 is saved")).to_be_visible(timeout=30_000)
            follow(page, "Board")
            page.locator(".board").get_by_role("switch").first.click()
            expect(page.get_by_text("version 2 is saved")).to_be_visible(timeout=30_000)
            page.locator(".board").get_by_role("switch").first.click()  # killed while this is on its way
            said = said_version(page)
            served.process.kill()
            served.process.wait()
        kept = open_workspace(settings["ML_SPEND_DATABASE"], place=settings["ML_SPEND_SNAPSHOTS"])
        (account,) = kept.accounts()
        (row,) = kept.scenarios(account.id)
        assert row.version >= said
        assert [v.version for v in kept.history(row.id)] == list(range(1, row.version + 1))
        assert kept.history(row.id)[-1].content == row.content
        kept.database.close()
        with serve_app(Path(folder) / "log", settings, port=port) as served:
            page.reload()
            settle(page)
            assert said_version(page) >= row.version
            open_page(other, served.url)
            assert said_version(other) >= row.version
            assert "report" in other.inner_text("body")
        assert "Traceback" not in (Path(folder) / "log").read_text(errors="replace")
