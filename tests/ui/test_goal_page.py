"""The Goal page: the target is reached, wishes are kept, and a choice can be taken; one job on spot."""

from __future__ import annotations

import pyarrow.ipc
import pytest

from tests.ui.pages import metrics, opened, ran


def test_the_least_work_for_the_target_is_shown_and_can_be_taken() -> None:
    app = opened("goal", sample="report")
    assert float(metrics(app)["Saving, per month"].replace("$", "").replace(",", "")) >= 0.3 * 2281
    assert any("Stop idle endpoints" in m.value for m in app.markdown)
    app.button(key="take_least").click()
    ran(app)
    assert app.session_state["draft"].setting("stop_idle_endpoints") is not None


def test_presets_and_the_scenario_in_hand_are_on_the_frontier() -> None:
    app = opened("goal", {"stop_idle_endpoints.on": "true"}, sample="report")
    (chart,) = app.get("vega_lite_chart")
    frame = pyarrow.ipc.open_stream(chart.proto.data.data).read_pandas()
    named = frame[frame["name"] != ""].set_index("name")
    assert {"No-regret", "Balanced", "Report's plan", "Your scenario"} <= set(named.index)
    assert named.loc["Your scenario", "saving_usd"] == pytest.approx(2211.90, abs=0.005)
    best = frame[frame["name"] == ""]
    for point in named.itertuples():
        reached = best[best["effort_hours"] <= point.effort_hours]["saving_usd"].max()
        assert reached >= point.saving_usd - 0.005, point.Index


def test_a_lever_that_is_not_wanted_is_not_used() -> None:
    app = opened("goal", sample="report")
    app.multiselect(key="goal_exclude").set_value(["stop_idle_endpoints"])
    ran(app)
    assert any("Out of reach" in m.value for m in app.markdown)
    assert not any("Stop idle endpoints" in m.value for m in app.markdown)


def test_one_job_on_spot_shows_its_chance_and_refuses_the_impossible() -> None:
    app = opened("risk", {"stop_idle_endpoints.on": "true"}, sample="report")
    app.session_state["risk_tab"] = "One job on spot"
    ran(app)
    shown = metrics(app)
    assert shown["Chance to finish in time"].endswith("%")
    assert float(shown["Billed hours, expected"]) == pytest.approx(21, abs=3)
    app.number_input(key="spot_deadline").set_value(5.0)
    ran(app)
    assert any("cannot finish" in w.value for w in app.warning)
