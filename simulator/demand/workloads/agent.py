"""A new agent: its prompt is read again at every step."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.bedrock_rows import bedrock_row
from simulator.demand.workload import Rows, Window, Workload, amount, words
from simulator.demand.workloads.bedrock_application import SCOPES
from simulator.usage.agents import Session, Tokens, session_tokens, shared_ratio

CACHE_MINUTES = {"none": 0.0, "5 minutes": 5.0, "1 hour": 60.0}


@dataclass(frozen=True)
class Agent(Workload):
    """Sessions × steps: each step reads the prefix and all that was said before, so tokens grow with the square.

    T steps read T × prefix + T × new + (new + answer) × T (T − 1)/2. Levers on it are fields: the prompt cache and its
    life against the pause between steps, compaction (the history becomes a summary, by this model or a cheaper one), a
    cap on the steps of sessions that loop, smaller tool output. What AgentCore bills (CPU and memory hours) is not in
    it. The whole closed form: `simulator/usage/agents.py`, docs/agent-economics.md. Source: rules.md#prompt-caching;
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
    summary_model: str = words("Model that summarises; empty: the agent's own")
    most_turns: float = amount("Cap on the steps of a session; 0 none", "steps", 0, most=10_000, integer=True)
    runaway_ratio: float = amount("Share of sessions that loop until the cap", "ratio", 0.0, most=1.0)

    @property
    def session(self) -> Session:
        """One session, as the closed form takes it."""
        minutes = CACHE_MINUTES[self.cache]
        return Session(
            turns=int(self.turns),
            prefix=self.prefix,
            new=self.new + self.tool_calls * self.tool_output,
            answer=self.answer,
            most_turns=int(self.most_turns),
            runaway_ratio=self.runaway_ratio,
            cache_minutes=minutes,
            pause_minutes=self.pause_minutes,
            shared_ratio=shared_ratio(self.sessions, self.turns, minutes),
            compact_at=self.compact_at,
            summary=self.summary,
            summary_elsewhere=bool(self.summary_model),
        )

    def rows(self, window: Window) -> Rows:
        """One month of sessions."""
        month = session_tokens(self.session) * self.sessions
        rows = bedrock_row(
            self, window, self.model, self.scope, requests=month.calls, tokens=self._tokens(month)
        )
        if self.summary_model and month.summary_calls:
            tokens = {"input": month.summary_input, "output": month.summary_output}
            more = bedrock_row(
                self, window, self.summary_model, self.scope, requests=month.summary_calls, tokens=tokens
            )
            rows["bedrock"] += more["bedrock"]
        return rows

    def _tokens(self, month: Tokens) -> dict[str, float]:
        written = "cache_write_1h" if self.cache == "1 hour" else "cache_write"
        tokens = {"input": month.input, "cache_read": month.cache_read, "output": month.output}
        return tokens | {written: month.cache_write}
