"""What a planned agent costs and why: tokens by how they are billed, its levers one by one, the best compaction point.

A month is the closed form of `usage/agents.py` at the prices in force, sessions × tokens; the same as the engine prices
once the workload runs. Levers are changes of its fields, each alone. A price that is not known leaves the figure that
needs it unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulator.analysis.serving_costs import Prices
from simulator.demand.workloads.agent import CACHE_MINUTES, Agent
from simulator.engine.simulate import Result
from simulator.usage.agents import Session, best_compaction, cycle_turns, session_tokens
from simulator.words import count, percent, usd

POINTS = 24
LONG_PROMPT_TOKENS = 200_000
KINDS = {
    "input": "Read, not cached",
    "cache_read": "Read from the cache",
    "cache_write": "Written to the cache",
    "output": "Generated",
    "summary_input": "Read to summarise",
    "summary_output": "Summaries",
}
PLATFORM = {
    "vcpu": "AgentCore vCPU-hours",
    "memory_gb": "AgentCore GB-hours",
    "gateway": "AgentCore gateway calls",
    "gateway_search": "AgentCore tool searches",
    "memory_event": "AgentCore memory events",
    "memory_retrieval": "AgentCore memory retrievals",
    "memory_record": "AgentCore memory records",
}


@dataclass(frozen=True)
class Part:
    """What is billed, how much of it per month, and its dollars (None: its price is not known)."""

    name: str
    quantity: float
    usd: float | None


@dataclass(frozen=True)
class AgentLever:
    """One change alone. `usd` per month with it, `saving_usd` against the agent as planned; None where a price is
    missing, which `detail` says. `change` are the fields of the workload it sets."""

    name: str
    detail: str
    change: dict[str, float | str]
    usd: float | None
    saving_usd: float | None


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
        best = max((x for x in self.levers if x.saving_usd), key=lambda x: x.saving_usd or 0.0, default=None)
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
        Part(title, float(getattr(month, kind)), _times(getattr(month, kind), weights[kind]))
        for kind, title in KINDS.items()
        if getattr(month, kind) > 0
    ]
    platform = platform_parts(prices, agent)
    total = _total(*parts, *platform)
    known = {k: v for k, v in weights.items() if v is not None}
    points, best = _compaction(agent, known, platform) if _complete(weights, session) else ((), None)
    square = _usd_of(prices, replace(agent, turns=1, most_turns=0, runaway_ratio=0.0, compact_at=0.0))
    read = month.input + month.cache_read + month.cache_write
    whole = (*parts, *platform)
    return AgentEconomics(
        agent.name, agent.model, agent.sessions, agent.steps, total, _per(total, agent.sessions),
        None if square is None else square * agent.steps, _reread(agent, read), session.warm_ratio, whole,
        _levers(prices, agent, total, best), points, best and best[0], best and best[1],
        tuple(f"Needs a price: {p.name} of {agent.model} in {agent.region}." for p in whole if p.usd is None),
    )  # fmt: skip


def token_prices(prices: Prices, agent: Agent) -> dict[str, float | None]:
    """Dollars per token of each kind; of prompts above 200,000 tokens on average where the model has such a price."""
    written = "bedrock_cache_write_1h" if agent.cache == "1 hour" else "bedrock_cache_write"
    main = _item(agent.model, agent.scope, agent.session, prices, agent.region)
    other = _item(agent.summary_model or agent.model, agent.scope, agent.session, prices, agent.region)
    made = {
        "input": ("bedrock_input", main),
        "cache_read": ("bedrock_cache_read", main),
        "cache_write": (written, main),
        "output": ("bedrock_output", main),
        "summary_input": ("bedrock_input", other),
        "summary_output": ("bedrock_output", other),
    }
    return {kind: prices.usd(component, item, agent.region) for kind, (component, item) in made.items()}


def _item(model: str, scope: str, session: Session, prices: Prices, region: str) -> str:
    """The priced id, as the snapshot's rows get it: the inference profile in front."""
    name = model if scope == "in_region" or model.startswith(f"{scope}.") else f"{scope}.{model}"
    tokens = session_tokens(session)
    read = tokens.input + tokens.cache_read + tokens.cache_write
    is_long = tokens.calls > 0 and read / tokens.calls > LONG_PROMPT_TOKENS
    above = f"{name}#above_200k"
    return above if is_long and prices.usd("bedrock_input", above, region) is not None else name


