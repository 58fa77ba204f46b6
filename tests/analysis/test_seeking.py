"""Goal-seek: reaches its target, with no cheaper way among all subsets of a few levers."""

from __future__ import annotations

from itertools import combinations

import pytest

from simulator import Result, Scenario, simulate
from simulator.analysis.seeking import frontier, seek
from simulator.engine.acting import acting
from simulator.engine.scenario import PRESETS, preset
from simulator.levers import all_levers
from tests.accounts import prices, sample_account

FEW = (
    "stop_idle_endpoints",
    "autoscale_endpoints",
    "managed_spot",
    "prompt_caching",
    "s3_lifecycle",
    "savings_plan",
)


@pytest.fixture(scope="module")
def result() -> Result:
    return simulate(sample_account("team"), Scenario(), prices())


def others() -> list[str]:
    return [i for i in all_levers() if i not in FEW]


def test_no_subset_reaches_the_target_with_less_work(result: Result) -> None:
    target = 0.25
    found = seek(result, saving_ratio=target, exclude=others())
    assert found.reached
    assert found.choice.saving_usd >= target * result.baseline.total_usd - 0.005
    for size in range(len(FEW) + 1):
        for ids in combinations(FEW, size):
            levers = [all_levers()[i]() for i in ids]
            if sum(x.effort_hours for x in levers) < found.choice.effort_hours:
                saved = simulate(result.account, Scenario(tuple(levers)), result.book).saving_usd
                assert saved < target * result.baseline.total_usd


def test_excluded_levers_are_never_used(result: Result) -> None:
    found = seek(result, saving_ratio=0.1, exclude=["managed_spot"])
    assert all("managed_spot" not in c.levers for c in found.frontier)


def test_what_was_asked_before_is_no_answer_to_another_exclusion(result: Result) -> None:
    """A frontier is kept for further targets, of the same levers only."""
    with_spot, without = (frontier(result, exclude=(*others(), *more)) for more in ((), ("managed_spot",)))
    assert any("managed_spot" in c.levers for c in with_spot)
    assert all("managed_spot" not in c.levers for c in without)
    assert frontier(result, exclude=others()) == with_spot


def test_frontier_rises_in_both_saving_and_effort(result: Result) -> None:
    choices = frontier(result, exclude=others())
    assert [c.effort_hours for c in choices] == sorted(c.effort_hours for c in choices)
    assert [c.saving_usd for c in choices] == sorted(c.saving_usd for c in choices)


def test_every_choice_saves_what_its_levers_save_when_they_are_simulated_alone(result: Result) -> None:
    """Choices are worked out one beside the other: nothing of a neighbour may stay."""
    for choice in frontier(result):
        alone = Scenario(tuple(all_levers()[i]() for i in choice.levers))
        saving_usd = simulate(result.account, alone, result.book).saving_usd
        assert choice.saving_usd == pytest.approx(saving_usd, abs=0.005), choice.levers


def test_out_of_reach_is_said_in_words(result: Result) -> None:
    found = seek(result, saving_ratio=0.99, exclude=others())
    assert not found.reached
    assert "out of reach" in found.sentence()


def test_target_bill_is_the_same_as_its_saving(result: Result) -> None:
    today = result.baseline.total_usd
    by_bill = seek(result, bill_usd=0.8 * today, exclude=others())
    by_saving = seek(result, saving_ratio=0.2, exclude=others())
    assert by_bill.choice == by_saving.choice


def test_two_targets_or_none_are_refused(result: Result) -> None:
    with pytest.raises(ValueError, match="one target"):
        seek(result)
    with pytest.raises(ValueError, match="no lever"):
        seek(result, saving_ratio=0.1, exclude=["magic"])


def test_frontier_is_never_below_a_preset_or_the_scenario_in_hand() -> None:
    account = sample_account("report")
    result = simulate(account, preset("balanced"), prices())
    most = max(c.saving_usd for c in frontier(result))
    for name in PRESETS:
        assert most >= simulate(account, preset(name), prices()).saving_usd - 0.005


def test_levers_that_change_nothing_are_no_work_on_the_frontier() -> None:
    result = simulate(sample_account("report"), Scenario(), prices())
    for choice in frontier(result):
        levers = tuple(all_levers()[i]() for i in choice.levers)
        made = simulate(result.account, Scenario(levers), result.book)
        assert {x.id for x in acting(made)} == set(choice.levers)
