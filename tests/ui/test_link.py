"""The link restores the scenario, carries no account data, and survives what people do to links."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.scenario import Scenario, preset
from simulator.levers import all_levers
from simulator.ui.link import from_query, to_query


def test_nothing_on_gives_an_empty_query() -> None:
    assert to_query(Scenario()) == {}


def test_levers_at_defaults_say_only_that_they_are_on() -> None:
    assert to_query(preset("no_regret")).keys() == {f"{x.id}.on" for x in preset("no_regret").levers}


@settings(max_examples=30)
@given(st.sets(st.sampled_from(sorted(all_levers()))), st.integers(1, 60), st.floats(0, 0.9))
def test_link_restores_the_scenario(ids: set[str], month: int, growth: float) -> None:
    levers = tuple(all_levers()[i]() for i in sorted(ids))
    scenario = Scenario(levers, start_months=dict.fromkeys(ids, month))
    scenario = replace(scenario, planning=replace(scenario.planning, traffic_growth=growth))
    restored, problems = from_query(to_query(scenario))
    assert problems == []
    assert restored.ordered() == scenario.ordered()
    assert restored.start_months == scenario.start_months
    assert restored.planning == scenario.planning


def test_changed_values_come_back() -> None:
    scenario, problems = from_query({"managed_spot.discount": "0.7", "managed_spot.on": "true"})
    assert problems == []
    assert scenario.setting("managed_spot") == all_levers()["managed_spot"].create({"discount": 0.7})


def test_kept_resources_are_account_data_and_stay_out_of_the_link() -> None:
    scenario = Scenario(keep=frozenset({"secret-endpoint-name"}))
    assert "secret" not in str(to_query(scenario))


def test_what_a_link_says_wrongly_is_told_and_the_rest_counts() -> None:
    scenario, problems = from_query(
        {
            "managed_spot.on": "true",
            "managed_spot.discount": "lots",
            "gone_lever.on": "true",
            "utm_source": "mail",
        }
    )
    assert scenario.setting("managed_spot") == all_levers()["managed_spot"]()
    assert len(problems) == 2
    assert any("discount" in p for p in problems)
    assert any("gone_lever" in p for p in problems)
