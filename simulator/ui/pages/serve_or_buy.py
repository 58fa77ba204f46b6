"""Serve or buy: an endpoint at its real price beside Bedrock, or a Bedrock model beside an endpoint, at any traffic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from simulator.analysis.serve_or_buy import Answer, Ask, serve_or_buy
from simulator.analysis.serving_curves import BILLION_WEIGHTS
from simulator.charts import serving_frame, serving_spec
from simulator.errors import SimulatorError
from simulator.scratch import ScratchFolder
from simulator.sources.load_tests import Run, read_load_tests
from simulator.ui import parts, session
from simulator.ui.words import plain, usd

MOST_UPLOAD_MB = 5
OWN_MODEL = ""
KINDS = ("json", "csv")


def show() -> None:
    """The page."""
    st.title("Serve or buy", anchor=False)
    st.caption(
        "Dollars per million tokens (prompt and answer) against traffic: an endpoint at the price this scenario "
        "leaves, beside Bedrock; and a Bedrock model beside the instance that would serve an open one."
    )
    chosen, ask = _ask()
    with st.spinner("Pricing every way"):
        answers = _found(ask)
    if not answers:
        st.info("This account has no endpoint on accelerators and no Bedrock model with tokens.")
        return
    with chosen:
        answer = answers[_pick(answers)]
    st.markdown(f"**{plain(answer.sentence)}**")
    _measured(answer)
    if answer.curve:
        _numbers(answer)
        parts.chart(
            serving_frame(answer),
            serving_spec(tuple(w.name for w in answer.ways)),
            key="serving_chart",
            alt=f"Dollars per million tokens against requests per hour. {answer.sentence}",
        )
    parts.lazy_tabs(
        "serving_tab",
        {
            "Ways to buy": lambda: _buying(answer),
            "Ways to serve": lambda: _serving(answer),
            "All endpoints and models": lambda: _all(answers),
            "Assumptions": lambda: _points(answer.assumptions),
        },
    )


def _ask() -> tuple[st.delta_generator.DeltaGenerator, Ask]:
    """A place for the choice of what to look at, and the question."""
    with st.container(border=True):
        chosen = st.container()
        first, second, third = st.columns(3)
        served = first.selectbox("Open model that serves", list(BILLION_WEIGHTS), key="serving_model")
        bought = second.selectbox(
            "Bedrock model to compare with", (OWN_MODEL, *_priced_models()), key="serving_bedrock",
            format_func=lambda m: m or "the endpoint's own",
        )  # fmt: skip
        cached = third.slider(
            "Prompt read from Bedrock's cache", 0.0, 1.0, 0.0, 0.05, format="percent", key="serving_cached"
        )
        into = first.number_input(
            "Prompt tokens per call", 0.0, value=None, key="serving_in", placeholder="as the account has"
        )
        out = second.number_input(
            "Answer tokens per call", 0.0, value=None, key="serving_out", placeholder="as the account has"
        )
        uploads = third.file_uploader(
            "Your load test", type=list(KINDS), accept_multiple_files=True, key="serving_upload",
            max_upload_size=MOST_UPLOAD_MB,
            help="JSON of a SageMaker benchmark job (AIPerf), GenAI-Perf or vLLM bench serve, or CSV; it replaces the "
            "published curve",
        )  # fmt: skip
    runs = _runs(uploads)
    return chosen, Ask(
        served, bedrock_model=bought, tokens_in=into or None, tokens_out=out or None, cached_ratio=cached,
        load_test=runs,
    )  # fmt: skip


def _priced_models() -> tuple[str, ...]:
    """Bedrock models of the price book with a price of an answer's tokens."""
    return session.view().account.usage.catalog.models


def _runs(uploads: Sequence[Any]) -> tuple[Run, ...]:
    if not uploads:
        return ()
    try:
        with ScratchFolder() as folder:
            return read_load_tests([folder.put(upload.name, upload) for upload in uploads])
    except SimulatorError as error:
        st.error(f"The load test was not used: {plain(error)}")
        return ()


def _found(ask: Ask) -> list[Answer]:
    """The answers on the current account, remembered while account, settings and question stay."""
    figures = session.figures()
    key = (figures.mark, "serve_or_buy", ask)
    known: list[Answer] | None = session.FIGURES.get(key)
    return known if known is not None else session.FIGURES.put(key, serve_or_buy(figures.result, ask))


def _pick(answers: Sequence[Answer]) -> int:
    order = sorted(range(len(answers)), key=lambda n: (not answers[n].ways, not answers[n].curve))
    names = {
        n: f"{answers[n].name} ({'endpoint' if answers[n].direction == 'serve' else 'Bedrock'})"
        for n in order
    }
    picked = st.selectbox("Endpoint or Bedrock application", list(names.values()), key="serving_pick")
    return next((n for n, name in names.items() if name == picked), order[0])


