"""Quick input on several rows, in random rounds: whatever the timing, slider = bill = address = link.

Several people play at once on one server, so that its answers come while the next keys are pressed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from operator import itemgetter
from time import perf_counter
from urllib.parse import parse_qsl, urlparse

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from simulator import Account, Scenario, load_sample, simulate
from simulator.ui import link, session
from simulator.ui.view import View, price_book
from simulator.ui.words import whole_usd
from tests.browser.app import figure, open_page, open_pages, settle_all
from tests.browser.conftest import Visitor, visit

PEOPLE, SEED = 5, 18
LEVERS = {
    "managed_spot": "advisor_error",
    "stop_idle_endpoints": "quiet_days",
    "prompt_caching": "cacheable_ratio",
}
# Nothing here looks at these; drawing them is a fifth of the work.
UNSEEN = """:is([data-testid=stVegaLiteChart], [data-testid=stTopNavSection], [data-testid=stExpander],
  .st-key-above_rows, .headline > .tracks) { display: none }"""
# Presses a row's switch, and a link to another page as soon as the board has its answer: its figures are then due.
PRESSED_THEN_LEFT = """() => new Promise(done => {
  const board = document.querySelector(".board");
  board.querySelector("[role=switch]").click();
  new MutationObserver((_, seen) => {
    if (board.hasAttribute("data-waits")) return;
    seen.disconnect();
    done([...document.querySelectorAll("a[href]")].find(link => link.textContent.includes("Explore")).click());
  }).observe(board, { attributes: true, attributeFilter: ["data-waits"] });
})"""
KEYS = ("ArrowRight", "ArrowLeft")
PAUSES_SECONDS = (0.005, 0.005, 0.02, 0.02, 0.06, 0.15, 0.4)
ROWS = """rows => Object.fromEntries(rows.map(row => [row.dataset.lever, [
  row.querySelector("input[type=range]")?.value, row.querySelector("[role=switch]").checked]]))"""


@pytest.mark.parametrize("rounds_each", [4, pytest.param(20, marks=pytest.mark.thorough)])
def test_slider_bill_address_and_link_agree_after_each_of_many_random_rounds_of_quick_input(
    visitors: Callable[[int], Visitor], app_url: str, rounds_each: int
) -> None:
    dice = random.Random(SEED)
    account = Account.open(load_sample("team"))
    with ExitStack() as stack:
        people = [stack.enter_context(visit(visitors(n))) for n in range(PEOPLE)]
        open_pages(people, app_url, "simulate?" + "&".join(f"{i}.on=true" for i in LEVERS))
        for page in people:
            page.add_style_tag(content=UNSEEN)
        for number in range(rounds_each):
            _play(people, dice)
            wanted = [{i: value for i, (value, _) in _shown(page).items()} for page in people]
            people[0].wait_for_timeout(dice.choice((150, 700)))
            settle_all(people)
            for page, what in zip(people, wanted, strict=True):
                _agree(page, what, number, account)
        other = people[0].context.new_page()
        open_page(other, people[0].url)
        assert figure(other, "Scenario, per month") == figure(people[0], "Scenario, per month")


def _play(people: list[Page], dice: random.Random) -> None:
    """A burst of everybody at once."""
    started = perf_counter()
    for at, act in sorted((event for page in people for event in _burst(page, dice)), key=itemgetter(0)):
        if (wait := at - (perf_counter() - started)) > 0:
            people[0].wait_for_timeout(1000 * wait)
        act()


def _burst(page: Page, dice: random.Random) -> Iterator[tuple[float, Callable[[], None]]]:
    """Keys on one or two rows, with pauses no server can keep up with, by seconds from the beginning."""
    at = 0.0
    for lever_id in dice.sample(sorted(LEVERS), dice.choice((1, 1, 2))):
        yield at, page.locator(f'.board .line[data-lever="{lever_id}"] input[type=range]').focus
        for _ in range(dice.randint(2, 4)):
            yield at, partial(page.keyboard.press, dice.choice(KEYS))
            at += dice.choice(PAUSES_SECONDS)
    if dice.random() < 0.2:
        row = page.locator(f'.board .line[data-lever="{dice.choice(sorted(LEVERS))}"]')
        yield at, row.get_by_role("switch").click


def _shown(page: Page) -> dict[str, tuple[float, bool]]:
    """Slider and switch of each of the rows as they stand; what moves a slider switches its lever on, in a moment."""
    found = page.locator(".board .line[data-lever]").evaluate_all(ROWS)
    return {i: (float(found[i][0]), bool(found[i][1])) for i in LEVERS}


def _agree(page: Page, wanted: dict[str, float], number: int, account: Account) -> None:
    shown = _shown(page)
    assert {i: value for i, (value, _) in shown.items()} == wanted, f"round {number}: input was lost"
    scenario, problems = link.from_query(dict(parse_qsl(urlparse(page.url).query)))
    assert problems == []
    for lever_id, (value, on) in shown.items():
        setting = scenario.setting(lever_id)
        assert on == (setting is not None), f"round {number}: {lever_id}"
        if setting is not None:
            name = LEVERS[lever_id]
            scale = 100 if type(setting).params()[name].unit == "ratio" else 1
            base = setting.shown_from(account.usage).get(name, (0.0, ""))[0]
            assert abs((getattr(setting, name) + base) * scale - value) < 1e-6, f"round {number}: {lever_id}"
    if number % 3 == 0:
        _bill_is_that_of_the_address(page, account, scenario)


def _bill_is_that_of_the_address(page: Page, account: Account, scenario: Scenario) -> None:
    book = price_book(scenario.prices_as_of or session.today(), scenario.discount_ratio)
    seen = View(account, book)
    bill = simulate(account, scenario, book).outcome.total_usd + seen.unexplained_monthly_usd
    assert figure(page, "Scenario, per month") == whole_usd(bill)


def test_a_step_to_another_page_is_not_undone_by_the_figures_that_are_due(
    visitors: Callable[[int], Visitor], app_url: str
) -> None:
    """While the server is slow to answer the step, the board asks for nothing: it would be asked of the page before."""
    page = visitors(0).page.context.new_page()
    sent: list[str | bytes] = []
    held: list[str | bytes] = []

    def between(browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()

        def asked(said: str | bytes) -> None:
            sent.append(said)
            server.send(said)

        def answered(said: str | bytes) -> None:
            if len(sent) > before + 1:  # the switch and the step are asked for: the answer to the step waits
                held.append(said)
            else:
                browser.send(said)

        browser.on_message(asked)
        server.on_message(answered)

    before = 1_000_000
    page.route_web_socket(re.compile("_stcore/stream"), between)
    open_page(page, app_url, "simulate")
    page.get_by_test_id("stTopNavSection").filter(has_text="Bill").first.click()
    expect(page.get_by_role("menuitem", name="Explore")).to_be_visible()
    before = len(sent)
    page.evaluate(PRESSED_THEN_LEFT)
    page.wait_for_timeout(600)
    assert len(sent) == before + 2
    assert held
    page.close()
