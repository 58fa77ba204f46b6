"""A lever on a table that comes in parts: one bill, with its price steps, whichever parts it comes in."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator import Account, load_sample
from simulator.engine.applying import apply_lever, apply_together
from simulator.engine.scenario import everything
from simulator.levers.lever import Lever
from simulator.pricing.charges import summed_usd
from simulator.pricing.steps import Steps
from simulator.risk.draws import drawn_lever
from simulator.risk.parts import SEPARABLE
from simulator.usage.profile import Profile
from simulator.usage.rows import shaped_part, taken
from simulator.usage.tables import Table, Usage, meters_of
from tests.accounts import account_with, prices, traffic

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


@cache
def accounts() -> tuple[Usage, ...]:
    """The samples, and an endpoint of which one variant is called and the other has been silent for long."""
    variants = [{"endpoint_name": "a", "variant_name": v} for v in ("live", "old")]
    calls = [*traffic("a", [5] * 720, variant="live"), *traffic("a", [0] * 720, variant="old")]
    samples = [Account.open(load_sample(s)).usage for s in ("team", "report")]
    return *samples, account_with(endpoints=variants, endpoint_traffic=calls).usage


def thirds(usage: Usage, name: str) -> list[tuple[NDArray[np.int64], Usage]]:
    """Every third row of a table, from the first, the second and the third on."""
    table = usage.table(name)
    rows = [np.arange(len(table))[n::3] for n in range(3)]
    return [(r, usage.with_tables(**{name: shaped_part(table, r)})) for r in rows]


def agree(whole: Table, rows: NDArray[np.int64], part: Table) -> bool:
    """Whether a part has the quantities, and the hours, of its rows of the whole."""
    pairs = [(q[..., rows], p, 1e-12) for (_, q), (_, p) in zip(whole.meters(), part.meters(), strict=True)]
    hours = whole.profile.hourly(np.isin(np.arange(len(whole)), rows)), part.profile.hourly(part.kept | True)
    return all(
        np.allclose(p + 0 * q, q + 0 * p, r, 1e-9, equal_nan=True) for q, p, r in [*pairs, (*hours, 1e-6)]
    )


@pytest.mark.parametrize(
    "lever", [x for x in everything().ordered() if x.table in SEPARABLE], ids=lambda x: x.id
)
def test_a_lever_sees_each_resource_by_itself_unless_it_says_otherwise(lever: Lever) -> None:
    """What it leaves of a third of a table is that third of what it leaves of the whole."""
    column, name = drawn_lever(lever, DRAWS, 7), lever.table
    found = []
    for usage in accounts():
        whole = apply_lever(column, usage, BOOK()).table(name)
        parts = [(rows, apply_lever(column, part, BOOK()).table(name)) for rows, part in thirds(usage, name)]
        found += [agree(whole, rows, part) for rows, part in parts]
    assert all(found) != lever.across


@pytest.mark.parametrize("name", SEPARABLE)
def test_levers_one_after_the_other_leave_of_a_part_what_they_leave_of_the_whole(name: str) -> None:
    whole = accounts()[0]
    parts = thirds(whole, name)
    for lever in everything().ordered():
        if lever.table == name and not lever.across:
            column = drawn_lever(lever, DRAWS, 7)
            whole = apply_lever(column, whole, BOOK())
            parts = [(rows, apply_lever(column, part, BOOK())) for rows, part in parts]
            assert all(agree(whole.table(name), rows, part.table(name)) for rows, part in parts), lever.id


@pytest.mark.parametrize("name", SEPARABLE)
def test_what_is_billed_by_resource_has_no_price_steps(name: str) -> None:
    usage = usages()[0]
    kind: Any = type(usage.table(name))
    for meter in meters_of(kind):
        assert meter.by or not BOOK().table(meter.price, (meter.item,), usage.catalog.regions).tiers, (
            meter.name
        )


def test_the_profile_of_some_rows_is_theirs_in_their_order() -> None:
    """Row 1 runs in the first half of four hours, row 2 follows a shape, rows 0 and 3 run always."""
    profile = Profile.intervals(np.array([0.0, 0, 0, 0]), np.array([4.0, 2, 4, 4]), 4)
    profile = profile.with_shape(np.array([False, False, True, False]), np.array([[0.0, 0, 1, 3]]))
    part = profile.taken(np.array([2, 1]))
    np.testing.assert_array_equal(part.spread(np.array([8.0, 0])), [0, 0, 2, 6])
    np.testing.assert_array_equal(part.spread(np.array([0, 8.0])), [4, 4, 0, 0])
