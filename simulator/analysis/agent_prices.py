"""What an agent's tokens and AgentCore's meters cost at the prices in force.

A price that is not known leaves the figure that needs it unknown. Of prompts above 200,000 tokens on average a model's
long-context price counts, where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.analysis.serving_costs import Prices
from simulator.demand.workloads.agent import Agent
from simulator.usage.agent_session import Tokens
from simulator.usage.agents import session_tokens

LONG_PROMPT_TOKENS = 200_000
KINDS = {
    "input": "Read, not cached",
    "cache_read": "Read from the cache",
    "cache_write": "Written to the cache",
    "output": "Generated",
    "other_input": "Other model: read, not cached",
    "other_cache_read": "Other model: read from its cache",
    "other_cache_write": "Other model: written to its cache",
    "other_output": "Other model: generated",
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


def token_prices(prices: Prices, agent: Agent) -> dict[str, float | None]:
    """Dollars per token of each kind of `Tokens`."""
    written = "bedrock_cache_write_1h" if agent.cache == "1 hour" else "bedrock_cache_write"
    components = {"input": "bedrock_input", "cache_read": "bedrock_cache_read", "cache_write": written,
                  "output": "bedrock_output"}  # fmt: skip
    month = session_tokens(agent.session)
    main = _item(agent.model, agent, month, "", prices)
    items = {
        "": main,
        "other_": _item(agent.step_model, agent, month, "other_", prices) if agent.step_model else "",
    }
    made = {
        f"{of}{kind}": prices.usd(component, item, agent.region) if item else None
        for of, item in items.items()
        for kind, component in components.items()
    }
    summary = _item(agent.summary_model, agent, month, "", prices) if agent.summary_model else main
    return made | {
        f"summary_{k}": prices.usd(components[k], summary, agent.region) for k in ("input", "output")
    }


def _item(model: str, agent: Agent, tokens: Tokens, of: str, prices: Prices) -> str:
    """The priced id, as the snapshot's rows get it: the inference profile in front."""
    in_front = agent.scope == "in_region" or model.startswith(f"{agent.scope}.")
    name = model if in_front else f"{agent.scope}.{model}"
    calls = getattr(tokens, f"{of}calls")
    is_long = calls > 0 and read_tokens(tokens, of) / calls > LONG_PROMPT_TOKENS
    above = f"{name}#above_200k"
    return above if is_long and prices.usd("bedrock_input", above, agent.region) is not None else name


def read_tokens(tokens: Tokens, of: str = "") -> float:
    """All that a model reads, cached or not."""
    return float(sum(getattr(tokens, f"{of}{kind}") for kind in ("input", "cache_read", "cache_write")))


def platform_parts(prices: Prices, agent: Agent) -> list[Part]:
    """What AgentCore bills besides tokens."""
    return [
        Part(PLATFORM[item], quantity, times(quantity, prices.usd("agentcore", item, agent.region)))
        for item, quantity in agent.platform.items()
        if quantity > 0
    ]


def usd_of(prices: Prices, agent: Agent) -> float | None:
    """Dollars per month of an agent."""
    weights, month = token_prices(prices, agent), session_tokens(agent.session) * agent.sessions
    tokens = [Part(k, 0.0, times(getattr(month, k), weights[k])) for k in KINDS if getattr(month, k) > 0]
    return total(*tokens, *platform_parts(prices, agent))


def times(quantity: float, price: float | None) -> float | None:
    """Unknown without a price."""
    return None if price is None else quantity * price


def total(*parts: Part) -> float | None:
    """Their dollars; unknown where one is."""
    known = [p.usd for p in parts if p.usd is not None]
    return sum(known) if len(known) == len(parts) else None
