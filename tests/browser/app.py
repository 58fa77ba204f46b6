"""How browser tests drive the app: by what a person reads and presses."""

import re

from playwright.sync_api import Locator, Page, expect

from simulator.ui.navigation import SECTIONS

QUIET_MS = 60
# What the front end does not tell: how often the server was asked, whether it has not begun to answer.
UNANSWERED = """window.asked = 0;
const send = WebSocket.prototype.send, heard = new WeakSet();
WebSocket.prototype.send = function (said) {
  if (!heard.has(this)) for (const event of ["message", "close"])
    this.addEventListener(event, () => { window.unanswered = false; });
  heard.add(this);
  window.unanswered = true;
  window.asked += 1;
  return send.call(this, said);
};"""
WAITING = ".board[data-waits], [data-testid=stSkeleton]"
# Ends once for `quiet` ms no script ran or was asked for, the board waited for no answer and no part of the page for
# its script, nothing of the page changed and nothing was fading in.
SETTLED = """([quiet, waiting]) => new Promise(done => {
  let since = performance.now();
  const moved = () => { since = performance.now(); };
  const fading = (a) => a.playState === "running" && a.effect?.getTiming().iterations !== Infinity;
  const seen = new MutationObserver(moved);
  seen.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const look = setInterval(() => {
    const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
    const waits = state !== "notRunning" || window.unanswered || document.querySelector(waiting);
    if (waits || document.getAnimations().some(fading)) moved();
    if (performance.now() - since < quiet) return;
    clearInterval(look);
    seen.disconnect();
    done(true);
  }, 15);
})"""
ACCOUNT_LINE = re.compile("^(Invented sample a|A)ccount")
SPOT = "simulate?managed_spot.on=true"


def open_page(page: Page, url: str, path: str = "") -> None:
    """Open a page and wait until its script has run."""
    open_pages([page], url, path)


def open_pages(pages: list[Page], url: str, path: str = "") -> None:
    """Open a page for several people at the same time."""
    for page in pages:
        page.goto(f"{url}/{path}", wait_until="commit")
    for page in pages:
        expect(page.get_by_text(ACCOUNT_LINE).first).to_be_visible(timeout=30_000)
    settle_all(pages)


def settle(page: Page) -> None:
    """Wait until the script of the page has ended and what it sent is drawn."""
    page.wait_for_function(SETTLED, arg=[QUIET_MS, WAITING], timeout=30_000)


def settle_all(pages: list[Page]) -> None:
    """Wait for several pages at the same time."""
    for page in pages:
        page.evaluate(f"how => {{ window.settled = ({SETTLED})(how); }}", [QUIET_MS, WAITING])
    for page in pages:
        page.wait_for_function("() => window.settled", timeout=30_000)


def settle_figures(page: Page) -> None:
    """Wait also for what is asked for a moment after something moved: Streamlit's own sliders and tables send what was
    chosen up to 200 ms later, the board asks for its figures, pale until then."""
    page.wait_for_timeout(250)
    settle(page)
    if page.locator(".board").count():
        expect(page.locator(":is(.board, .headline) .stale")).to_have_count(0, timeout=30_000)
        settle(page)


def figure(page: Page, label: str) -> str:
    """A figure of the headline, which is on every page."""
    return page.locator(".headline .figure").filter(has_text=label).locator(".value").inner_text()


def lever(page: Page, title: str) -> Locator:
    """The switch of a lever's row."""
    return page.locator(".board").get_by_role("switch", name=title, exact=True)


def metric(page: Page, label: str) -> str:
    """The value of a metric."""
    return metric_of(page, label).locator("[data-testid=stMetricValue]").inner_text()


def metric_of(page: Page, label: str) -> Locator:
    """The metric of this label."""
    return page.locator("[data-testid=stMetric]").filter(has_text=label).first


def press(page: Page, name: str) -> None:
    """Press a button by its words."""
    page.get_by_role("button", name=name).first.click(timeout=5_000)
    settle(page)


def follow(page: Page, name: str) -> None:
    """Go to another page by its step in the bar at the top."""
    step = next(s for s, pages in SECTIONS.items() if name in pages.values())
    page.get_by_test_id("stTopNavSection").filter(has_text=step).first.click()
    page.get_by_role("menuitem", name=name, exact=True).click(timeout=5_000)
    settle(page)


def tab(page: Page, name: str) -> None:
    """Open a tab."""
    page.get_by_role("tab", name=name).click()
    settle(page)


def choose(page: Page, name: str) -> None:
    """Choose one of several by its words. What was chosen is sent a moment later."""
    asked = page.evaluate("window.asked")
    page.get_by_test_id("stButtonGroup").get_by_text(name).first.click(timeout=5_000)
    page.wait_for_function("asked => window.asked > asked", arg=asked, timeout=5_000)
    settle(page)
