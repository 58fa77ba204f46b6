"""What serving and buying cost: an endpoint by its price and curve, Bedrock by its tokens, and where they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf

import numpy as np

from simulator.analysis.serving_curves import Curve
from simulator.catalog import Catalog
from simulator.pricing.book import PriceBook
from simulator.pricing.price import PriceNotFound
from simulator.units import HOURS_PER_MONTH

SECONDS = 3600.0
MILLION = 1e6
FLEX_SHARE = 0.5
RESERVED_USED_RATIO = 0.8
"""Share of reserved tokens that is used, as the lever `reserved_tier` takes it."""
KTPM_MONTH_TOKENS = 1_000 * 60 * HOURS_PER_MONTH


def crossover_per_hour(
    usd_per_hour: float, usd_per_request: float, curve: Curve, tokens_out: float
) -> tuple[float | None, float | None, float | None]:
    """Requests per hour from which serving is cheaper, with the ceiling up and down by the band."""
    needed = usd_per_hour / usd_per_request if usd_per_request > 0 else inf
    return band_of(needed, curve, tokens_out)


def band_of(
    served_per_hour: float, curve: Curve, tokens_out: float
) -> tuple[float | None, float | None, float | None]:
    """Requests per hour that must arrive for so many to be served, with the ceiling up, as fitted and down by the band;
    None where it cannot serve them."""
    made = []
    for ratio in (curve.band_ratio, 1.0, 1 / curve.band_ratio):
        moved = replace(curve, ceiling_tokens_per_second=curve.scaled(ratio))
        offered = moved.offered(served_per_hour * tokens_out / SECONDS) * SECONDS / tokens_out
        made.append(None if offered == inf else float(offered))
    return made[0], made[1], made[2]


def serving_usd_per_million(
    usd_per_hour: float, requests_per_hour: float, curve: Curve, tokens_in: float, tokens_out: float
) -> float:
    """Price over what is served, per million tokens of prompt and answer."""
    served = float(curve.served(requests_per_hour * tokens_out / SECONDS)) * SECONDS / tokens_out
    return usd_per_hour / served / (tokens_in + tokens_out) * MILLION


class Prices:
    """Prices in force, each looked up once; None where there is none."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self.known: dict[tuple[str, str, str], float | None] = {}

    def usd(self, component: str, item: str, region: str) -> float | None:
        """Dollars per unit."""
        key = (component, item, region)
        if key not in self.known:
            self.known[key] = self._found(*key)
        return self.known[key]

    def _found(self, component: str, item: str, region: str) -> float | None:
        try:
            return known_or_none(float(self.book.price(component, item, region).usd))
        except PriceNotFound:
            return None


def bedrock_ways(
    prices: Prices,
    catalog: Catalog,
    model: str,
    region: str,
    tokens_in: float,
    tokens_out: float,
    cached_ratio: float,
) -> dict[str, float]:
    """Dollars per request of each way Bedrock offers the model; what has no price or no offer is left out."""

    def price(component: str) -> float | None:
        return prices.usd(component, model, region)

    made: dict[str, float] = {}
    read, write = price("bedrock_input"), price("bedrock_output")
    if read is None or write is None:
        return made
    made["on demand"] = tokens_in * read + tokens_out * write
    code = int(catalog.model_code([model])[0])
    if catalog.batch_offered[code] == 1:
        batch_in, batch_out = price("bedrock_batch_input"), price("bedrock_batch_output")
        if batch_in is not None and batch_out is not None:
            made["batch"] = tokens_in * batch_in + tokens_out * batch_out
    if catalog.flex_offered[code] == 1:
        made["flex"] = FLEX_SHARE * made["on demand"]
    cached = price("bedrock_cache_read")
    if cached_ratio > 0 and cached is not None:
        mixed = (1 - cached_ratio) * read + cached_ratio * cached
        made["cached"] = tokens_in * mixed + tokens_out * write
    reserved_in, reserved_out = price("bedrock_reserved_input"), price("bedrock_reserved_output")
    if reserved_in is not None and reserved_out is not None:
        minute = tokens_in * reserved_in + tokens_out * reserved_out
        made["reserved"] = minute / KTPM_MONTH_TOKENS / RESERVED_USED_RATIO
    return made


def ways_without_price(
    prices: Prices, catalog: Catalog, model: str, region: str, known: Mapping[str, float]
) -> tuple[str, ...]:
    """Ways that AWS offers for the model, or may offer, of which no price is known: what each needs, never a number."""
    code = int(catalog.model_code([model])[0])
    said = []
    if "on demand" not in known:
        return (f"On demand: needs a price of {model} in {region}.",)
    if "batch" not in known and catalog.batch_offered[code] == 1:
        said.append(f"Batch: needs a price of {model} in {region}.")
    if "cached" not in known and prices.usd("bedrock_cache_read", model, region) is None:
        said.append("Cached: no price of cached tokens is known for this model.")
    if "reserved" not in known and catalog.reserved_offered[code] != 0:
        offered = "" if catalog.reserved_offered[code] == 1 else "whether AWS offers it is not known, and it "
        said.append(
            f"Reserved: {offered}needs a price (bedrock_reserved_input and bedrock_reserved_output in own prices)."
        )
    return tuple(said)


def known_or_none(value: float) -> float | None:
    """None for what is unknown (NaN) or has no end."""
    return float(value) if np.isfinite(value) else None
