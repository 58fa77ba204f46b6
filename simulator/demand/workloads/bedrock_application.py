"""A new application on Bedrock."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.demand.bedrock_rows import bedrock_row
from simulator.demand.workload import Rows, Window, Workload, amount, words

SCOPES = ("in_region", "us", "eu", "apac", "global")


@dataclass(frozen=True)
class BedrockApplication(Workload):
    """Users × requests × tokens in and out, of which a share is read from the prompt cache.

    Source: rules.md#bedrock-tokens.
    """

    id = "bedrock_application"
    title = "Bedrock application"

    model: str = words("Model id, without profile", "amazon.nova-lite-v1:0")
    scope: str = words("Inference profile", "in_region", choices=SCOPES)
    users: float = amount("Users per month", "users", 1_000)
    requests_per_user: float = amount("Requests per user and month", "requests", 50)
    tokens_in: float = amount("Prompt tokens per request", "tokens", 1_500)
    tokens_out: float = amount("Generated tokens per request", "tokens", 300)
    cached_ratio: float = amount("Share of the prompt read from the cache", "ratio", 0.0, most=1.0)

    def rows(self, window: Window) -> Rows:
        """One month of the application."""
        requests = self.users * self.requests_per_user
        tokens = {
            "input": requests * self.tokens_in * (1 - self.cached_ratio),
            "cache_read": requests * self.tokens_in * self.cached_ratio,
            "output": requests * self.tokens_out,
        }
        return bedrock_row(self, window, self.model, self.scope, requests=requests, tokens=tokens)
