"""Serve or buy: dollars per million tokens against traffic, an endpoint at its real price beside Bedrock, both ways.

An endpoint costs its price per hour however little arrives: cost = price / min(arrivals × length, ceiling), by
`serving_curves`. Bedrock costs the same per token at every rate. They cross where price per hour = requests served
per hour × Bedrock's cost per request. Tokens are prompt and answer together, the same on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from simulator.analysis.serving_answer import Answer, Ask, Way
from simulator.analysis.serving_costs import (
    MILLION,
    RESERVED_USED_RATIO,
    SECONDS,
    Prices,
    bedrock_ways,
    crossover_per_hour,
    known_or_none,
    serving_usd_per_million,
    ways_without_price,
)
from simulator.analysis.serving_curves import (
    Curve,
    curve_for,
    measured_model,
    own_curve,
    unlike_band,
    unmeasured_band,
)
from simulator.analysis.serving_units import imported, needs_unit_price, provisioned_ways
from simulator.analysis.serving_ways import ServingWay, serving_ways
from simulator.catalog import Catalog
from simulator.engine.simulate import Result
from simulator.units import HOURS_PER_MONTH
from simulator.words import count, percent, usd

__all__ = ["Answer", "Ask", "Way", "serve_or_buy"]

FITTED_OUT_TOKENS = 512
LONG_PROMPT = 8
AS_PAID = "as paid"
"""Of a Bedrock model of the account: what the scenario pays for it, with its cache, batch, tier and discounts."""
UNITS = (
    "A model unit serves 20,000 tokens per minute (AWS states it on request), and the busiest minute has three times "
    "the mean one's tokens; units are billed every hour."
)
POINTS = np.geomspace(1.0, 1e6, 25)
CANDIDATES = ("ml.g5.2xlarge", "ml.g6e.2xlarge", "ml.p5.4xlarge", "ml.p4de.24xlarge", "ml.p5.48xlarge")


def serve_or_buy(result: Result, ask: Ask | None = None) -> list[Answer]:
    """Every endpoint on accelerators and every Bedrock model of the account, with the scenario at work."""
    prices, ask = Prices(result.book), ask or Ask()
    return [*_endpoints(result, prices, ask), *_bedrock(result, prices, ask)]


def _endpoints(result: Result, prices: Prices, ask: Ask) -> list[Answer]:
    usage = result.outcome.usage
    e, catalog = usage.endpoints, usage.catalog
    cost, others = result.outcome.charges.by_resource("endpoints", len(e)), serving_ways(result)
    made = []
    for n in range(len(e)):
        code = int(e.instance_type[n])
        kind = catalog.instance_types[code] if code >= 0 else ""
        own = measured_model(str(e.model_name[n]))
        known = curve_for(kind, own or ask.model, ask.precision, ask.engine)
        hours = float(e.instance_hours[n] + e.resized_hours[n])
        if not hours > 0 or (known is None and not (ask.load_test and catalog.has_gpu[code])):
            continue
        curve = own_curve(ask.load_test) if ask.load_test else known
        assert curve is not None
        if own is None and not ask.load_test:
            curve = replace(curve, measured=False, band_ratio=max(curve.band_ratio, unmeasured_band()))
        asked = _Question(
            str(e.endpoint_name[n]), "serve", kind, hours / HOURS_PER_MONTH, float(cost[n]) / HOURS_PER_MONTH,
            known_or_none(e.calls_per_month[n] / HOURS_PER_MONTH), _tokens(ask.tokens_in, e.tokens_in_per_call[n]),
            _tokens(ask.tokens_out, e.tokens_out_per_call[n]), curve,
            ask.bedrock_model or _model(catalog, int(e.bedrock_model[n])), catalog.regions[int(e.region[n])],
            own or ("" if ask.load_test else ask.model), others=others[n],
        )  # fmt: skip
        made.append(_answer(asked, prices, catalog, ask))
    return made


def _bedrock(result: Result, prices: Prices, ask: Ask) -> list[Answer]:
    """Each Bedrock model of the account beside the cheapest instance that would serve the open model asked for."""
    usage = result.outcome.usage
    b, catalog = usage.bedrock, usage.catalog
    paid = result.outcome.charges.by_resource("bedrock", len(b))
    read = b.input_tokens + b.cache_read_tokens + b.cache_write_tokens + b.batch_input_tokens
    write = b.output_tokens + b.batch_output_tokens
    made = []
    for n in range(len(b)):
        requests = float(b.requests[n])
        if not requests > 0 or write[n] == 0 or int(b.priced_model[n]) < 0:
            continue
        rate, region = requests / HOURS_PER_MONTH, catalog.regions[int(b.region[n])]
        into, out = (_tokens(a, t[n] / requests) for a, t in ((ask.tokens_in, read), (ask.tokens_out, write)))
        found = _cheapest(prices, ask, region, rate, out or FITTED_OUT_TOKENS)
        if found is None:
            continue
        kind, curve, hourly, instances = found
        model = catalog.models[int(b.priced_model[n])]
        asked = _Question(
            str(b.resource_id[n]), "buy", kind, instances, hourly * instances, rate, into, out, curve, model, region,
            measured_model(model) or ask.model, paid_per_request=float(paid[n]) / requests,
            others=(imported(prices, measured_model(model) or ask.model, ask.precision, region, rate),),
        )  # fmt: skip
        made.append(_answer(asked, prices, catalog, ask))
    return made


def _cheapest(
    prices: Prices, ask: Ask, region: str, rate: float, tokens_out: float
) -> tuple[str, Curve, float, float] | None:
    """Of the candidates with a price and a curve, the one with the lowest cost per hour at the mean rate."""
    made = []
    for kind in CANDIDATES:
        curve, hourly = (
            curve_for(kind, ask.model, ask.precision, ask.engine),
            prices.usd("hosting", kind, region),
        )
        if curve is not None and hourly is not None:
            needed = max(ceil(rate * tokens_out / SECONDS / curve.scaled(1 / curve.band_ratio)), 1)
            made.append((kind, curve, hourly, float(needed)))
    return min(made, key=lambda x: x[2] * x[3]) if made else None


@dataclass(frozen=True)
class _Question:
    """What is known of one endpoint or application; `served` is the open model whose curve stands for it.

    `paid_per_request` is what the scenario pays Bedrock for it, 0 for an endpoint; `others` are other ways to serve it.
    """

    name: str
    direction: str
    instance_type: str
    instances: float
    usd_per_hour: float
    requests_per_hour: float | None
    tokens_in: float | None
    tokens_out: float | None
    curve: Curve
    model: str
    region: str
    served: str
    paid_per_request: float = 0.0
    others: tuple[ServingWay, ...] = ()


def _answer(q: _Question, prices: Prices, catalog: Catalog, ask: Ask) -> Answer:
    whole, assumptions = _whole_curve(q, ask)
    known = Answer(
        q.name, q.direction, q.instance_type, q.instances, q.usd_per_hour, q.requests_per_hour, q.tokens_in,
        q.tokens_out, None, None, whole.measured, whole.band_ratio, (), "unknown", "", (), tuple(assumptions),
    )  # fmt: skip
    if q.tokens_in is None or not q.tokens_out:
        return replace(
            known, sentence=f"Unknown: the snapshot does not say how many tokens a call of {q.name} has."
        )
    into, out = q.tokens_in, q.tokens_out
    found = bedrock_ways(prices, catalog, q.model, q.region, into, out, ask.cached_ratio) if q.model else {}
    needs = ways_without_price(prices, catalog, q.model, q.region, found) if q.model else ()
    if q.paid_per_request > 0:
        found = {AS_PAID: q.paid_per_request} | found
    ways = tuple(
        Way(way, cost, cost / (into + out) * MILLION, crossover_per_hour(q.usd_per_hour, cost, whole, out))
        for way, cost in found.items()
    )
    rate = q.requests_per_hour
    if ways:
        units = provisioned_ways(prices, q.model, q.region, into + out, rate, (q.usd_per_hour, whole, out))
        lacks = needs_unit_price(prices, q.model, q.region)
        ways, needs = (*ways, *units), (*needs, *([lacks] if lacks else []))
        assumptions += [UNITS] if units else []
    if "flex" in found:
        assumptions.append("Flex costs half of on demand (usage types and a measured bill).")
    if "reserved" in found:
        assumptions.append(f"Of reserved tokens {percent(RESERVED_USED_RATIO, 0)} are used, day and night.")
    today = serving_usd_per_million(q.usd_per_hour, rate, whole, into, out) if rate else None
    verdict = _verdict(today, ways)
    points = tuple(
        (float(x), serving_usd_per_million(q.usd_per_hour, float(x), whole, into, out)) for x in POINTS
    )
    return replace(
        known, serving_usd_per_million_tokens=today, ways=ways, verdict=verdict, curve=points,
        ceiling_requests_per_hour=whole.ceiling_tokens_per_second * SECONDS / out, assumptions=tuple(assumptions),
        sentence=_sentence(q, today, ways, verdict), needs_price=needs,
        serving_ways=tuple(_at_rate(w, rate, into + out) for w in q.others),
    )  # fmt: skip


def _at_rate(way: ServingWay, rate: float | None, tokens: float) -> ServingWay:
    """A way to serve with its dollars per million tokens at today's traffic, as long as it keeps up."""
    if way.usd_per_hour is None or not rate:
        return way
    return replace(way, usd_per_million_tokens=way.usd_per_hour / rate / tokens * MILLION)


