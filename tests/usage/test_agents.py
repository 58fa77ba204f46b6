"""Agents: by hand, beside a simulation step by step, the best compaction point, and real traces through the prices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.usage.agents import Session, best_compaction, session_tokens, shared_ratio, traced_tokens
from tests.accounts import prices

TRAFFIC = Path(__file__).parents[2].parent / "shared" / "data" / "traffic"
KINDS = (
    "input",
    "cache_read",
    "cache_write",
    "output",
    "summary_input",
    "summary_output",
    "calls",
    "summary_calls",
)
SONNET = {
    "input": 3.0,
    "cache_read": 0.3,
    "cache_write": 3.75,
    "output": 15.0,
    "summary_input": 0.8,
    "summary_output": 4.0,
}


def simulated(session: Session) -> dict[str, float]:
    """Step by step, with what the cache holds kept as numbers: an agent loop, not the formula."""
    cap = session.most_turns
    runs = [(1.0, min(session.turns, cap) if cap else session.turns)]
    if cap and session.runaway_ratio:
        runs = [(1 - session.runaway_ratio, runs[0][1]), (session.runaway_ratio, cap)]
    total = dict.fromkeys(KINDS, 0.0)
    for share, turns in runs:
        history, cached = 0.0, None  # `cached`: tokens of this session's last call, or None before the first
        for turn in range(1, turns + 1):
            prompt = session.prefix + history + session.new
            _bill(total, share, session, prompt, cached)
            total["output"] += share * session.answer
            cached = prompt
            history += session.new + session.answer
            if session.compact_at > 0 and history >= session.compact_at - 1e-9 and turn < turns:
                context = session.prefix + history
                if session.summary_elsewhere:
                    total["summary_input"] += share * context
                    total["summary_output"] += share * session.summary
                    total["summary_calls"] += share
                else:
                    total["calls"] += share
                    total["output"] += share * session.summary
                    held = cached if session.cache_minutes else 0.0
                    total["cache_read"] += share * held
                    total["cache_write" if session.cache_minutes else "input"] += share * (context - held)
                history, cached = session.summary, session.prefix
    return total


def _bill(
    total: dict[str, float], share: float, session: Session, prompt: float, cached: float | None
) -> None:
    total["calls"] += share
    if not session.cache_minutes:
        total["input"] += share * prompt
        return
    warm = session.warm_ratio if cached is not None else 0.0
    for chance, held in (
        (warm, cached or 0.0),
        ((1 - warm) * session.shared_ratio, session.prefix),
        ((1 - warm) * (1 - session.shared_ratio), 0.0),
    ):
        total["cache_read"] += share * chance * held
        total["cache_write"] += share * chance * (prompt - held)


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
        every = [0.0, *np.linspace(1, top, 700)]
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
