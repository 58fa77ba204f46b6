"""Bedrock usage types → token direction, price tier, routing and model.

Names are `{model}-{tokens}[-{tier}][-cross-region-global][-batch]`, or for the Marketplace `MP:{region}_{tokens}-Units`
in millions of tokens, with the model in the product name. Words are tested in a fixed order: "cache" before "input",
"reserved" before both. Source: Bedrock user guide, "Understanding your Bedrock cost data in CUR".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from simulator.catalog import load_catalog

NOT_TOKENS = (
    "custommodelimport",
    "customization",
    "custom-model",
    "training",
    "reserved",
    "guardrail",
    "evaluation",
    "invokeflow",
    "bedrockflows",
    "optimizeprompt",
    "prompt-routing",
    "grounding",
    "generatesql",
    "structuredretrieve",
    "search_units",
    "searchunits",
    "dataautomation",
    "novareel",
    "i2v",
    "t2v",
    "novacanvas",
    "imagegenerator",
    "created_image",
    "sonic",
    "minute",
    "storage",
    "image",
)
DIRECTIONS = (
    (("cachewrite1h", "cache-write-1h", "cache_write_1h", "cachewrite-1h", "1hcachewrite"), "cache_write_1h"),
    (("cacheread", "cache-read", "cache_read"), "cache_read"),
    (("cachewrite", "cache-write", "cache_write"), "cache_write"),
    (("input",), "input"),
    (("output",), "output"),
)
TOKEN_WORDS = re.compile(
    r"[-_ ](text-|image-)?(mantle-)?(cache[-_]?(read|write)|input|output|response|search|provisionedthroughput|custom)",
    re.I,
)
LONG = re.compile(r"lctx|long-?_?context|above-?_?200k")
LATENCY = re.compile(r"latency-?_?optimi[sz]ed|latopt")
PROFILES = ("us", "eu", "apac", "global")
TOKENS_PER_UNIT = {
    "1k tokens": 1e3,
    "1m tokens": 1e6,
    "units": 1e6,
    "tokens": 1.0,
    "token": 1.0,
    "1000 tokens": 1e3,
}
DROPPED = {"instruct", "chat", "text", "v", "bedrock", "edition", "amazon", "model"}


@dataclass(frozen=True)
class BedrockUse:
    """`meter` is tokens, provisioned or "" (billed, but not by token). `tokens_per_unit` converts the quantity."""

    meter: str
    direction: str = ""
    model: str = ""
    tier: str = ""
    scope: str = ""
    tokens_per_unit: float = 1.0


@lru_cache(maxsize=50_000)
def bedrock_use(usage_type: str, product_name: str, unit: str) -> BedrockUse:
    """Classify the usage type without its region prefix."""
    low = usage_type.lower()
    model = _model(usage_type, product_name)
    if "modelunits" in low:
        return BedrockUse("provisioned", model=model, tier="provisioned")
    per_unit = TOKENS_PER_UNIT.get(unit.strip().lower())
    if per_unit is None or any(word in low for word in NOT_TOKENS):
        return BedrockUse("", model=model)
    model = _variant(model, low)
    for words, direction in DIRECTIONS:
        if any(word in low for word in words):
            scope = "global" if "global" in low else ""
            return BedrockUse("tokens", direction, model, _tier(low), scope, per_unit)
    return BedrockUse("", model=model)


def _variant(model: str, low: str) -> str:
    """The model as it is priced: above its long-context threshold under an id of its own where the catalogue has one.

    Other variants are no usage of the plain model, and have the bill's own figure.
    """
    if LATENCY.search(low):
        return f"{model} (latency-optimized)"
    if not LONG.search(low):
        return model
    long = f"{model}#above_200k"
    return long if long in _ids() else f"{model} (long context)"


def ids_of_words(name: str) -> tuple[str, ...]:
    """The catalogue's plain ids that have the words of a name, in any order; none or several, too."""
    return _by_words().get(_words(name), ())


def model_of_resource(resource_id: str) -> tuple[str, str]:
    """(model id, scope) of a foundation-model or inference-profile ARN; ("", "") of anything else."""
    found = re.search(r":(foundation-model|inference-profile)/([A-Za-z0-9.:_-]+)$", resource_id)
    if not found:
        return "", ""
    profile, dot, rest = found[2].partition(".")
    if found[1] == "inference-profile" and dot and profile in PROFILES:
        return rest, profile
    return found[2], ""


def _tier(low: str) -> str:
    return next((tier for tier in ("batch", "flex", "priority") if tier in low), "")


def _model(usage_type: str, product_name: str) -> str:
    """The catalogue's id where exactly one fits, else the name as billed; `unknown` when the bill does not say."""
    marketplace = "MP:" in usage_type or "_tokens" in usage_type.lower() or usage_type.endswith("-Units")
    name = product_name.partition("(")[0].strip() if marketplace else _before_tokens(usage_type)
    if not name or name.lower() in ("amazon bedrock", "bedrock"):
        return "unknown"
    if name in _ids():
        return name
    known = _by_words().get(_words(name), ()) or _embedding(_words(name))
    return known[0] if len(known) == 1 else name


def _embedding(words: tuple[str, ...]) -> tuple[str, ...]:
    """Ids of embedding models that have all these words but the provider's: `CohereEmbedEnglish` has no version."""
    if "embed" not in words:
        return ()
    named = set(words) - {"cohere"}
    return tuple(i for own, ids in _by_words().items() if named <= set(own) for i in ids)


def _before_tokens(usage_type: str) -> str:
    found = TOKEN_WORDS.search(usage_type)
    return usage_type[: found.start()] if found else ""


@cache
def _ids() -> frozenset[str]:
    return frozenset(load_catalog().models)


@cache
def _by_words() -> dict[tuple[str, ...], tuple[str, ...]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for model in load_catalog().models:
        if "#" not in model and model.partition(".")[0] not in (*PROFILES, "jp", "au", "us-gov"):
            found.setdefault(_words(model.partition(".")[2]), []).append(model)
    return {words: tuple(ids) for words, ids in found.items()}


def _words(name: str) -> tuple[str, ...]:
    """Words and numbers of a name, in any order: `Claude4.5Sonnet` is `claude-sonnet-4-5-20250929-v1:0`."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()
    spaced = re.sub(r"embed(dings?|s)?(?![a-z])", "embed", spaced)
    spaced = re.sub(r"-v1(:\d+)?$|(?<=-v\d):0$|-\d+:\d+$|\b20\d{6}\b", "", spaced)
    spaced = re.sub(r"v(?=\d)", " v ", re.sub(r"(\d)\.0(?!\d)", r"\1", spaced))
    parts = re.findall(r"[a-z]+|\d+", spaced)
    return tuple(sorted(p for p in parts if p not in DROPPED))
