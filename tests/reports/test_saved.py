"""A scenario's file opens again, and says what moved since: prices, usage or model."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from simulator.engine.scenario import Scenario, load_scenario
from simulator.engine.simulate import simulate
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.pricing.book import PriceBook
from simulator.reports.saved import ENGINE, as_file, changes, made_with, read_file
from simulator.version import VERSION
from tests.accounts import account_with, prices, traffic

SCENARIO = Scenario((StopIdleEndpoints(quiet_days=20),), name="plan")


def result(book=None, hours: float = 0.0):
    account = account_with(
        endpoints=[{"endpoint_name": "a"}, {"endpoint_name": "b"}],
        endpoint_traffic=[*traffic("a", [0.0] * 720), *traffic("b", [hours] * 720)],
    )
    return simulate(account, SCENARIO, book or prices())


def test_file_opens_again_in_the_app_and_on_the_command_line(tmp_path) -> None:
    file = tmp_path / "plan.json"
    file.write_text(as_file(SCENARIO, result()))
    assert read_file(file.read_text())[0] == SCENARIO
    assert load_scenario(file) == SCENARIO


def test_file_holds_no_resource_names() -> None:
    text = as_file(SCENARIO, result())
    assert '"a"' not in text


def test_nothing_moved_is_told_as_nothing() -> None:
    now = result()
    assert changes(made_with(now), now, now) == []


def test_price_change_is_told_with_its_dollars() -> None:
    now, cheaper = result(hours=1.0), result(replace(prices(), discount_ratio=0.1, _cache={}), hours=1.0)
    then = replace(made_with(cheaper), prices_as_of=date(2026, 1, 1))
    told = " ".join(changes(then, now, cheaper))
    # endpoint b stays: 730 h x 1.515 = 1,105.95; a tenth of it is 110.595
    assert re.search(r"Prices of 2026-01-01 became those of 2026-11-24: \+\$110\.(59|60) per month", told)
    assert "Usage" not in told


def test_usage_and_model_are_told_when_they_differ() -> None:
    now = result(hours=1.0)
    then = replace(made_with(now), usage="0" * 16, engine="0.0.1", scenario_usd=1000.0)
    told = " ".join(changes(then, now, now))
    assert "Usage" in told
    assert f"version 0.0.1 became {ENGINE}" in told
    assert "+$105.95" in told


@pytest.mark.parametrize("text", ["", "{", "[]", '{"levers": {"gone": {}}}', '{"made_with": {"engine": 1}}'])
def test_a_file_that_is_no_scenario_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"scenario|lever"):
        read_file(text)


def test_engine_version_is_that_of_the_project() -> None:
    assert ENGINE == VERSION


def test_prices_of_an_older_day_can_be_loaded_for_the_comparison() -> None:
    assert result(PriceBook.load(date(2026, 11, 1))).baseline.total_usd > 0


def test_json_is_plain() -> None:
    assert json.loads(as_file(SCENARIO, result()))["made_with"]["prices_as_of"] == "2026-11-24"
