from __future__ import annotations

import pytest

from simulator import Scenario, simulate
from simulator.levers.bedrock.provisioned_throughput import (
    ProvisionedThroughput,
    break_even_tokens,
    units_needed,
)
from tests.accounts import account_with, prices
from tests.levers.bedrock.tokens import tokens, usage_of

OLD = "anthropic.claude-instant-v1"
LEVER = ProvisionedThroughput(tokens_per_minute=10_000, peak_ratio=2.0)


def test_units_carry_the_busiest_minute_and_are_whole() -> None:
    assert units_needed(20_000, 10_000) == 2
    assert units_needed(20_001, 10_000) == 3
    assert units_needed(5, 10_000) == 1


def test_units_are_billed_every_hour_of_the_month() -> None:
    # One day with 14.4 M tokens: 10,000 a minute, 20,000 in the busiest: 2 units x 730 h.
    row = {"model_id": OLD, "input_tokens": 13e6, "output_tokens": 1.4e6}
    after = tokens(LEVER.apply(usage_of(row)))
    assert after == {"provisioned_unit_hours": pytest.approx(1460)}


def test_at_low_volume_the_lever_costs_more() -> None:
    row = {"model_id": OLD, "input_tokens": 13e6, "output_tokens": 1.4e6}
    result = simulate(account_with(bedrock=[row]), Scenario((LEVER,)), prices())
    # $39.60 a unit and hour in us-east-1 with one month of commitment.
    assert result.outcome.total_usd == pytest.approx(2 * 730 * 39.6)
    assert result.saving_usd < -57_000


def test_break_even_is_where_tokens_cost_what_the_units_do() -> None:
    # 1 unit at $21.18 for 720 h = $15,249.60; at $2 a million tokens that is 7,624.8 million tokens.
    assert break_even_tokens(1, 21.18, 720, 2e-6) == pytest.approx(7_624.8e6)


def test_a_model_without_a_published_price_per_unit_is_a_question() -> None:
    ((verdict, sentence, _),) = LEVER.verdicts(usage_of()).summary()
    assert verdict == "unknown"
    assert "ask AWS" in sentence


def test_a_region_without_a_published_price_per_unit_is_a_question() -> None:
    row = {"model_id": OLD, "region": "eu-west-1"}
    assert LEVER.verdicts(usage_of(row)).counts()["unknown"] == 1
