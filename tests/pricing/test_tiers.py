"""Tiers run over all meters of one price in a region, not over each alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pricing.charges import Charges, price_usage, tiered_usd
from tests.accounts import account_with, prices


def standard(kept_gib: float, archived_objects: float) -> float:
    """What an account pays for `storage` STANDARD: its own bytes and the names of archived objects."""
    buckets = [
        {"storage_class": "STANDARD", "gib": kept_gib, "objects": 1},
        {"storage_class": "GLACIER", "gib": 10.0, "objects": archived_objects},
    ]
    tables = [{"bucket": "b", "region": "us-east-1", "lifecycle": False} | row for row in buckets]
    charges = price_usage(account_with(storage=tables).usage, prices())
    mine = [b for b in charges.blocks if (b.meter.price, b.meter.item) == ("storage", "STANDARD")]
    return float(Charges(tuple(mine)).total_usd())


def test_names_of_archived_objects_pay_the_tier_that_the_bytes_have_reached() -> None:
    # 50 TB fill the first tier (0.023); 8 KB × 134,217,728 objects = 1,024 GB more cost 0.022
    assert standard(51_200, 134_217_728) == pytest.approx(51_200 * 0.023 + 1_024 * 0.022)


@settings(max_examples=25, deadline=None)
@given(st.floats(1, 900_000), st.floats(0, 1e10))
def test_sum_of_the_meters_is_the_cost_of_their_total(kept_gib: float, objects: float) -> None:
    total = kept_gib + objects * 8 / 2**20
    assert standard(kept_gib, objects) == pytest.approx(
        tiered_usd(np.array(total), np.array([0, 51_200, 512_000]), np.array([0.023, 0.022, 0.021]))
    )
