"""No serious violation of WCAG 2 A and AA by axe-core, on every page, light and dark; usable at phone width."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from simulator.ui.navigation import FIRST, PAGES
from tests.browser.app import follow, open_page, press, settle, tab
from tests.browser.conftest import Visitor, visit

RULES: dict[str, object] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,  # it fetches style sheets again and looks for sound, of which there is none
}
OF_COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules that a theme can break: all others have judged the same page before it changed."""
SHOWN_TAB = "[role=tabpanel]:not([hidden])"
TABBED = ("explore", "account", "compare", "risk", "commit", "ladder", "serve_or_buy", "roadmap")
BUSIEST = ("overview", "simulate")
LEVER = "managed_spot.on=true"
QUERY = f"{LEVER}&savings_plan.on=true"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 720}


def serious(page: Page, where: str = "html", rules: dict[str, object] = RULES) -> dict[str, list[str]]:
    """Serious and critical violations of a part of the page as it stands, by rule, with some of the elements."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(Axe().axe_script)
    found = Axe("").run(page, where, rules).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    return {v["id"]: [n["html"][:160] for n in v["nodes"][:3]] for v in serious}


def change_to_light(page: Page) -> None:
    """Change the theme while the page is open, as its menu does: colours must follow."""
    page.emulate_media(color_scheme="light")
    page.locator(".headline.light").wait_for()
    settle(page)


def serious_in_both(page: Page) -> dict[str, dict[str, list[str]]]:
    """Of a page that was opened dark, in both themes."""
    dark = serious(page)
    change_to_light(page)
    light = serious(page, rules=OF_COLOURS)
    return {theme: found for theme, found in (("dark", dark), ("light", light)) if found}


def open_dark(page: Page, app_url: str, name: str) -> None:
    """A page with two levers on, first seen in the dark theme."""
    page.emulate_media(color_scheme="dark")
    open_page(page, app_url, f"{name}?{QUERY}")
    page.locator(".headline.dark").wait_for()


@pytest.fixture(scope="module")
def walker(visitors: Callable[[int], Visitor], app_url: str) -> Iterator[Page]:
    """Somebody with two levers on, who goes from page to page."""
    with visit(visitors(1)) as page:
        page.emulate_media(color_scheme="dark")
        open_page(page, app_url, f"?{QUERY}")
        yield page


def go_dark(page: Page, name: str) -> None:
    """To a page, first seen in the dark theme."""
    page.emulate_media(color_scheme="dark")
    page.locator(".headline.dark").wait_for()
    follow(page, PAGES[name])
    expect(page).to_have_url(re.compile(rf"/{'' if name == FIRST else name}\?.*{LEVER}"))


@pytest.mark.parametrize(
    "name", [n if n in BUSIEST else pytest.param(n, marks=pytest.mark.thorough) for n in PAGES]
)
def test_page_fits_a_phone_and_no_tab_of_it_has_a_serious_violation(walker: Page, name: str) -> None:
    """Dark: what colours do not touch is the same in the other theme."""
    go_dark(walker, name)
    titles = walker.get_by_role("tab").all_inner_texts()
    assert len(titles) > 1 or name not in TABBED
    assert serious(walker) == {}
    walker.set_viewport_size(PHONE)  # type: ignore[arg-type]
    menu = walker.get_by_test_id("stSidebarNavItems")  # Streamlit's own of a phone
    menu.wait_for(state="attached")
    settle(walker)
    main = walker.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    walker.set_viewport_size(DESK)  # type: ignore[arg-type]
    menu.wait_for(state="detached")
    settle(walker)
    for title in titles[1:]:
        tab(walker, title)
        assert serious(walker, SHOWN_TAB) == {}, title


@pytest.mark.thorough
@pytest.mark.parametrize("name", PAGES)
def test_the_colours_of_a_page_that_is_changed_to_light_are_read_on_every_tab(
    walker: Page, name: str
) -> None:
    go_dark(walker, name)
    change_to_light(walker)
    assert serious(walker, rules=OF_COLOURS) == {}
    for title in walker.get_by_role("tab").all_inner_texts()[1:]:
        tab(walker, title)
        assert serious(walker, SHOWN_TAB, OF_COLOURS) == {}, title


@pytest.mark.thorough
def test_what_is_folded_on_the_board_has_no_serious_violation(browser_page: Page, app_url: str) -> None:
    open_dark(browser_page, app_url, "simulate")
    for words in ("Worth knowing", "Not applicable"):
        browser_page.get_by_text(words).first.click()
        settle(browser_page)
    browser_page.locator(".board .fold button").click()
    settle(browser_page)
    press(browser_page, "Keep")
    assert serious_in_both(browser_page) == {}


@pytest.mark.thorough
def test_drawer_has_no_serious_violation(browser_page: Page, app_url: str) -> None:
    open_dark(browser_page, app_url, "simulate")
    press(browser_page, "Details of Managed spot training")
    assert serious_in_both(browser_page) == {}


@pytest.mark.thorough
def test_what_an_agent_costs_has_no_serious_violation(browser_page: Page, app_url: str) -> None:
    open_dark(browser_page, app_url, "demand")
    planned = {
        "name": "agents.csv",
        "mimeType": "text/csv",
        "buffer": b"workload,name,turns\nagent,helper,20\n",
    }
    browser_page.locator("input[type=file]").set_input_files(files=planned)  # type: ignore[arg-type]
    settle(browser_page)
    press(browser_page, "Add all of them")
    browser_page.get_by_text("What the agent costs").wait_for()
    assert serious_in_both(browser_page) == {}
