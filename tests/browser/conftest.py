"""The app in a real server and a real browser; both must stay free of errors."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.app import UNANSWERED
from tests.browser.served import CHROMIUM_FLAGS, ROOT, Served, find_chromium, serve

VIEWPORT = {"width": 1280, "height": 720}
# Opened at a page, Streamlit's front end first looks for its server below that page, and logs that it is not there.
STORED = "cookies,local_storage,indexeddb,cache_storage,service_workers,websql,file_systems"
# What fades or slides is there at once: a quarter of the browser's work, and of the waiting, was that.
STILL = """const still = new CSSStyleSheet();
still.replaceSync(`*, ::before, ::after { animation-duration: 0s !important; animation-delay: 0s !important;
  transition-duration: 0s !important; transition-delay: 0s !important }`);
document.adoptedStyleSheets = [still];"""
OPENED_BELOW = re.compile(r"/\w+/_stcore/(health|host-config)$")


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("browser")


@pytest.fixture(scope="session")
def app_served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The running app. Fails at the end if the server's log holds a traceback."""
    log = tmp_path_factory.mktemp("server") / "streamlit.log"
    with serve(ROOT / "streamlit_app.py", log) as app:
        yield app
    text = log.read_text(errors="replace")
    if "Traceback" in text:
        pytest.fail(f"the server logged an exception:\n{text[-6000:]}", pytrace=False)


@pytest.fixture(scope="session")
def app_url(app_served: Served) -> str:
    """Its address."""
    return app_served.url


# One per module, not per session: while Playwright's loop runs, asyncio.run fails in other tests.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Without one: a skip that says so, in CI a failure."""
    path = find_chromium()
    if path is None:
        reason = (
            "no Chromium here (Debian: apt-get install chromium-headless-shell), so nothing ran in a browser"
        )
        pytest.fail(reason, pytrace=False) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS])
        yield browser
        browser.close()


def new_context(chromium: Browser) -> BrowserContext:
    """Somebody with no cookies or storage in common with anybody."""
    context = chromium.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
    context.add_init_script(STILL)
    context.add_init_script(UNANSWERED)
    return context


@dataclass
class Visitor:
    """A browser of one's own: a page that is used again by the next test, and what its console said."""

    page: Page
    home: str
    errors: list[str] = field(default_factory=list)

    def note(self, message: ConsoleMessage) -> None:
        """Keep an error of ours."""
        source = message.location.get("url", "")
        if OPENED_BELOW.search(source):
            return
        if message.type == "error" and (not source or source.startswith(self.home)):
            self.errors.append(f"{source}: {message.text}")

    def forget(self) -> None:
        """Somebody who was never here: no session, no cookie, nothing stored, no other tab, the usual window.

        Only the scripts of the front end stay loaded, which is what makes up half the time of opening a page.
        """
        for tab in self.page.context.pages:
            if tab is not self.page:
                tab.close()
        if self.page.url.startswith("http"):
            self.page.evaluate("sessionStorage.clear()")
        self.page.goto("about:blank")
        asked = self.page.context.new_cdp_session(self.page)
        asked.send("Storage.clearDataForOrigin", {"origin": self.home, "storageTypes": STORED})
        asked.detach()
        self.page.context.clear_cookies()
        self.page.set_viewport_size(VIEWPORT)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme="light")
        self.errors.clear()


def visitor(chromium: Browser, app_url: str) -> Visitor:
    """A visitor who has come to the app."""
    found = Visitor(new_context(chromium).new_page(), app_url)
    found.page.on("console", found.note)
    found.page.on("pageerror", lambda error: found.errors.append(f"uncaught: {error}"))
    return found


@contextmanager
def visit(by: Visitor) -> Iterator[Page]:
    """The page of a new visitor, not yet opened. Fails if the console shows an error of ours."""
    by.forget()
    yield by.page
    if by.errors:
        pytest.fail("the browser's console shows errors:\n" + "\n".join(by.errors), pytrace=False)


@pytest.fixture(scope="module")
def visitors(chromium: Browser, app_url: str) -> Callable[[int], Visitor]:
    """Visitors by number, made when first asked for; they end with the browser."""
    return cache(lambda _: visitor(chromium, app_url))


@pytest.fixture
def browser_page(visitors: Callable[[int], Visitor]) -> Iterator[Page]:
    """The page of a visitor."""
    with visit(visitors(0)) as page:
        yield page


@pytest.fixture
def other_page(visitors: Callable[[int], Visitor]) -> Iterator[Page]:
    """The page of somebody else, at the same time."""
    with visit(visitors(1)) as page:
        yield page
