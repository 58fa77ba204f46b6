"""B4 model routing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.catalog import Catalog
from simulator.levers.bedrock.traffic import (
    alive,
    already_cached,
    cache_that_stays,
    missing_tokens,
    only_billed,
    wrong_tier,
)
from simulator.levers.lever import Evidence, Lever, Rule, Verdicts, decide, refuse, rewritten
from simulator.params import param
from simulator.usage.tables import Bedrock, Usage

SCOPES = ("us", "eu", "apac", "jp", "au", "global", "us-gov")
# What an id starts with → what cheaper ids start with, best first. Same provider, next smaller model.
CHEAPER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("anthropic.claude-3-opus", ("anthropic.claude-3-sonnet",)),
    ("anthropic.claude-opus", ("anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-5")),
    ("anthropic.claude-3-sonnet", ("anthropic.claude-3-haiku",)),
    ("anthropic.claude-3-5-sonnet", ("anthropic.claude-3-5-haiku", "anthropic.claude-3-haiku")),
    ("anthropic.claude-3-7-sonnet", ("anthropic.claude-3-5-haiku", "anthropic.claude-haiku-4-5")),
    ("anthropic.claude-sonnet", ("anthropic.claude-haiku-4-5",)),
    ("amazon.nova-premier", ("amazon.nova-pro",)),
    ("amazon.nova-pro", ("amazon.nova-lite",)),
    ("amazon.nova-lite", ("amazon.nova-micro",)),
    ("amazon.nova-2-pro", ("amazon.nova-2-lite",)),
    ("meta.llama3-1-405b", ("meta.llama3-3-70b", "meta.llama3-1-70b")),
    ("meta.llama3-1-70b", ("meta.llama3-1-8b",)),
    ("meta.llama3-3-70b", ("meta.llama3-1-8b",)),
    ("meta.llama3-70b", ("meta.llama3-8b",)),
    ("meta.llama3-2-90b", ("meta.llama3-2-11b",)),
    ("meta.llama4-maverick", ("meta.llama4-scout",)),
    ("mistral.mistral-large-2", ("mistral.mistral-small",)),
    ("mistral.mistral-large-3", ("mistral.ministral-3-14b",)),
    ("openai.gpt-oss-120b", ("openai.gpt-oss-20b",)),
    ("qwen.qwen3-235b", ("qwen.qwen3-32b",)),
    ("qwen.qwen3-coder-480b", ("qwen.qwen3-coder-30b",)),
    ("cohere.command-r-plus", ("cohere.command-r-v1",)),
    ("ai21.jamba-1-5-large", ("ai21.jamba-1-5-mini",)),
)


@dataclass(frozen=True)
class ModelRouting(Lever):
    """Send the easy requests to the next smaller model of the same provider.

    A router reads every request on the smaller model. Its share of requests moves there; some of those are
    answered badly and asked again on the larger model, so they are paid twice. Caches are per model: the
    requests that stay still write every prefix, and those that move write it again on the other model. They
    are cached there only if the prefix is known to reach that model's minimum; else it is plain input. A bad
    idea without an evaluation per kind of request.

    Source: rules.md#model-routing and rules.md#pairs (routing × caching); the target is the next smaller model of
    the same provider with a price.
    """

    id = "model_routing"
    title = "Route easy requests to a smaller model"
    stage = 4
    table = "bedrock"
    effort_hours = 60.0
    phase = 3
    excludes = ("distillation", "prompt_routing")

    routed_ratio: float = param(
        "Share of requests sent to the smaller model", "ratio", 0.30, low=0.10, high=0.60, step=0.05,
        grade="assumed", source="The seed report claims 15 to 30 % of the bill; an evaluation would show it",
    )  # fmt: skip
    escalated_ratio: float = param(
        "Share of those asked again on the larger model", "ratio", 0.10, low=0.0, high=0.30, step=0.05,
        grade="assumed", source="Our judgement: answers the smaller model gets wrong are paid twice",
    )  # fmt: skip
    router_ratio: float = param(
        "What the router reads of every request, as a share of its input", "ratio", 0.10, low=0.0,
        high=0.5, step=0.05, grade="assumed",
        source="rules.md#model-routing: router calls cost tokens too; read on the smaller model",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models with known tokens and a smaller sibling."""
        b = usage.bedrock
        return decide(
            b,
            *wrong_tier(b),
            missing_tokens(b),
            only_billed(b),
            *smaller_model(b, usage.catalog),
            otherwise="A smaller model of the same provider exists; evaluate it on your requests first.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Move a share of every direction to the smaller model; add the router and the repeated requests."""
        b, catalog = usage.bedrock, usage.catalog
        ok = self.verdicts(usage).applies
        target = np.where(ok, cheaper_codes(catalog)[b.model], b.routed_model)
        moved = np.where(ok, self.routed_ratio, 0.0)
        cached = b.cache_read_tokens + b.cache_write_tokens
        router = np.where(ok, (b.input_tokens + cached) * self.router_ratio, 0.0)
        columns = to_smaller(b, catalog, ok, target, moved, moved * (1 - self.escalated_ratio))
        columns["routed_input_tokens"] = columns["routed_input_tokens"] + router
        return rewritten(usage, "bedrock", **columns)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """An evaluation per kind of request, which a snapshot cannot hold."""
        return (
            Evidence(
                np.zeros(len(usage.bedrock), bool),
                "Which requests the smaller model can answer is assumed; an evaluation would show it.",
            ),
        )


def to_smaller(
    b: Bedrock, catalog: Catalog, ok: Any, target: Any, moved: Any, leaving: Any
) -> dict[str, Any]:
    """Columns after the share `moved` of the requests of the rows `ok` is answered by `target`.

    `leaving` is the share that the larger model no longer answers: less than `moved` where some are asked again.
    Prefixes are cached on the smaller model only where they reach its minimum, else they are plain input there.
    """
    cached = b.cache_read_tokens + b.cache_write_tokens
    read, write = cache_that_stays(b.cache_read_tokens, b.cache_write_tokens, leaving)
    caches_too = (b.prefix_tokens >= catalog.cache_min_tokens[target]) & ~np.isnan(
        catalog.cache_write_factor[target] + catalog.cache_read_factor[target]
    )
    moved_cached = np.where(ok, cached * moved, 0.0)
    moved_write = np.minimum(np.where(caches_too, b.cache_write_tokens, 0.0), moved_cached)
    moved_input = np.where(ok, b.input_tokens * moved, 0.0) + np.where(caches_too, 0.0, moved_cached)
    moved_output = np.where(ok, b.output_tokens * moved, 0.0)
    return {
        "routed_model": target,
        "input_tokens": b.input_tokens * (1 - leaving),
        "output_tokens": b.output_tokens * (1 - leaving),
        "cache_read_tokens": np.where(ok, read, b.cache_read_tokens),
        "cache_write_tokens": np.where(ok, write, b.cache_write_tokens),
        "routed_input_tokens": b.routed_input_tokens + moved_input,
        "routed_output_tokens": b.routed_output_tokens + moved_output,
        "routed_cache_read_tokens": b.routed_cache_read_tokens
        + np.where(caches_too, moved_cached - moved_write, 0.0),
        "routed_cache_write_tokens": b.routed_cache_write_tokens + moved_write,
    }


def smaller_model(b: Bedrock, catalog: Catalog) -> tuple[Rule, ...]:
    """What every way to a smaller model needs: such a model, a prompt it can read, and tokens left to move."""
    smaller = cheaper_codes(catalog)[b.model]
    return (
        refuse(
            smaller < 0,
            "We know no smaller model of the same provider that AWS lists as active, at a lower price.",
        ),
        refuse(
            mean_prompt(b) > catalog.context_tokens[smaller],
            "Its mean prompt is longer than the smaller model's context.",
        ),
        refuse((b.input_tokens + b.output_tokens) == 0, "Has no on-demand tokens left in this scenario."),
    )


@cache
def cheaper_codes(catalog: Catalog) -> NDArray[np.int64]:
    """Code of the next smaller active model for each model, -1 = none known; the last entry is unknown's."""
    models = catalog.models
    code = {name: number for number, name in enumerate(models)}
    active = tuple(name for name in models if alive(catalog, code[name]) and "#" not in name)
    smaller = ("" if "#" in name else _cheaper(name, active) for name in models)
    return np.array([*(code.get(name, -1) for name in smaller), -1], np.int64)


def mean_prompt(b: Bedrock) -> Any:
    """Tokens of the mean prompt, cached ones included; NaN where the requests are unknown."""
    total = b.input_tokens + already_cached(b)
    return total / np.where(b.requests > 0, b.requests, np.nan)


def _cheaper(name: str, models: tuple[str, ...]) -> str:
    scope, _, rest = name.partition(".")
    prefix, base = (f"{scope}.", rest) if scope in SCOPES else ("", name)
    wanted: Any = next((targets for start, targets in CHEAPER if base.startswith(start)), ())
    found = (m for target in wanted for m in models if m.startswith(prefix + target))
    return next(found, "")
