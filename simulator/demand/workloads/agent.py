"""A new agent: its prompt is read again at every turn."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.bedrock_rows import bedrock_row
from simulator.demand.workload import Rows, Window, Workload, amount, words
from simulator.demand.workloads.bedrock_application import SCOPES


@dataclass(frozen=True)
class Agent(Workload):
    """Sessions × turns; turn t reads prefix + (t − 1) × (new + answer) again, and `new` tokens for the first time.

    So the tokens read grow with the square of the turns: T × prefix + (new + answer) × T (T − 1)/2 + T × new. With
    caching, what was read in an earlier turn is read from the cache and everything new is written to it. Source:
    rules.md#prompt-caching; arithmetic.
    """

    id = "agent"
    title = "Agent"

    model: str = words("Model id, without profile", "amazon.nova-pro-v1:0")
    scope: str = words("Inference profile", "in_region", choices=SCOPES)
    sessions: float = amount("Sessions per month", "sessions", 1_000)
    turns: float = amount("Steps per session", "steps", 10, minimum=1, most=10_000)
    prefix: float = amount("Tokens of instructions and tools", "tokens", 4_000)
    new: float = amount("New tokens per step (question, tool output)", "tokens", 800)
    answer: float = amount("Generated tokens per step", "tokens", 300)
    cached_ratio: float = amount("Share of re-read tokens found in the cache", "ratio", 0.0, most=1.0)

    def rows(self, window: Window) -> Rows:
        """One month of sessions."""
        turns, grows = self.turns, self.new + self.answer
        again = (turns - 1) * self.prefix + grows * turns * (turns - 1) / 2
        first = self.prefix + turns * self.new
        read = again * self.cached_ratio
        written = first * self.cached_ratio
        tokens = {
            "input": self.sessions * (again + first - read - written),
            "cache_read": self.sessions * read,
            "cache_write": self.sessions * written,
            "output": self.sessions * turns * self.answer,
        }
        return bedrock_row(
            self, window, self.model, self.scope, requests=self.sessions * turns, tokens=tokens
        )
