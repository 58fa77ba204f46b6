"""Bedrock models that capacity can carry instead of tokens: model units, and the reserved tier, by model and region.

A pool is what a model's tokens on demand cost per hour. What a purchase carries and costs is asked of the levers of the
same names, so that the ladder and the board agree: units carry the busiest minute, so that one unit carries on average
its tokens per minute over the ratio of that minute to the mean; a reserved token carries the share that is used. Tokens
beyond what is bought are on demand. Where a model has both, its pool's is the one that costs less in its fullest month.
Only what has a price: few models publish one per unit, none one of the reserved tier; own prices take both. Source:
rules.md#provisioned-throughput, rules.md#service-tiers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.ladder_ask import Ask
from simulator.analysis.ladder_pools import Offer, Pool
from simulator.engine.calendar import Calendar
from simulator.engine.simulate import Result
from simulator.levers.bedrock.provisioned_throughput import HOURS, ProvisionedThroughput
from simulator.levers.bedrock.reserved_tier import LEAST_INPUT_TPM, LEAST_OUTPUT_TPM, ReservedTier
from simulator.levers.lever import Lever
from simulator.pricing.book import PriceBook
from simulator.pricing.charges import price_table
from simulator.units import MINUTES_PER_HOUR
from simulator.usage.blend import grown
from simulator.usage.tables import Usage

Array = NDArray[np.float64]
TERMS = {"1_month": 1, "6_months": 6}
RESERVED_TIER_MONTHS = 3
"""Of one and three months the longer: own prices do not tell which the price is of."""
FEES = (*HOURS.values(), "reserved_input_ktpm", "reserved_output_ktpm")
HOW = {
    "provisioned_throughput": "Model units carry the busiest minute; how many tokens a unit serves, and how far that "
    "minute is above the mean, are the lever's (assumed). Tokens beyond them go on demand.",
    "reserved_tier": "Reserved for three months at a time, in multiples of the least reservation; the share of "
    "reserved tokens that is used is the lever's (assumed). Tokens beyond them go on demand.",
}
Key = tuple[str, str]


@dataclass(frozen=True)
class Way:
    """One kind of purchase for every model: the lever that knows what it carries, bought for so many months."""

    name: str
    lever: Lever
    months: int

    @property
    def kind(self) -> str:
        """Id of the lever."""
        return self.lever.id


@dataclass
class Found:
    """Of one model in one region: on-demand dollars per hour that all its units carry, what these cost, how many."""

    carried_usd: float = 0.0
    fee_usd: float = 0.0
    units: float = 0.0

    def offer(self, way: Way) -> Offer | None:
        """The purchase, where it is cheaper than the tokens it carries."""
        if not 0 < self.fee_usd < self.carried_usd or self.units <= 0:
            return None
        return Offer(way.name, 1 - self.fee_usd / self.carried_usd, way.months, self.carried_usd / self.units)


def bedrock_pools(dated: Calendar, ask: Ask) -> tuple[Pool, ...]:
    """Every model and region with tokens on demand in some month and a purchase that is cheaper."""
    ways = list(_ways(dated.result))
    hourly: dict[tuple[str, Key], Array] = {}
    offers: dict[tuple[str, Key], dict[str, Offer]] = {}
    for month in range(1, ask.months + 1):
        growth = dated.result.scenario.planning.growth(month)
        for part in dated.parts(month):
            usage, book = grown(dated.usage(month, part.day), growth), dated.book_on(part.day)
            seen: set[tuple[str, Key]] = set()
            for way in ways:
                for key, found in _found(usage, way, book).items():
                    place = (way.kind, key)
                    offer = found.offer(way)
                    if offer is not None:
                        offers.setdefault(place, {}).setdefault(way.name, offer)
                    if place not in seen:
                        seen.add(place)
                        row = hourly.setdefault(place, np.zeros(ask.months))
                        row[month - 1] += part.share * found.carried_usd * _whole(way)
    return tuple(_pools(hourly, offers))


def _pools(
    hourly: dict[tuple[str, Key], Array], offers: dict[tuple[str, Key], dict[str, Offer]]
) -> Iterator[Pool]:
    """One pool per model and region: of two kinds of purchase the one that costs less in the fullest month."""
    best: dict[Key, tuple[float, str]] = {}
    for (kind, key), made in offers.items():
        least = min(o.least_usd(float(hourly[kind, key].max())) for o in made.values())
        best[key] = min(best.get(key, (np.inf, "")), (least, kind))
    for key, (_, kind) in sorted(best.items()):
        model, region = key
        found = tuple(offers[kind, key].values())
        yield Pool(f"Bedrock {model} in {region}", tuple(hourly[kind, key].tolist()), found, HOW[kind])


def _ways(result: Result) -> Iterator[Way]:
    """The levers at their settings in the scenario or their defaults, for each term; all mean tokens reserved."""
    units = result.scenario.setting("provisioned_throughput") or ProvisionedThroughput()
    assert isinstance(units, ProvisionedThroughput)
    for term, months in TERMS.items():
        yield Way(f"provisioned_throughput:{term}", replace(units, commitment=term), months)
    reserved = result.scenario.setting("reserved_tier") or ReservedTier()
    assert isinstance(reserved, ReservedTier)
    yield Way("reserved_tier", replace(reserved, reserved_ratio=1.0), RESERVED_TIER_MONTHS)


def _whole(way: Way) -> float:
    """All tokens that may be carried over those that the lever's whole reservation carries."""
    return 1.0 / float(way.lever.used_ratio) if isinstance(way.lever, ReservedTier) else 1.0