def _whole_curve(q: _Question, ask: Ask) -> tuple[Curve, list[str]]:
    """The curve of all its instances, and what is assumed of it."""
    whole = replace(q.curve, ceiling_tokens_per_second=q.curve.scaled(q.instances))
    said = [
        f"Serving: {q.curve.name} ({q.curve.source}); replicas add up; arrivals are spread evenly over the hour."
    ]
    if q.direction == "buy":
        said.append(f"Whether {q.served} is good enough in place of {q.model} is not judged.")
    long = q.tokens_in is not None and q.tokens_out and (
        q.tokens_out > FITTED_OUT_TOKENS or q.tokens_in > LONG_PROMPT * q.tokens_out
    )  # fmt: skip
    if long and not ask.load_test:
        whole = replace(whole, measured=False, band_ratio=max(whole.band_ratio, unlike_band()))
        said.append(
            "Prompts or answers longer than those of the measured runs: the ceiling may be far lower."
        )
    if not whole.measured:
        said.append(
            f"Not measured here: the ceiling may be off by a factor of {whole.band_ratio:.1f} either way."
        )
    return whole, said


def _verdict(today: float | None, ways: Sequence[Way]) -> str:
    """Against what is paid, or would be on demand: other ways need requests that wait, or prompts that repeat."""
    if today is None or not ways:
        return "unknown"
    return "serve" if today < ways[0].usd_per_million_tokens else "buy"


