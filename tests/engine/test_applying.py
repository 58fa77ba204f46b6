"""A lever on a table that comes in parts: one bill, with its price steps, whichever parts it comes in."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from simulator import Account, load_sample
from simulator.engine.applying import apply_lever, apply_together
from simulator.engine.scenario import everything
from simulator.levers.lever import Lever
from simulator.pricing.charges import Steps, summed_usd
from simulator.risk.draws import drawn_lever
from simulator.usage.rows import taken
from simulator.usage.tables import Usage
from tests.accounts import account_with, prices

BOOK = cache(prices)
DRAWS = 40
LEVERS = [x for x in everything().ordered() if x.table == "storage"]
TIERED = {"storage_class": "STANDARD", "gib": 60_000.0, "objects": 3e5, "lifecycle": False}
"""A bucket beyond the first price step of STANDARD, 50 TiB."""


@cache
def usages() -> tuple[Usage, Usage]:
    """The team sample, and an account whose steps all its buckets climb together."""
    ages: list[dict[str, Any]] = [
        {},
        {"gib_not_accessed_30d": 9_000.0},
        {"retrieved_gib": 20_000.0},
        {"gib": 9_000.0},
    ]
    climbing = account_with(storage=[TIERED | {"bucket": f"b{i}"} | a for i, a in enumerate(ages)])
    return Account.open(load_sample("team")).usage, climbing.usage


@pytest.mark.parametrize("sample", [0, 1])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_parts_are_billed_as_the_whole_they_make(sample: int, seed: int) -> None:
    whole = usages()[sample]
    of = np.random.default_rng(seed).integers(0, 3, len(whole.storage))
    rows = [np.flatnonzero(of == n) for n in range(3) if (of == n).any()]
    parts = [whole.with_tables(storage=taken(whole.storage, r)) for r in rows]
    for lever in LEVERS:
        column: Lever = drawn_lever(lever, DRAWS, 7)
        whole, parts = apply_lever(column, whole, BOOK()), apply_together(column, parts, BOOK())
    for meter, quantity in whole.storage.meters():
        for r, part in zip(rows, parts, strict=True):
            wide = np.broadcast_to(quantity, (DRAWS, len(of)))[:, r]
            np.testing.assert_allclose(getattr(part.storage, meter.name) + 0 * wide, wide, rtol=1e-12)
    steps = Steps(parts, "storage")
    usd = sum(summed_usd(part, "storage", BOOK(), steps)[0] for part in parts)
    np.testing.assert_allclose(usd, summed_usd(whole, "storage", BOOK())[0], rtol=1e-12)


def test_a_part_pays_the_average_of_the_steps_that_all_parts_climb() -> None:
    """Three times 60,000 GiB and 9,000: 189,000 GiB, of which 51,200 at 0.023 and the rest at 0.022 a GiB-month."""
    whole = usages()[1]
    parts = [whole.with_tables(storage=taken(whole.storage, np.array(r))) for r in ([0, 1, 2], [3])]
    steps = Steps(parts, "storage")
    small, _ = summed_usd(parts[1], "storage", BOOK(), steps)
    assert small == pytest.approx(9_000 / 189_000 * (51_200 * 0.023 + (189_000 - 51_200) * 0.022))
    alone, _ = summed_usd(parts[1], "storage", BOOK())
    assert alone == pytest.approx(9_000 * 0.023)
