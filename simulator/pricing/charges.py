"""Usage × price → charges: the only place that multiplies by a price.

A charge is quantity × unit price = cost. Charges are held in blocks, one per billed column, so that ten
thousand jobs are priced in one product. An unknown quantity or price makes an unknown cost (NaN): it is
listed, and adds nothing to a total.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.catalog import Names
from simulator.pricing.book import PriceBook
from simulator.pricing.known import is_used, known_only, known_sum
from simulator.pricing.price import PriceTable
from simulator.pricing.steps import Steps
from simulator.units import MINUTES_PER_HOUR
from simulator.usage.tables import COMPONENTS, TABLES, Meter, Table, Usage

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Charges of one billed column: arrays over the resources of `table` (draws first, when there are any).

    `list_cost_usd` is quantity × unit price; `cost_usd` the effective cost, lower where a plan covers it.
    `plan_rates_usd` maps a Savings Plan offer to the rate per unit of each resource (NaN: no rate), where the
    price book has any.
    """

    table: str
    meter: Meter
    quantity: Array
    unit_price_usd: Array
    list_cost_usd: Array
    cost_usd: Array
    price_row: NDArray[np.int32]
    plan_rates_usd: Mapping[str, Array] = field(default_factory=dict)

    @cached_property
    def known_usd(self) -> Array:
        """Costs with unknown ones counted as nothing."""
        return known_only(self.cost_usd)

    @cached_property
    def total_usd(self) -> Array:
        """Known costs added up: a number, or one per draw."""
        total: Array = self.known_usd.sum(axis=-1)
        return total


@dataclass(frozen=True)
class Charges:
    """All charges of a month. Totals are sums of charges: two screens cannot disagree.

    `unused_commitment_usd` is what Savings Plans cost in hours that could not use them.
    """

    blocks: tuple[Block, ...]
    unused_commitment_usd: float = 0.0

    def total_usd(
        self, *, component: str | None = None, table: str | None = None, once: bool = False
    ) -> Array:
        """Sum of known recurring (or one-off) charges: a number, or one per draw."""
        parts = [
            b.total_usd
            for b in self.blocks
            if b.meter.once == once
            and (component is None or b.meter.component == component)
            and (table is None or b.table == table)
        ]
        with_unused = not once and component in (None, "commitments") and table is None
        total: Any = self.unused_commitment_usd if with_unused else 0.0
        for part in parts:
            total = total + part
        return np.asarray(total, dtype=float)

    def by_component(self) -> dict[str, Array]:
        """Recurring charges per component."""
        return dict(self._by_component)

    @cached_property
    def _by_component(self) -> dict[str, Array]:
        total: dict[str, Any] = dict.fromkeys(COMPONENTS, 0.0) | {"commitments": self.unused_commitment_usd}
        for block in self.blocks:
            if not block.meter.once:
                total[block.meter.component] = total[block.meter.component] + block.total_usd
        return {component: np.asarray(usd, dtype=float) for component, usd in total.items()}

    def by_resource(self, table: str, rows: int) -> Array:
        """Recurring known charges per resource of a table."""
        total = np.zeros(rows)
        for block in self.blocks:
            if block.table == table and not block.meter.once:
                total = total + block.known_usd
        return total

    def unknown(self) -> Iterator[tuple[Block, int]]:
        """Every charge whose cost cannot be known: the block and the row."""
        for block in self.blocks:
            cost = block.cost_usd if block.cost_usd.ndim == 1 else block.cost_usd[0]
            for row in np.flatnonzero(np.isnan(cost)):
                yield block, int(row)


def price_usage(usage: Usage, book: PriceBook, known: Sequence[tuple[Usage, Charges]] = ()) -> Charges:
    """Charges of a month of usage. `known`: usage priced with this book before; its very same tables are taken over."""
    blocks: list[Block] = []
    for name in TABLES:
        table = usage.table(name)
        same = (c for u, c in known if u.table(name) is table and u.catalog is usage.catalog)
        charges = next(same, None)
        blocks += (
            (b for b in charges.blocks if b.table == name) if charges else price_table(usage, name, book)
        )
    return Charges(tuple(blocks))


def price_table(
    usage: Usage, name: str, book: PriceBook, only: Container[str] | None = None
) -> Iterator[Block]:
    """Charges of one table, or of some of its meters; meters nobody used are left out."""
    table = usage.table(name)
    steps = Steps((usage,), name)
    for meter, quantity in table.meters():
        if (only is None or meter.name in only) and is_used(quantity):
            unit_price, row = price_of(usage, table, meter, book, steps)
            cost = np.where(quantity == 0, 0.0, quantity * unit_price)
            rates = plan_rates_of(usage, table, meter, book) if meter.eligible else {}
            yield Block(name, meter, quantity, unit_price, cost, cost, row, rates)


def summed_usd(usage: Usage, name: str, book: PriceBook, steps: Steps | None = None) -> tuple[Array, Array]:
    """Known recurring dollars of a table, and those of them a plan may cover: what `price_table` comes to, per draw.

    `steps` are those of the whole bill, where these resources are a part of it.
    """
    table = usage.table(name)
    steps = steps or Steps((usage,), name)
    total, eligible = np.zeros(()), np.zeros(())
    for meter, quantity in table.meters():
        if not meter.once and is_used(quantity):
            usd = _sum_of(usage, table, meter, book, steps)
            total = total + usd
            eligible = eligible + usd if meter.eligible else eligible
    return total, eligible