def _sentence(q: _Question, today: float | None, ways: Sequence[Way], verdict: str) -> str:
    subject = q.name if q.direction == "serve" else f"{q.served} on {q.instance_type} in place of {q.name}"
    now = "how many arrive is unknown"
    if today is not None and q.requests_per_hour is not None:
        now = f"today {count(q.requests_per_hour, 'request')} per hour arrive and serving costs {usd(today)}"
    if not ways:
        price = f"no price of {q.model}" if q.model else "no Bedrock model to compare with is known"
        return (
            f"{subject}: {now} per million tokens; {price}."
            if today is not None
            else f"{subject}: {now}; {price}."
        )
    low, best, high = ways[0].crossover_per_hour
    if best is None:
        cross = "even a full endpoint costs more than Bedrock"
    else:
        edges = [f"{low or best:,.0f}", "never" if high is None else f"{high:,.0f}"]
        band = f" ({edges[0]} to {edges[1]})" if edges[0] != edges[1] else ""
        cross = f"serving is cheaper from {count(best, 'request')} per hour{band}"
    if today is None:
        return f"{subject}: {cross}; {now}."
    if_good = " if it is good enough" if q.direction == "buy" and verdict == "serve" else ""
    bought = usd(ways[0].usd_per_million_tokens)
    return f"{subject}: {verdict}{if_good}; {cross}; {now}, buying {bought} per million tokens."


def _tokens(asked: float | None, known: float) -> float | None:
    return known_or_none(known) if asked is None else asked


def _model(catalog: Catalog, code: int) -> str:
    return catalog.models[code] if code >= 0 else ""
