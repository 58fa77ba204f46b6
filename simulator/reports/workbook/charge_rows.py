"""Charges of today and of the plan side by side, one row per resource and meter, before they are cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.engine.simulate import Result
from simulator.pricing.book import BILLED
from simulator.pricing.charges import Block, Charges, price_usage
from simulator.reports.workbook.live import Slope
from simulator.usage.tables import TABLES, Meter, Usage


@dataclass(frozen=True)
class Group:
    """Charges whose price falls with the total quantity of a region: one tier table for all of them."""

    meter: str
    item: str
    region: str
    bounds: tuple[float, ...]
    list_usd: tuple[float, ...]


@dataclass(frozen=True)
class ChargeRow:
    """One row of the sheet. `price_row` points into the price book, -1 unknown; `group` replaces it for tiers.

    `terms` are the live parameters of the quantity: (cell name, setting, units per unit of the parameter).
    """

    table: str
    row: int
    meter: Meter
    resource_id: str
    owner: str
    region: str
    item: str
    today: float
    plan: float
    unit_price_today_usd: float
    unit_price_plan_usd: float
    price_row: int
    group: Group | None
    terms: tuple[tuple[str, float, float], ...]

    @property
    def cost_today_usd(self) -> float:
        """At contracted price, before any plan; 0 without quantity."""
        return 0.0 if self.today == 0 else self.today * self.unit_price_today_usd

    @property
    def cost_plan_usd(self) -> float:
        """The same in the plan."""
        return 0.0 if self.plan == 0 else self.plan * self.unit_price_plan_usd


def charge_rows(result: Result, slopes: list[Slope]) -> list[ChargeRow]:
    """All recurring charges, resource by resource."""
    before = price_usage(result.baseline.usage, result.book)
    after = price_usage(result.outcome.usage, result.book)
    rows = [
        row
        for name in TABLES
        for meter, _ in result.outcome.usage.table(name).meters()
        if not meter.once
        for row in _of_meter(result, name, meter, before, after, [s for s in slopes if s.table == name])
    ]
    place = {name: n for n, name in enumerate(TABLES)}
    return sorted(rows, key=lambda r: (place[r.table], r.row))


def _of_meter(
    result: Result, name: str, meter: Meter, before: Charges, after: Charges, slopes: list[Slope]
) -> list[ChargeRow]:
    count = len(result.baseline.usage.table(name))
    old, new = _block(before, name, meter.name), _block(after, name, meter.name)
    quantity = [b.quantity if b else np.zeros(count) for b in (old, new)]
    steps = [(s, s.per_unit[meter.name]) for s in slopes if s.per_unit[meter.name].any()]
    moved = np.any([per_unit != 0 for _, per_unit in steps], axis=0) if steps else np.zeros(count, bool)
    chosen = np.flatnonzero((quantity[0] != 0) | (quantity[1] != 0) | moved)
    if not len(chosen):
        return []
    made = []
    usages = (result.baseline.usage, result.outcome.usage)
    for row in chosen:
        block = new if new and quantity[1][row] != 0 else old
        usage = usages[1] if block is new else usages[0]
        if block is None:
            continue
        terms = tuple((s.name, s.setting, float(p[row])) for s, p in steps if p[row] != 0)
        today, plan = float(quantity[0][row]), float(quantity[1][row])
        if old and new and today and plan and old.price_row[row] != new.price_row[row]:
            # another price in the plan (a profile, another model): each side is a row with its own price
            made.append(_row(result, usages[0], name, meter, int(row), old, today, 0.0, ()))
            made.append(_row(result, usages[1], name, meter, int(row), new, 0.0, plan, terms))
        else:
            made.append(_row(result, usage, name, meter, int(row), block, today, plan, terms, old, new))
    return made


def _row(
    result: Result,
    usage: Usage,
    name: str,
    meter: Meter,
    row: int,
    block: Block,
    today: float,
    plan: float,
    terms: tuple[tuple[str, float, float], ...],
    old: Block | None = None,
    new: Block | None = None,
) -> ChargeRow:
    table, at = usage.table(name), np.int64(row)
    return ChargeRow(
        name, row, meter, str(table.resource_id[row]), str(table.owner[row]), _region(usage, name, row),
        _item(usage, name, meter, row), today, plan, _price(old or block, at), _price(new or block, at),
        int(block.price_row[row]), _group(result, usage, name, meter, row), terms,
    )  # fmt: skip


def _block(charges: Charges, table: str, meter: str) -> Block | None:
    return next((b for b in charges.blocks if b.table == table and b.meter.name == meter), None)


def _price(block: Block, row: np.int64) -> float:
    return float(block.unit_price_usd[row])


def _region(usage: Usage, name: str, row: int) -> str:
    code = usage.table(name).region[row]
    return usage.catalog.regions[code] if code >= 0 else ""


def _item(usage: Usage, name: str, meter: Meter, row: int) -> str:
    if not meter.by:
        return meter.item
    items = usage.catalog.models if meter.price.startswith("bedrock") else usage.catalog.instance_types
    code = getattr(usage.table(name), meter.by)[row]
    return items[code] if code >= 0 else "unknown"


def _group(result: Result, usage: Usage, name: str, meter: Meter, row: int) -> Group | None:
    """The tier table of a charge, as list prices; None where the price does not fall."""
    if meter.by:
        return None
    code = int(usage.table(name).region[row])
    tiers = result.book.table(meter.price, (meter.item,), usage.catalog.regions).tiers.get((0, code))
    if tiers is None:
        return None
    paid = 1 - result.book.discount_ratio
    bounds, prices = tiers
    return Group(
        meter.name,
        meter.item,
        usage.catalog.regions[code],
        tuple(map(float, bounds)),
        tuple(float(p) / paid for p in prices),
    )


def price_cell(price_row: int, component: str, item: str, region: str) -> str:
    """Name under which a price's cell is remembered: one per row of the book, one per key without a row."""
    return f"price {price_row}" if price_row >= 0 else f"price {component} {item} {region}"


def is_discounted(component: str) -> bool:
    """Dollars of the bill itself carry a negotiated discount already."""
    return component != BILLED
