"""The lever panel: what a planner does with it, by widget."""

import pytest

from simulator.engine.scenario import PRESETS, preset
from simulator.ui.board.controls import PRESET_TITLES
from tests.ui.pages import FIVE_FAMILIES, metrics, opened, ran

SPOT = {"managed_spot.on": "true"}


def test_stopping_the_idle_pair_of_the_report_saves_2211_90_a_month() -> None:
    shown = metrics(opened("simulate", {"stop_idle_endpoints.on": "true"}, sample="report"))
    assert shown["Saving, a month"] == "$2,211.90"


def test_slider_changes_the_headline() -> None:
    app = opened("simulate", SPOT)
    before = metrics(app)["Saving, a month"]
    ran(app, app.slider(key="managed_spot.discount").set_value(0.7))
    assert metrics(app)["Saving, a month"] != before
    assert app.slider(key="managed_spot.discount").value == 0.7


def test_switching_a_lever_off_brings_todays_bill_back_and_keeps_its_values() -> None:
    app = opened("simulate", SPOT | {"managed_spot.discount": "0.7"})
    ran(app, app.toggle(key="managed_spot.on").set_value(False))
    assert metrics(app)["Saving, a month"] == "$0.00"
    ran(app, app.toggle(key="managed_spot.on").set_value(True))
    assert app.slider(key="managed_spot.discount").value == 0.7


def test_undo_takes_back_one_change_at_a_time() -> None:
    app = opened("simulate", SPOT)
    first = metrics(app)
    ran(app, app.slider(key="managed_spot.discount").set_value(0.7))
    ran(app, app.toggle(key="managed_spot.on").set_value(False))
    ran(app, app.button(key="undo").click())
    assert app.slider(key="managed_spot.discount").value == 0.7
    ran(app, app.button(key="undo").click())
    assert metrics(app) == first


def test_reset_brings_one_levers_defaults_back() -> None:
    app = opened("simulate", SPOT | {"managed_spot.discount": "0.7"})
    ran(app, app.button(key="managed_spot.reset").click())
    assert app.slider(key="managed_spot.discount").value == 0.6


def test_all_off_is_todays_bill() -> None:
    app = opened("simulate", FIVE_FAMILIES)
    ran(app, app.button(key="all_off").click())
    shown = metrics(app)
    assert shown["Scenario, a month"] == shown["Today, a month"]


@pytest.mark.parametrize("name", PRESET_TITLES)
def test_preset_loads_and_is_recognised(name: str) -> None:
    app = opened("simulate")
    assert name in PRESETS
    ran(app, app.pills(key="preset").set_value(name))
    assert app.pills(key="preset").value == name
    levers = preset(name).levers
    assert any(f"{len(levers)} levers on" in c.value for c in app.caption)


def test_a_lever_that_cannot_apply_is_disabled_with_its_reason() -> None:
    app = opened("simulate", {"stop_idle_endpoints.on": "true"}, sample="report")
    app.session_state["family.training"] = True
    app.session_state["unfit.training"] = True
    ran(app)
    disabled = [t for t in app.toggle if t.disabled]
    assert disabled
    assert len(app.caption) > len(disabled)


def test_a_lever_that_loses_money_says_so() -> None:
    app = opened("simulate", {"warm_pools.on": "true"})
    assert any("more** a month" in c.value and "costs" in c.value for c in app.caption)
    assert "Costs more, a month" in metrics(app)


def test_percent_and_whole_numbers_are_shown_without_needless_decimals() -> None:
    app = opened("simulate", SPOT | {"stop_idle_endpoints.on": "true"})
    assert app.slider(key="managed_spot.discount").proto.format == "percent"
    assert app.slider(key="stop_idle_endpoints.quiet_days").proto.format == "%d"


def test_two_sessions_share_neither_scenario_nor_account() -> None:
    one, other = opened("simulate", SPOT), opened("simulate", sample="report")
    ran(one, one.slider(key="managed_spot.discount").set_value(0.7))
    ran(other)
    assert metrics(other)["Saving, a month"] == "$0.00"
    assert metrics(other)["Today, a month"] != metrics(one)["Today, a month"]
