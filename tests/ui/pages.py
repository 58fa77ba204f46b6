"""The app under Streamlit's own test runner, opened at a page."""

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from simulator.engine.account import Account
from simulator.engine.scenario import Scenario

APP = Path(__file__).parents[2] / "streamlit_app.py"
FIVE_FAMILIES = {
    f"{i}.on": "true"
    for i in ("managed_spot", "stop_idle_endpoints", "prompt_caching", "s3_lifecycle", "savings_plan")
}


def opened(page: str, query: dict[str, str] | None = None, *, sample: str = "team") -> AppTest:
    """The app as a new visitor sees a page. Fails when the page shows an exception."""
    app = AppTest.from_function(_one_page, kwargs={"name": page}, default_timeout=30)
    for key, value in ({"sample": sample} | (query or {})).items():
        app.query_params[key] = value
    return ran(app)


def opened_on(account: Account, page: str, scenario: Scenario) -> AppTest:
    """A page on an account of one's own."""
    app = AppTest.from_function(_one_page, kwargs={"name": page}, default_timeout=30)
    for key, value in {"account": account, "draft": scenario, "address": {}}.items():
        app.session_state[key] = value
    return ran(app)


def ran(app: AppTest, *changed: object) -> AppTest:
    """One more run after widgets were changed, without an exception."""
    app.run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def drawn(app: AppTest, name: str) -> dict[str, Any]:
    """What one of our own components was given to draw: `board` or `headline`."""
    found = next(e for e in app.get("bidi_component") if e.proto.component_name == f"ml_spend_{name}")
    data: dict[str, Any] = json.loads(found.proto.json)
    return data


def headline(app: AppTest) -> dict[str, str]:
    """The headline's figures by label."""
    return {f["label"]: f["value"] for f in drawn(app, "headline")["figures"]}


def row(app: AppTest, lever_id: str) -> dict[str, Any]:
    """A lever's row of the board."""
    return next(r for r in drawn(app, "board")["rows"] if r["id"] == lever_id)


def metrics(app: AppTest) -> dict[str, str]:
    """Metrics by label."""
    return {m.label: m.value for m in app.metric}


def _one_page(name: str) -> None:
    """The app's script with another page than the first: AppTest cannot open a page of st.navigation."""
    import streamlit as st

    from simulator.ui import headline, keeper, navigation, parts, saving, session, visit

    st.navigation(navigation.sections(), position="top")
    keeper.begin()
    visit.turn_to(name)
    if session.missing():
        navigation.run("missing")
    else:
        parts.account_line()
        saving.line()
        headline.show(quick=session.is_quick())
        parts.link_problems()
        navigation.run(name)
    saving.autosave()
    saving.show_line()
    visit.end(keeper.address())
