"""An own account stays in hand: F5, a new tab and a link never swap it silently for the invented sample."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from simulator.snapshot.sample import load_sample
from simulator.snapshot.snapshot import save_snapshot
from tests.browser.app import settle, tab
from tests.browser.conftest import Visitor, visit

pytestmark = pytest.mark.thorough
OWN = re.compile("Account mine")


@pytest.fixture(scope="module")
def own_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sample, file = load_sample("report"), tmp_path_factory.mktemp("own") / "own.zip"
    save_snapshot(replace(sample, manifest=replace(sample.manifest, name="mine")), file)
    return file


@pytest.fixture(scope="module")
def owner(visitors: Callable[[int], Visitor], app_url: str, own_file: Path) -> Iterator[Page]:
    """Somebody who has loaded an account of their own."""
    with visit(visitors(0)) as page:
        load(page, app_url, own_file)
        yield page


def load(page: Page, app_url: str, file: Path) -> None:
    page.goto(f"{app_url}/account?stop_idle_endpoints.on=true")
    expect(page.get_by_text("Invented sample account team")).to_be_visible(timeout=20_000)
    tab(page, "A snapshot")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text(OWN).first).to_be_visible(timeout=60_000)
    settle(page)


def test_f5_and_a_new_tab_keep_the_own_account(owner: Page, app_url: str) -> None:
    owner.reload()
    expect(owner.get_by_text(OWN).first).to_be_visible(timeout=20_000)
    assert "stop_idle_endpoints.on=true" in owner.url
    for path in ("", owner.url.removeprefix(app_url)):
        other_tab = owner.context.new_page()
        other_tab.goto(app_url + path)
        expect(other_tab.get_by_text(OWN).first).to_be_visible(timeout=20_000)


def test_link_to_an_account_that_is_not_loaded_stops_in_words(
    owner: Page, other_page: Page, own_file: Path
) -> None:
    link = owner.url
    assert re.search(r"account=[0-9a-f]{12}&.*prices_as_of=\d{4}-\d\d-\d\d", link)
    other_page.goto(link)
    expect(other_page.get_by_role("heading", level=1)).to_contain_text("another account", timeout=20_000)
    settle(other_page)
    expect(other_page.get_by_text("Invented sample")).to_have_count(0)
    assert other_page.url == link
    tab(other_page, "A snapshot")
    other_page.locator("input[type=file]").set_input_files(own_file)
    expect(other_page.get_by_text(OWN).first).to_be_visible(timeout=60_000)
    settle(other_page)
    assert other_page.url == link


def test_link_without_its_account_can_be_seen_on_the_sample(other_page: Page, app_url: str) -> None:
    other_page.goto(f"{app_url}/account?account=0123456789ab&managed_spot.on=true")
    other_page.get_by_role("button", name="Show it on the sample").click()
    expect(other_page.get_by_text("Invented sample account team")).to_be_visible()
    settle(other_page)
    assert "sample=team" in other_page.url
    assert "managed_spot.on=true" in other_page.url