def _measured(answer: Answer) -> None:
    if answer.measured is False and answer.band_ratio:
        st.warning(
            f"Not measured on this hardware or at these lengths: the ceiling may be off by a factor of "
            f"{answer.band_ratio:.1f} either way. Upload a load test to replace it.",
            icon=":material/straighten:",
        )


def _numbers(answer: Answer) -> None:
    way = answer.ways[0] if answer.ways else None
    low, best, high = way.crossover_per_hour if way else (None, None, None)
    cells = st.columns(4)
    cells[0].metric("Serving today, per million tokens", usd(answer.serving_usd_per_million_tokens))
    cells[1].metric(
        f"Bedrock {way.name}, per million" if way else "Bedrock",
        usd(way.usd_per_million_tokens) if way else "unknown",
    )
    cells[2].metric("Crossover, requests per hour", _rate(best) if way else "unknown")
    cells[3].metric("Full at, requests per hour", _rate(answer.ceiling_requests_per_hour))
    arrive = "unknown" if answer.requests_per_hour is None else f"{answer.requests_per_hour:,.0f}"
    band = f" {_between(low if low is not None else best, high)}"
    st.caption(
        plain(
            f"{round(answer.instances, 1):,g} × {answer.instance_type} at {usd(answer.usd_per_hour)} per hour; "
            f"requests per hour today: {arrive}.{band}".rstrip()
        )
    )


def _between(low: float | None, high: float | None) -> str:
    """Where the crossover may be; nothing where there is none, or where the ceiling does not move it."""
    if low is None or _rate(low) == _rate(high):
        return ""
    if high is None:
        return f"It may cross from {_rate(low)} requests per hour on, or never."
    return f"The crossover is between {_rate(low)} and {_rate(high)}."


def _rate(value: float | None) -> str:
    return "never" if value is None else f"{value:,.0f}"


def _buying(answer: Answer) -> None:
    if answer.ways:
        table = pd.DataFrame(
            {
                "way": w.name,
                "per_million": round(w.usd_per_million_tokens, 4),
                "crossover_low": _rate(w.crossover_per_hour[0]),
                "crossover": _rate(w.crossover_per_hour[1]),
                "crossover_high": _rate(w.crossover_per_hour[2]),
            }
            for w in answer.ways
        )
        titles = {
            "way": "Bedrock",
            "per_million": "USD per million tokens",
            "crossover_low": "Crossover, low",
            "crossover": "Crossover, requests per hour",
            "crossover_high": "Crossover, high",
        }
        parts.table(table, key="serving_ways", titles=titles)
    else:
        st.write("No Bedrock model to compare with is known: choose one above.")
    _points(answer.needs_price)


def _serving(answer: Answer) -> None:
    buys = answer.direction == "buy"
    st.caption(
        "In place of the Bedrock model, at today's traffic as long as it keeps up: the cheapest instance of the list, "
        "at its price for every hour, and the open model's weights imported into Bedrock."
        if buys
        else "With one more lever on top of this scenario, at today's traffic as long as it keeps up."
    )
    acting = [w for w in answer.serving_ways if w.usd_per_hour is not None]
    first = f"{answer.instances:g} × {answer.instance_type}" if buys else "as the scenario leaves it"
    rows = [(first, answer.usd_per_hour, answer.serving_usd_per_million_tokens)]
    rows += [(w.name, w.usd_per_hour, w.usd_per_million_tokens) for w in acting]
    table = pd.DataFrame(rows, columns=["way", "per_hour", "per_million"]).round(4)
    titles = {"way": "Way", "per_hour": "USD per hour, mean", "per_million": "USD per million tokens"}
    parts.table(table, key="serving_levers", titles=titles)
    _points([f"{w.name}: {w.why}" for w in answer.serving_ways if w.usd_per_hour is None])


def _all(answers: Sequence[Answer]) -> None:
    table = pd.DataFrame(
        {
            "name": a.name,
            "instance": a.instance_type,
            "requests": a.requests_per_hour,
            "serving": a.serving_usd_per_million_tokens,
            "buying": a.ways[0].usd_per_million_tokens if a.ways else None,
            "crossover": a.ways[0].crossover_per_hour[1] if a.ways else None,
            "verdict": a.verdict,
            "measured": "measured" if a.measured else "not measured",
        }
        for a in answers
    ).round({"requests": 1, "serving": 4, "buying": 4, "crossover": 0})
    titles = {
        "requests": "Requests per hour",
        "serving": "Serving, USD per million tokens",
        "buying": "Buying, USD per million tokens",
        "crossover": "Crossover, requests per hour",
    }
    parts.table(table, key="serving_all", titles=titles)
    parts.download(table, "Download as CSV", "serve_or_buy.csv")


def _points(lines: Sequence[str]) -> None:
    for line in lines:
        st.markdown(f"- {plain(line)}")
