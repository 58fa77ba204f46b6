"""E11: tokens instead of hours."""

import re

import pytest

from simulator import Scenario
from simulator.catalog import load_catalog
from simulator.levers.endpoints.to_bedrock import DROPPED, ToBedrock
from tests.accounts import account_with, traffic

LLAMA = {
    "endpoint_name": "a", "model_name": "Llama-3.1-8B-Instruct", "tokens_in_per_call": 1500,
    "tokens_out_per_call": 300,
}  # fmt: skip


def usage_of(**columns):
    return account_with(endpoints=[LLAMA | columns], endpoint_traffic=traffic("a", [10.0] * 720)).usage


def test_calls_become_tokens_of_the_same_model():
    usage = usage_of(model_name="gpt-oss-20b")
    after = ToBedrock().apply(usage).endpoints
    assert usage.catalog.models[after.bedrock_model[0]].startswith("openai.gpt-oss-20b")
    assert after.bedrock_input_tokens[0] == pytest.approx(7300 * 1500)
    assert after.bedrock_output_tokens[0] == pytest.approx(7300 * 300)
    assert after.instance_hours[0] == 0


def test_a_legacy_model_is_no_target():
    # Llama 3.1 8B is Legacy since 2026 and ends on 2027-03-30: closed to new users.
    usage = usage_of()
    assert "does not list the model as active" in ToBedrock().verdicts(usage).sentence(0)
    assert ToBedrock().apply(usage).endpoints.bedrock_input_tokens[0] == 0


def test_another_model_is_the_planners_choice():
    usage = usage_of(model_name="our-own")
    assert "choose a target model" in ToBedrock().verdicts(usage).sentence(0)
    chosen = ToBedrock(target_model="amazon.nova-lite-v1:0")
    after = chosen.apply(usage).endpoints
    assert usage.catalog.models[after.bedrock_model[0]] == "amazon.nova-lite-v1:0"
    assert not chosen.evidence(usage)[1].holds.any()


@pytest.mark.parametrize("choice", ToBedrock.params()["target_model"].choices[1:])
def test_every_choice_is_a_model_of_the_catalogue(choice):
    usage = usage_of()
    code = ToBedrock(target_model=choice).model(usage)[0]
    assert usage.catalog.models[code] == choice
    assert usage.catalog.lifecycle[code] == "active"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"tokens_in_per_call": None}, "tokens per call are unknown"),
        ({"tokens_in_per_call": 0, "tokens_out_per_call": 0}, "no language model"),
        ({"instance_count": 0}, "no real-time instance hours"),
    ],
)
def test_what_cannot_move_says_why(columns, words):
    usage = usage_of(**columns)
    assert words in ToBedrock().verdicts(usage).sentence(0)
    assert ToBedrock().apply(usage).endpoints.bedrock_input_tokens[0] == 0


@pytest.mark.parametrize("target", sorted(DROPPED))
def test_saved_scenario_with_a_dropped_target_is_told_the_date_and_another_target(target: str) -> None:
    end, instead = DROPPED[target]
    saved = {"levers": {"to_bedrock": {"target_model": target}}}
    with pytest.raises(
        ValueError, match=f"no longer a target, as AWS ends it on {end}; .* {re.escape(instead)}"
    ):
        Scenario.from_dict(saved)
    catalog = load_catalog()
    assert catalog.end_of_life[catalog.model_code([target])[0]] == end
    assert instead in ToBedrock.params()["target_model"].choices