def _sum_of(usage: Usage, table: Table, meter: Meter, book: PriceBook, steps: Steps) -> Array:
    """Known dollars of one meter, per draw."""
    prices = _prices(usage, meter, book)
    unit_price = prices.usd.take(_cell(prices, table, meter))
    quantity, usd = getattr(table, meter.name), np.zeros(())
    for code, average in steps.averages(meter, prices).items():
        rows = table.region == code
        usd = usd + average * known_sum(quantity, rows)
        unit_price = np.where(rows, 0.0, unit_price)
    flat: Array = np.asarray(quantity @ unit_price)
    if np.isnan(flat).any():  # an unknown quantity or price: it adds nothing
        flat = known_only(np.where(quantity == 0, 0.0, quantity * unit_price)).sum(axis=-1)
    return usd + flat


def plan_rates_of(usage: Usage, table: Table, meter: Meter, book: PriceBook) -> dict[str, Array]:
    """Savings Plan rate per unit of every resource, by offer; offers that rate none of them are left out."""
    rates = book.plan_rates(meter.price, usage.catalog.instance_types, usage.catalog.regions)
    found = {offer: usd[getattr(table, meter.by), table.region] for offer, usd in rates.items()}
    return {offer: usd for offer, usd in found.items() if not np.isnan(usd).all()}


def price_of(
    usage: Usage, table: Table, meter: Meter, book: PriceBook, steps: Steps
) -> tuple[Array, NDArray[np.int32]]:
    """Price per unit of a meter for every resource (NaN unknown), and the row of the price book it comes from."""
    prices = _prices(usage, meter, book)
    cell = _cell(prices, table, meter)
    averages = steps.averages(meter, prices)
    return _at_average(prices.usd.take(cell), averages, table.region), prices.row.take(cell)


def has_steps(usage: Usage, meter: Meter, book: PriceBook) -> bool:
    """Whether the price of a meter falls with quantity somewhere."""
    return not meter.by and bool(_prices(usage, meter, book).tiers)


def _at_average(unit_price: Array, averages: Mapping[int, Array], region: NDArray[np.int64]) -> Array:
    """Prices by resource, those of regions with steps (in ascending order) at their average: one, or one per draw."""
    if not averages:
        return unit_price
    codes = np.array(list(averages))
    place = np.minimum(np.searchsorted(codes, region), len(codes) - 1)
    average: Array = np.stack(np.broadcast_arrays(*averages.values()), axis=-1)[..., place]
    stepped = codes[place] == region
    return average if stepped.all() else np.where(stepped, average, unit_price)


def _cell(prices: PriceTable, table: Table, meter: Meter) -> NDArray[np.int64]:
    """Where every resource's price stands in the flattened table; the code -1 falls on its unknown margins."""
    if not meter.by:
        return table.region
    cell: NDArray[np.int64] = getattr(table, meter.by) * prices.usd.shape[1] + table.region
    return cell


def without_price(
    usage: Usage, table: Table, meter: Meter, rows: NDArray[np.int64], book: PriceBook
) -> NDArray[np.int64]:
    """Those of the rows whose price under a meter is not known."""
    code = getattr(table, meter.by)[rows] if meter.by else 0
    return rows[np.isnan(_prices(usage, meter, book).usd[code, table.region[rows]])]


def _prices(usage: Usage, meter: Meter, book: PriceBook) -> PriceTable:
    catalog = usage.catalog
    types = catalog.models if meter.price.startswith("bedrock") else catalog.instance_types
    if meter.by and meter.item:
        return book.table(meter.price, _named(meter.item, types), catalog.regions)
    return book.table(meter.price, types if meter.by else (meter.item,), catalog.regions)


@cache
def _named(pattern: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Items of a vocabulary whose price key has more in it than the name: `ec2:{}#1y_no_upfront`."""
    return Names(pattern.format(name) for name in names)


def cost_per_call_usd(usd_per_hour: Any, most_calls_per_minute: Any, load_ratio: Any = 1.0) -> Any:
    """Hourly rate over the calls of an hour; at full load unless told. Half the load, twice the cost per call.

    Source: SageMaker Inference Recommender's costPerInference.
    """
    return usd_per_hour / (most_calls_per_minute * MINUTES_PER_HOUR * load_ratio)


def named(usage: Usage, table: Table, meter: Meter, row: int) -> tuple[str, str]:
    """Item and region that price a resource's meter, in words where the code is unknown."""
    region = usage.catalog.regions[table.region[row]] if table.region[row] >= 0 else "an unknown region"
    return str(_items(usage, table, meter)[row]), region


def _items(usage: Usage, table: Table, meter: Meter) -> NDArray[np.object_]:
    if not meter.by:
        return np.full(len(table), meter.item, object)
    items = usage.catalog.models if meter.price.startswith("bedrock") else usage.catalog.instance_types
    names = _named(meter.item, items) if meter.item else items
    return np.array([*names, "unknown"], object)[getattr(table, meter.by)]
