"""Applying a lever honestly: usage may not move to where no price is known, or unknown would look like saving."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.levers.lever import Lever
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import has_steps, named, price_of, without_price
from simulator.pricing.known import is_used, known_only
from simulator.pricing.steps import Steps
from simulator.usage.rows import changed_meters, restored
from simulator.usage.tables import Meter, Table, Usage

Mask = NDArray[np.bool_]
TOLERANCE_USD = 1e-9


def apply_lever(lever: Lever, usage: Usage, book: PriceBook) -> Usage:
    """The usage a lever leaves; resources it would move to a meter without a price stay as they were.

    So do, under an assumption, those whose quantities follow from the missing fact itself.
    """
    return apply_together(lever, (usage,), book)[0]


def apply_together(lever: Lever, parts: Sequence[Usage], book: PriceBook) -> list[Usage]:
    """As `apply_lever`, of usage whose table comes in parts: of a lever that looks at each resource by itself.

    They are one bill: its price steps run over the resources of all parts.
    """
    after = [_one_way(lever, part, book) for part in parts]
    if not lever.table:
        return after
    others = [lever.alternative(part) if len(part.table(lever.table)) else None for part in parts]
    if all(other is None for other in others):
        return after
    return _cheaper(parts, after, others, lever.table, book)


def _one_way(lever: Lever, usage: Usage, book: PriceBook) -> Usage:
    if lever.table and not len(usage.table(lever.table)):
        return usage
    after = _assumed(lever, usage) if lever.assumes else lever.apply(usage)
    if not lever.table or after is usage:
        return after
    stuck = unpriced_rows(usage, after, lever.table, book)
    if lever.assumes:
        stuck |= _lost_rows(usage, after, lever.table)
    return _restored(usage, after, lever.table, stuck) if np.count_nonzero(stuck) else after


def _cheaper(
    parts: Sequence[Usage], after: Sequence[Usage], others: Sequence[Usage | None], name: str, book: PriceBook
) -> list[Usage]:
    """Per resource, and per draw, the cheaper of two ways on the bill, the first at equal cost.

    The other way leaves resources it is not for as they were.
    """
    ways = [Way(one, other or part) for one, other, part in zip(after, others, parts, strict=True)]
    differ = frozenset[str]().union(*(_meters_that_differ(w, name) for w in ways))
    steps = [Steps(way, name) for way in zip(*ways, strict=True)]
    keeps = [
        (_more_usd(way, steps, differ, name, book) >= -TOLERANCE_USD)
        | unpriced_rows(part, way.other, name, book)
        for way, part in zip(ways, parts, strict=True)
    ]
    return [_chosen(way, name, keep) for way, keep in zip(ways, keeps, strict=True)]


class Way(NamedTuple):
    """Two ways to do the same: the usage each leaves."""

    one: Usage
    other: Usage


def _chosen(way: Way, name: str, keep: Mask) -> Usage:
    """The first way where it is kept, else the other."""
    if keep.all():
        return way.one
    return _restored(way.one, way.other, name, keep) if keep.any() else way.other


def _meters_that_differ(way: Way, name: str) -> frozenset[str]:
    """Meters on which two ways may cost differently: those that change, and those that climb the same price steps."""
    table = way.one.table(name)
    changed = [meter for meter, *_ in changed_meters(table, way.other.table(name))]
    prices = {(m.price, m.item) for m in changed}
    return frozenset(m.name for m, _ in table.meters() if (m.price, m.item) in prices and not m.once)


def _more_usd(way: Way, steps: Sequence[Steps], differ: Collection[str], name: str, book: PriceBook) -> Any:
    """What the other way costs more, per resource and draw; unknown charges count as nothing."""
    alike: dict[tuple[str, str, str], list[Meter]] = {}
    for meter, _ in way.one.table(name).meters():
        if meter.name in differ:
            alike.setdefault((meter.price, meter.item, meter.by), []).append(meter)
    more: Any = np.zeros(len(way.one.table(name)))
    for meters in alike.values():
        before, after = (_amount(meters, usage.table(name)) for usage in way)
        if not _priced_alike(meters[0], way, name, book):
            price, then = (_price(meters[0], u, s, name, book) for u, s in zip(way, steps, strict=True))
            more = more + (after * then - before * price)
        elif is_used(difference := after - before):
            more = more + difference * _price(meters[0], way.one, steps[0], name, book)
    return more


def _priced_alike(meter: Meter, way: Way, name: str, book: PriceBook) -> bool:
    """Whether every resource has the same price both ways, whatever its quantity."""
    one, other = (usage.table(name) for usage in way)
    return (
        getattr(one, meter.by) is getattr(other, meter.by)
        if meter.by
        else not has_steps(way.one, meter, book)
    )


def _amount(meters: Sequence[Meter], table: Table) -> Any:
    """Quantity under meters of one price; what is unknown as nothing."""
    return reduce(np.add, [known_only(getattr(table, m.name)) for m in meters])


def _price(meter: Meter, usage: Usage, steps: Steps, name: str, book: PriceBook) -> Any:
    """Price of a unit; what is unknown as nothing."""
    return known_only(price_of(usage, usage.table(name), meter, book, steps)[0])


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
) -> dict[int, list[tuple[Meter, str, str]]]:
    """Per resource that would move to where no price is known: every such meter, with its item and the region."""
    old, new = before.table(name), after.table(name)
    found: dict[int, list[tuple[Meter, str, str]]] = {}
    for row in np.flatnonzero(unpriced_rows(before, after, name, book)):
        for (meter, quantity), (_, target) in zip(old.meters(), new.meters(), strict=True):
            used = np.any(target[..., row] > (0.0 if meter.by else quantity[..., row]))
            if used and len(without_price(after, new, meter, np.array([row]), book)):
                found.setdefault(int(row), []).append((meter, *named(after, new, meter, int(row))))
    return found


def _restored(before: Usage, after: Usage, name: str, rows: Mask) -> Usage:
    return after.with_tables(**{name: restored(before.table(name), after.table(name), rows)})
