"""The board: each lever is a row of the bill, and the rows add up to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, Scenario, load_sample, simulate
from simulator.analysis.toggled import toggled_usd
from simulator.engine.acting import CENT, leaving_out_usd
from simulator.engine.presets import WIDEST
from simulator.engine.scenario import PRESETS, preset
from simulator.levers import all_levers
from simulator.ui import session
from simulator.ui.board import moves, rows
from simulator.ui.board.controls import PRESET_TITLES
from simulator.ui.board.slider import main_param
from simulator.ui.figures import Figures
from simulator.ui.headline import _whole_bill
from simulator.ui.view import View, price_book
from tests.accounts import prices
from tests.ui.pages import FIVE_FAMILIES, drawn, headline, opened, ran, row

SPOT = {"managed_spot.on": "true"}
TEAM = Account.open(load_sample("team"))


def test_stopping_the_idle_pair_of_the_report_saves_2211_90_a_month() -> None:
    app = opened("simulate", {"stop_idle_endpoints.on": "true"}, sample="report")
    assert headline(app)["Saving per month"].startswith("$2,212 ")
    assert row(app, "stop_idle_endpoints")["usd"] == "−$2,212"


def test_headline_is_on_every_page_and_starts_at_todays_bill() -> None:
    shown = headline(opened("simulate", sample="report"))
    assert shown["Today, per month"] == shown["Scenario, per month"]
    assert shown["Saving per month"] == "$0"


@pytest.mark.parametrize("name", ["no_regret", "balanced", "ambitious"])
def test_rows_add_up_from_todays_bill_to_the_scenarios(name: str) -> None:
    app = opened("simulate", {f"{x.id}.on": "true" for x in preset(name).levers})
    data = drawn(app, "board")
    bars = [r["bars"][0] for r in data["rows"] if r["on"]]
    together = data["together"]["bars"][0] if data["together"] else None
    taken = sum(b["to"] - b["from"] for b in bars if b["cls"] in ("bar", "bar assumed"))
    added = sum(b["to"] - b["from"] for b in bars if b["cls"] != "bar")
    ends = {n: data[n]["bars"][-1]["to"] for n in ("today", "scenario")}
    rest = ends["today"] - ends["scenario"] - taken + added
    size = together["to"] - together["from"] if together else 0.0
    assert abs(rest) == pytest.approx(size, abs=1.0)
    for above, below in pairwise(bars):
        if above["cls"] == below["cls"] == "bar":
            assert below["to"] == pytest.approx(above["from"], abs=0.01)


def test_rows_are_sorted_by_dollars_and_small_ones_are_folded() -> None:
    data = drawn(opened("simulate"), "board")
    dollars = [abs(r["bars"][0]["to"] - r["bars"][0]["from"]) for r in data["rows"]]
    assert dollars == sorted(dollars, reverse=True)
    assert min(dollars) >= 0.001 * 113_989
    assert len(data["rows"]) <= 15
    assert "smaller levers, 0 on" in data["fold"]["text"]


@settings(max_examples=12, deadline=None)
@given(st.sets(st.sampled_from(sorted(all_levers())), max_size=14), st.sampled_from(sorted(all_levers())))
def test_a_toggled_row_is_the_difference_of_two_bills(ids: set[str], turned: str) -> None:
    scenario = Scenario(tuple(all_levers()[i]() for i in sorted(ids)))
    lever = all_levers()[turned]()
    without = replace(scenario, levers=tuple(x for x in scenario.levers if x.id != turned))
    with_ = without.with_lever(lever)
    bills = [simulate(TEAM, s, prices()).outcome.total_usd for s in (without, with_)]
    assert toggled_usd(simulate(TEAM, scenario, prices()), lever) == pytest.approx(
        bills[0] - bills[1], abs=0.005
    )


def test_all_off_is_todays_bill_and_undo_and_redo_go_back_and_forth() -> None:
    app = opened("simulate", FIVE_FAMILIES)
    first = headline(app)
    ran(app, app.button(key="all_off").click())
    off = headline(app)
    assert off["Scenario, per month"] == off["Today, per month"]
    ran(app, app.button(key="undo").click())
    assert headline(app) == first
    ran(app, app.button(key="redo").click())
    assert headline(app) == off


@pytest.mark.parametrize("name", PRESET_TITLES)
def test_preset_loads_is_recognised_and_says_what_it_does(name: str) -> None:
    app = opened("simulate")
    assert name in PRESETS
    ran(app, app.pills(key="preset").set_value(name))
    assert app.pills(key="preset").value == name
    loaded = app.session_state["draft"]
    if name != WIDEST:
        assert set(loaded.levers) == set(preset(name).levers), "nothing in it loses on this account"
    result = simulate(TEAM, loaded, price_book(session.today()))
    assert min(leaving_out_usd(result).values()) > -CENT
    words = next(o for o in app.pills(key="preset").options if PRESET_TITLES[name] in o.replace("\\", ""))
    assert " h" in words


@pytest.mark.parametrize("name", ["managed_spot", "savings_plan", "stop_idle_endpoints"])
def test_curve_of_a_grabbed_slider_is_the_bill_at_each_of_its_values(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamlit.session_state", {})
    asked = Scenario(tuple(all_levers()[i]() for i in ("managed_spot", "autoscale_endpoints")))
    order = rows.Order()
    figures = Figures(simulate(TEAM, asked, prices()))
    rows.grab(order, figures, name)
    assert order.curve is not None
    declared = main_param(all_levers()[name](), figures)
    assert declared is not None
    base = all_levers()[name].shown_from(TEAM.usage).get(declared.name, (0.0, ""))[0]
    for shown, bill in (order.curve.points[0], order.curve.points[7], order.curve.points[-1]):
        setting = all_levers()[name].create({declared.name: moves.from_screen(declared, shown, base)})
        whole = simulate(TEAM, asked.with_lever(setting), prices()).outcome.total_usd
        assert bill == pytest.approx(whole, abs=0.005)


def test_a_lever_that_cannot_apply_is_listed_with_its_reason() -> None:
    app = opened("simulate", {"stop_idle_endpoints.on": "true"}, sample="report")
    app.session_state["unfit"] = True
    ran(app)
    reasons = {
        m.value.partition("**: ")[0]: m.value.partition("**: ")[2] for m in app.markdown if "**: " in m.value
    }
    assert "- **Cap the running time" in reasons
    assert all(reasons.values())


def test_a_lever_that_loses_money_says_so() -> None:
    app = opened("simulate", {"warm_pools.on": "true"})
    assert "Extra cost per month" in headline(app)


def test_percent_is_shown_as_percent_and_a_kept_scenario_can_be_laid_over() -> None:
    app = opened("simulate", SPOT)
    slider = row(app, "managed_spot")["input"]
    assert (slider["value"], slider["unit"]) == (64, "%")  # the advisor's mean over team's jobs
    app.text_input(key="keep_name").set_value("Mine")
    ran(app, app.button(key="keep_it").click())
    ran(app, app.button(key="tray.0").click())
    ran(app, app.button(key="all_off").click())
    assert any("Against Mine" in c.value for c in app.caption)
    assert any(b["cls"] == "other" for b in row(app, "managed_spot")["bars"])


def test_the_goal_presses_switches() -> None:
    app = opened("simulate", sample="report")
    ran(app, app.button(key="reach_goal").click())
    assert app.session_state["draft"].setting("stop_idle_endpoints") is not None


def test_a_team_with_fewer_hours_starts_later() -> None:
    app = opened("simulate", SPOT | {"autoscale_endpoints.on": "true"})
    at_once = row(app, "managed_spot")["begin"]
    ran(app, app.number_input(key="board_team_hours").set_value(8.0))
    assert app.session_state["draft"].planning.team_hours_per_month == 8.0
    assert row(app, "managed_spot")["begin"] != at_once
    ran(app, app.button(key="undo").click())
    assert app.number_input(key="board_team_hours").value == 160.0


def test_two_sessions_share_neither_scenario_nor_account() -> None:
    one, other = opened("simulate", SPOT), opened("simulate", sample="report")
    ran(other)
    assert headline(other)["Saving per month"] == "$0"
    assert headline(other)["Today, per month"] != headline(one)["Today, per month"]


def test_the_likely_saving_says_what_the_whole_bill_is_then() -> None:
    """report: most of its bill is unexplained by usage; the headline's range names it, and what is unknown."""
    account = Account.open(load_sample("report"))
    gap = View(account, prices()).unexplained_monthly_usd
    words = _whole_bill(Figures(simulate(account, Scenario(), prices()), gap))
    assert "$7,197 per month that no usage explains" in words
    assert "Charges of unknown cost, 2 of them" in words
