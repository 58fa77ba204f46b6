"""Usage of a model near or past its end of life is said, with its date and what the forced move costs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from simulator import Scenario, load_sample, simulate
from simulator.analysis.answer import answer
from simulator.analysis.cautions import cautions
from simulator.analysis.findings import findings
from simulator.analysis.retirement import Retirement, retirements
from simulator.analysis.type_retirement import type_retirements
from simulator.analysis.verdict import Status, verdicts
from simulator.engine.simulate import Result
from simulator.levers.bedrock.model_upgrade import ModelUpgrade
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import NOVA_2_LITE

DEAD = {
    "model_id": "anthropic.claude-3-haiku-20240307-v1:0", "input_tokens": 720e6, "output_tokens": 72e6,
    "requests": 72_000,
}  # fmt: skip


def result_of(**row: Any) -> Result:
    return simulate(account_with(bedrock=[DEAD | row]), Scenario(), prices())


def found(result: Result, months: int = 12) -> list[Retirement]:
    return retirements(result.account, result.baseline, result.book, months)


def test_dead_model_is_said_with_its_date_and_the_dollars_of_the_forced_move() -> None:
    # 730 M x 0.25 + 73 M x 1.25 = 273.75; on Haiku 4.5 in region 730 M x 1.10 + 73 M x 5.50 = 1,204.50
    (one,) = found(result_of())
    assert (one.end_of_life, one.past, one.months_after) == (date(2026, 9, 10), True, 12)
    assert one.usd_per_month == pytest.approx(273.75)
    assert one.move_usd_per_month == pytest.approx(1204.50 - 273.75)
    assert one.move_usd == pytest.approx(12 * 930.75)
    assert "ended its model on 2026-09-10" in one.sentence()
    assert "$11,169.00 over the 12 months" in one.sentence()


def test_warning_finding_answer_and_verdict_carry_it() -> None:
    result = result_of()
    (one,) = found(result)
    assert one.sentence() in cautions(result)
    assert one.sentence() in answer(result)["warnings"]
    assert answer(result)["retirements"] == [one.to_dict()]
    assert findings(result.baseline, [], [one])[0].lever_id == "model_upgrade"
    said = verdicts(result, every=True)["model_upgrade"]
    assert said.status is Status.COSTS_MORE
    assert said.usd == pytest.approx(930.75)


def test_end_inside_the_horizon_counts_the_months_that_follow_and_one_beyond_it_is_silent() -> None:
    # Llama 3.3 70B ends on 2027-03-30; months run from 2026-12-01, three of them end on 2027-03-01
    llama = {"model_id": "us.meta.llama3-3-70b-instruct-v1:0"}
    (one,) = found(result_of(**llama))
    assert not one.past
    assert one.months_after == pytest.approx(12 * 246 / 365)
    assert one.move_usd is None
    assert "not known" in one.sentence()
    assert found(result_of(**llama), months=3) == []


def test_live_model_and_unused_dead_model_are_silent() -> None:
    assert found(result_of(model_id=NOVA_2_LITE)) == []
    assert found(result_of(input_tokens=0, output_tokens=0, requests=0)) == []


@pytest.mark.parametrize("sample", ["team", "report"])
def test_no_shipped_sample_runs_on_a_dead_model(sample: str) -> None:
    result = simulate(load_sample(sample), Scenario(), prices())
    assert not [r.resource_id for r in found(result) if r.past]


def test_every_replacement_is_an_active_model() -> None:
    catalog = result_of().baseline.usage.catalog
    named = catalog.replacement[:-1]
    assert (catalog.lifecycle[named[named >= 0]] == "active").all()
    assert (named >= 0).sum() > 40


def test_upgrade_keeps_the_profile_and_scales_the_tokens() -> None:
    usage = result_of(model_id="us.anthropic.claude-3-haiku-20240307-v1:0").baseline.usage
    after = ModelUpgrade(token_ratio=1.2).apply(usage)
    assert usage.catalog.models[int(after.bedrock.model[0])] == "us.anthropic.claude-haiku-4-5-20251001-v1:0"
    assert after.bedrock.input_tokens[0] == pytest.approx(1.2 * 730e6)


def test_hours_on_a_retiring_type_warn_with_the_date_and_what_the_move_costs() -> None:
    """Two endpoints on ml.p3.2xlarge: 2 x 730 x 3.825 = 5,584.50; on ml.g5.2xlarge 2 x 730 x 1.515 = 2,211.90, which is
    3,372.60 less, 40,471.20 over twelve months. A notebook on a type that stays is not named."""
    endpoints = [{"endpoint_name": n, "instance_type": "ml.p3.2xlarge"} for n in ("a", "b")]
    account = account_with(endpoints=[*endpoints, {"endpoint_name": "c"}])
    result = simulate(account, Scenario(), prices())
    (one,) = type_retirements(account, result.baseline, result.book)
    assert (one.end_of_life, one.past, one.resources) == (date(2025, 12, 20), True, ("a", "b"))
    assert one.usd_per_month == pytest.approx(5584.50)
    assert one.move_usd == pytest.approx(-12 * 3372.60)
    assert one.sentence() in cautions(result)
    assert answer(result)["type_retirements"] == [one.to_dict()]


def test_no_lever_moves_to_a_type_that_aws_retires() -> None:
    """ml.p3.2xlarge is the next size down of ml.p3.8xlarge and is gone: nothing is smaller there."""
    account = account_with(
        endpoints=[{"instance_type": "ml.p3.8xlarge"}], training_jobs=[{"instance_type": "ml.p3.8xlarge"}]
    )
    catalog = account.usage.catalog
    assert catalog.retiring[catalog.type_code(["ml.p3.2xlarge", "ml.p2.xlarge", "ml.g5.xlarge"])].tolist() == [
        True, True, False,
    ]  # fmt: skip
    assert account.usage.endpoints.smaller_type[0] == -1
    assert account.usage.training.smaller_type[0] == -1
