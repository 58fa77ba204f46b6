"""Agents: by hand, beside a simulation step by step, the best compaction point, and real traces through the prices."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma

from simulator.usage.agent_models import mixed_tokens
from simulator.usage.agent_session import Session, reached, shared_ratio
from simulator.usage.agents import best_compaction, session_tokens, traced_tokens
from tests.accounts import prices

TRAFFIC = Path(__file__).parents[2].parent / "shared" / "data" / "traffic"
MAIN = ("input", "cache_read", "cache_write", "output", "calls")
KINDS = (*MAIN, *(f"other_{kind}" for kind in MAIN), "summary_input", "summary_output", "summary_calls")
SONNET = {
    "input": 3.0,
    "cache_read": 0.3,
    "cache_write": 3.75,
    "output": 15.0,
    "summary_input": 0.8,
    "summary_output": 4.0,
    "other_input": 1.0,
    "other_cache_read": 0.1,
    "other_cache_write": 1.25,
    "other_output": 5.0,
}


@dataclass
class Held:
    """What a model's cache has of a session: tokens of its last prompt that are still a prefix, and pauses since."""

    tokens: float
    pauses: int = 0


def simulated(session: Session) -> dict[str, float]:
    """Step by step, with what each model's cache holds kept as numbers: an agent loop, not the formula."""
    cap = session.most_turns
    runs = [(1.0, min(session.turns, cap) if cap else session.turns)]
    if cap and session.runaway_ratio:
        runs = [(1 - session.runaway_ratio, runs[0][1]), (session.runaway_ratio, cap)]
    total = dict.fromkeys(KINDS, 0.0)
    for share, turns in runs:
        history, caches = 0.0, dict[str, Held]()
        order = itertools.cycle([""] * session.own_steps + ["other_"] * session.other_steps)
        for turn, model in zip(range(1, turns + 1), order, strict=False):
            prompt = session.prefix + history + session.new
            _bill(total, share, session, prompt, model, caches.get(model))
            total[f"{model}output"] += share * session.answer
            caches[model] = Held(prompt)
            history += session.new + session.answer
            if session.compact_at > 0 and history >= session.compact_at - 1e-9 and turn < turns:
                context = session.prefix + history
                if session.summary_elsewhere:
                    total["summary_input"] += share * context
                    total["summary_output"] += share * session.summary
                    total["summary_calls"] += share
                else:
                    total[f"{model}calls"] += share
                    total[f"{model}output"] += share * session.summary
                    held = prompt if session.cache_minutes else 0.0
                    total[f"{model}cache_read"] += share * held
                    written = "cache_write" if session.cache_minutes else "input"
                    total[f"{model}{written}"] += share * (context - held)
                history = session.summary
                for kept in caches.values():
                    kept.tokens = session.prefix
            for kept in caches.values():
                kept.pauses += 1
    return total


def _bill(
    total: dict[str, float], share: float, session: Session, prompt: float, model: str, kept: Held | None
) -> None:
    total[f"{model}calls"] += share
    if not session.cache_minutes:
        total[f"{model}input"] += share * prompt
        return
    warm = 0.0
    if kept is not None:
        warm = _within(session.cache_minutes, kept.pauses, session.pause_minutes)
    shared = session.other_shared_ratio if model else session.shared_ratio
    for chance, held in (
        (warm, kept.tokens if kept else 0.0),
        ((1 - warm) * shared, session.prefix),
        ((1 - warm) * (1 - shared), 0.0),
    ):
        total[f"{model}cache_read"] += share * chance * held
        total[f"{model}cache_write"] += share * chance * (prompt - held)


@cache
def _within(life: float, pauses: int, mean: float) -> float:
    """So many exponential pauses take less than the cache's life: scipy's gamma distribution, not our sum."""
    return float(gamma.cdf(life, pauses, scale=mean)) if mean else 1.0


