"""The ladder's page: what to buy when, what a fall strands, and the other kinds of commitment."""

from __future__ import annotations

from simulator import Account, load_sample, simulate
from simulator.analysis.ladder import Ask, recommend
from simulator.engine.scenario import preset
from tests.accounts import prices
from tests.ui.pages import metrics, opened, ran


def test_the_page_says_what_the_command_says() -> None:
    app = opened("ladder", sample="report")
    found = recommend(simulate(Account.open(load_sample("report")), preset("none"), prices()), Ask())
    assert metrics(app)["Expected saving, all months"] == f"${found.saving_usd:,.0f}"
    assert metrics(app)["Stranded then"] == f"${found.ladder.stranded_usd:,.0f}"
    table = app.dataframe[0].value
    assert list(table["buy_on"]) == [s.buy_on for s in found.ladder.steps]


def test_partial_coverage_on_purpose_buys_less() -> None:
    app = opened("ladder", sample="report")
    before = app.dataframe[0].value["commitment"].max()
    app.slider(key="ladder_cover").set_value(0.3)
    ran(app)
    assert app.dataframe[0].value["commitment"].max() < before


def test_other_kinds_ask_for_a_price_and_show_no_figure_of_their_own() -> None:
    app = opened("ladder", sample="team")
    app.session_state["ladder_tab"] = "Other commitments"
    ran(app)
    said = [m.value for m in app.markdown if "Provisioned throughput" in m.value]
    assert said
    assert "ask AWS" in said[0]


def test_where_the_bars_contradict_each_other_both_ladders_are_shown_and_one_is_chosen() -> None:
    """Without levers the cheapest ladder of `team` strands more than half of what a plan on history does."""
    app = opened("ladder", sample="team")
    found = recommend(simulate(Account.open(load_sample("team")), preset("none"), prices()), Ask())
    assert not found.limit_met
    assert found.cautious.stranded_usd <= 0.5 * found.on_history.stranded_usd
    assert found.cautious.expected_usd > found.single.expected_usd
    said = app.markdown[0].value.replace("\\", "")
    for figure in (found.ladder.stranded_usd, found.cautious.stranded_usd, found.on_history.stranded_usd):
        assert f"${figure:,.0f}" in said
    assert metrics(app)["Stranded then"] == f"${found.ladder.stranded_usd:,.0f}"
    app = ran(app, app.radio(key="ladder_choice").set_value("Cautious"))
    assert metrics(app)["Stranded then"] == f"${found.cautious.stranded_usd:,.0f}"
    assert list(app.dataframe[0].value["buy_on"]) == [s.buy_on for s in found.cautious.steps]
