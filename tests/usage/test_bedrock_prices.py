"""What the baseline bills of Bedrock tokens: one-hour cache writes and long prompts. Prices by hand."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.pricing.charges import price_usage
from tests.accounts import prices
from tests.levers.bedrock.tokens import MILLION, SONNET, usage_of

OPUS = "anthropic.claude-opus-4-6-v1"
SCALE = 730 / 720


def usd(**row: Any) -> float:
    return float(price_usage(usage_of(row), prices()).total_usd())


def test_a_cache_write_kept_for_an_hour_costs_twice_the_input() -> None:
    # 6.25 a million for five minutes, 10.00 for one hour; 5 a million of input, 25 of output.
    # An ID without global. is served in its region, which costs a tenth more since Claude 4.5.
    row: dict[str, Any] = {
        "model_id": OPUS,
        "input_tokens": MILLION,
        "output_tokens": MILLION,
        "requests": 1_000,
    }
    five = usd(**row, cache_write_tokens=10 * MILLION)
    hour = usd(**row, cache_write_1h_tokens=10 * MILLION)
    assert five == pytest.approx((5 + 25 + 62.5) * 1.1 * SCALE)
    assert hour == pytest.approx((5 + 25 + 100) * 1.1 * SCALE)


@pytest.mark.parametrize(
    ("requests", "usd_in", "usd_out"), [(100, 6, 22.5), (150, 3.3, 16.5), (151, 3.3, 16.5)]
)
def test_prompts_above_200_000_tokens_cost_their_own_price(
    requests: int, usd_in: float, usd_out: float
) -> None:
    # 30 M tokens in 100 requests are 300,000 a prompt, in 150 requests exactly 200,000: 3 and 15 a million,
    # and a tenth more in the region itself.
    cost = usd(model_id=SONNET, input_tokens=30 * MILLION, output_tokens=MILLION, requests=requests)
    assert cost == pytest.approx((30 * usd_in + usd_out) * SCALE)


def test_cached_tokens_count_towards_a_long_prompt() -> None:
    # 10 M + 20 M read in 100 requests; a read costs 0.60 above 200,000 tokens, 0.30 below.
    cost = usd(
        model_id=SONNET, input_tokens=10 * MILLION, cache_read_tokens=20 * MILLION, output_tokens=MILLION,
        requests=100,
    )  # fmt: skip
    assert cost == pytest.approx((10 * 6 + 20 * 0.6 + 22.5) * SCALE)
