from __future__ import annotations

import pytest

from simulator import PriceBook, Scenario, simulate
from simulator.analysis.verdict import Status, verdict
from simulator.levers.bedrock.provisioned_throughput import (
    ProvisionedThroughput,
    break_even_tokens,
    units_needed,
)
from simulator.pricing.files import OwnText
from tests.accounts import PRICES, account_with, prices
from tests.levers.bedrock.tokens import SONNET, tokens, usage_of

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
    assert after == {"provisioned_1m_unit_hours": pytest.approx(1460)}


def test_at_low_volume_the_lever_costs_more() -> None:
    row = {"model_id": OLD, "input_tokens": 13e6, "output_tokens": 1.4e6}
    result = simulate(account_with(bedrock=[row]), Scenario((LEVER,)), prices())
    # $39.60 a unit and hour in us-east-1 with one month of commitment.
    assert result.outcome.total_usd == pytest.approx(2 * 730 * 39.6)
    assert result.saving_usd < -57_000


def test_break_even_is_where_tokens_cost_what_the_units_do() -> None:
    # 1 unit at $21.18 for 720 h = $15,249.60; at $2 a million tokens that is 7,624.8 million tokens.
    assert break_even_tokens(1, 21.18, 720, 2e-6) == pytest.approx(7_624.8e6)


@pytest.mark.parametrize(("model", "region"), [(SONNET, "us-east-1"), (OLD, "eu-west-1")])
def test_without_a_price_per_unit_nothing_is_saved_and_the_price_is_asked_for(
    model: str, region: str
) -> None:
    row = {"model_id": model, "region": region, "input_tokens": 13e6, "output_tokens": 1.4e6}
    result = simulate(account_with(bedrock=[row]), Scenario((LEVER,)), prices())
    found = verdict(result, LEVER)
    assert (result.saving_usd, found.status) == (0, Status.NEEDS_FACT)
    assert f"bedrock_provisioned {model}#1m in {region}" in found.sentence


@pytest.mark.parametrize("profile", ["", "us."])
def test_a_price_of_ones_own_is_taken_whatever_profile_the_model_is_called_by(profile: str) -> None:
    """144 M and 14.4 M tokens a day are 110,000 a minute, 220,000 in the busiest: 22 units, at 1.00 for 730 hours."""
    own = f"component,item,region,usd,unit\nbedrock_provisioned,{SONNET}#1m,us-east-1,1.0,model_unit_hour\n"
    row = {"model_id": profile + SONNET, "input_tokens": 144e6, "output_tokens": 14.4e6}
    book = PriceBook.load(PRICES, own=OwnText(own))
    result = simulate(account_with(days=1, bedrock=[row]), Scenario((LEVER,)), book)
    assert result.outcome.total_usd == pytest.approx(22 * 730 * 1.0)
    assert result.saving_usd > 0
