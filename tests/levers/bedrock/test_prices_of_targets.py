"""A token moved to a key without a price would cost nothing: no Bedrock lever may do that."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.catalog import load_catalog
from simulator.levers.bedrock.model_routing import cheaper_codes
from simulator.levers.bedrock.provisioned_throughput import PRICED_REGIONS
from tests.accounts import prices

CATALOG = load_catalog()


def usd(component: str, regions: tuple[str, ...] = CATALOG.regions) -> np.ndarray:
    return prices().table(component, CATALOG.models, regions).usd[:-1, :-1]


@pytest.mark.parametrize("direction", ["input", "output"])
def test_every_model_with_a_price_has_a_batch_price(direction: str) -> None:
    known = ~np.isnan(usd(f"bedrock_{direction}"))
    assert not np.isnan(usd(f"bedrock_batch_{direction}"))[known].any()


@pytest.mark.parametrize("direction", ["read", "write"])
def test_a_known_cache_factor_means_a_known_cache_price(direction: str) -> None:
    factor = getattr(CATALOG, f"cache_{direction}_factor")[:-1, None]
    known = ~np.isnan(factor) & ~np.isnan(usd("bedrock_input"))
    assert not np.isnan(usd(f"bedrock_cache_{direction}"))[known].any()


@pytest.mark.parametrize("direction", ["input", "output"])
def test_a_smaller_model_has_a_price_wherever_the_larger_has(direction: str) -> None:
    target = cheaper_codes(CATALOG)[:-1]
    price = usd(f"bedrock_{direction}")
    known = (target >= 0)[:, None] & ~np.isnan(price)
    assert not np.isnan(price[target])[known].any()


def test_model_units_have_a_price_in_the_regions_the_lever_names() -> None:
    units = np.array([model.endswith(("#none", "#1m", "#6m")) for model in CATALOG.models])
    assert units.any()
    assert not np.isnan(usd("bedrock_provisioned", PRICED_REGIONS)[units]).any()
