"""An assumption counts what is unknown in a lever's favour, never more than what it names, and is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator import Account, Scenario, load_sample, simulate
from simulator.analysis.verdict import hangs_on_facts_usd
from simulator.levers import all_levers
from simulator.ui import link
from tests.accounts import account_with, prices

TEAM, BOOK = Account.open(load_sample("team")), prices()
TODAY = simulate(TEAM, Scenario(), BOOK)


def test_a_job_that_may_resume_goes_to_spot_once_that_is_assumed() -> None:
    job = {"billable_seconds": 20 * 3600, "training_seconds": 20 * 3600, "instance_type": "ml.g5.2xlarge"}
    account = account_with(training_jobs=[job])
    lever = all_levers()["managed_spot"].create({"discount": 0.5})
    known = simulate(account, Scenario((lever,)), prices())
    assumed = simulate(account, Scenario((lever,), assume=frozenset({"managed_spot"})), prices())
    assert known.saving_usd == 0
    assert 0 < assumed.saving_usd < known.baseline.total_usd * 0.5


@pytest.mark.parametrize("lever_id", sorted(all_levers()))
def test_an_assumption_never_saves_more_than_hangs_on_it(lever_id: str) -> None:
    lever = all_levers()[lever_id]()
    scenario = Scenario((lever,))
    known = simulate(TEAM, scenario, BOOK)
    assumed = simulate(TEAM, replace(scenario, assume=frozenset({lever_id})), BOOK)
    hangs = hangs_on_facts_usd(TODAY, lever, lever.verdicts(TEAM.usage))
    assert assumed.saving_usd <= known.saving_usd + hangs + 0.01
    assert assumed.outcome.total_usd == assumed.outcome.total_usd


def test_an_assumption_survives_file_and_link_and_only_known_levers_can_be_named() -> None:
    scenario = Scenario((all_levers()["managed_spot"](),), assume=frozenset({"managed_spot"}))
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    restored, problems = link.from_query(link.to_query(scenario))
    assert (restored.assume, problems) == (scenario.assume, [])
    with pytest.raises(ValueError, match="gone"):
        Scenario.from_dict({"assume": ["gone"]})
