"""What a planned agent costs and why: tokens by how they are billed, its levers one by one, the best compaction point.

A month is the closed form of `usage/agents.py` at the prices in force, sessions × tokens; the same as the engine prices
once the workload runs. Levers are changes of its fields, each alone. A price that is not known leaves the figure that
needs it unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulator.analysis.agent_levers import AgentLever, agent_levers, warm_share
from simulator.analysis.agent_prices import (
    KINDS,
    Part,
    platform_parts,
    read_tokens,
    times,
    token_prices,
    total,
    usd_of,
)
from simulator.analysis.serving_costs import Prices
from simulator.demand.workloads.agent import Agent
from simulator.engine.simulate import Result
from simulator.usage.agent_session import Session
from simulator.usage.agents import best_compaction, session_tokens
from simulator.words import count, percent, usd

POINTS = 24


@dataclass(frozen=True)
class AgentEconomics:
    """One agent, per month. `compaction` holds (tokens of history at which it is summarised, dollars), 0 is never;
    `reread_ratio` is the share of what is read that was read before."""

    name: str
    model: str
    sessions: float
    steps: float
    usd: float | None
    usd_per_session: float | None
    usd_without_square: float | None
    reread_ratio: float
    warm_ratio: float
    parts: tuple[Part, ...]
    levers: tuple[AgentLever, ...]
    compaction: tuple[tuple[float, float], ...]
    best_compact_at: float | None
    best_usd: float | None
    unknown: tuple[str, ...]

    def sentence(self) -> str:
        """In words."""
        if self.usd is None:
            return f"{self.name}: its cost is unknown. {' '.join(self.unknown)}"
        best = max(
            (x for x in self.levers if x.saving_usd and not x.needs_trial),
            key=lambda x: x.saving_usd or 0.0,
            default=None,
        )
        steps = count(round(self.steps, 1), "step")
        said = (
            f"{self.name}: {usd(self.usd)} per month, {usd(self.usd_per_session)} per session of {steps}; "
            f"it has read {percent(self.reread_ratio, 0)} of what it reads before."
        )
        if best is not None and (best.saving_usd or 0) > 0:
            said += f" Most is saved by: {best.name} ({usd(best.saving_usd)} per month)."
        return said


def agents(result: Result) -> list[AgentEconomics]:
    """Every agent that the scenario plans."""
    prices = Prices(result.book)
    return [economics(prices, w) for w in result.scenario.workloads if isinstance(w, Agent)]


def economics(prices: Prices, agent: Agent) -> AgentEconomics:
    """One agent at the prices in force."""
    session, weights = agent.session, token_prices(prices, agent)
    month = session_tokens(session) * agent.sessions
    parts = [
        Part(title, float(getattr(month, kind)), times(getattr(month, kind), weights[kind]))
        for kind, title in KINDS.items()
        if getattr(month, kind) > 0
    ]
    platform = platform_parts(prices, agent)
    whole_usd = total(*parts, *platform)
    known = {k: v for k, v in weights.items() if v is not None}
    points, best = _compaction(agent, known, platform) if _complete(weights, session) else ((), None)
    whole = (*parts, *platform)
    return AgentEconomics(
        agent.name, agent.model, agent.sessions, agent.steps, whole_usd, _per(whole_usd, agent.sessions),
        _without_square(prices, agent), _reread(agent, read_tokens(month) + read_tokens(month, "other_")),
        warm_share(session), whole, agent_levers(prices, agent, whole_usd, best), points, best and best[0],
        best and best[1], tuple(_needed(agent, p) for p in whole if p.usd is None),
    )  # fmt: skip


def _needed(agent: Agent, part: Part) -> str:
    """Which price is missing."""
    kind = next((k for k, title in KINDS.items() if title == part.name), "")
    model = {"other": agent.step_model, "summary": agent.summary_model}.get(kind.partition("_")[0], "")
    return f"Needs a price: {part.name} of {model or agent.model} in {agent.region}."


def _without_square(prices: Prices, agent: Agent) -> float | None:
    """Dollars per month if no step read the history again: each step as a session of its own, by its model."""
    session = agent.session
    alone = replace(agent, turns=1, most_turns=0, runaway_ratio=0.0, compact_at=0.0, step_model="")
    own = session.own_of(session.turns) / session.turns
    shares = {agent.model: own} if own == 1 else {agent.model: own, agent.step_model: 1 - own}
    dollars = [(share, usd_of(prices, replace(alone, model=model))) for model, share in shares.items()]
    known = [share * cost for share, cost in dollars if cost is not None]
    return sum(known) * agent.steps if len(known) == len(dollars) else None


def _complete(weights: Mapping[str, float | None], session: Session) -> bool:
    """Whether every kind that compaction may need has a price."""
    needed = {"output"} | ({"cache_read", "cache_write"} if session.cache_minutes > 0 else {"input"})
    needed |= {f"other_{kind}" for kind in needed} if session.other_steps > 0 else set()
    needed |= {"summary_input", "summary_output"} if session.summary_elsewhere else set()
    return all(weights[kind] is not None for kind in needed)


def _compaction(
    agent: Agent, weights: Mapping[str, float], platform: list[Part]
) -> tuple[tuple[tuple[float, float], ...], tuple[float, float]]:
    """Dollars per month by compaction point, and the best point (0: never)."""
    fixed = sum(p.usd or 0.0 for p in platform)

    def dollars(session: Session) -> float:
        return float(session_tokens(session).weighed(weights) * agent.sessions + fixed)

    session = agent.session
    best = best_compaction(session, weights)
    grows = session.new + session.answer
    steps = max(session.turns, session.most_turns)
    every = max(1, -(-steps // POINTS))
    tried = {n * grows for n in range(1, steps, every)} | {best.compact_at, session.compact_at, 0.0}
    points = tuple((float(at), dollars(replace(session, compact_at=at))) for at in sorted(tried))
    return points, (float(best.compact_at), dollars(best))


def _reread(agent: Agent, read: float) -> float:
    """Share of what is read that an earlier step of the session has read: all but the first prefix and what is new."""
    first = agent.sessions * (agent.session.prefix + agent.steps * agent.session.new)
    return max(1 - first / read, 0.0) if read > 0 else 0.0


def _per(total: float | None, sessions: float) -> float | None:
    return total / sessions if total is not None and sessions > 0 else None
