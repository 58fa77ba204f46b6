"""Token fallback chain: tokens, else the bill, else unknown; never zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator import Account, load_sample
from simulator.pricing.charges import price_usage
from simulator.usage.tables import Bedrock
from tests.accounts import account_with, prices

NOVA = "amazon.nova-pro-v1:0"
SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"


def row(**values: Any) -> Bedrock:
    return account_with(bedrock=[{"model_id": NOVA} | values]).window_usage.bedrock


def test_report_explains_its_bedrock_bill_by_the_bill() -> None:
    account = Account.open(load_sample("report"))
    assert account.window_usage.bedrock.requests.sum() == 1642
    assert float(price_usage(account.window_usage, prices()).total_usd(component="bedrock")) == pytest.approx(
        52.94
    )


def test_known_tokens_are_priced_and_the_reported_cost_is_not_added() -> None:
    b = row(input_tokens=1e6, output_tokens=1e5, cost_usd=9.0)
    assert (b.input_tokens[0], b.billed_units[0]) == (1e6, 0)


@pytest.mark.parametrize("values", [{"input_tokens": 1e6}, {"output_tokens": 1e5}, {}])
def test_one_unknown_direction_takes_the_whole_cost_from_the_bill(values: dict[str, float]) -> None:
    b = row(cost_usd=9.0, **values)
    assert (b.input_tokens[0], b.output_tokens[0], b.billed_units[0]) == (0, 0, 9.0)


def test_without_tokens_and_cost_the_tokens_are_unknown() -> None:
    b = row(requests=10)
    assert np.isnan([b.input_tokens[0], b.output_tokens[0]]).all()
    assert b.billed_units[0] == 0


@pytest.mark.parametrize(
    ("tier", "meter"), [("flex", "tier_input_tokens"), ("priority", "tier_output_tokens")]
)
def test_a_tier_without_a_price_is_unknown_unless_billed(tier: str, meter: str) -> None:
    known = {"model_id": SONNET, "tier": tier, "input_tokens": 1e6, "output_tokens": 1e5}
    assert np.isnan(getattr(row(**known), meter)[0])
    assert row(**known, cost_usd=4.0).billed_units[0] == 4.0


def test_a_tier_with_a_price_is_priced_by_its_tokens_whatever_the_bill() -> None:
    b = row(tier="flex", input_tokens=1e6, output_tokens=1e5, cache_read_tokens=2e5, cost_usd=4.0)
    assert (b.tier_input_tokens[0], b.tier_output_tokens[0], b.tier_cache_read_tokens[0]) == (1e6, 1e5, 2e5)
    assert (b.input_tokens[0], b.billed_units[0]) == (0, 0)


def test_an_unknown_model_with_tokens_is_explained_by_its_bill() -> None:
    assert row(model_id="unknown", input_tokens=1e6, output_tokens=1e5, cost_usd=4.0).billed_units[0] == 4.0


def test_days_of_one_model_add_up_and_an_inference_profile_is_a_row_of_its_own() -> None:
    days = [
        {"model_id": NOVA, "date": f"2026-10-0{d}", "input_tokens": 100, "output_tokens": 10} for d in (1, 2)
    ]
    profile = {"model_id": NOVA, "scope": "us", "input_tokens": 7, "output_tokens": 1}
    b = account_with(bedrock=[*days, profile]).window_usage.bedrock
    assert dict(zip(b.resource_id, b.input_tokens, strict=True)) == {
        f"{NOVA} us-east-1": 200,
        f"us.{NOVA} us-east-1": 7,
    }
