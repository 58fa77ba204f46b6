"""Where a lever turns from saving to losing, as a fact of the account: calls, object size, utilization, goodput.

Levers know no money, so their closed forms get their prices here. Each break-even is told for the resource that costs
most among those the lever may touch, beside what that resource has now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.analysis.plan_sizing import break_even_utilization_ratio
from simulator.catalog import base_model
from simulator.engine.applying import unpriced_rows
from simulator.engine.simulate import Result
from simulator.levers.bedrock.prompt_caching import PromptCaching, break_even_requests
from simulator.levers.bedrock.provisioned_throughput import (
    HOURS,
    SUFFIX,
    ProvisionedThroughput,
    break_even_tokens,
)
from simulator.levers.endpoints.fleet import instances_now
from simulator.levers.endpoints.inference_components import InferenceComponents
from simulator.levers.endpoints.serverless import Serverless, break_even_calls
from simulator.levers.lever import Lever
from simulator.levers.storage.intelligent_tiering import IntelligentTiering, break_even_gib
from simulator.levers.storage.objects import objects_per_gb
from simulator.levers.training.interruptions import break_even_goodput_ratio
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.levers.training.rightsize_training import RightsizeTraining, break_even_slowdown
from simulator.pricing.book import PriceBook
from simulator.units import HOURS_PER_MONTH, KIB_PER_GIB
from simulator.usage.tables import Endpoints, Usage, meters_of


@dataclass(frozen=True)
class Measure:
    """In what a lever's break-even is told, and whether it pays above or below."""

    label: str
    unit: str
    above: bool

    @property
    def side(self) -> str:
        """On which side the lever pays, in a word."""
        return "above" if self.above else "below"


MEASURES = {
    "inference_components": Measure("that one shared instance replaces", "instances", above=True),
    "intelligent_tiering": Measure("size of an object that is not read", "KB", above=True),
    "managed_spot": Measure("goodput, the useful share of what is billed", "%", above=True),
    "prompt_caching": Measure("within the time to live, per prefix", "requests", above=True),
    "provisioned_throughput": Measure("at the mean price of its tokens", "tokens per month", above=True),
    "rightsize_training": Measure("as long as today on the smaller type", "times", above=False),
    "savings_plan": Measure("utilization", "%", above=True),
    "serverless": Measure("without cold starts", "calls per month", above=False),
}
"""The levers that have a break-even in closed form."""


@dataclass(frozen=True)
class Turn:
    """The lever pays above (or below) `value`; `resource_id` has `now`. Both in the unit of the measure."""

    measure: Measure
    value: float
    now: float
    resource_id: str

    def sentence(self) -> str:
        """In words."""
        m = self.measure
        return (
            f"It pays {m.side} {_figure(self.value)} {m.unit} ({m.label}); "
            f"{self.resource_id} has {_figure(self.now)}."
        )


@dataclass(frozen=True)
class Found:
    """A resource (`row`) in the usage a lever finds, with the prices; `usd` is what it costs per month."""

    usage: Usage
    book: PriceBook
    row: int
    usd: float

    def price(self, component: str, item: str, region: int) -> float:
        """Price of one item in a region; NaN unknown."""
        return float(self.book.table(component, (item,), self.usage.catalog.regions).usd[0, region])

    def type_price(self, component: str, code: int, region: int) -> float:
        """Price of an instance type in a region; NaN unknown."""
        c = self.usage.catalog
        return float(self.book.table(component, c.instance_types, c.regions).usd[code, region])


def turning_point(result: Result, lever: Lever, found: Usage, costs: Any) -> Turn | None:
    """The break-even of a lever on the usage it finds; None where it has no closed form, or a part is unknown.

    `costs` are dollars per month by resource of the lever's table.
    """
    if lever.id == "savings_plan":
        return _plan(result)
    if lever.id not in FORMS:
        return None
    mask = lever.verdicts(found).applies & (costs > 0)
    if mask.any():  # what stays for want of a price has no break-even
        mask = mask & ~unpriced_rows(found, lever.apply(found), lever.table, result.book)
    if not mask.any():
        return None
    row = int(np.argmax(np.where(mask, costs, 0.0)))
    value, now = FORMS[lever.id](lever, Found(found, result.book, row, float(costs[row])))
    if (
        not np.isfinite([value, now]).all() or value <= 0
    ):  # at or below nothing it pays always: no turning point
        return None
    name = str(found.table(lever.table).resource_id[row])
    return Turn(MEASURES[lever.id], float(value), float(now), name)


Pair = tuple[Any, Any]
"""The break-even, and what the resource has now."""


