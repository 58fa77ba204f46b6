"""Ways that cost by the hour and not by the token: provisioned throughput to buy, Custom Model Import to serve.

Provisioned throughput rents whole model units, billed every hour: as many as carry the busiest minute. Custom Model
Import bills the units of a copy in the windows of five minutes with a call: with c calls per hour, coming at random,
a window is active with the chance 1 - exp(-c / 12). Both as the levers of the same names take them. Source:
rules.md#provisioned-throughput, rules.md#custom-model-import.
"""

from __future__ import annotations

from math import ceil, exp, floor

from simulator.analysis.serving_answer import Way
from simulator.analysis.serving_costs import MILLION, Prices, band_of
from simulator.analysis.serving_curves import Curve, weights_gib
from simulator.analysis.serving_ways import ServingWay
from simulator.catalog import base_model
from simulator.levers.bedrock.provisioned_throughput import SUFFIX, ProvisionedThroughput, units_needed
from simulator.levers.endpoints.custom_model_import import WINDOWS_PER_HOUR, CustomModelImport
from simulator.units import HOURS_PER_MONTH, MINUTES_PER_HOUR

NAMES = {"none": "no commitment", "1_month": "1 month", "6_months": "6 months"}


def provisioned_ways(
    prices: Prices,
    model: str,
    region: str,
    tokens_per_request: float,
    requests_per_hour: float | None,
    serving: tuple[float, Curve, float],
) -> tuple[Way, ...]:
    """A way per commitment with a price, at today's traffic; none where that is unknown.

    `serving` is the price per hour of the endpoint, its curve, and the tokens it writes per request.
    """
    if not requests_per_hour:
        return ()
    found = ((NAMES[term], unit_usd(prices, model, region, term)) for term in SUFFIX)
    return tuple(
        _way(f"provisioned, {name}", usd, tokens_per_request, requests_per_hour, serving)
        for name, usd in found
        if usd is not None
    )


def needs_unit_price(prices: Prices, model: str, region: str) -> str:
    """What provisioned throughput of a model needs; empty where a price is known."""
    if any(unit_usd(prices, model, region, term) is not None for term in SUFFIX):
        return ""
    return (
        "Provisioned throughput: AWS publishes no price per model unit for this model here, ask AWS "
        f"(bedrock_provisioned, item {base_model(model)}#1m, in own prices)."
    )


def unit_usd(prices: Prices, model: str, region: str, term: str) -> float | None:
    """Dollars per model unit and hour; of the model itself, whatever profile it is called by."""
    return prices.usd("bedrock_provisioned", base_model(model) + SUFFIX[term], region)


def units_at(requests_per_hour: float, tokens_per_request: float) -> float:
    """Model units that carry the busiest minute, by the defaults of the lever."""
    lever = ProvisionedThroughput()
    busiest = requests_per_hour * tokens_per_request / MINUTES_PER_HOUR * lever.peak_ratio
    return float(units_needed(busiest, lever.tokens_per_minute))


def _way(name: str, usd: float, tokens: float, rate: float, serving: tuple[float, Curve, float]) -> Way:
    cost = units_at(rate, tokens) * usd / rate
    return Way(name, cost, cost / tokens * MILLION, _crossover(usd, tokens, serving))


def _crossover(
    usd: float, tokens: float, serving: tuple[float, Curve, float]
) -> tuple[float | None, float | None, float | None]:
    """Requests per hour that the units of the endpoint's price carry: beyond, one more unit costs more than serving."""
    hourly, curve, out = serving
    lever = ProvisionedThroughput()
    carried = floor(hourly / usd) * lever.tokens_per_minute * MINUTES_PER_HOUR / lever.peak_ratio / tokens
    return band_of(carried, curve, out)


def imported(
    prices: Prices, served: str, precision: str, region: str, requests_per_hour: float | None
) -> ServingWay:
    """The open model's weights on Bedrock, one copy of them, at today's traffic."""
    title = CustomModelImport.title
    units = ceil(weights_gib(served, precision) / CustomModelImport().gib_per_unit)
    minute, month = (prices.usd("bedrock_custom_import", item, region) for item in ("unit", "storage"))
    if not requests_per_hour:
        return ServingWay(title, None, "How many requests arrive is unknown.")
    if not units or minute is None or month is None:
        return ServingWay(
            title, None, f"Needs the model's size and a price of bedrock_custom_import in {region}."
        )
    active = 1 - exp(-requests_per_hour / WINDOWS_PER_HOUR)
    hourly = units * (minute * MINUTES_PER_HOUR * active + month / HOURS_PER_MONTH)
    return ServingWay(f"{title}, one copy of {units} units", hourly)
