"""Serve or buy: what is asked, and the answer for one endpoint or one Bedrock model."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.analysis.serving_ways import ServingWay
from simulator.sources.load_tests import Run


@dataclass(frozen=True)
class Ask:
    """What the question takes for granted: the open model that serves, Bedrock's model, tokens per call where unknown.

    `bedrock_model` empty: the Bedrock model of the endpoint's own name. `cached_ratio`: share of the prompt that is
    read from the cache. `load_test`: own runs on the endpoint's instance, in place of the published ones.
    """

    model: str = "Llama-3.1-8B"
    precision: str = "float16"
    engine: str = "vllm"
    bedrock_model: str = ""
    tokens_in: float | None = None
    tokens_out: float | None = None
    cached_ratio: float = 0.0
    load_test: tuple[Run, ...] = ()


@dataclass(frozen=True)
class Way:
    """One way to buy: cost of a request and per million tokens, and the requests per hour from which serving is
    cheaper (low, best, high; None: never, even when the endpoint is full)."""

    name: str
    usd_per_request: float
    usd_per_million_tokens: float
    crossover_per_hour: tuple[float | None, float | None, float | None]


@dataclass(frozen=True)
class Answer:
    """One endpoint (or one Bedrock model with the instance that would serve it). None is unknown.

    `curve` holds (requests per hour, dollars per million tokens) of serving. `verdict` is *serve*, *buy* or *unknown*.
    `serving_ways` are other ways to serve the endpoint, `needs_price` the ways to buy of which no price is known.
    """

    name: str
    direction: str
    instance_type: str
    instances: float
    usd_per_hour: float | None
    requests_per_hour: float | None
    tokens_in: float | None
    tokens_out: float | None
    serving_usd_per_million_tokens: float | None
    ceiling_requests_per_hour: float | None
    measured: bool | None
    band_ratio: float | None
    ways: tuple[Way, ...]
    verdict: str
    sentence: str
    curve: tuple[tuple[float, float], ...] = ()
    assumptions: tuple[str, ...] = ()
    needs_price: tuple[str, ...] = ()
    serving_ways: tuple[ServingWay, ...] = ()
