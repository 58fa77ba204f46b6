"""The demand page: what is added there is in the scenario, from its day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.ui.pages import opened, ran


def test_a_pair_of_endpoints_added_by_the_form_is_in_the_months_from_its_launch():
    """2 x 7.09 x 730 = $10,351.40."""
    app = opened("demand", sample="report")
    app = ran(app, app.selectbox(key="demand_kind").select("realtime_endpoint"))
    app.text_input(key="demand_realtime_endpoint_name").input("chat")
    app.text_input(key="demand_realtime_endpoint_instance_type").input("ml.g5.12xlarge")
    app.number_input(key="demand_realtime_endpoint_instances").set_value(2)
    app.text_input(key="demand_realtime_endpoint_start").input("2027-03-01")
    app = ran(app, next(b for b in app.button if b.label == "Add").click())
    (planned,) = app.session_state["draft"].workloads
    assert (planned.name, planned.start) == ("chat", date(2027, 3, 1))
    months = app.dataframe[0].value.set_index("month")["baseline_usd"]
    assert months["2027-03"] - months["2027-02"] == pytest.approx(10_351.40, abs=0.01)
    app = ran(app, app.button(key="planned_remove_0").click())
    assert app.session_state["draft"].workloads == ()


@pytest.mark.parametrize("parted_by", [",", "\t"])
def test_a_table_typed_or_copied_from_a_spreadsheet_is_planned(parted_by: str):
    rows = (
        "workload,name,start,instance_type,instances",
        "realtime_endpoint,chat,2027-03-01,ml.g5.12xlarge,2",
        "realtime_endpoint,search,2027-04-01,ml.g5.xlarge,1",
    )
    app = opened("demand", sample="report")
    app.text_area(key="demand_pasted").input("\n".join(rows).replace(",", parted_by))
    app = ran(app, app.run().button(key="demand_add_pasted").click())
    assert [(w.name, w.start) for w in app.session_state["draft"].workloads] == [
        ("chat", date(2027, 3, 1)), ("search", date(2027, 4, 1)),
    ]  # fmt: skip


def test_a_pasted_row_that_is_wrong_is_named_and_nothing_is_planned():
    app = opened("demand", sample="report")
    app.text_area(key="demand_pasted").input(
        "workload,name,start,instances\nrealtime_endpoint,chat,2027-03-01,many"
    )
    app = ran(app, app.run().button(key="demand_add_pasted").click())
    assert "instances" in app.error[0].value
    assert app.error[0].value.replace("\\", "").startswith("pasted.csv, row 2")
    assert app.session_state["draft"].workloads == ()


def test_a_type_that_is_not_there_is_refused_and_nothing_is_planned():
    app = opened("demand", sample="report")
    app = ran(app, app.selectbox(key="demand_kind").select("realtime_endpoint"))
    app.text_input(key="demand_realtime_endpoint_name").input("chat")
    app.text_input(key="demand_realtime_endpoint_region").input("nowhere")
    app = ran(app, next(b for b in app.button if b.label == "Add").click())
    assert "chat" in app.error[0].value
    assert app.session_state["draft"].workloads == ()


def test_what_is_planned_comes_back_for_the_same_visitor():
    """F5 is a new session with the same cookie: the desk has what the link does not carry."""
    from simulator.demand import from_dict
    from simulator.ui.desks import Desk, Desks

    planned = (from_dict({"workload": "seats", "name": "team"}),)
    desks = Desks()
    desk = Desk(workloads=planned)
    assert desk.is_worth_keeping
    desks.put("a" * 32, "team", desk)
    found = desks.get("a" * 32, "team")
    assert found is not None
    assert found.workloads == planned


def test_an_agent_shows_its_economics_and_a_lever_changes_it():
    """97.5 M tokens read at 0.80 and 3 M written at 3.20 per million: 78 + 9.60 = 87.60."""
    from simulator.demand import from_dict
    from tests.ui.pages import metrics

    app = opened("demand", sample="report")
    assert not any("What the agent costs" in h.value for h in app.subheader)
    agent = from_dict({"workload": "agent", "name": "helper"})
    app.session_state["draft"] = replace(app.session_state["draft"], workloads=(agent,))
    app = ran(app)
    assert metrics(app)["Per month"] == "$87.60"
    app = ran(app, app.button(key="agent_apply_0").click())
    (changed,) = app.session_state["draft"].workloads
    assert changed.cache == "5 minutes"
    assert metrics(app)["Per month"] == "$26.63"
    app.number_input(key="agent_at").set_value(5_500)
    app = ran(app, next(b for b in app.button if b.label == "Change the agent").click())
    assert app.session_state["draft"].workloads[0].compact_at == 5_500


def test_an_example_is_planned_by_one_click_and_the_address_carries_it():
    """A pair of endpoints and the chatbot's application; a second click adds nothing."""
    app = opened("demand")
    app = ran(app, app.button(key="demand_example_chatbot").click())
    planned = app.session_state["draft"].workloads
    assert [w.name for w in planned] == ["support-chatbot", "support-retrieval"]
    app = ran(app, app.button(key="demand_example_chatbot").click())
    assert app.session_state["draft"].workloads == planned
    word = app.query_params["workloads"]
    sent = opened("demand", {"workloads": word if isinstance(word, str) else word[0]})
    assert sent.session_state["draft"].workloads == planned


def test_the_form_opens_short_and_shows_what_all_kinds_share_only_when_asked():
    """An agent has 35 fields: its own are in sight, AgentCore's and the common ones folded under their word."""
    app = ran(opened("demand", sample="report"), None)
    assert app.selectbox(key="demand_kind").value == "realtime_endpoint"
    app = ran(app, app.selectbox(key="demand_kind").select("agent"))
    folded = {e.label: {w.key for w in (*e.number_input, *e.text_input)} for e in app.expander}
    assert set(folded) == {"AgentCore", "More: last day, region, owner, ramp, growth"}
    assert "demand_agent_cpu_seconds" in folded["AgentCore"]
    assert not {"demand_agent_name", "demand_agent_start", "demand_agent_turns"} & set.union(*folded.values())


def test_fields_are_folded_under_whole_words_only():
    """A label such as "Fewest instances under auto-scaling (0: none)" has no group of its own."""
    from simulator.demand import all_workloads
    from simulator.ui.pages.demand import MORE, _groups

    groups = {group for kind in all_workloads().values() for group in _groups(kind)}
    assert groups == {"", MORE, "AgentCore"}
