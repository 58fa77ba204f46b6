"""One Bedrock model as a usage: 720 h of tokens become 730 h, so 720 million are 730 million a month."""

from __future__ import annotations

from typing import Any

from simulator.usage.tables import Bedrock, Usage
from tests.accounts import account_with

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
NOVA_2_LITE = "amazon.nova-2-lite-v1:0"  # offered in batch and flex
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
MILLION = 1e6


def usage_of(*rows: dict[str, Any]) -> Usage:
    """A month of the models; by default Sonnet 4.5 with 720 M tokens in, 72 M out and 72,000 requests."""
    default = {
        "model_id": SONNET, "input_tokens": 720 * MILLION, "output_tokens": 72 * MILLION, "requests": 72_000,
    }  # fmt: skip
    return account_with(bedrock=[default | row for row in rows or ({},)]).usage


def known_by_bill(cost_usd: float, **more: Any) -> Usage:
    """A model of which only the cost of 720 h is known."""
    return usage_of({"input_tokens": None, "output_tokens": None, "cost_usd": cost_usd} | more)


def tokens(usage: Usage) -> dict[str, float]:
    """The first row's quantities by meter, those that are not zero."""
    table: Bedrock = usage.bedrock
    return {m.name: float(q[..., 0]) for m, q in table.meters() if q[..., 0] != 0}
