"""Bedrock token prices from two independently kept files, and what a model can cache."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from scripts.price_facts.sources import source_of
from scripts.price_facts.table import PriceRow, read, times

TOKENS = {
    "bedrock_input": "usd_per_1m_input",
    "bedrock_output": "usd_per_1m_output",
    "bedrock_cache_read": "usd_per_1m_cache_read",
    "bedrock_cache_write": "usd_per_1m_cache_write_5m",
    "bedrock_cache_write_1h": "usd_per_1m_cache_write_1h",
    "bedrock_batch_input": "usd_per_1m_batch_input",
    "bedrock_batch_output": "usd_per_1m_batch_output",
}
ABOVE = ("bedrock_input", "bedrock_output", "bedrock_cache_read", "bedrock_cache_write")
# The price file is stale here: a third source agrees with the second file (facts README, contradiction 5).
STALE = (
    "amazon.titan-text-express-v1",
    "amazon.titan-text-lite-v1",
    "meta.llama3-1-70b-instruct-v1:0",
    "meta.llama3-2-11b-instruct-v1:0",
    "meta.llama3-2-90b-instruct-v1:0",
)
Fact = Mapping[str, str]
MILLION = "1000000"
NOT_BEDROCK_IDS = {"claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-haiku-4-5@20251001"}
COMMITMENT = {"": "#none", "1-month-commitment": "#1m", "6-month-commitment": "#6m"}
SCOPES = ("us", "eu", "apac", "jp", "au")
FILE_DATE = "2026-07-24"
# Source: AWS agent toolkit, prompt caching (rules.md#prompt-caching). First match counts.
CACHE_MINIMUM = (
    (r"claude-sonnet-4-6", 2048),
    (r"claude-opus-4-[56]|claude-haiku-4-5", 4096),
    (r"claude-sonnet-4-(5|2025)|claude-opus-4-(1-|2025)|claude-3-7-sonnet", 1024),
    (r"claude-3-5-haiku", 2048),
    (r"amazon\.nova-pro-v1", 1024),
    (r"amazon\.nova-(lite|micro)-v1", 1536),
)
# Source: Bedrock user guide, prompt caching, where the toolkit says nothing.
GUIDE_MINIMUM = ((r"amazon\.nova-premier-v1", 1000),)


def prices(facts: Path) -> list[PriceRow]:
    """Token, query, image and provisioned prices. `*` is a file's price for every region.

    Where the files differ the value not taken stays in the note (see `_second_wins`).
    """
    first = _listed(facts)
    second = {_plain(r["model_id"]): r for r in read(facts / "bedrock_models_alt.csv")}
    in_us = {_rest(f): f for f in first if f["model_id"].startswith("us.")}
    rows: list[PriceRow] = []
    for fact in first:
        other = _same_model(fact, second)
        rows += _model(fact, other, _second_wins(fact, other, in_us.get(_rest(fact))))
    known = {_plain(f["model_id"]) for f in first}
    rows += [row for key, fact in second.items() if key not in known for row in _second_only(fact)]
    return rows


def _listed(facts: Path) -> list[dict[str, str]]:
    """One fact per model, region, commitment and variant: of two routes to a model the plain one."""
    best: dict[tuple[str, ...], dict[str, str]] = {}
    for fact in read(facts / "bedrock_models.csv"):
        key = (fact["model_id"], fact["region"], fact["commitment"], fact["variant"])
        same_name = fact["litellm_key"] == fact["model_id"]
        if fact["model_id"] not in NOT_BEDROCK_IDS and (key not in best or same_name):
            best[key] = fact
    return [f for f in best.values() if not (f["variant"] and f["mode"] == "chat")]


def _rest(fact: Fact) -> str:
    """The id without its geographic inference profile."""
    scope, _, rest = fact["model_id"].partition(".")
    return rest if scope in SCOPES else fact["model_id"]


def _plain(model_id: str) -> str:
    """Id without its version, so that two spellings of one model meet: claude-opus-4-6-v1 and …-v1:0."""
    if "claude" in model_id:
        return re.sub(r"(-\d{8})?(-v\d+)?(:\d+)?$", "", model_id)
    return model_id.removesuffix(":0")


def _same_model(fact: Fact, second: Mapping[str, Fact]) -> Fact | None:
    """The second file's entry: `regional.` for a geographic profile, or the plain id at the same price."""
    rest = _rest(fact)
    if fact["region"]:
        return None
    plain = second.get(_plain(rest))
    if rest == fact["model_id"]:
        return plain
    same_price = plain is not None and plain["usd_per_1m_input"] == fact["usd_per_1m_input"]
    return second.get(_plain(f"regional.{rest}")) or (plain if same_price or rest in STALE else None)


def _second_wins(fact: Fact, other: Fact | None, in_us: Fact | None) -> bool:
    """Whether to believe the second file where the two differ.

    Yes when the first is known to be stale, when the second was checked after it, and when the first file's
    own entry for the US profile agrees with the second.
    """
    if other is None:
        return False
    price = "usd_per_1m_input"
    outvoted = in_us is not None and in_us is not fact and in_us[price] == other[price] != fact[price]
    return _rest(fact) in STALE or other["prices_checked"] > FILE_DATE or outvoted


