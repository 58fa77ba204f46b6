"""Bedrock use of the sample (models.csv): requests follow a traffic trace, tokens come from LLM traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scripts.team.sheet import read_sheet
from scripts.team.traces import START, Traces

DAYS = 30
DRAWN_REQUESTS = 400
WRITTEN_PER_READ = 0.08
COPIED = (
    "model_id", "region", "scope", "owner", "cacheable_ratio", "prefix_tokens", "requests_per_ttl",
    "latency_tolerant_ratio",
)  # fmt: skip
Row = dict[str, Any]


def bedrock(traces: Traces, rng: np.random.Generator) -> pd.DataFrame:
    """The table `bedrock`, one row per use and day."""
    rhythm = traces.bursty.reshape(DAYS, 24).sum(axis=1)
    rhythm = rhythm / rhythm.mean()
    uses = read_sheet("models")
    return pd.DataFrame([_day(use, day, rhythm[day], traces, rng) for use in uses for day in range(DAYS)])


def _day(use: Row, day: int, rhythm: float, traces: Traces, rng: np.random.Generator) -> Row:
    date = START + pd.Timedelta(days=day)
    quiet = use["weekend_factor"] if date.day_of_week >= 5 else 1.0
    requests = max(1, round(use["requests_per_day"] * rhythm * quiet * rng.uniform(0.93, 1.07)))
    asked, answered = _tokens_per_request(use, traces, rng)
    total, read = requests * asked, requests * asked * use["cached_share"]
    written = read * WRITTEN_PER_READ
    return {
        **{name: use.get(name) for name in COPIED},
        "tier": use.get("tier", ""),
        "date": date,
        "requests": requests,
        "input_tokens": round(total - read - written),
        "output_tokens": round(requests * answered),
        "cache_read_tokens": round(read) if read else None,
        "cache_write_tokens": round(written) if read else None,
    }


def _tokens_per_request(use: Row, traces: Traces, rng: np.random.Generator) -> tuple[float, float]:
    """Mean over requests drawn from the trace, times the factors of the use."""
    if use["trace"] == "chat":
        frame, columns = traces.chat_requests, ["input_tokens", "output_tokens"]
    else:
        frame, columns = traces.code_requests, ["context_tokens", "generated_tokens"]
    picked = rng.integers(0, len(frame), DRAWN_REQUESTS)
    asked, answered = frame[columns].to_numpy(float)[picked].mean(axis=0)
    return asked * use["input_factor"], answered * use["output_factor"]
