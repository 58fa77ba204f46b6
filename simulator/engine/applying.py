"""Applying a lever honestly: usage may not move to where no price is known, or unknown would look like saving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.lever import Lever
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import Charges, known_only, named, price_of, price_table, without_price
from simulator.usage.rows import changed_meters, restored
from simulator.usage.tables import Meter, Table, Usage

Mask = NDArray[np.bool_]
TOLERANCE_USD = 1e-9


def apply_lever(lever: Lever, usage: Usage, book: PriceBook) -> Usage:
    """The usage a lever leaves; resources it would move to a meter without a price stay as they were.

    So do, under an assumption, those whose quantities follow from the missing fact itself.
    """
    if lever.table and not len(usage.table(lever.table)):
        return usage
    after = _assumed(lever, usage) if lever.assumes else lever.apply(usage)
    if not lever.table:
        return after
    if after is not usage:
        stuck = unpriced_rows(usage, after, lever.table, book)
        if lever.assumes:
            stuck |= _lost_rows(usage, after, lever.table)
        after = _restored(usage, after, lever.table, stuck) if stuck.any() else after
    other = lever.alternative(usage)
    return after if other is None else _cheaper(usage, after, other, lever.table, book)


def _cheaper(usage: Usage, after: Usage, other: Usage, name: str, book: PriceBook) -> Usage:
    """Per resource, and per draw, the cheaper of two ways on the bill, the first at equal cost."""
    keep = _more_usd(after, other, name, book) >= -TOLERANCE_USD
    keep = keep | unpriced_rows(usage, other, name, book)
    if keep.all():
        return after
    return _restored(after, other, name, keep) if keep.any() else other


def _more_usd(one: Usage, other: Usage, name: str, book: PriceBook) -> NDArray[np.float64]:
    """What the other of two ways costs more, per resource and draw; unknown charges count as nothing."""
    differ = _meters_that_differ(one, other, name)
    more = np.zeros(len(one.table(name)))
    for meters in _priced_alike(one.table(name), differ):
        more = more + _more_of(meters, one, other, name, book)
    if np.isnan(more).any():  # an unknown quantity: charge by charge
        return _usd(other, name, book, differ) - _usd(one, name, book, differ)
    return more


def _priced_alike(table: Table, names: frozenset[str]) -> Iterable[list[Meter]]:
    """Those of the meters that have used quantities, together where they share price and key."""
    found: dict[tuple[str, str, str], list[Meter]] = {}
    for meter, _ in table.meters():
        if meter.name in names:
            found.setdefault((meter.price, meter.item, meter.by), []).append(meter)
    return found.values()


def _more_of(meters: Sequence[Meter], one: Usage, other: Usage, name: str, book: PriceBook) -> Any:
    """As `_more_usd`, of meters priced alike; NaN where a quantity is unknown."""
    (before, price), (after, then) = (_sum_and_price(meters, u, name, book) for u in (one, other))
    if price is then or (price.ndim == then.ndim == 1 and np.array_equal(price, then, equal_nan=True)):
        return (after - before) * known_only(price)
    return after * known_only(then) - before * known_only(price)


def _sum_and_price(meters: Sequence[Meter], usage: Usage, name: str, book: PriceBook) -> tuple[Any, Any]:
    """Quantity of the meters, which are priced alike, and the price of a unit."""
    table = usage.table(name)
    quantities = [q for m in meters if (q := getattr(table, m.name)).any()] or [np.zeros(len(table))]
    price, _ = price_of(usage, table, meters[0], getattr(table, meters[0].name), book)
    return reduce(np.add, quantities), price


def _meters_that_differ(one: Usage, other: Usage, name: str) -> frozenset[str]:
    """Meters on which two ways may cost differently: those that change, and those that climb the same price steps."""
    changed = [meter for meter, *_ in changed_meters(one.table(name), other.table(name))]
    prices = {(m.price, m.item) for m in changed}
    return frozenset(
        m.name for m, _ in one.table(name).meters() if (m.price, m.item) in prices and not m.once
    )


def _usd(usage: Usage, name: str, book: PriceBook, meters: frozenset[str]) -> NDArray[np.float64]:
    charges = Charges(tuple(price_table(usage, name, book, meters)))
    return charges.by_resource(name, len(usage.table(name)))


def _assumed(lever: Lever, usage: Usage) -> Usage:
    try:
        with np.errstate(all="ignore"):
            return lever.apply(usage)
    except (ValueError, IndexError):  # a shape or a count that follows from the missing fact
        return usage


def _lost_rows(before: Usage, after: Usage, name: str) -> Mask:
    """Resources with a quantity that was known and would be no longer, or would be less than none."""
    lost = np.zeros(len(before.table(name)), bool)
    for (_, quantity), (_, target) in zip(
        before.table(name).meters(), after.table(name).meters(), strict=True
    ):
        if quantity is not target:
            gone = (np.isnan(target) & ~np.isnan(quantity)) | (target < 0)
            lost |= gone if gone.ndim == 1 else gone.any(axis=0)
    return lost


def unpriced_rows(before: Usage, after: Usage, name: str, book: PriceBook) -> Mask:
    """Resources for which a meter without a known price would grow, or whose quantity would move to one."""
    old, new = before.table(name), after.table(name)
    stuck = np.zeros(len(old), bool)
    for meter, quantity, target, moved in changed_meters(old, new):
        if target.ndim == 2 and not len(without_price(after, new, meter, np.arange(len(new)), book)):
            continue  # to look prices up is quicker than to compare all draws
        grows = target > quantity if moved is None else (target > quantity) | (moved & (target > 0))
        if np.count_nonzero(grows):
            rows = (grows if grows.ndim == 1 else grows.any(axis=0)).nonzero()[0]
            stuck[without_price(after, new, meter, rows, book)] = True
    return stuck


def missing_prices(
    before: Usage, after: Usage, name: str, book: PriceBook
) -> dict[int, tuple[Meter, str, str]]:
    """Per resource that would move to where no price is known: the meter, its item and the region."""
    old, new = before.table(name), after.table(name)
    found: dict[int, tuple[Meter, str, str]] = {}
    for row in np.flatnonzero(unpriced_rows(before, after, name, book)):
        for (meter, quantity), (_, target) in zip(old.meters(), new.meters(), strict=True):
            used = np.any(target[..., row] > (0.0 if meter.by else quantity[..., row]))
            if used and len(without_price(after, new, meter, np.array([row]), book)):
                found.setdefault(int(row), (meter, *named(after, new, meter, int(row))))
    return found


def _restored(before: Usage, after: Usage, name: str, rows: Mask) -> Usage:
    return after.with_tables(**{name: restored(before.table(name), after.table(name), rows)})