def random_session(dice: np.random.Generator) -> Session:
    turns = int(dice.integers(1, 120))
    return Session(
        turns=turns,
        prefix=float(dice.integers(0, 20_000)),
        new=float(dice.integers(0, 5_000)),
        answer=float(dice.integers(1, 2_000)),
        most_turns=int(dice.choice([0, turns + 40, max(turns // 2, 1)])),
        runaway_ratio=float(dice.choice([0.0, 0.05, 0.5])),
        cache_minutes=float(dice.choice([0, 5, 60])),
        pause_minutes=float(dice.choice([0.0, 0.5, 4, 30])),
        shared_ratio=float(dice.random()),
        compact_at=float(dice.choice([0, int(dice.integers(1, 200_000))])),
        summary=float(dice.integers(0, 3_000)),
        summary_elsewhere=bool(dice.integers(2)),
        own_steps=int(dice.choice([1, 1, 2, 5, 30])),
        other_steps=int(dice.choice([0, 0, 1, 2, 7, 10_000])),
        other_shared_ratio=float(dice.random()),
    )


def test_three_steps_by_hand() -> None:
    # prefix 100, new 10, answer 5: steps read 110, 125, 140
    plain = session_tokens(Session(3, 100, 10, 5))
    assert (plain.input, plain.output, plain.calls) == (375, 15, 3)
    # cached and never cold: 0, 110 and 125 are read again; 110, 15 and 15 are written
    cached = session_tokens(Session(3, 100, 10, 5, cache_minutes=5))
    assert (cached.cache_read, cached.cache_write, cached.input) == (235, 140, 0)
    # compaction to 7 tokens when 15 of history are there, after steps 1 and 2: it reads 115, then 100 + 7 + 15
    short = session_tokens(Session(3, 100, 10, 5, compact_at=15, summary=7))
    assert short.input == 110 + 115 + 117 + 122 + 117
    assert short.output == 15 + 14


def test_twice_the_steps_cost_nearly_four_times() -> None:
    short, long = (session_tokens(Session(n, 0, 500, 500)).input for n in (200, 400))
    assert long / short == pytest.approx(4.0, rel=0.01)


def test_one_hour_or_five_minutes_by_hand() -> None:
    # pauses of 5 minutes on average: 1 - 1/e are within five minutes, 1 - e^-12 within the hour
    assert Session(2, 1, 1, 1, cache_minutes=5, pause_minutes=5).warm_ratio == pytest.approx(
        0.632121, abs=1e-6
    )
    assert Session(2, 1, 1, 1, cache_minutes=60, pause_minutes=5).warm_ratio == pytest.approx(
        0.999994, abs=1e-6
    )
    # 43,800 calls a month are one a minute
    assert shared_ratio(4_380, 10, 5) == pytest.approx(1 - np.exp(-5))


def test_two_models_in_turn_by_hand() -> None:
    # prefix 100, new 10, answer 5; the first model takes steps 1 and 3, the other 2 and 4. Prompts: 110, 125, 140, 155.
    # Nobody pauses: step 3 finds step 1's 110, step 4 step 2's 125, steps 1 and 2 nothing at all.
    made = session_tokens(Session(4, 100, 10, 5, cache_minutes=5, other_steps=1))
    assert (made.cache_read, made.cache_write, made.output, made.calls) == (110, 110 + 30, 10, 2)
    assert (made.other_cache_read, made.other_cache_write, made.other_output) == (125, 125 + 30, 10)
    # without a cache each reads its prompts
    plain = session_tokens(Session(4, 100, 10, 5, other_steps=1))
    assert (plain.input, plain.other_input) == (250, 280)
    # compaction to 7 tokens after step 2, by the other model, which has 125 of its 130: step 3 finds the prefix only
    short = session_tokens(Session(3, 100, 10, 5, cache_minutes=5, other_steps=1, compact_at=30, summary=7))
    assert (short.cache_read, short.cache_write) == (100, 110 + 17)
    assert (short.other_cache_read, short.other_cache_write, short.other_output) == (125, 125 + 5, 5 + 7)
    # one planning step and then the other model: what it read first nobody had read for it
    planned = session_tokens(Session(3, 100, 10, 5, cache_minutes=5, own_steps=1, other_steps=99))
    assert (planned.cache_write, planned.other_cache_read, planned.other_cache_write) == (110, 125, 140)


@pytest.mark.parametrize(("pauses", "chance"), [(1, 0.632121), (2, 0.264241), (3, 0.080301)])
def test_several_pauses_in_a_row_are_rarely_within_the_life_of_the_cache(pauses: int, chance: float) -> None:
    # mean pause 5 minutes, life 5: 1 - 1/e, 1 - 2/e, 1 - 2.5/e
    session = Session(2, 1, 1, 1, cache_minutes=5, pause_minutes=5)
    assert session.within(pauses) == pytest.approx(chance, abs=1e-6)


@given(st.integers(1, 3_000), st.floats(0.01, 2_000))
def test_the_chance_of_a_count_is_that_of_scipy(count: int, mean: float) -> None:
    assert reached(count, mean) == pytest.approx(float(gamma.cdf(mean, count)), abs=1e-8)


@given(st.integers(0, 2**31))
def test_one_model_in_two_formulas_has_the_same_tokens(seed: int) -> None:
    session = replace(random_session(np.random.default_rng(seed)), other_steps=0, most_turns=0)
    one, two = session_tokens(session), mixed_tokens(session, session.turns)
    for kind in KINDS:
        assert getattr(two, kind) == pytest.approx(getattr(one, kind), rel=1e-9, abs=1e-6)


def test_within_a_thousandth_of_the_simulation_on_1000_agents() -> None:
    dice = np.random.default_rng(21)
    for number in range(1_000):
        session = random_session(dice)
        ours, theirs = session_tokens(session), simulated(session)
        for kind in KINDS:
            assert getattr(ours, kind) == pytest.approx(theirs[kind], rel=1e-3, abs=1e-6), (
                number,
                kind,
                session,
            )


def test_best_compaction_point_is_that_of_brute_force() -> None:
    dice = np.random.default_rng(22)
    for number in range(60):
        session = replace(
            random_session(dice),
            turns=int(dice.integers(2, 40)),
            most_turns=0,
            summary=float(dice.integers(0, 900)),
        )
        best = best_compaction(session, SONNET)
        top = session.summary + (session.turns + 1) * (session.new + session.answer)
        every = [0.0, *np.linspace(1, top, 300)]
        costs = [_weighed(replace(session, compact_at=float(p))) for p in every]
        assert _weighed(best) <= min(costs) * (1 + 1e-9), number


def _weighed(session: Session) -> float:
    told = simulated(session)
    return sum(told[k] * w for k, w in SONNET.items())


def test_a_cap_bounds_what_runs_away() -> None:
    loose = session_tokens(Session(10, 4_000, 800, 300, most_turns=500, runaway_ratio=0.02))
    tight = session_tokens(Session(10, 4_000, 800, 300, most_turns=25, runaway_ratio=0.02))
    assert loose.input > 10 * tight.input


def test_real_conversations_priced() -> None:
    file = TRAFFIC / "mooncake_conversation.csv"
    if not file.exists():
        pytest.skip(
            "the traces (../shared/data/traffic) are not beside the project: real conversations are not priced"
        )
    trace = pd.read_csv(file)
    cached = traced_tokens(trace["input_tokens"], trace["output_tokens"], trace["reusable_prefix_tokens"])
    plain = traced_tokens(trace["input_tokens"], trace["output_tokens"])
    # 12,031 requests; the source says 37.4 % of the input could come from a cache that never forgets
    assert cached.calls == 12_031
    assert cached.cache_read / plain.input == pytest.approx(0.374, abs=0.001)
    usd = {name: prices_of(name) for name in ("input", "output", "cache_read", "cache_write")}
    before = trace["input_tokens"].sum() * usd["input"] + trace["output_tokens"].sum() * usd["output"]
    assert plain.weighed(usd) == pytest.approx(before, rel=1e-12)
    # reading from the cache costs a tenth and writing 1.25 times: 0.626 x 1.25 + 0.374 x 0.1 = 0.820 of the input
    saved = (plain.weighed(usd) - cached.weighed(usd)) / (plain.input * usd["input"])
    assert saved == pytest.approx(1 - (0.626 * 1.25 + 0.374 * 0.1), abs=0.002)


@pytest.mark.parametrize("name", ["azure_llm_2023_code.csv"])
def test_real_requests_of_a_code_assistant_priced(name: str) -> None:
    file = TRAFFIC / name
    if not file.exists():
        pytest.skip(
            f"{name} (../shared/data/traffic) is not beside the project: real requests are not priced"
        )
    trace = pd.read_csv(file)
    told = traced_tokens(trace["context_tokens"], trace["generated_tokens"])
    # sums of the source's page: 18,059,974 in and 245,896 out
    assert (told.input, told.output) == (18_059_974, 245_896)
    usd = {name: prices_of(name) for name in ("input", "output")}
    assert told.weighed(usd) == pytest.approx(18_059_974 * usd["input"] + 245_896 * usd["output"])


MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"


def prices_of(direction: str) -> float:
    """Dollars per token in force."""
    return float(prices().price(f"bedrock_{direction}", MODEL, "us-east-1").usd)
