"""What can be changed of a planned agent: each change of its fields alone, priced anew.

Savings overlap, and a saving may be negative. Which model is good enough for a step is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.analysis.agent_prices import usd_of
from simulator.analysis.serving_costs import Prices
from simulator.catalog import load_catalog
from simulator.demand.workloads.agent import CACHE_MINUTES, Agent
from simulator.levers.bedrock.model_routing import cheaper_codes
from simulator.usage.agent_session import Session, cycle_turns
from simulator.words import percent

TO_THE_END = 10_000
"""Steps: more than any session has."""
UNJUDGED = "Its answers are not judged."


@dataclass(frozen=True)
class AgentLever:
    """One change alone. `usd` per month with it, `saving_usd` against the agent as planned; None where a price is
    missing, which `detail` says. `change` are the fields of the workload it sets."""

    name: str
    detail: str
    change: dict[str, float | str]
    usd: float | None
    saving_usd: float | None

    @property
    def needs_trial(self) -> bool:
        """Whether steps go to another model, whose answers nobody has judged."""
        return "model" in self.change or bool(self.change.get("step_model"))


Change = tuple[str, str, dict[str, float | str]]


def agent_levers(
    prices: Prices, agent: Agent, now_usd: float | None, best: tuple[float, float] | None
) -> tuple[AgentLever, ...]:
    """The largest saving first, then those that give steps to another model, then what is unknown.

    `best`: the best compaction point and its dollars.
    """
    changes = [*_caches(agent), *_compaction(agent, best), *_models(agent), *_smaller(agent)]
    made = [_priced(prices, agent, now_usd, change) for change in changes]
    return tuple(sorted(made, key=lambda x: (x.saving_usd is None, x.needs_trial, -(x.saving_usd or 0.0))))


def _priced(prices: Prices, agent: Agent, now_usd: float | None, change: Change) -> AgentLever:
    name, detail, fields = change
    made = usd_of(prices, replace(agent, **fields))  # type: ignore[arg-type]
    if made is None or now_usd is None:
        return AgentLever(name, f"{detail} Needs a price.", fields, made, None)
    return AgentLever(name, detail, fields, made, now_usd - made)


def _caches(agent: Agent) -> Iterator[Change]:
    for life in CACHE_MINUTES:
        if life != agent.cache:
            yield f"Prompt cache: {life}", _cache_words(replace(agent, cache=life)), {"cache": life}


def _compaction(agent: Agent, best: tuple[float, float] | None) -> Iterator[Change]:
    if best is not None and best[0] != agent.compact_at:
        steps = cycle_turns(replace(agent.session, compact_at=best[0]), 0.0)
        words = (
            "Never: a summary costs more than it saves."
            if best[0] == 0
            else f"After {steps:,.0f} steps, at {best[0]:,.0f} tokens."
        )
        yield "Best compaction point", words, {"compact_at": best[0]}


def _models(agent: Agent) -> Iterator[Change]:
    """All steps by one of the two models and longer runs of both; or a cheaper model of the same family for some."""
    if agent.step_model:
        alone: dict[str, float | str] = {"step_model": "", "own_steps": 1, "other_steps": 1}
        yield f"All steps by {agent.model}", "One cache for the whole session.", alone
        other = alone | {"model": agent.step_model}
        yield f"All steps by {agent.step_model}", f"One cache for the whole session. {UNJUDGED}", other
        if agent.own_steps + agent.other_steps < agent.turns:
            twice: dict[str, float | str] = {
                "own_steps": agent.own_steps * 2,
                "other_steps": agent.other_steps * 2,
            }
            yield "Runs twice as long", "The models take turns half as often.", twice
        return
    smaller = cheaper_model(agent.model)
    if smaller:
        words = f"Each model has a cache of its own. {UNJUDGED}"
        rest: dict[str, float | str] = {"step_model": smaller, "own_steps": 1, "other_steps": TO_THE_END}
        yield f"All but the first step by {smaller}", words, rest
        yield f"Every second step by {smaller}", words, rest | {"other_steps": 1}


def cheaper_model(model: str) -> str:
    """The next smaller model of the same family, as the lever `model_routing` has it; empty where none is known."""
    catalog = load_catalog()
    code = int(catalog.model_code([model])[0])
    target = int(cheaper_codes(catalog)[code]) if code >= 0 else -1
    return catalog.models[target] if target >= 0 else ""


def _smaller(agent: Agent) -> Iterator[Change]:
    if agent.runaway_ratio > 0 and agent.most_turns > agent.turns:
        yield "Cap at the usual steps", f"At {agent.turns:g} steps.", {"most_turns": agent.turns}
    if agent.tool_calls * agent.tool_output > 0:
        yield "Half the tool output", "Tools return half the tokens.", {"tool_output": agent.tool_output / 2}


def _cache_words(agent: Agent) -> str:
    if agent.cache == "none":
        return "Every step reads everything at the price of input."
    return f"{percent(warm_share(agent.session), 0)} of steps find their model's last call in the cache."


def warm_share(session: Session) -> float:
    """Of the steps that have a call of their model before them, the share that finds it in the cache."""
    period = session.own_steps + session.other_steps
    chances = []
    for step in range(1, session.turns):
        place = step % period
        if 0 < place < session.own_steps or place > session.own_steps:
            chances.append(session.within(1))
        elif place == 0:
            chances.append(session.within(session.other_steps + 1))
        elif step > period:
            chances.append(session.within(session.own_steps + 1))
    return sum(chances) / len(chances) if chances else session.within(1)
