"""A new agent: its prompt is read again at every step."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.demand.agentcore_rows import agentcore_rows
from simulator.demand.bedrock_rows import bedrock_row
from simulator.demand.workload import Rows, Window, Workload, amount, words
from simulator.demand.workloads.bedrock_application import SCOPES
from simulator.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR
from simulator.usage.agent_session import Session, Tokens, shared_ratio
from simulator.usage.agents import session_tokens

CACHE_MINUTES = {"none": 0.0, "5 minutes": 5.0, "1 hour": 60.0}


@dataclass(frozen=True)
class Agent(Workload):
    """Sessions × steps: each step reads the prefix and all that was said before, so tokens grow with the square.

    T steps read T × prefix + T × new + (new + answer) × T (T − 1)/2. Levers on it are fields: the prompt cache and its
    life against the pause between steps, compaction (the history becomes a summary, by this model or a cheaper one), a
    cap on the steps of sessions that loop, smaller tool output, another model for some of the steps: runs of both in
    turn, each with a cache of its own (to plan with one model and go on with the other: 1 step, then 10,000). What
    AgentCore bills besides tokens is in it where its quantities are stated: busy vCPU-seconds, peak memory while a
    session lives, gateway calls, memory, and browser and code interpreter. The whole closed form:
    `simulator/usage/agents.py`, docs/agent-economics.md. Source: rules.md#prompt-caching; AgentCore pricing page;
    arithmetic.
    """

    id = "agent"
    title = "Agent"

    model: str = words("Model id, without profile", "amazon.nova-pro-v1:0")
    scope: str = words("Inference profile", "in_region", choices=SCOPES)
    sessions: float = amount("Sessions per month", "sessions", 1_000)
    turns: float = amount("Steps per session", "steps", 10, minimum=1, most=10_000, integer=True)
    prefix: float = amount("Tokens of instructions and tools", "tokens", 4_000)
    new: float = amount("New tokens per step, besides tool output", "tokens", 800)
    answer: float = amount("Generated tokens per step", "tokens", 300)
    tool_calls: float = amount("Tool calls per step", "calls", 0.0, most=1_000)
    tool_output: float = amount("Tokens of a tool's output", "tokens", 0)
    cache: str = words("Prompt cache", "none", choices=tuple(CACHE_MINUTES))
    pause_minutes: float = amount("Mean pause between steps", "minutes", 1.0, most=100_000)
    compact_at: float = amount("Tokens of history at which it is summarised; 0 never", "tokens", 0)
    summary: float = amount("Tokens of a summary", "tokens", 1_000)
    summary_model: str = words("Model that summarises; empty: that of the step before")
    step_model: str = words("Model of some of the steps; empty: the agent's own takes all")
    own_steps: float = amount(
        "Steps in a row by the agent's own model", "steps", 1, minimum=1, most=10_000, integer=True
    )
    other_steps: float = amount(
        "Steps in a row by the other model, after those", "steps", 1, minimum=1, most=10_000, integer=True
    )
    most_turns: float = amount("Cap on the steps of a session; 0 none", "steps", 0, most=10_000, integer=True)
    runaway_ratio: float = amount("Share of sessions that loop until the cap", "ratio", 0.0, most=1.0)
    cpu_seconds: float = amount("AgentCore: busy vCPU-seconds per step", "seconds", 0.0)
    memory_gb: float = amount("AgentCore: peak memory of a session", "GB", 0.0, most=1_000)
    session_minutes: float = amount("AgentCore: minutes for which a session lives", "minutes", 0.0, most=480)
    gateway_ratio: float = amount(
        "AgentCore: share of tool calls through the gateway", "ratio", 0.0, most=1.0
    )
    tool_searches: float = amount("AgentCore: tool searches per session", "searches", 0.0)
    memory_events: float = amount("AgentCore: memory events per step", "events", 0.0)
    memory_retrievals: float = amount("AgentCore: memory retrievals per step", "retrievals", 0.0)
    memory_records: float = amount("AgentCore: long-term records kept", "records", 0.0)
    sandbox_cpu_seconds: float = amount(
        "AgentCore: vCPU-seconds of browser and code interpreter per session", "seconds", 0.0
    )
    sandbox_gb_minutes: float = amount(
        "AgentCore: GB-minutes of browser and code interpreter per session", "GB-minutes", 0.0
    )

    @property
    def session(self) -> Session:
        """One session, as the closed form takes it."""
        minutes = CACHE_MINUTES[self.cache]
        made = Session(
            turns=int(self.turns),
            prefix=self.prefix,
            new=self.new + self.tool_calls * self.tool_output,
            answer=self.answer,
            most_turns=int(self.most_turns),
            runaway_ratio=self.runaway_ratio,
            cache_minutes=minutes,
            pause_minutes=self.pause_minutes,
            compact_at=self.compact_at,
            summary=self.summary,
            summary_elsewhere=bool(self.summary_model),
            own_steps=int(self.own_steps),
            other_steps=int(self.other_steps) if self.step_model not in ("", self.model) else 0,
        )
        own = made.own_of(made.turns)
        return replace(
            made,
            shared_ratio=shared_ratio(self.sessions, own, minutes),
            other_shared_ratio=shared_ratio(self.sessions, made.turns - own, minutes),
        )

    @property
    def steps(self) -> float:
        """Expected steps of a session, with those that loop."""
        cap = int(self.most_turns)
        usual = min(int(self.turns), cap) if cap else int(self.turns)
        return usual + (cap - usual) * self.runaway_ratio if cap else float(usual)

    @property
    def platform(self) -> dict[str, float]:
        """What AgentCore bills per month besides tokens: vCPU-hours, GB-hours, and calls."""
        steps = self.sessions * self.steps
        busy = steps * self.cpu_seconds + self.sessions * self.sandbox_cpu_seconds
        lives = self.sessions * (self.session_minutes * self.memory_gb + self.sandbox_gb_minutes)
        return {
            "vcpu": busy / SECONDS_PER_HOUR,
            "memory_gb": lives / MINUTES_PER_HOUR,
            "gateway": steps * self.tool_calls * self.gateway_ratio,
            "gateway_search": self.sessions * self.tool_searches,
            "memory_event": steps * self.memory_events,
            "memory_retrieval": steps * self.memory_retrievals,
            "memory_record": self.memory_records,
        }

    def rows(self, window: Window) -> Rows:
        """One month of sessions."""
        month = session_tokens(self.session) * self.sessions
        rows = bedrock_row(
            self, window, self.model, self.scope, requests=month.calls, tokens=self._tokens(month)
        )
        if month.other_calls:
            more = bedrock_row(
                self, window, self.step_model, self.scope, requests=month.other_calls,
                tokens=self._tokens(month, "other_"),
            )  # fmt: skip
            rows["bedrock"] += more["bedrock"]
        if self.summary_model and month.summary_calls:
            tokens = {"input": month.summary_input, "output": month.summary_output}
            more = bedrock_row(
                self, window, self.summary_model, self.scope, requests=month.summary_calls, tokens=tokens
            )
            rows["bedrock"] += more["bedrock"]
        return rows | agentcore_rows(self, window, self.platform)

    def _tokens(self, month: Tokens, of: str = "") -> dict[str, float]:
        written = "cache_write_1h" if self.cache == "1 hour" else "cache_write"
        kinds = {"input": "input", "cache_read": "cache_read", "output": "output", "cache_write": written}
        return {name: float(getattr(month, f"{of}{kind}")) for kind, name in kinds.items()}
