"""The Prices tab: every figure follows a discount and own prices; bad prices change nothing."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.pages import opened, ran

OWN = "component,item,region,usd,unit\nhosting,ml.g5.2xlarge,us-west-2,1.00,instance_hour\n"


def prices_tab() -> AppTest:
    return opened("account", {"account_tab": "Prices"}, sample="report")


def run_rate(app: AppTest) -> float:
    return float(app.session_state["view"].baseline.charges.total_usd(component="hosting"))


def upload(app: AppTest, content: bytes) -> AppTest:
    uploader: Any = app.get("file_uploader")[-1]
    uploader.set_value(("own.csv", content, "text/csv"))
    return ran(app)


@pytest.fixture
def app() -> AppTest:
    made = prices_tab()
    made.session_state["account_tab"] = "Prices"
    return ran(made)


def test_own_prices_are_followed(app: AppTest) -> None:
    upload(app, OWN.encode())
    assert not app.error
    ran(app)
    assert run_rate(app) == pytest.approx(2 * 1.00 * 730)


def test_bad_prices_are_refused_with_row_and_column_and_change_nothing(app: AppTest) -> None:
    upload(app, OWN.replace("1.00", "cheap").encode())
    assert app.error
    assert "own_prices" not in app.session_state
    assert any("usd" in c.value and "cheap" in c.value for c in app.code)


def test_discount_reaches_the_draft(app: AppTest) -> None:
    app.number_input[0].set_value(10.0)
    ran(app)
    assert app.session_state["draft"].discount_ratio == pytest.approx(0.10)
