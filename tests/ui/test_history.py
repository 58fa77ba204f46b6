"""History: a bill of many months becomes growth of the projection; a short one says what is missing."""

from __future__ import annotations

import pytest

from simulator import Scenario
from tests.accounts import account_with
from tests.ui.pages import metrics, opened, opened_on, ran


def _bill(months: int) -> list[dict[str, object]]:
    """Training of 1,000 dollars in the first month and 10 more in each one after."""
    starts = [f"{2024 + n // 12}-{n % 12 + 1:02d}-01" for n in range(months + 1)]
    return [
        {"service": "Amazon SageMaker", "component": "training", "cost_usd": 1_000.0 + 10 * n,
         "period_start": f"{starts[n]}T00:00:00Z", "period_end": f"{starts[n + 1]}T00:00:00Z"}
        for n in range(months)
    ]  # fmt: skip


def test_the_history_is_used_as_growth_and_undone() -> None:
    app = opened_on(account_with(billed=_bill(30)), "explore", Scenario())
    app.session_state["explore_tab"] = "History"
    ran(app)
    assert {"Mean error", "Repeating the last value", "Inside P10 to P90"} <= metrics(app).keys()
    ran(app, app.button(key="use_growth").click())
    scenario = app.session_state["draft"]
    low, high = scenario.growth_range["training_growth"]
    assert low <= scenario.planning.training_growth <= high
    assert scenario.planning.training_growth > 0
    assert app.button(key="use_growth").disabled


def test_a_single_month_says_what_it_takes() -> None:
    app = opened("explore")
    app.session_state["explore_tab"] = "History"
    ran(app)
    assert any("at least 3 whole months" in i.value for i in app.info)
    assert "use_growth" not in [b.key for b in app.button]


def test_a_growth_set_by_hand_has_no_range_of_a_history() -> None:
    app = opened("roadmap", {"planning.data_growth": "0.2", "growth_range.data_growth": "0.1,0.4"})
    assert app.session_state["draft"].growth_range == {"data_growth": (0.1, 0.4)}
    app.session_state["roadmap_tab"] = "Growth and money"
    ran(app)
    ran(app, app.slider(key="planning.data_growth").set_value(0.5))
    assert app.session_state["draft"].growth_range == {}
    assert app.session_state["draft"].planning.data_growth == pytest.approx(0.5)
