"""Every page, run by Streamlit's test runner on both samples."""

from dataclasses import replace

import pytest

from simulator.engine.scenario import Scenario, everything
from simulator.levers import all_levers
from simulator.snapshot.snapshot import Source
from simulator.ui.navigation import PAGES
from tests.accounts import account_with, traffic
from tests.ui.pages import FIVE_FAMILIES, headline, opened, opened_on, ran

HOSTILE = "<b>$x$ [a](http://evil) :red[y] `z` **w**"


@pytest.mark.parametrize("sample", ["team", pytest.param("report", marks=pytest.mark.thorough)])
@pytest.mark.parametrize("page", PAGES)
def test_page_shows_without_exception_and_names_the_account(page: str, sample: str) -> None:
    app = opened(page, FIVE_FAMILIES, sample=sample)
    assert any(f"**{sample}**" in c.value for c in app.caption)


@pytest.mark.thorough
@pytest.mark.parametrize("page", PAGES)
def test_page_shows_with_no_lever_on_below_the_headline(page: str) -> None:
    assert headline(opened(page))["Today, per month"].startswith("$")


def test_overview_begins_with_one_sentence_and_figures() -> None:
    app = opened("overview", sample="report")
    assert "per month" in app.title[0].value
    assert "hours of work" in app.title[0].value
    words = [c.value.replace("\\", "") for c in app.caption]
    assert any("Billed in the window: $" in w and "unexplained" in w for w in words)


@pytest.mark.parametrize("page", PAGES)
def test_page_of_an_account_without_any_usage_shows(page: str) -> None:
    opened_on(account_with(), page, Scenario())


@pytest.mark.parametrize("page", PAGES)
def test_page_shows_with_every_lever_on(page: str) -> None:
    opened_on(
        account_with(endpoints=[{"endpoint_name": "a"}], endpoint_traffic=traffic("a", [0.0] * 720)),
        page,
        everything(),
    )


@pytest.mark.parametrize("page", PAGES)
def test_names_from_the_account_are_shown_and_never_run_as_markup(page: str) -> None:
    account = account_with(
        endpoints=[{"endpoint_name": HOSTILE, "owner": HOSTILE}],
        endpoint_traffic=traffic(HOSTILE, [0.0] * 720),
    )
    app = opened_on(account, page, Scenario((all_levers()["stop_idle_endpoints"](),)))
    assert not any(m.allow_html for m in app.markdown)
    for shown in [*app.markdown, *app.caption, *app.title, *app.subheader]:
        assert "<b>" not in shown.value
        assert "[a](http" not in shown.value


def test_a_live_account_that_cannot_be_read_says_so_and_keeps_the_account_in_hand() -> None:
    app = opened("account")
    app.session_state["account_tab"] = "AWS access"
    ran(app)
    app.text_input(key="live_profile").set_value("no-such-profile")
    app.text_input(key="live_regions").set_value("us-east-1")
    ran(app, next(b for b in app.button if b.label == "Read the account").click())
    assert "unchanged" in app.error[0].value
    assert "no-such-profile" in app.code[0].value
    assert any("**team**" in m.value for m in app.markdown)


def test_account_page_shows_how_reading_each_source_went() -> None:
    account = account_with()
    manifest = replace(
        account.snapshot.manifest, sources=(Source("s3 buckets", "denied"), Source("sts", "ok"))
    )
    app = opened_on(
        replace(account, snapshot=replace(account.snapshot, manifest=manifest)), "account", Scenario()
    )
    assert any(e.label == "1 of 2 sources were read" for e in app.expander)
