"""No serious violation of WCAG 2 A and AA by axe-core, on every page, light and dark; usable at phone width."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from simulator.ui.navigation import PAGES
from tests.browser.app import open_page, press, settle, tab

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
TABBED = ("explore", "account", "compare", "risk", "commit", "ladder", "roadmap")
QUERY = "managed_spot.on=true&savings_plan.on=true"


def serious(page: Page) -> dict[str, list[str]]:
    """Serious and critical violations on what is shown, by rule, with some of the elements."""
    found = Axe().run(page, options=RULES).response["violations"]
    return {
        v["id"]: [n["html"][:160] for n in v["nodes"][:3]]
        for v in found
        if v["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_serious_violation(browser_page: Page, app_url: str, name: str, theme: str) -> None:
    browser_page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    open_page(browser_page, app_url, f"{'' if name == 'overview' else name}?{QUERY}")
    assert serious(browser_page) == {}


@pytest.mark.parametrize("name", PAGES)
def test_page_does_not_scroll_sideways_on_a_phone(browser_page: Page, app_url: str, name: str) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 844})
    open_page(browser_page, app_url, f"{'' if name == 'overview' else name}?{QUERY}")
    main = browser_page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", TABBED)
def test_every_tab_has_no_serious_violation(browser_page: Page, app_url: str, name: str, theme: str) -> None:
    browser_page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    open_page(browser_page, app_url, f"{name}?{QUERY}")
    titles = browser_page.get_by_role("tab").all_inner_texts()
    assert len(titles) > 1
    for title in titles[1:]:
        tab(browser_page, title)
        assert serious(browser_page) == {}, title


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_folded_on_the_board_has_no_serious_violation(
    browser_page: Page, app_url: str, theme: str
) -> None:
    browser_page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    open_page(browser_page, app_url, f"simulate?{QUERY}")
    for words in ("Worth knowing", "Not applicable"):
        browser_page.get_by_text(words).first.click()
        settle(browser_page)
    browser_page.locator(".board .fold button").click()
    settle(browser_page)
    press(browser_page, "Keep")
    assert serious(browser_page) == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_drawer_has_no_serious_violation(browser_page: Page, app_url: str, theme: str) -> None:
    browser_page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    open_page(browser_page, app_url, f"simulate?{QUERY}")
    press(browser_page, "Details of Managed spot training")
    assert serious(browser_page) == {}
