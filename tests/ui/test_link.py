"""The link restores the scenario, carries no account data, and survives what people do to links."""

import base64
import hashlib
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.demand.files import EXAMPLES, read_workloads
from simulator.engine.scenario import Scenario, preset
from simulator.levers import all_levers
from simulator.ui.link import from_query, to_query
from simulator.ui.packing import carries


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


def test_what_is_planned_is_in_the_link_as_long_as_it_is_short() -> None:
    planned = tuple(w for name in EXAMPLES for w in read_workloads(Path(name)))
    query = to_query(Scenario(workloads=planned))
    restored, problems = from_query(query)
    assert (restored.workloads, problems) == (planned, [])
    assert len(query["workloads"]) < 1_000
    many = tuple(replace(planned[0], name=hashlib.sha256(bytes([n])).hexdigest()) for n in range(150))
    assert not carries(many)
    assert to_query(Scenario(workloads=many)) == {}


@settings(max_examples=30)
@given(st.text(alphabet="abcXYZ019-_=%", max_size=60))
def test_a_broken_word_of_workloads_is_told_and_never_taken(word: str) -> None:
    scenario, problems = from_query({"workloads": word, "managed_spot.on": "true"})
    assert scenario.workloads == ()
    assert scenario.setting("managed_spot")
    assert len(problems) == 1


@pytest.mark.parametrize(
    "entries",
    [[{"workload": "gone"}], ["x"], {}, [{"workload": "seats", "name": "a", "region": "nowhere"}], [[[[]]]]],
)
def test_workloads_that_there_are_not_are_refused(entries: object) -> None:
    word = base64.urlsafe_b64encode(zlib.compress(json.dumps(entries).encode())).decode()
    scenario, problems = from_query({"workloads": word})
    assert (scenario.workloads, len(problems)) == ((), 1)


def test_a_word_that_unfolds_without_end_is_refused() -> None:
    word = base64.urlsafe_b64encode(zlib.compress(b"[" + b" " * 10**7, 9)).decode()
    assert from_query({"workloads": word})[0].workloads == ()
