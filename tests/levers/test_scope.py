"""A lever set for an owner, a tag or named resources acts there as it would everywhere, and nowhere else."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Account, Scenario, load_sample, simulate
from simulator.analysis.answer import answer
from simulator.engine.account import keeping
from simulator.engine.simulate import Result
from simulator.levers import all_levers, lever
from simulator.levers.scope import Scope, limited
from simulator.reports.reproduce import as_command
from simulator.ui import link
from tests.accounts import account_with, prices

TEAM, BOOK = Account.open(load_sample("team")), prices()
SCOPED = sorted(i for i, kind in all_levers().items() if kind.table)
TODAY = simulate(TEAM, Scenario(), BOOK)
JOB = {
    "billable_seconds": 36_000,
    "training_seconds": 36_000,
    "instance_type": "ml.g5.2xlarge",
    "checkpointing": True,
}
ALONE = ("managed_spot", "failed_jobs", "s3_lifecycle", "notebook_schedule", "endpoint_hygiene")
"""Levers whose effect on one resource follows from that resource alone."""


def bill(scenario: Scenario) -> float:
    return simulate(TEAM, scenario, BOOK, baseline=TODAY.baseline).outcome.total_usd


def of(lever_id: str, *names: str) -> Scenario:
    return Scenario((lever(lever_id)(),), scopes={lever_id: Scope.of(names)})


def ids(lever_id: str) -> list[str]:
    return [str(i) for i in TEAM.usage.table(lever(lever_id).table).resource_id]


def test_spot_for_one_owner_halves_his_job_and_no_other() -> None:
    """Two jobs alike, on spot at half price: one of the two saves half of what both do, about a quarter of the bill."""
    jobs = [JOB | {"job_name": "a", "owner": "nlp"}, JOB | {"job_name": "b", "owner": "vision"}]
    account = account_with(training_jobs=jobs)
    spot = lever("managed_spot").create({"discount": 0.5})
    found = simulate(account, Scenario((spot,), scopes={"managed_spot": Scope.of(["owner:nlp"])}), BOOK)
    both = simulate(account, Scenario((spot,)), BOOK)
    assert found.saving_usd == pytest.approx(both.saving_usd / 2)
    assert 0.2 < found.saving_ratio <= 0.25
    assert found.touched_by("training", 0) == ["managed_spot"]
    assert found.touched_by("training", 1) == []


@pytest.mark.parametrize(
    ("name", "touched"),
    [("tag:team=search", {0}), ("resource:b", {1}), ("owner:nlp", {0, 1}), ("tag:team=else", set())],
)
def test_a_scope_names_owners_tags_or_resources(name: str, touched: set[int]) -> None:
    rows = [
        {"job_name": "a", "owner": "nlp", "tags": '{"team": "search"}'},
        {"job_name": "b", "owner": "nlp"},
    ]
    account = account_with(training_jobs=[JOB | r for r in rows])
    spot = lever("managed_spot").create({"discount": 0.5})
    found = simulate(account, Scenario((spot,), scopes={"managed_spot": Scope.of([name])}), BOOK)
    assert {n for n in range(2) if found.touched_by("training", n)} == touched
    said = {found.levers[0].verdicts(found.marked).sentence(n) for n in {0, 1} - touched}
    assert all("limited to" in sentence for sentence in said)


@pytest.mark.parametrize("lever_id", SCOPED)
def test_a_scope_of_everything_is_no_scope_and_one_of_nothing_is_off(lever_id: str) -> None:
    every = of(lever_id, *(f"resource:{i}" for i in ids(lever_id)))
    assert bill(every) == pytest.approx(bill(Scenario(every.levers)), abs=0.005)
    assert bill(of(lever_id)) == pytest.approx(TODAY.baseline.total_usd, abs=0.005)


@given(st.sampled_from(ALONE), st.integers(0, 2**32 - 1))
def test_disjoint_scopes_add_up_where_resources_do_not_share(lever_id: str, seed: int) -> None:
    """In quantities: on the bill, price tiers and what plans cover are shared by all."""
    names, setting = ids(lever_id), lever(lever_id)()
    inside = np.random.default_rng(seed).random(len(names)) < 0.5
    parts = [{n for n, i in zip(names, inside, strict=True) if i == side} for side in (True, False)]
    before = TEAM.usage.table(setting.table)
    whole = setting.apply(TEAM.usage).table(setting.table)
    done = [
        limited(setting, Scope(resources=frozenset(p))).apply(TEAM.usage).table(setting.table) for p in parts
    ]
    for (meter, was), (_, all_), (_, one), (_, other) in zip(
        before.meters(), whole.meters(), done[0].meters(), done[1].meters(), strict=True
    ):
        assert (one - was) + (other - was) == pytest.approx(all_ - was, abs=1e-6, nan_ok=True), meter.name


@given(st.lists(st.sampled_from(SCOPED), min_size=1, max_size=5, unique=True), st.data())
def test_what_is_out_of_scope_is_as_if_kept_and_nothing_else_differs(
    on: list[str], data: st.DataObject
) -> None:
    """One scope for every lever of a scenario is the same as keeping all else."""
    owners = sorted(
        {str(o) for t in ("training", "endpoints", "compute", "storage") for o in TEAM.usage.table(t).owner}
    )
    owner = data.draw(st.sampled_from(owners))
    levers = tuple(lever(i)() for i in on)
    scoped = bill(Scenario(levers, scopes={i: Scope(owners=frozenset({owner})) for i in on}))
    every = {
        str(i)
        for n in ("training", "endpoints", "compute", "storage", "bedrock", "services")
        for i, o in zip(TEAM.usage.table(n).resource_id, TEAM.usage.table(n).owner, strict=True)
        if str(o) != owner
    }
    assert scoped == pytest.approx(bill(Scenario(levers, keep=frozenset(every))), abs=0.005)


def test_the_marks_are_taken_back_and_draws_pass_through() -> None:
    names = [f"resource:{i}" for i in ids("managed_spot")[:3]]
    spot = limited(lever("managed_spot")(), Scope.of(names))
    usage = keeping(TEAM.usage, frozenset(ids("managed_spot")[:1]))
    after = spot.apply(usage)
    assert np.array_equal(after.training.kept, usage.training.kept)
    assert limited(spot, Scope.of(names)) == spot
    drawn: Any = replace(spot, discount=np.array([[0.3], [0.6]]))  # type: ignore[call-arg]
    assert drawn.apply(TEAM.usage).training.spot_hours.shape[0] == 2


def test_a_scope_survives_file_link_command_and_worker() -> None:
    names = ("owner:nlp, vision", "tag:team=search & ads", "resource:a/b")
    scenario = of("managed_spot", *names)
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    restored, problems = link.from_query(link.to_query(scenario))
    assert (restored.scopes, problems) == (scenario.scopes, [])
    assert "--scenario" in as_command(scenario, "team", BOOK.as_of)
    assumed = replace(scenario, assume=frozenset({"managed_spot"}))
    assert copy.deepcopy(assumed.ordered()) == assumed.ordered()
    assert all(pickle.dumps(setting) for setting in assumed.ordered())


def test_an_answer_says_what_a_lever_is_limited_to() -> None:
    found: Result = simulate(TEAM, of("managed_spot", "owner:nlp"), BOOK)
    row = answer(found)["levers"][0]
    assert row["only"] == ["owner:nlp"]


@pytest.mark.parametrize(
    ("scopes", "says"),
    [
        ({"gone": {"owners": ["a"]}}, "gone"),
        ({"savings_plan": {"owners": ["a"]}}, "no scope"),
        ({"managed_spot": {"teams": ["a"]}}, "teams"),
        ({"managed_spot": {"tags": ["search"]}}, "KEY=VALUE"),
        ({"managed_spot": {"owners": "a"}}, "owners"),
        ({"managed_spot": ["a"]}, "managed_spot"),
    ],
)
def test_a_wrong_scope_is_refused_by_name(scopes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Scenario.from_dict({"scopes": scopes})
