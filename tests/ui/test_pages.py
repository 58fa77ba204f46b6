"""Every page, run by Streamlit's test runner on both samples."""

import pytest

from tests.ui.pages import FIVE_FAMILIES, PAGES, metrics, opened


@pytest.mark.parametrize("sample", ["team", "report"])
@pytest.mark.parametrize("page", PAGES)
def test_page_shows_without_exception_and_names_the_account(page: str, sample: str) -> None:
    app = opened(page, FIVE_FAMILIES, sample=sample)
    assert any(f"**{sample}**" in c.value for c in app.caption)


@pytest.mark.parametrize("page", PAGES)
def test_page_shows_with_no_lever_on(page: str) -> None:
    opened(page)


def test_overview_begins_with_one_sentence_and_figures() -> None:
    app = opened("overview", sample="report")
    assert "a month" in app.title[0].value
    assert metrics(app)["Unexplained"].startswith("$")


def test_simulate_starts_at_todays_bill() -> None:
    shown = metrics(opened("simulate", sample="report"))
    assert shown["Today, a month"] == shown["Scenario, a month"]
    assert shown["Saving, a month"] == "$0.00"
