"""The app in a real server and a real browser; both must stay free of errors."""

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.served import CHROMIUM_FLAGS, ROOT, find_chromium, serve

VIEWPORT = {"width": 1280, "height": 720}
# Opened at a page, Streamlit's front end first looks for its server below that page, and logs that it is not there.
OPENED_BELOW = re.compile(r"/\w+/_stcore/(health|host-config)$")


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("browser")


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the running app. Fails at the end if the server's log holds a traceback."""
    log = tmp_path_factory.mktemp("server") / "streamlit.log"
    with serve(ROOT / "streamlit_app.py", log) as app:
        yield app.url
    text = log.read_text(errors="replace")
    if "Traceback" in text:
        pytest.fail(f"the server logged an exception:\n{text[-6000:]}", pytrace=False)


# One per module, not per session: while Playwright's loop runs, asyncio.run fails in other tests.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Without one: a skip that says so, in CI a failure."""
    path = find_chromium()
    if path is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium), so nothing ran in a browser"
        pytest.fail(reason, pytrace=False) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS])
        yield browser
        browser.close()


def visitor(chromium: Browser, app_url: str) -> Iterator[Page]:
    """A fresh page of a fresh visitor, not yet opened. Fails if the console shows an error of ours."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        source = message.location.get("url", "")
        if OPENED_BELOW.search(source):
            return
        if message.type == "error" and (not source or source.startswith(app_url)):
            errors.append(f"{source}: {message.text}")

    context = chromium.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(f"uncaught: {error}"))
    yield page
    context.close()
    if errors:
        pytest.fail("the browser's console shows errors:\n" + "\n".join(errors), pytrace=False)


@pytest.fixture
def browser_page(chromium: Browser, app_url: str) -> Iterator[Page]:
    """The page of a visitor."""
    yield from visitor(chromium, app_url)


@pytest.fixture
def other_page(chromium: Browser, app_url: str) -> Iterator[Page]:
    """The page of somebody else, at the same time: no cookies or storage in common."""
    yield from visitor(chromium, app_url)
