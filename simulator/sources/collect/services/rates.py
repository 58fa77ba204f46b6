"""What Cost Explorer states per unit: dollars over quantity by usage type → rows of billed_rates.

As an import does: discount lines beside the usage make the contracted price, credits and tax are no price. A usage type
whose quantity is not given, or whose dollars are 0 (free tier), states none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from simulator.aws.price_keys import PriceKey
from simulator.aws.region_prefixes import DEFAULT_REGION, PREFIXES, split_prefix
from simulator.aws.usage_types import DISCOUNTS, use_of

Line = tuple[str, str, datetime, datetime, float, float | None, str]
"""Service, usage type or kind of line, start, end, USD, quantity, unit."""
MOST_DISCOUNT_RATIO = 0.9
"""As for an imported bill: above this the lines are no price discount."""
Row = dict[str, Any]


def billed_rates(usage: Iterable[Line], adjustments: Iterable[Line]) -> list[Row]:
    """One row per price key, region and period: list and contracted price per unit, quantity, usage types behind it."""
    discounts = _discount_ratios(usage := list(usage), adjustments)
    sums: dict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for service, usage_type, start, end, usd, quantity, unit in usage:
        key, region = _key(service, usage_type, unit)
        if key.component and region and quantity and quantity > 0 and usd > 0:
            total = sums[(*key[:4], region, service, start, end)]
            for n, more in enumerate((usd, quantity * key.units, 1)):
                total[n] += more
    return [
        {
            "component": component, "item": item, "variant": variant, "unit": unit, "region": region,
            "period_start": start, "period_end": end, "quantity": units, "lines": lines,
            "list_unit_price_usd": usd / units,
            "contracted_unit_price_usd": usd / units * (1.0 - discounts.get((service, start), 0.0)),
        }
        for (component, item, variant, unit, region, service, start, end), (usd, units, lines) in sums.items()
    ]  # fmt: skip


def _key(service: str, usage_type: str, unit: str) -> tuple[PriceKey, str]:
    """The price key of a usage type and its region."""
    from simulator.aws.price_keys import price_key  # loads the catalogue

    use = use_of(service, service, usage_type, "", "Usage", unit)
    key = price_key(
        use.meter, product=service, item=use.item, usage_type=usage_type, instance_type=use.instance_type,
        model=use.model, tier=use.tier, scope=use.scope, per_unit=use.per_unit,
    )  # fmt: skip
    return key, use.region or region_of(usage_type)


def region_of(usage_type: str) -> str:
    """Region of a usage type by its prefix: USW2-Host:ml.g5.xlarge is us-west-2; "" when it is of no region."""
    prefix, _ = split_prefix(usage_type)
    if prefix:
        return PREFIXES.get(prefix, "")
    regional = (":", "TimedStorage", "Requests-", "Token", "DataTransfer")
    return DEFAULT_REGION if any(mark in usage_type for mark in regional) else ""


def _discount_ratios(usage: list[Line], adjustments: Iterable[Line]) -> dict[tuple[str, datetime], float]:
    """Discount lines of a service in a period over its usage there."""
    full: dict[tuple[str, datetime], float] = defaultdict(float)
    off: dict[tuple[str, datetime], float] = defaultdict(float)
    for service, _, start, _, usd, _, _ in usage:
        full[service, start] += max(usd, 0.0)
    for service, kind, start, _, usd, _, _ in adjustments:
        if kind in DISCOUNTS:
            off[service, start] -= usd
    ratios = {place: off[place] / full[place] for place in off if full[place] > 0}
    return {place: ratio for place, ratio in ratios.items() if 0 < ratio <= MOST_DISCOUNT_RATIO}