def _model(fact: Fact, other: Fact | None, second_wins: bool) -> Iterator[PriceRow]:
    item = fact["model_id"]
    if fact["usd_per_second_provisioned"]:
        hour = times(fact["usd_per_second_provisioned"], "3600")
        commitment = COMMITMENT[fact["commitment"]]
        yield _row("bedrock_provisioned", item + commitment, fact, hour, "model_unit_hour", "1")
        return
    for component, column in TOKENS.items():
        here = "" if _is_placeholder(component, fact) else fact[column]
        there = other.get(column, "") if other else ""
        if here or there:
            yield _token(component, fact, here, other, there, second_wins)
    for component in ABOVE:
        if usd := fact[TOKENS[component] + "_above_200k"]:
            yield _row(component, item + "#above_200k", fact, usd, "token", MILLION)
    if fact["usd_per_query"]:
        yield _row("bedrock_query", item, fact, fact["usd_per_query"], "query", "1")
    if fact["usd_per_image_output"]:
        suffix = "#" + fact["variant"].replace(" ", "_") if fact["variant"] else ""
        yield _row("bedrock_image", item + suffix, fact, fact["usd_per_image_output"], "image", "1")


def _token(
    component: str, fact: Fact, here: str, other: Fact | None, there: str, second_wins: bool
) -> PriceRow:
    """The price of one token direction, the value of the other file in the note where it differs."""
    if other and there and (second_wins or not here):
        taken = {**other, "region": fact["region"]}
        row = _row(component, fact["model_id"], taken, there, "token", MILLION)
    else:
        row = _row(component, fact["model_id"], fact, here, "token", MILLION)
    if here and there and Decimal(here) != Decimal(there):
        who, value = ("litellm-2026-07-24", here) if row.usd == there else ("genai-prices-2026-08-21", there)
        return row.noted(f"{who} says {value}")
    return row


def _is_placeholder(component: str, fact: Fact) -> bool:
    """A zero that stands for "no such price": everything but the output of an embedding, which has none."""
    zero = fact[TOKENS[component]] != "" and Decimal(fact[TOKENS[component]]) == 0
    return zero and not (component == "bedrock_output" and fact["mode"] == "embedding")


def _second_only(fact: Fact) -> Iterator[PriceRow]:
    """Models that only the second file has; its `regional.` names are no Bedrock ids."""
    if not fact["model_id"].startswith("regional."):
        for component, column in TOKENS.items():
            if fact.get(column):
                yield _row(
                    component, fact["model_id"], {**fact, "region": ""}, fact[column], "token", MILLION
                )


def _row(component: str, item: str, fact: Fact, usd: str, unit: str, per: str) -> PriceRow:
    source = source_of(fact["source"])
    region = "*" if fact["region"] in ("", "any") else fact["region"]
    mantle = "bedrock_mantle route" if fact.get("litellm_key", "").startswith("bedrock_mantle/") else ""
    return PriceRow(
        component, item, region, usd, unit, fact["as_of"], source.grade, source.source, per, note=mantle
    )


def models(facts: Path, rows: Iterable[PriceRow]) -> list[dict[str, object]]:
    """models.csv: every id with a token price; cache factors are its own prices over its input price.

    A price per model unit and hour has an id of its own: the model's, with the commitment as suffix.
    """
    facts_of = {f["model_id"]: f for f in reversed(read(facts / "bedrock_models.csv"))}
    usd: dict[tuple[str, str], Decimal] = {}
    for r in sorted(rows, key=lambda r: r.region != "*", reverse=True):
        usd[r.component, r.item] = Decimal(r.usd)
    items = sorted({i for c, i in usd if (c in TOKENS and "#" not in i) or c == "bedrock_provisioned"})
    return [_facts_of_model(item, facts_of.get(item, {}), usd) for item in items]


def _facts_of_model(item: str, fact: Fact, usd: Mapping[tuple[str, str], Decimal]) -> dict[str, object]:
    base = usd.get(("bedrock_input", item))

    def factor(component: str) -> str:
        cached = usd.get((component, item))
        return f"{cached / base:.4f}".rstrip("0").rstrip(".") if base and cached is not None else ""

    toolkit = next((n for pattern, n in CACHE_MINIMUM if re.search(pattern, item)), "")
    guide = next((n for pattern, n in GUIDE_MINIMUM if re.search(pattern, item)), "")
    sources = {
        "aws-agent-toolkit-2026-08": toolkit,
        "aws-bedrock-prompt-caching": guide,
        "litellm-2026-07-24": fact,
    }
    return {
        "model_id": item,
        "provider": fact.get("provider", ""),
        "cache_min_tokens": toolkit or guide,
        "cache_write_factor": factor("bedrock_cache_write"),
        "cache_read_factor": factor("bedrock_cache_read"),
        "context_tokens": fact.get("context_tokens_in", ""),
        "max_output": fact.get("max_output_tokens", ""),
        "source": " ".join(name for name, found in sources.items() if found),
    }