def _tiering(lever: IntelligentTiering, f: Found) -> Pair:
    s = f.usage.storage
    region = s.region[f.row]
    size = break_even_gib(
        f.price("storage_monitoring", "INTELLIGENT_TIERING", region),
        f.price("storage", "STANDARD", region),
        f.price("storage", "INTELLIGENT_TIERING_IA", region),
    )
    mean = 1 / np.maximum(objects_per_gb(s, 1.0)[f.row], 1e-12)
    return size * KIB_PER_GIB, mean * KIB_PER_GIB


def _serverless(lever: Serverless, f: Found) -> Pair:
    e, row = f.usage.endpoints, f.row
    io = next(m for m in meters_of(Endpoints) if m.name == "serverless_io_gb")
    calls = break_even_calls(
        instances_now(f.usage)[row],
        f.type_price("hosting", e.resized_type[row], e.region[row]),
        e.latency_seconds[row],
        lever.memory_gib(e.model_gib)[row],
        f.price("serverless_inference", "gb_second", e.region[row]),
        float(lever.payload_gib(e.payload_gib)[row]) * f.price(io.price, io.item, e.region[row]),
    )
    return calls, e.calls_per_month[row]


def _components(lever: InferenceComponents, f: Found) -> Pair:
    e, row = f.usage.endpoints, f.row
    after = lever.apply(f.usage).endpoints
    own, shared = e.resized_type[row], after.resized_type[row]
    region = e.region[row]
    worth = f.type_price("hosting", shared, region) / f.type_price("hosting", own, region)
    group = (after.resized_type == shared) & (after.resized_hours > 0) & (e.region == region)
    hours = e.instance_hours + e.resized_hours
    now = hours[group].sum() / max(after.resized_hours[group].sum(), 1e-9)
    return worth, now


def _caching(lever: PromptCaching, f: Found) -> Pair:
    b, c, row = f.usage.bedrock, f.usage.catalog, f.row
    known = c.cache_write_factor[b.model][row]
    write = lever.write_1h_ratio if lever.ttl == "1h" else known
    value = break_even_requests(write, c.cache_read_factor[b.model][row])
    return value, lever.requests(b)[row]


def _provisioned(lever: ProvisionedThroughput, f: Found) -> Pair:
    b, row = f.usage.bedrock, f.row
    meter, c = HOURS[lever.commitment], f.usage.catalog
    item = base_model(c.models[b.model[row]]) + SUFFIX[lever.commitment]
    unit_usd = f.book.price("bedrock_provisioned", item, c.regions[b.region[row]]).usd
    hours = getattr(lever.apply(f.usage).bedrock, meter)[row] - getattr(b, meter)[row]
    tokens = b.input_tokens[row] + b.output_tokens[row]
    value = break_even_tokens(hours / HOURS_PER_MONTH, unit_usd, HOURS_PER_MONTH, f.usd / tokens)
    return value, tokens


def _spot(lever: ManagedSpot, f: Found) -> Pair:
    t, row = f.usage.training, f.row
    discount = np.broadcast_to(lever.discounts(f.usage), len(t))[row]
    lost = lever.overhead_ratio(t.job_hours * t.slowdown_ratio, t.instance_count, t.checkpointing == 1)[row]
    return 100 * break_even_goodput_ratio(discount), 100 / (1 + lost)


def _smaller(lever: RightsizeTraining, f: Found) -> Pair:
    t, row = f.usage.training, f.row
    value = break_even_slowdown(
        f.type_price("training", t.instance_type[row], t.region[row]),
        f.type_price("training", t.smaller_type[row], t.region[row]),
    )
    return value, lever.slowdown_ratio(f.usage)[row]


FORMS: dict[str, Callable[[Any, Found], Pair]] = {
    "inference_components": _components,
    "intelligent_tiering": _tiering,
    "managed_spot": _spot,
    "prompt_caching": _caching,
    "provisioned_throughput": _provisioned,
    "rightsize_training": _smaller,
    "serverless": _serverless,
}


def _plan(result: Result) -> Turn | None:
    """The share of the new commitment that must be used, beside what is."""
    new = [a for a in result.outcome.settlement.allocations if not a.plan.existing]
    if not new or not np.isfinite(new[0].utilization_ratio):
        return None
    value = 100 * float(break_even_utilization_ratio(new[0].discount_ratio))
    return Turn(MEASURES["savings_plan"], value, 100 * new[0].utilization_ratio, "the commitment")


def _figure(value: float) -> str:
    """Three digits of what is small, whole numbers of what is large."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
