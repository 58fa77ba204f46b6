"""What several Bedrock levers ask of a model's traffic: its tier, whether its tokens are known, its cache."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.catalog import Catalog
from simulator.levers.lever import Evidence, Rule, refuse, unsure
from simulator.usage.tables import Bedrock

Mask = NDArray[np.bool_]
INPUT_SHARE: dict[str, Any] = {
    "label": "Input's share of the cost, where only the bill is known",
    "unit": "ratio",
    "default": 0.50,
    "low": 0.30,
    "high": 0.80,
    "step": 0.05,
    "grade": "assumed",
    "source": "rules.md#where-tokens-come-from: 1,500 tokens in and 300 out at a price ratio of 1:5 are 50 %",
}


def wrong_tier(b: Bedrock) -> tuple[Rule, ...]:
    """Rows that are not billed per request on demand."""
    return (
        refuse(b.tier == "batch", "Already runs in batch, at half the price of on demand."),
        refuse(b.tier == "provisioned", "Provisioned throughput is paid by the hour, used or not."),
    )


def other_tier(b: Bedrock) -> Rule:
    """Rows that the account runs in the flex or priority tier, for levers that move default-tier tokens only."""
    return refuse((b.tier == "flex") | (b.tier == "priority"), "Already runs in another service tier.")


def tokens_unknown(b: Bedrock) -> Mask:
    """Rows of which neither the tokens nor a cost is known."""
    return np.isnan(b.input_tokens) | np.isnan(b.output_tokens) | np.isnan(b.tier_input_tokens)


def not_offered(offered: NDArray[np.float64], what: str) -> tuple[Rule, ...]:
    """Models that AWS does not offer `what` for, and those of which it is not known (unknown never saves)."""
    return (
        refuse(offered == 0, f"AWS does not offer {what} for this model."),
        unsure(np.isnan(offered), f"Whether AWS offers {what} for this model is not in our data: ask AWS."),
    )


def alive(catalog: Catalog, model: Any) -> Mask:
    """Models a plan may move to: those AWS lists as active.

    New customers cannot use Legacy models, and one past its end of life answers nobody; of a model without a
    stated lifecycle it is not known. Source: Bedrock user guide, model lifecycle.
    """
    return np.asarray(catalog.lifecycle[model] == "active", bool)


def missing_tokens(b: Bedrock) -> Rule:
    """The question to ask where nothing is known of the tokens."""
    return unsure(
        tokens_unknown(b),
        "Its tokens are unknown: Cost Explorer's usage quantities per token type hold them.",
    )


def only_billed(b: Bedrock) -> Rule:
    """The question to ask where the cost is known, but not the tokens that a move between prices needs."""
    return unsure(
        b.billed_units > 0,
        "Only its cost is known, not its tokens: the effect of another price cannot be computed.",
    )


def bill_evidence(b: Bedrock) -> Evidence:
    """High confidence needs tokens; a share of the bill is a guess."""
    return Evidence(
        b.billed_units == 0,
        "Its tokens are unknown: the saving is a share of its bill, at an assumed input share.",
    )


def cache_that_stays(read_tokens: Any, write_tokens: Any, leaving_ratio: Any) -> tuple[Any, Any]:
    """Cache reads and writes left when a share of the requests goes elsewhere.

    Caches are per model: each prefix is still written once per time to live as long as requests remain for
    it, so leaving requests take reads away, not writes. Source: rules.md#combining-levers, routing x caching.
    """
    remaining = (read_tokens + write_tokens) * (1 - leaving_ratio)
    writes = np.minimum(write_tokens, remaining)
    return remaining - writes, writes


def already_cached(b: Bedrock) -> Any:
    """Tokens read from or written to a cache today."""
    return b.cache_read_tokens + b.cache_write_tokens + b.cache_write_1h_tokens


def prompt_tokens(b: Bedrock) -> Any:
    """Tokens that the requests read, cached or not; a write counted in input tokens counts as so many (careful)."""
    return b.input_tokens + already_cached(b) + b.write_equivalent_tokens
