"""Rows that differ: whatever moves a resource's cost is a change, and a ramp promises no more than the whole."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, load_sample
from simulator.engine.applying import apply_lever
from simulator.levers import all_levers
from simulator.pricing.charges import Charges, price_table
from simulator.usage.blend import blend
from simulator.usage.rows import changed_rows
from simulator.usage.tables import Usage
from tests.accounts import prices

BOOK = cache(prices)
WITH_TABLE = [i for i, kind in all_levers().items() if kind.table]


@cache
def usage_of(sample: str) -> Usage:
    return Account.open(load_sample(sample)).usage


def costs(usage: Usage, table: str) -> np.ndarray:
    charges = Charges(tuple(price_table(usage, table, BOOK())))
    return charges.by_resource(table, len(usage.table(table)))


@pytest.mark.parametrize("sample", ["team", "report"])
@pytest.mark.parametrize("lever_id", WITH_TABLE)
def test_a_resource_whose_cost_a_lever_moves_counts_as_changed(lever_id: str, sample: str) -> None:
    """Also where no quantity moves, only the price it is billed at: another profile, another model."""
    lever, usage = all_levers()[lever_id](), usage_of(sample)
    after = apply_lever(lever, usage, BOOK())
    moved = ~np.isclose(costs(usage, lever.table), costs(after, lever.table), rtol=1e-9, atol=1e-9)
    alone = moved & ~changed_rows(usage.table(lever.table), after.table(lever.table))
    # tiers are shared: a bucket that shrinks moves the price of its neighbours, which themselves are as they were
    assert not alone.any() or lever.table == "storage"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WITH_TABLE), st.floats(0.01, 0.99))
def test_part_of_a_ramp_moves_the_bill_no_further_than_all_of_it(lever_id: str, share: float) -> None:
    lever, usage = all_levers()[lever_id](), usage_of("team")
    whole = apply_lever(lever, usage, BOOK())
    part = blend(usage, whole, lever.table, share)
    before, between, after = (costs(u, lever.table).sum() for u in (usage, part, whole))
    assert min(before, after) - 0.01 <= between <= max(before, after) + 0.01
