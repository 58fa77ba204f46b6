"""Quick input on several rows, in random rounds: whatever the timing, slider = bill = address = link."""

from __future__ import annotations

import random
from urllib.parse import parse_qsl, urlparse

from playwright.sync_api import Page

from simulator import Account, Scenario, load_sample, simulate
from simulator.ui import link, session
from simulator.ui.view import View, price_book
from simulator.ui.words import whole_usd
from tests.browser.app import figure, open_page, settle

ROUNDS, SEED = 100, 18
LEVERS = {
    "managed_spot": "advisor_error",
    "stop_idle_endpoints": "quiet_days",
    "prompt_caching": "cacheable_ratio",
}
KEYS = ("ArrowRight", "ArrowLeft")


def test_slider_bill_address_and_link_agree_after_random_rounds_of_quick_input(
    browser_page: Page, app_url: str
) -> None:
    dice = random.Random(SEED)
    open_page(browser_page, app_url, "simulate?" + "&".join(f"{i}.on=true" for i in LEVERS))
    settle(browser_page)
    rows = {i: browser_page.locator(f'.board .line[data-lever="{i}"]') for i in LEVERS}
    account = Account.open(load_sample("team"))
    for number in range(ROUNDS):
        wanted = _play(browser_page, rows, dice)
        browser_page.wait_for_timeout(dice.choice((150, 700)))
        settle(browser_page)
        shown = {i: float(r.get_by_role("slider").input_value()) for i, r in rows.items()}
        assert shown == wanted, f"round {number}: input was lost"
        query = dict(parse_qsl(urlparse(browser_page.url).query))
        scenario, problems = link.from_query(query)
        assert problems == []
        _agree(shown, scenario, number, account)
        assert all(
            r.get_by_role("switch").is_checked() == (scenario.setting(i) is not None) for i, r in rows.items()
        )
        if number % 5 == 0:
            _bill_is_that_of_the_address(browser_page, account, scenario)
    other = browser_page.context.new_page()
    open_page(other, browser_page.url)
    assert figure(other, "Scenario, per month") == figure(browser_page, "Scenario, per month")


def _play(page: Page, rows: dict, dice: random.Random) -> dict[str, float]:
    """A burst of keys on one or two rows, with pauses no server can keep up with; what the sliders should show."""
    for lever_id in dice.sample(sorted(rows), dice.choice((1, 1, 2))):
        slider = rows[lever_id].get_by_role("slider")
        slider.focus()
        for _ in range(dice.randint(2, 6)):
            page.keyboard.press(dice.choice(KEYS))
            page.wait_for_timeout(dice.choice((5, 20, 60, 150, 400)))
    if dice.random() < 0.2:
        rows[dice.choice(sorted(rows))].get_by_role("switch").click()
    return {i: float(r.get_by_role("slider").input_value()) for i, r in rows.items()}


def _agree(shown: dict[str, float], scenario: Scenario, number: int, account: Account) -> None:
    for lever_id, name in LEVERS.items():
        setting = scenario.setting(lever_id)
        if setting is not None:
            scale = 100 if type(setting).params()[name].unit == "ratio" else 1
            base = setting.shown_from(account.usage).get(name, (0.0, ""))[0]
            assert abs((getattr(setting, name) + base) * scale - shown[lever_id]) < 1e-6, (
                f"round {number}: {lever_id}"
            )


def _bill_is_that_of_the_address(page: Page, account: Account, scenario: Scenario) -> None:
    book = price_book(scenario.prices_as_of or session.today(), scenario.discount_ratio)
    seen = View(account, book)
    bill = simulate(account, scenario, book).outcome.total_usd + seen.unexplained_monthly_usd
    assert figure(page, "Scenario, per month") == whole_usd(bill)
