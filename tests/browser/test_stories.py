"""The planning session in a real browser, story by story (issue 6)."""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Download, Page, expect

from simulator.snapshot.sample import load_sample
from simulator.snapshot.snapshot import save_snapshot
from tests.browser.app import (
    SPOT,
    choose,
    figure,
    follow,
    lever,
    open_page,
    press,
    settle,
    settle_figures,
    tab,
)
from tests.browser.served import Served, watched_places
from tests.test_fuzz_files import BILL

REPORT = "simulate?sample=report&stop_idle_endpoints.on=true"


def test_open_shows_a_sentence_and_a_chart_without_any_choice(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url)
    expect(browser_page.get_by_role("heading", level=1)).to_contain_text("per month")
    chart = browser_page.locator("[data-testid=stVegaLiteChart]")
    expect(chart).to_have_count(1)
    assert chart.bounding_box()["y"] + chart.bounding_box()["height"] <= 720  # type: ignore[index]


def test_while_a_page_is_open_its_server_watches_no_file(browser_page: Page, app_served: Served) -> None:
    """It would watch the packages in .venv too, and print thousands of lines at the first page."""
    open_page(browser_page, app_served.url)
    settle(browser_page)
    assert watched_places(app_served.process) == 0


def test_slider_changes_headline_and_address_a_reload_restores_them_and_a_key_switches_the_lever_off(
    browser_page: Page, app_url: str
) -> None:
    open_page(browser_page, app_url, SPOT)
    before = figure(browser_page, "Saving per month")
    browser_page.get_by_role("slider", name="Spot discount").press("ArrowRight")
    settle(browser_page)
    after = figure(browser_page, "Saving per month")
    assert after != before
    assert "managed_spot.advisor_error=0.01" in browser_page.url
    browser_page.locator("[data-testid=stMain]").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    box = browser_page.locator(".headline").bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 120, "the headline stays in view"
    browser_page.reload()
    expect(browser_page.get_by_text("Saving per month")).to_be_visible(timeout=20_000)
    settle(browser_page)
    assert figure(browser_page, "Saving per month") == after
    lever(browser_page, "Managed spot training").focus()
    browser_page.keyboard.press("Space")
    settle(browser_page)
    assert figure(browser_page, "Saving per month") == "$0"


def test_bar_and_headline_move_while_dragging_and_the_server_has_the_last_word(
    browser_page: Page, app_url: str
) -> None:
    open_page(browser_page, app_url, "simulate?autoscale_endpoints.on=true")
    row = browser_page.locator('.board .line[data-lever="autoscale_endpoints"]')
    before = figure(browser_page, "Scenario, per month")
    box = row.get_by_role("slider").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    share = float(row.get_by_role("slider").input_value()) / 100
    browser_page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), middle)
    browser_page.mouse.down()
    settle(browser_page)
    for x in (0.3, 0.35, 0.4):
        browser_page.mouse.move(box["x"] + x * box["width"], middle)
    moving, bar = figure(browser_page, "Scenario, per month"), row.locator(".usd").inner_text()
    assert moving != before, "nothing moved while dragging"
    assert "autoscale_endpoints" in browser_page.url
    asked = browser_page.url
    browser_page.mouse.up()
    settle_figures(browser_page)
    assert browser_page.url != asked
    after = figure(browser_page, "Scenario, per month")
    assert abs(dollars(after) - dollars(moving)) <= 0.01 * dollars(after), "the curve was near"
    assert abs(dollars(row.locator(".usd").inner_text()) - dollars(bar)) <= 0.02 * dollars(bar) + 20
    browser_page.reload()
    settle_figures(browser_page)
    assert figure(browser_page, "Scenario, per month") == after, "the server's figure stays"


