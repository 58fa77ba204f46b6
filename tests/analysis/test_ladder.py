"""The ladder of an account: never dearer than one plan, strands less than a plan on history, respects what exists."""

from __future__ import annotations

import json

import pytest

from simulator import Account, load_sample, simulate
from simulator.analysis.ladder import Ask, drift, recommend
from simulator.cli.main import main
from simulator.cli.tools import ladder
from simulator.engine.scenario import preset
from tests.accounts import account_with, prices

QUICK = Ask(draws=60, every_months=6)


@pytest.mark.parametrize(
    ("sample", "scenario"), [("team", "none"), ("team", "balanced"), ("report", "no_regret")]
)
def test_bars_on_the_samples(sample: str, scenario: str) -> None:
    found = recommend(simulate(Account.open(load_sample(sample)), preset(scenario), prices()), QUICK)
    assert found.ladder.expected_usd <= found.single.expected_usd * (1 + 1e-9)
    assert found.ladder.expected_usd <= found.nothing.expected_usd * (1 + 1e-9)
    assert found.cautious.stranded_usd <= 0.5 * found.on_history.stranded_usd * (1 + 1e-6) + 1e-6
    assert found.limit_met == (
        found.ladder.stranded_usd <= 0.5 * found.on_history.stranded_usd * (1 + 1e-6) + 1e-6
    )


def test_levers_that_halve_usage_make_the_plan_on_history_the_dear_one() -> None:
    found = recommend(simulate(Account.open(load_sample("team")), preset("balanced"), prices()), QUICK)
    assert found.limit_met
    assert "of a plan sized on history" in found.sentence()


def test_flat_usage_and_certain_demand_by_hand() -> None:
    # one endpoint, always on: with no doubt all of it is bought at the best rate of the months, 40 % off for 36 months
    account = account_with(endpoints=[{}])
    found = recommend(
        simulate(account, preset("none"), prices()), Ask(fall_ratio=0.0, rise_ratio=0.0, draws=2)
    )
    assert found.nothing.expected_usd > 0
    assert found.ladder.expected_usd == pytest.approx(0.6 * found.nothing.expected_usd, rel=1e-4)
    assert [s.offer for s in found.ladder.steps] == ["3y_no_upfront"]


def test_demand_drifts_around_the_plan() -> None:
    low, high = drift(Ask(draws=400))[:, 11].min(), drift(Ask(draws=400))[:, 11].max()
    assert 0.7 <= low < 0.8
    assert 1.2 < high <= 1.3


@pytest.mark.parametrize("wrong", [{"months": 6}, {"fall_ratio": 1.5}, {"draws": 1}, {"every_months": 0}])
def test_refuses_what_makes_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        recommend(simulate(Account.open(load_sample("report")), preset("none"), prices()), Ask(**wrong))  # type: ignore[arg-type]


def test_command_and_tool_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ladder", "--usage", "report", "--every", "12", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert ladder("report", every_months=12)["ladder"] == said["ladder"]
    assert main(["ladder", "--usage", "report", "--every", "12"]) == 0
    assert said["sentence"] in capsys.readouterr().out
