"""Four words: the physical verdict together with what it is worth here; leaving out, and what does not act."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import answer, attribute, preset, project, simulate
from simulator.analysis.verdict import Status, verdict, verdicts
from simulator.engine.acting import acting_ids, leaving_out_usd
from simulator.engine.scenario import Scenario, everything
from simulator.levers import all_levers
from tests.accounts import account_with, prices, sample_account, traffic

IDLE: dict[str, Any] = {
    "endpoints": [{"endpoint_name": "idle"}],
    "endpoint_traffic": traffic("idle", [0] * 720),
}


def test_lever_that_saves_says_so_with_its_dollars() -> None:
    # one ml.g5.2xlarge, never called: 1.515 USD/h × 730 h
    result = simulate(account_with(**IDLE), everything().only(["stop_idle_endpoints"]), prices())
    found = verdicts(result)["stop_idle_endpoints"]
    assert found.status is Status.SAVES
    assert found.usd == pytest.approx(1.515 * 730)


def test_lever_with_a_missing_fact_says_which_and_what_hangs_on_it() -> None:
    # no traffic observed: were the endpoint idle, all of 1.515 USD/h × 730 h would go
    account = account_with(endpoints=[{"endpoint_name": "silent"}])
    found = verdicts(simulate(account, Scenario(), prices()), every=True)["stop_idle_endpoints"]
    assert found.status is Status.NEEDS_FACT
    assert found.usd == pytest.approx(1.515 * 730)
    assert "not observed" in found.sentence


def test_lever_without_a_resource_is_not_applicable() -> None:
    found = verdicts(simulate(account_with(**IDLE), Scenario(), prices()), every=True)["runtime_cap"]
    assert (found.status, found.usd) == (Status.NOT_APPLICABLE, 0.0)


def test_where_reasons_differ_each_is_told_with_how_many_resources_have_it() -> None:
    # two have accelerators, which Graviton has not; one is Graviton already
    account = account_with(
        endpoints=[
            {"endpoint_name": "a", "instance_type": "ml.g5.2xlarge"},
            {"endpoint_name": "b", "instance_type": "ml.g5.2xlarge"},
            {"endpoint_name": "c", "instance_type": "ml.c7g.xlarge"},
        ]
    )
    found = verdicts(simulate(account, Scenario(), prices()), every=True)["graviton"]
    assert found.status is Status.NOT_APPLICABLE
    assert found.sentence.startswith("2 of 3: "), found.sentence
    assert " 1 of 3: " in found.sentence


def test_plan_of_no_size_gets_no_credit_costs_no_work_and_says_why() -> None:
    # the idle endpoint is all there is to cover: once it is stopped the best commitment is $0.00 per hour
    on = ["stop_idle_endpoints", "savings_plan"]
    result = simulate(account_with(**IDLE), everything().only(on), prices())
    credit = {c.lever_id: c for c in attribute(result)}
    assert acting_ids(result) == {"stop_idle_endpoints"}
    assert credit["savings_plan"].attributed_usd == 0
    assert credit["stop_idle_endpoints"].attributed_usd == pytest.approx(1.515 * 730)
    assert verdicts(result)["savings_plan"].status is Status.NOT_APPLICABLE
    alone = simulate(account_with(**IDLE), everything().only(on[:1]), prices())
    assert [m.once_usd for m in project(result)] == [m.once_usd for m in project(alone)]


def test_lever_that_loses_beside_the_others_costs_more_here() -> None:
    # balanced on team: nights off leave the Savings Plan less to cover than they save
    result = simulate(sample_account("team"), preset("balanced"), prices())
    rest = [x.id for x in result.scenario.levers if x.id != "notebook_idle_shutdown"]
    assert leaving_out_usd(result)["notebook_idle_shutdown"] == pytest.approx(
        simulate(result.account, preset("balanced").only(rest), prices()).outcome.total_usd
        - result.outcome.total_usd
    )


def test_answer_carries_word_sentence_and_dollars() -> None:
    result = simulate(account_with(**IDLE), everything().only(["stop_idle_endpoints", "graviton"]), prices())
    by_id = {row["id"]: row for row in answer(result)["levers"]}
    assert by_id["stop_idle_endpoints"]["verdict"]["status"] == "saves"
    assert by_id["graviton"]["verdict"]["status"] == "not applicable"
    assert by_id["graviton"]["confidence"]["level"] is None
    assert by_id["graviton"]["leaving_out_usd"] == 0


names = st.lists(st.sampled_from(sorted(all_levers())), unique=True, max_size=12)


@settings(deadline=None, max_examples=12)
@given(names, st.sampled_from(["report", "team"]))
def test_leaving_out_is_the_bill_without_the_lever_and_silent_levers_show_nothing(
    on: list[str], sample: str
) -> None:
    result = simulate(ACCOUNTS[sample], everything().only(on), prices())
    credits = attribute(result)
    assert sum(c.attributed_usd for c in credits) == pytest.approx(result.saving_usd, abs=0.005)
    for credit in credits:
        rest = result.scenario.only([i for i in on if i != credit.lever_id])
        bill = simulate(result.account, rest, result.book, baseline=result.baseline).outcome.total_usd
        more = bill - result.outcome.total_usd
        assert credit.leaving_out_usd == pytest.approx(more, abs=0.006)
        if credit.lever_id not in acting_ids(result):
            assert credit.attributed_usd == 0
            assert abs(more) < 0.005


@settings(deadline=None, max_examples=12)
@given(names, st.sampled_from(["report", "team"]))
def test_levers_that_do_not_act_change_no_month_but_for_the_shares_of_those_that_do(
    on: list[str], sample: str
) -> None:
    result = simulate(ACCOUNTS[sample], everything().only(on), prices())
    acting = simulate(ACCOUNTS[sample], everything().only(acting_ids(result)), prices())
    one, other = project(result), project(acting)
    assert np.allclose([m.once_usd for m in one], [m.once_usd for m in other], atol=0.01)


ACCOUNTS = {name: sample_account(name) for name in ("team", "report")}


def test_saving_is_said_of_the_whole_bill_too() -> None:
    # team is billed in October; the part of the bill that usage does not explain is in the denominator
    result = simulate(ACCOUNTS["team"], preset("balanced"), prices())
    said = answer(result)
    gap = said["baseline"]["unexplained_usd"]
    whole = result.baseline.total_usd + max(gap, 0.0) * 730 / 720
    assert said["result"]["bill_run_rate_usd"] == pytest.approx(whole)
    assert said["result"]["saving_of_bill_ratio"] == pytest.approx(result.saving_usd / whole)


def test_the_question_on_which_most_dollars_hang_comes_first_and_one_without_dollars_is_not_asked() -> None:
    """Three endpoints of unknown count cost nothing that is known; the fourth, of unknown model size, 730 x 0.23."""
    unknown = [
        {"endpoint_name": f"n{i}", "instance_type": "ml.m5.xlarge", "instance_count": None} for i in range(3)
    ]
    known = {"endpoint_name": "cpu", "instance_type": "ml.m5.xlarge", "needs_gpu": False, "latency_ms": 50}
    account = account_with(endpoints=[*unknown, known], endpoint_traffic=traffic("cpu", [100] * 720))
    found = verdicts(simulate(account, everything().only(["serverless"]), prices()))["serverless"]
    assert found.facts == ("Its model size is unknown: serverless memory ends at 6 GB.",)
    assert found.usd == pytest.approx(730 * 0.23)


def test_nothing_hangs_on_the_serving_mode_of_an_endpoint_that_the_plan_stops() -> None:
    account = account_with(endpoints=[{"endpoint_name": "idle"}], endpoint_traffic=traffic("idle", [0] * 720))
    alone = verdicts(simulate(account, everything().only(["serverless"]), prices()))["serverless"]
    assert alone.hangs_usd == pytest.approx(730 * 1.515)
    both = simulate(account, everything().only(["serverless", "stop_idle_endpoints"]), prices())
    assert verdicts(both)["serverless"].hangs_usd == 0


def test_work_that_a_year_of_its_saving_does_not_pay_is_said() -> None:
    """A g5.2xlarge job of one hour: 1.54 per month on demand saves less; 16 hours of work at 100.00 are 1,600.00."""
    job = {"training_seconds": 3600, "billable_seconds": 3600, "checkpointing": True}
    small = simulate(account_with(training_jobs=[job]), everything().only(["managed_spot"]), prices())
    said = verdict(small, small.scenario.levers[0])
    assert 0 < said.usd < 1.54
    assert (
        f"Its 16 hours of work cost $1,600.00 once, {1600 / said.usd:,.0f} months of that." in said.sentence
    )
    many = job | {"instance_count": 500, "training_seconds": 36_000, "billable_seconds": 36_000}
    large = simulate(account_with(training_jobs=[many]), small.scenario, prices())
    assert "of work" not in verdict(large, large.scenario.levers[0]).sentence


def test_a_saving_on_a_model_that_ends_says_until_when() -> None:
    """730 M x 15.00 x 0.2 = 2,190.00 on Opus 4.1, which ends on 2027-01-08; Nova Pro stays: 730 M x 0.80 x 0.2."""
    row = {"input_tokens": 720e6, "output_tokens": 72e6, "requests": 72_000}
    two = [row | {"model_id": m} for m in ("anthropic.claude-opus-4-1-20250805-v1:0", "amazon.nova-pro-v1:0")]
    result = simulate(account_with(bedrock=two), everything().only(["prompt_reduction"]), prices())
    said = verdict(result, result.scenario.levers[0]).sentence
    assert "$2,190.00 of it end when AWS ends the model, first on 2027-01-08." in said
    one = simulate(account_with(bedrock=two[1:]), everything().only(["prompt_reduction"]), prices())
    assert "of it end" not in verdict(one, one.scenario.levers[0]).sentence