def test_four_levers_take_at_most_five_clicks_and_no_scrolling(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url, "simulate")
    names = ("Managed spot training", "Auto-scale endpoints", "SageMaker Savings Plan", "Prompt caching")
    for name in names:
        box = lever(browser_page, name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720
        lever(browser_page, name).click()
    settle(browser_page)
    for lever_id in ("managed_spot", "autoscale_endpoints", "savings_plan", "prompt_caching"):
        assert f"{lever_id}.on=true" in browser_page.url


def test_board_has_about_forty_widgets_and_of_every_preset_is_at_most_one_screen(
    browser_page: Page, app_url: str
) -> None:
    """Switch, slider, number and details of each of at most 15 rows; what is folded is not drawn (130 before)."""
    open_page(browser_page, app_url, "simulate")
    streamlit = browser_page.locator(
        "[data-testid=stMain] :is(.stButton, .stNumberInput, .stSelectbox, .stTextInput, .stButtonGroup, .stPopover)"
    )
    assert streamlit.count() <= 16
    assert browser_page.locator(".board .line[data-lever]").count() <= 15
    assert browser_page.get_by_role("switch").count() <= 15
    seen = [figure(browser_page, "Scenario, per month")]
    for preset in ("Ambitious", "Report's plan", "No-regret", "Balanced"):
        choose(browser_page, preset)
        box = browser_page.locator(".board").bounding_box()
        assert box is not None
        assert box["height"] <= 720 - 60, preset
        seen.append(figure(browser_page, "Scenario, per month"))
    assert len(set(seen)) == len(seen)
    press(browser_page, "Undo")
    assert figure(browser_page, "Scenario, per month") == seen[-2]


def test_drawer_says_why_changes_a_setting_and_the_board_follows(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url, f"{SPOT}&discount_ratio=0.01")  # no preset is fitted
    before = figure(browser_page, "Saving per month")
    press(browser_page, "Details of Managed spot training")
    drawer = browser_page.get_by_role("dialog")
    expect(drawer.get_by_text("Fair share")).to_be_visible()
    browser_page.wait_for_timeout(1_700)  # after 1.5 s the board looks again while Ambitious is being fitted
    settle(browser_page)
    expect(drawer.get_by_text("Fair share")).to_be_visible()
    drawer.get_by_role("slider", name="Mean time between interruptions").press("End")
    settle_figures(browser_page)
    browser_page.keyboard.press("Escape")
    settle(browser_page)
    assert figure(browser_page, "Saving per month") != before
    assert "managed_spot.interruption_hours=500" in browser_page.url


def test_explore_searches_filters_and_says_why(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url, "explore")
    search = browser_page.get_by_label("Search names, types and owners")
    search.fill("support-chat")
    search.press("Enter")
    settle(browser_page)
    expect(browser_page.get_by_text(re.compile("^1 resource,"))).to_be_visible()
    browser_page.locator("[data-testid=stDataFrame]").first.click(position={"x": 18, "y": 55})
    settle_figures(browser_page)
    expect(browser_page.get_by_text("Why support-chat-llm costs what it costs")).to_be_visible()


def test_finding_leads_to_the_lever_that_mends_it(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url)
    press(browser_page, "Try: Shut down idle notebooks")
    expect(browser_page).to_have_url(re.compile(r"/simulate\?.*notebook_idle_shutdown\.on=true"))
    expect(lever(browser_page, "Shut down idle notebooks")).to_be_checked()


def test_back_takes_a_slider_move_back(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url, SPOT)
    saving = figure(browser_page, "Saving per month")
    browser_page.get_by_role("slider", name="Spot discount").press("ArrowRight")
    settle_figures(browser_page)
    assert figure(browser_page, "Saving per month") != saving
    browser_page.go_back()
    expect(browser_page.locator(".headline .figure").nth(2)).to_contain_text(saving)
    expect(browser_page.get_by_role("slider", name="Spot discount")).to_have_value("64")


def test_what_is_kept_no_lever_touches_and_undo_lets_it_go(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url, REPORT)
    saving = figure(browser_page, "Saving per month")
    press(browser_page, "Details of Stop idle endpoints")
    table = browser_page.get_by_role("dialog").locator("[data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 38, "y": 55})
    settle_figures(browser_page)
    browser_page.keyboard.press("Escape")
    settle(browser_page)
    assert figure(browser_page, "Saving per month") != saving
    press(browser_page, "Undo")
    assert figure(browser_page, "Saving per month") == saving


def test_compare_commit_risk_and_roadmap_follow_the_scenario(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url, f"{SPOT}&savings_plan.on=true")
    scenario = figure(browser_page, "Scenario, per month")
    for name in ("Compare", "Savings Plan", "Risk", "Roadmap"):
        follow(browser_page, name)
        expect(browser_page.get_by_role("heading", level=1)).to_be_visible()
        expect(browser_page.locator("[data-testid=stException]")).to_have_count(0)
        assert figure(browser_page, "Scenario, per month") == scenario


def test_everything_downloads_as_one_zip_to_the_cent_and_the_scenario_file_opens_again(
    browser_page: Page, app_url: str, tmp_path: Path
) -> None:
    open_page(browser_page, app_url, REPORT.replace("simulate", "share"))
    with browser_page.expect_download() as download:
        browser_page.get_by_role("button", name="Download everything as .zip").click()
    bundle = zipfile.ZipFile(io.BytesIO(saved(download.value)))
    assert {"savings_by_area.csv", "waterfall.svg", "waterfall.png", "scenario.json"} <= set(
        bundle.namelist()
    )
    rows = list(csv.DictReader(io.StringIO(bundle.read("savings_by_area.csv").decode())))
    assert rows[-1]["area"] == "total"
    assert rows[-1]["saving_usd"] == "2211.9"
    file = tmp_path / "old.json"
    data = json.loads(bundle.read("scenario.json"))
    data["made_with"]["engine"] = "0.0.1"
    file.write_text(json.dumps(data))
    browser_page.locator("input[type=file]").set_input_files(file)
    expect(browser_page.get_by_text(re.compile("Model.*0.0.1 became"))).to_be_visible()


def test_snapshot_loads_a_bad_one_keeps_the_account_in_hand_and_nobody_else_sees_it(
    browser_page: Page, other_page: Page, app_url: str, tmp_path: Path
) -> None:
    good, bad, sample = tmp_path / "good.zip", tmp_path / "bad.zip", load_sample("report")
    save_snapshot(replace(sample, manifest=replace(sample.manifest, name="private-account")), good)
    bad.write_bytes(b"PK not a zip")
    open_page(other_page, app_url, "simulate")
    open_page(browser_page, app_url, "account")
    tab(browser_page, "A snapshot")
    browser_page.locator("input[type=file]").set_input_files(bad)
    expect(browser_page.get_by_text("current account is unchanged")).to_be_visible(timeout=20_000)
    expect(browser_page.get_by_text(re.compile("Current account: team"))).to_be_visible()
    browser_page.locator("input[type=file]").set_input_files(good)
    expect(browser_page.get_by_text("Current account: private-account")).to_be_visible(timeout=60_000)
    follow(browser_page, "Board")
    bill = figure(browser_page, "Scenario, per month")
    choose(other_page, "Balanced")
    assert figure(browser_page, "Scenario, per month") == bill
    for name in ("Overview", "Account", "Link"):
        follow(other_page, name)
        expect(other_page.get_by_text(re.compile("account team")).first).to_be_visible()
        expect(other_page.get_by_text("private-account")).to_have_count(0)


def test_import_can_be_cancelled_and_the_account_in_hand_stays(
    browser_page: Page, app_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "large.csv"
    head, line = BILL.splitlines()
    rows = (line.replace(b"a,", b"%d," % n, 1) for n in range(400_000))
    file.write_bytes(head + b"\n" + b"\n".join(rows) + b"\n")
    open_page(browser_page, app_url, "account")
    tab(browser_page, "A bill file")
    browser_page.locator("input[type=file]").set_input_files(file)
    browser_page.get_by_role("button", name="Import", exact=True).click(timeout=60_000)
    browser_page.get_by_role("button", name="Cancel").click(timeout=30_000)
    expect(browser_page.get_by_text("current account is unchanged")).to_be_visible(timeout=20_000)
    expect(browser_page.get_by_text("cancelled")).to_be_visible()
    expect(browser_page.get_by_text(re.compile("Current account: team"))).to_be_visible()


def test_report_is_written_by_a_worker_and_downloaded(browser_page: Page, app_url: str) -> None:
    open_page(browser_page, app_url, "report?sample=report&stop_idle_endpoints.on=true")
    browser_page.get_by_role("button", name="Make action pack").click()
    ready = browser_page.get_by_role("button", name="Download action pack")
    expect(ready).to_be_visible(timeout=60_000)
    settle(browser_page)
    with browser_page.expect_download() as got:
        ready.click()
    assert zipfile.is_zipfile(got.value.path())


def dollars(shown: str) -> float:
    """The size of a figure of the screen."""
    return float(re.sub(r"[^0-9.]", "", shown))


def saved(download: Download) -> bytes:
    """The bytes of a download."""
    return Path(download.path()).read_bytes()
