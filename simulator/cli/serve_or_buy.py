"""`serve-or-buy`: an endpoint at its real price beside Bedrock, and the other way round."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from cyclopts import Parameter

from simulator.analysis import serve_or_buy as question
from simulator.analysis.serve_or_buy import Answer, Ask
from simulator.cli.main import deliver
from simulator.cli.options import (
    Many,
    OnAccount,
    Out,
    TableOrJson,
    WithScenario,
    as_json,
    result_of,
    with_age,
)
from simulator.cli.terminal import as_table
from simulator.reports.tables import age_line
from simulator.sources.load_tests import read_load_tests
from simulator.words import lines

SHOWN = {
    "name": "name",
    "instance_type": "instance",
    "requests_per_hour": "requests/h today",
    "serving_usd_per_million_tokens": "serving, $/M tokens",
    "verdict": "verdict",
}


def serve_or_buy(
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    model: Annotated[
        str, Parameter(help="open model that serves: Llama-3.1-8B, Qwen3-30B-A3B, Mixtral-8x7B")
    ] = Ask.model,
    precision: Annotated[str, Parameter(help="float16 or fp8")] = Ask.precision,
    engine: Annotated[str, Parameter(help="vllm or sglang")] = Ask.engine,
    bedrock_model: Annotated[
        str, Parameter(help="Bedrock model to compare with; by default the endpoint's own")
    ] = "",
    tokens_in: Annotated[
        float | None, Parameter(help="prompt tokens per call, in place of the snapshot's")
    ] = None,
    tokens_out: Annotated[
        float | None, Parameter(help="answer tokens per call, in place of the snapshot's")
    ] = None,
    cached: Annotated[float, Parameter(help="share of the prompt that Bedrock reads from its cache")] = 0.0,
    load_test: Annotated[
        tuple[Path, ...],
        Many,
        Parameter(help="own load test: JSON of vLLM, GenAI-Perf or AIPerf (SageMaker benchmark), or CSV"),
    ] = (),
    format: TableOrJson = "table",
    out: Out = None,
) -> str | None:
    """Dollars per million tokens of every LLM endpoint beside Bedrock and of every Bedrock model beside an endpoint."""
    if not 0 <= cached <= 1:
        raise ValueError(f"--cached: expected 0 to 1, not {cached}")
    runs = read_load_tests(load_test) if load_test else ()
    ask = Ask(model, precision, engine, bedrock_model, tokens_in, tokens_out, cached, runs)
    result = result_of(account, scenario)
    found = question.serve_or_buy(result, ask)
    if format == "json":
        return deliver(as_json({"answers": [asdict(a) for a in found], "prices": age_line(result)}), out)
    if not found:
        return deliver("No endpoint on accelerators and no Bedrock model with tokens in this account.", out)
    return deliver(with_age("\n\n".join(_pages(found)), result), out)


def _pages(found: list[Answer]) -> list[str]:
    """The table, a sentence each, every way that is known, the prices that are not, and all that is assumed, once."""
    rows = [{title: getattr(a, name) for name, title in SHOWN.items()} | _bought(a) for a in found]
    assumed = dict.fromkeys(text for a in found for text in a.assumptions)
    ways = [row for a in found for row in _ways(a)]
    needs = dict.fromkeys(f"{a.name}: {text}" for a in found for text in a.needs_price)
    return [
        as_table(pd.DataFrame(rows)),
        lines(a.sentence for a in found),
        *([as_table(pd.DataFrame(ways))] if ways else []),
        *(["Without a price:\n" + lines(f"- {text}" for text in needs)] if needs else []),
        "Assumed:\n" + lines(f"- {text}" for text in assumed),
    ]


def _ways(answer: Answer) -> list[dict[str, Any]]:
    """Every way to buy with the band of its crossover, and every other way to serve at today's traffic."""
    bought: list[dict[str, Any]] = [
        {"name": answer.name, "way": f"Bedrock, {w.name}", "$/M tokens": _short(w.usd_per_million_tokens)}
        | dict(zip(("crossover, low", "requests/h", "high"), w.crossover_per_hour, strict=True))
        for w in answer.ways
    ]
    served: list[dict[str, Any]] = [
        {"name": answer.name, "way": f"with {w.name}", "$/M tokens": _short(w.usd_per_million_tokens)}
        for w in answer.serving_ways
        if w.usd_per_hour is not None
    ]
    return [*bought, *served]


def _short(value: float | None) -> float | None:
    """Four digits after the point are enough for a price of a million tokens."""
    return None if value is None else round(value, 4)


def _bought(answer: Answer) -> dict[str, float | None]:
    """On demand, and where it crosses."""
    first = answer.ways[0] if answer.ways else None
    return {
        "buying, $/M tokens": first.usd_per_million_tokens if first else None,
        "crossover, requests/h": first.crossover_per_hour[1] if first else None,
    }