def _found(usage: Usage, way: Way, book: PriceBook) -> dict[Key, Found]:
    """What the lever moves, at prices, by model and region."""
    b, catalog = usage.bedrock, usage.catalog
    listed = book.table("bedrock_reserved_input", catalog.models, catalog.regions)
    if isinstance(way.lever, ReservedTier) and np.isnan(listed.usd).all():
        return {}
    applies = way.lever.verdicts(usage).applies
    if not applies.any():
        return {}
    after = way.lever.apply(usage)
    before_usd, _ = _token_and_fee_usd(usage, book)
    left_usd, fee_usd = _token_and_fee_usd(after, book)
    units = _units(usage, way)
    made: dict[Key, Found] = {}
    for row in np.flatnonzero(applies & (fee_usd > 0)):
        key = (catalog.models[b.model[row]], catalog.regions[b.region[row]])
        found = made.setdefault(key, Found())
        found.carried_usd += float(before_usd[row] - left_usd[row]) / usage.period_hours
        found.fee_usd += float(fee_usd[row]) / usage.period_hours * _part_paid(units[row], way)
        found.units += float(units[row])
    return made


def _token_and_fee_usd(usage: Usage, book: PriceBook) -> tuple[Array, Array]:
    """Dollars per row of tokens, and of units and reservations."""
    tokens, fees = np.zeros(len(usage.bedrock)), np.zeros(len(usage.bedrock))
    for block in price_table(usage, "bedrock", book):
        if block.meter.once:
            continue
        if block.meter.name in FEES:
            fees = fees + block.known_usd
        else:
            tokens = tokens + block.known_usd
    return tokens, fees


def _units(usage: Usage, way: Way) -> Any:
    """Units that carry all of a row's tokens, not rounded: model units, or least reservations."""
    b, lever = usage.bedrock, way.lever
    if isinstance(lever, ProvisionedThroughput):
        return b.peak_tokens_per_minute * lever.peak_ratio / lever.tokens_per_minute
    assert isinstance(lever, ReservedTier)
    minutes = usage.period_hours * MINUTES_PER_HOUR
    return np.minimum(
        b.input_tokens / minutes / LEAST_INPUT_TPM, b.output_tokens / minutes / LEAST_OUTPUT_TPM
    )


def _part_paid(units: float, way: Way) -> float:
    """The fee of so many units over that of the whole ones the lever rents."""
    return float(units / max(np.ceil(units), 1.0)) if isinstance(way.lever, ProvisionedThroughput) else 1.0