def platform_parts(prices: Prices, agent: Agent) -> list[Part]:
    """What AgentCore bills besides tokens."""
    return [
        Part(PLATFORM[item], quantity, _times(quantity, prices.usd("agentcore", item, agent.region)))
        for item, quantity in agent.platform.items()
        if quantity > 0
    ]


def _usd_of(prices: Prices, agent: Agent) -> float | None:
    """Dollars per month of an agent."""
    weights, month = token_prices(prices, agent), session_tokens(agent.session) * agent.sessions
    tokens = [Part(k, 0.0, _times(getattr(month, k), weights[k])) for k in KINDS if getattr(month, k) > 0]
    return _total(*tokens, *platform_parts(prices, agent))


def _complete(weights: Mapping[str, float | None], session: Session) -> bool:
    """Whether every kind that compaction may need has a price."""
    needed = {"output"} | ({"cache_read", "cache_write"} if session.cache_minutes > 0 else {"input"})
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


def _levers(
    prices: Prices, agent: Agent, now_usd: float | None, best: tuple[float, float] | None
) -> tuple[AgentLever, ...]:
    """Each change of the agent alone, the largest saving first, what is unknown last."""

    def lever(name: str, detail: str, **change: float | str) -> AgentLever:
        made = _usd_of(prices, replace(agent, **change))  # type: ignore[arg-type]
        missing = made is None or now_usd is None
        why = f"{detail} Needs a price." if missing else detail
        saved = None if made is None or now_usd is None else now_usd - made
        return AgentLever(name, why, change, made, saved)

    made = [
        lever(f"Prompt cache: {life}", _cache_words(replace(agent, cache=life)), cache=life)
        for life in CACHE_MINUTES
        if life != agent.cache
    ]
    if best is not None and best[0] != agent.compact_at:
        at, _ = best
        steps = cycle_turns(replace(agent.session, compact_at=at), 0.0)
        words = (
            "Never: a summary costs more than it saves."
            if at == 0
            else f"After {steps:,.0f} steps, at {at:,.0f} tokens."
        )
        made.append(lever("Best compaction point", words, compact_at=at))
    if agent.runaway_ratio > 0 and agent.most_turns > agent.turns:
        made.append(lever("Cap at the usual steps", f"At {agent.turns:g} steps.", most_turns=agent.turns))
    if agent.tool_calls * agent.tool_output > 0:
        made.append(
            lever("Half the tool output", "Tools return half the tokens.", tool_output=agent.tool_output / 2)
        )
    return tuple(sorted(made, key=lambda x: (x.saving_usd is None, -(x.saving_usd or 0.0))))


def _cache_words(agent: Agent) -> str:
    if agent.cache == "none":
        return "Every step reads everything at the price of input."
    return f"{percent(agent.session.warm_ratio, 0)} of steps find the last call in the cache."


def _reread(agent: Agent, read: float) -> float:
    """Share of what is read that an earlier step of the session has read: all but the first prefix and what is new."""
    first = agent.sessions * (agent.session.prefix + agent.steps * agent.session.new)
    return max(1 - first / read, 0.0) if read > 0 else 0.0


def _times(quantity: float, price: float | None) -> float | None:
    return None if price is None else quantity * price


def _total(*parts: Part) -> float | None:
    known = [p.usd for p in parts if p.usd is not None]
    return sum(known) if len(known) == len(parts) else None


def _per(total: float | None, sessions: float) -> float | None:
    return total / sessions if total is not None and sessions > 0 else None
