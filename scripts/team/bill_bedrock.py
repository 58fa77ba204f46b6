"""Bedrock lines of the bill: each token direction of each model; Claude bills as a service of its own."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from scripts.team.bill_lines import PREFIX, Bill, records

SERVICE = "Amazon Bedrock"
OWN_SERVICE = {
    "anthropic.claude-sonnet-4-5-20250929-v1:0": "Claude Sonnet 4.5 (Amazon Bedrock Edition)",
    "anthropic.claude-haiku-4-5-20251001-v1:0": "Claude Haiku 4.5 (Amazon Bedrock Edition)",
}
SHORT_NAMES = {
    "amazon.nova-pro-v1:0": "NovaPro",
    "amazon.nova-lite-v1:0": "NovaLite",
    "meta.llama3-3-70b-instruct-v1:0": "Llama3-3-70B",
    "mistral.mistral-large-2407-v1:0": "MistralLarge2407",
    "amazon.titan-embed-text-v2:0": "TitanEmbeddingV2-Text",
}
DIRECTIONS = {
    "input": ("InputTokenCount", "input-tokens"),
    "output": ("OutputTokenCount", "output-tokens"),
    "cache_read": ("CacheReadInputTokenCount", "cache-read-input-token-count"),
    "cache_write": ("CacheWriteInputTokenCount", "cache-write-input-token-count"),
}


def add_bedrock(bill: Bill, frame: pd.DataFrame) -> None:
    """Write the lines of Bedrock."""
    tokens: dict[tuple[str, str, str, str, str], float] = defaultdict(float)
    for row in records(frame.fillna(0)):
        for direction in DIRECTIONS:
            key = (row["model_id"], row["region"], row["scope"], row["tier"], direction)
            tokens[key] += row[f"{direction}_tokens"]
    for (model, region, scope, tier, direction), count in tokens.items():
        if count:
            item = model if scope == "in_region" else f"{scope}.{model}"
            batch = tier == "batch"
            usd = count * bill.price_usd(f"bedrock_{'batch_' if batch else ''}{direction}", item, region)
            _add(bill, model, region, direction, "_Global" if scope == "global" else "", batch, count, usd)


def _add(
    bill: Bill, model: str, region: str, direction: str, profile: str, batch: bool, count: float, usd: float
) -> None:
    market, token = DIRECTIONS[direction]
    if model in OWN_SERVICE:
        usage = f"MP:{PREFIX[region]}_{market}{profile}-Units"
        bill.add(OWN_SERVICE[model], "bedrock", region, usage, count / 1e6, "Units", usd)
    else:
        usage = f"{SHORT_NAMES[model]}-{token}{'-batch' if batch else ''}"
        bill.add(SERVICE, "bedrock", region, usage, count / 1000, "1K tokens", usd)
