"""A price of one's own is what its charges are priced at: nothing that is accepted is ignored."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import PriceBook
from simulator.pricing.charges import named, price_usage
from simulator.pricing.files import OwnText
from tests.accounts import PRICES, prices, sample_account

Key = tuple[str, str, str]


def test_twice_the_price_is_twice_the_charge_and_no_other_moves() -> None:
    """One price of each component of `team`, doubled."""
    usage = sample_account("team").usage
    before = price_usage(usage, prices())
    keys = {
        (n, row): (block.meter.price, *named(usage, usage.table(block.table), block.meter, row))
        for n, block in enumerate(before.blocks)
        for row in np.flatnonzero((block.quantity != 0) & ~np.isnan(block.unit_price_usd)).tolist()
    }
    first: dict[str, Key] = {}
    rows = ["component,item,region,usd,unit"]
    for (n, row), key in keys.items():
        if key[0] not in first:
            first[key[0]] = key
            block = before.blocks[n]
            rows.append(",".join((*key, repr(2 * float(block.unit_price_usd[row])), block.meter.unit)))
    own = set(first.values())
    assert len(own) > 15
    after = price_usage(usage, PriceBook.load(PRICES, own=OwnText("\n".join(rows) + "\n")))
    for (n, row), key in keys.items():
        was, now = (c.blocks[n].list_cost_usd[row] for c in (before, after))
        assert now == pytest.approx(was * (2 if key in own else 1), rel=1e-9), key
