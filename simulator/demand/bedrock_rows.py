"""Rows of Bedrock tokens."""

from __future__ import annotations

from simulator.demand.workload import Rows, Window, Workload


def bedrock_row(
    workload: Workload, window: Window, model: str, scope: str, *, requests: float, tokens: dict[str, float]
) -> Rows:
    """A month's requests and tokens by direction; a direction that is left out is none."""
    row = {
        "model_id": model,
        "region": workload.region,
        "date": window.start.date(),
        "scope": scope,
        "tier": "on_demand",
        "owner": workload.owner,
        "requests": window.metered(requests),
        "input_tokens": 0.0,
        "output_tokens": 0.0,
        "cache_read_tokens": 0.0,
        "cache_write_tokens": 0.0,
    }
    return {"bedrock": [row | {f"{name}_tokens": window.metered(count) for name, count in tokens.items()}]}
