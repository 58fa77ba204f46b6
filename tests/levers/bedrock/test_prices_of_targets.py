"""A token moved to a key without a price would cost nothing: no Bedrock lever may do that."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.catalog import load_catalog
from simulator.engine.applying import apply_lever
from simulator.levers import all_levers
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import price_table
from simulator.usage.tables import Usage
from tests.accounts import account_with, prices

CATALOG = load_catalog()


def usd(component: str, regions: tuple[str, ...] = CATALOG.regions) -> np.ndarray:
    return prices().table(component, CATALOG.models, regions).usd[:-1, :-1]


def unknown_rows(usage: Usage, book: PriceBook) -> np.ndarray:
    found = np.zeros(len(usage.bedrock), bool)
    for block in price_table(usage, "bedrock", book):
        found |= np.isnan(block.cost_usd)
    return found


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-northeast-1", "us-gov-west-1"])
def test_no_bedrock_lever_moves_a_known_cost_to_an_unknown_one(region: str) -> None:
    # Not every model has a batch, cache or smaller model's price everywhere: the engine leaves such rows alone.
    row = {
        "region": region, "input_tokens": 720e6, "output_tokens": 72e6, "cache_read_tokens": 72e6,
        "cache_write_tokens": 7.2e6, "requests": 72_000, "latency_tolerant_ratio": 0.5,
    }  # fmt: skip
    models = [m for m in CATALOG.models if "#" not in m]
    usage, book = account_with(bedrock=[row | {"model_id": m} for m in models]).usage, prices()
    known = ~unknown_rows(usage, book)
    assert known.any()
    for kind in all_levers().values():
        if kind.family == "bedrock":
            after = apply_lever(kind(), usage, book)
            assert not (unknown_rows(after, book) & known).any(), kind.id
