"""Bedrock's prices of October 2026 by scope, region, tier and direction → dated rows of grade secondary.

Scope is in the item: no prefix is in region, `us.` `eu.` `apac.` … a geo profile, `global.` the global one. A plain id
in a region without a price of its own takes the geo price there: a bill's usage type without `_Global` is either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.price_facts.table import PriceRow, read
from simulator.aws.bedrock_types import ids_of_words

DAY = "2026-10-08"
SOURCE = "model-comparison-2026-10-08"
MILLION = "1000000"
COMPONENT = {
    ("standard", d): f"bedrock_{d}"
    for d in ("input", "output", "cache_read", "cache_write", "cache_write_1h")
} | {("batch", d): f"bedrock_batch_{d}" for d in ("input", "output")}
PREFIX = {"anthropic": "Anthropic", "amazon": "Amazon", "openai": "OpenAI", "mistral": "Mistral", "google": "Google",
          "cohere": "Cohere", "meta": "Meta", "ai21": "AI21 Labs", "nvidia": "NVIDIA", "moonshotai": "Moonshot AI",
          "zai": "Z AI", "xai": "xAI", "deepseek": "DeepSeek", "writer": "Writer", "qwen": "Qwen",
          "minimax": "MiniMax"}  # fmt: skip
# Names of the source whose words are not those of the id.
ALIAS = {
    "claude-3.7-sonnet": ("anthropic.claude-3-7-sonnet-20250219-v1:0",),
    "cohere-embed-3-model-english": ("cohere.embed-english-v3",),
    "cohere-embed-model-3-multilingual": ("cohere.embed-multilingual-v3",),
    "cohere-embed-4-model": ("cohere.embed-v4:0",),
    "cohere-command-r": ("cohere.command-r-v1:0",),
    "cohere-generate-model-command": ("cohere.command-text-v14",),
    "cohere-generate-model-command-light": ("cohere.command-light-text-v14",),
    "deepseek-v3.1": ("deepseek.v3-v1:0",),
    "deepseek-v3.2": ("deepseek.v3.2",),
    "devstral": ("mistral.devstral-2-123b",),
    "gemma-3-4b": ("google.gemma-3-4b-it",),
    "gemma-3-12b": ("google.gemma-3-12b-it",),
    "gemma-3-27b": ("google.gemma-3-27b-it",),
    "jurassic-2-mid": ("ai21.j2-mid-v1",),
    "jurassic-2-ultra": ("ai21.j2-ultra-v1",),
    "magistral-small-1.2": ("mistral.magistral-small-2509",),
    "meta-llama-2-chat-13b": ("meta.llama2-13b-chat-v1",),
    "meta-llama-2-chat-70b": ("meta.llama2-70b-chat-v1",),
    "mistral-7b": ("mistral.mistral-7b-instruct-v0:2",),
    "mistral-large": ("mistral.mistral-large-2402-v1:0",),
    "mistral-large-3": ("mistral.mistral-large-3-675b-instruct",),
    "mistral-small": ("mistral.mistral-small-2402-v1:0",),
    "mixtral-8x7b": ("mistral.mixtral-8x7b-instruct-v0:1",),
    "nova-2.0-pro": ("amazon.nova-2-pro-preview-20251202-v1:0",),
    "nvidia-nemotron-3-super-120b-a12b": ("nvidia.nemotron-super-3-120b",),
    "nvidia-nemotron-nano-2": ("nvidia.nemotron-nano-9b-v2",),
    "nvidia-nemotron-nano-2-vl": ("nvidia.nemotron-nano-12b-v2",),
    "pixtral-large-25.02": ("mistral.pixtral-large-2502-v1:0",),
    "voxtral-mini-1.0": ("mistral.voxtral-mini-3b-2507",),
    "voxtral-small-1.0": ("mistral.voxtral-small-24b-2507",),
}
JP, AU = ("ap-northeast-1", "ap-northeast-3"), ("ap-southeast-2", "ap-southeast-4")
Key = tuple[str, str, str]


def prices(facts: Path) -> list[PriceRow]:
    """Rows of every model, one per key; where geo and in-region rows meet on a plain id, in region counts."""
    found: dict[Key, PriceRow] = {}
    for scope in ("in_region", "geo", "global"):
        for fact in read(facts / "bedrock_2026-10.csv"):
            if fact["scope"] == scope:
                for row in _rows(fact):
                    found.setdefault((row.component, row.item, row.region), row)
    return [*found.values(), *_plain_defaults(list(found.values()))]


def ids(fact: dict[str, str]) -> tuple[str, ...]:
    """The ids of a model of the source: those known by the same words, else one made of provider and name."""
    name = fact["model_id"]
    prefix, dot, rest = name.partition(".")
    plain = rest if dot and prefix in PREFIX else name
    known = ALIAS.get(name) or ids_of_words(plain)
    if known:
        return tuple(known)
    provider = next((p for p, n in PREFIX.items() if n == fact["provider"]), "") or prefix
    return (f"{provider}.{re.sub(rf'^{provider}-', '', plain).replace('.', '-')}",)


def _rows(fact: dict[str, str]) -> Iterator[PriceRow]:
    component = COMPONENT.get((fact["tier"], fact["direction"])) or f"bedrock_{fact['direction']}"
    if fact["tier"] == "batch" and (fact["tier"], fact["direction"]) not in COMPONENT:
        return  # cache reads of a batch: nothing meters them, and they are not the price of a plain cache read
    for region in fact["regions"].split():
        for model in ids(fact):
            for item in _items(model, fact["scope"], region):
                yield PriceRow(
                    component, item + _variant(fact), region, fact["usd_per_million"], "token", DAY, "secondary",
                    SOURCE, per=MILLION, note=fact["note"],
                )  # fmt: skip


def _items(model: str, scope: str, region: str) -> list[str]:
    if scope == "global":
        return [f"global.{model}"]
    return [*(f"{p}.{model}" for p in _profiles(region) if scope == "geo"), model]


def _profiles(region: str) -> tuple[str, ...]:
    """Geo profiles that a region may call."""
    if region.startswith("us-gov-"):
        return ("us-gov",)
    if region.startswith(("us-", "ca-")):
        return ("us",)
    if region.startswith(("eu-", "il-")):
        return ("eu",)
    more = ("jp",) if region in JP else ("au",) if region in AU else ()
    return ("apac", *more) if region.startswith("ap-") else ()


def _variant(fact: dict[str, str]) -> str:
    """`#flex`, `#priority`, or `#above_200k`: what follows the model in the item."""
    tier, note = fact["tier"], fact["note"]
    above = re.search(r"(?:above|over) (\d+)000 tokens", note)
    service = re.search(r"service tier (flex|priority)", note)
    if tier == "long_context":
        return f"#above_{above[1] if above else 200}k" + (f"_{service[1]}" if service else "")
    return f"#{tier}" if tier in ("flex", "priority") else ""


def _plain_defaults(rows: list[PriceRow]) -> Iterator[PriceRow]:
    """A plain Claude id since 4.5 or Nova 2 costs 1.1 × global in every region: the default row says so."""
    home = {(r.component, r.item): r for r in rows if r.region == "us-east-1"}
    for (component, item), row in home.items():
        geo = home.get((component, f"us.{item}"))
        world = home.get((component, f"global.{item}"))
        if geo and world and "#" not in item and float(geo.usd) > float(world.usd):
            yield PriceRow(
                component, item, "*", row.usd, "token", DAY, "secondary", SOURCE, per=MILLION,
                note="in region costs 1.1 x global; us-east-1's for every region",
            )  # fmt: skip
