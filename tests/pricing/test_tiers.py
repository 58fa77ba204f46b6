"""Tiers run over all meters of one price in a region, not over each alone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import PriceBook
from simulator.pricing.charges import Charges, price_usage
from simulator.pricing.tiers import tiered_usd
from simulator.usage.build import to_usage
from tests.accounts import PRICES, START, account_with, prices, snapshot_with


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


TIERS = ([0.0, 51_200.0, 512_000.0], [0.023, 0.022, 0.021])


def with_rate(quantity: float, mean_usd: float) -> PriceBook:
    """The book of us-east-1 with the STANDARD rate that a bill of one month states."""
    row = {
        "component": "storage", "item": "STANDARD", "region": "us-east-1", "unit": "gb_month", "quantity": quantity,
        "list_unit_price_usd": mean_usd, "period_start": START, "period_end": START + timedelta(days=31),
    }  # fmt: skip
    table = snapshot_with(billed_rates=[row]).tables["billed_rates"]
    return PriceBook.load(PRICES).with_billed(table)


def test_a_mean_billed_rate_keeps_the_steps_of_the_list_for_what_levers_move() -> None:
    """100 TB at a tenth off: 51,200 x (0.0207 + 0.0198) = $2,073.60. Half moved away saves 0.0198 a gigabyte, what
    the last 51,200 cost, not the mean of 0.02025."""
    billed = 0.9 * (51_200 * 0.023 + 51_200 * 0.022)
    book = with_rate(102_400, billed / 102_400)
    bounds, prices = book.table("storage", ("STANDARD",), ("us-east-1",)).tiers[0, 0]
    assert tiered_usd(np.array(102_400.0), bounds, prices) == pytest.approx(billed)
    saved = billed - tiered_usd(np.array(51_200.0), bounds, prices)
    assert saved == pytest.approx(51_200 * 0.0198)
    assert book.price("storage", "STANDARD", "us-east-1").grade == "billed"


@given(quantity=st.floats(1.0, 5e6), ratio=st.floats(0.05, 1.5))
@settings(max_examples=8, deadline=None)
def test_whatever_was_billed_over_tiers_is_what_the_billed_quantity_costs(
    quantity: float, ratio: float
) -> None:
    billed = ratio * float(tiered_usd(np.array(quantity), np.array(TIERS[0]), np.array(TIERS[1])))
    bounds, prices = (
        with_rate(quantity, billed / quantity).table("storage", ("STANDARD",), ("us-east-1",)).tiers[0, 0]
    )
    assert tiered_usd(np.array(quantity), bounds, prices) == pytest.approx(billed, rel=1e-9)
    assert (np.diff(prices) < 0).all()


def test_a_window_of_two_months_climbs_the_tiers_once_a_month() -> None:
    """100,000 GB for 61 days at list: each month 51,200 GB at 0.023, the rest at 0.022; never one climb for both."""
    gib = 100_000.0
    usage = to_usage(snapshot_with(days=61, storage=[{"gib": gib}]), basis="window")
    blocks = price_usage(usage, PriceBook.load(PRICES)).blocks
    (block,) = (b for b in blocks if (b.meter.price, b.meter.item) == ("storage", "STANDARD"))
    total = float(block.quantity.sum())
    steps = tiered_usd(np.array(total / 2), np.array(TIERS[0]), np.array(TIERS[1]))
    assert float(block.cost_usd.sum()) == pytest.approx(2 * float(steps))
