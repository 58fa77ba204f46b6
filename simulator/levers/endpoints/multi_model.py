"""E6 multi-model endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.endpoints.fleet import (
    RUNNING_METERS,
    instances_now,
    moved,
    on_gpu,
    other_modes,
    running_hours,
    without_instances,
)
from simulator.levers.endpoints.pools import Pools, bins_needed
from simulator.levers.lever import Evidence, Lever, Rule, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import SECONDS_PER_HOUR
from simulator.usage.tables import Usage

Array = NDArray[np.float64]

FORTNIGHT_HOURS, LONE_RATIO = 336.0, 0.9


@dataclass(frozen=True)
class MultiModel(Lever):
    """Serve the models of several endpoints from one multi-model endpoint: k endpoints share m instances.

    A group is one account, region, container and instance type. m = the most of: instances that hold all
    models in the memory to share, instances that carry all peaks at once, and two where an endpoint has two.
    On GPUs only Triton and single-GPU types of g4dn, g5, p2 and p3 do this. A bad idea for large models (two
    of 16 GB do not share a GPU of 24 GB) and where one model's burst may not slow another; not serverless.

    Source: rules.md#multi-model-endpoints; SageMaker developer guide, multi-model-endpoints.
    """

    id = "multi_model"
    title = "Multi-model endpoints"
    stage = 5
    table = "endpoints"
    across = True
    mode = True
    effort_hours = 40.0
    phase = 3
    dual_running_days = 3.0

    memory_ratio: float = param(
        "Share of the memory that models may fill", "ratio", 0.8, low=0.7, high=0.9, step=0.05, minimum=0.1,
        grade="assumed", source="the server and its requests need the rest; our judgement",
    )  # fmt: skip
    headroom_ratio: float = param(
        "Share of an instance's capacity to plan with", "ratio", 0.5, low=0.4, high=0.7, step=0.05,
        minimum=0.1, grade="official", source="developer guide, endpoint-scaling-loadtest: factor 0.5",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Endpoints whose group needs fewer instances together than apart."""
        return self._weighed(usage)[0]

    def apply(self, usage: Usage) -> Usage:
        """Hours of a group → hours of its shared instances, divided among its members."""
        e = usage.endpoints
        found, share = self._weighed(usage)
        ok = self.reach(found)
        if not ok.any():
            return usage
        hours = e.scaled(RUNNING_METERS, np.where(ok, share, 1.0), ok)
        return rewritten(usage, "endpoints", **hours, **moved(e, ok, pooled=True))

    def _weighed(self, usage: Usage) -> tuple[Verdicts, Array]:
        """Verdicts, and the share of its hours that each endpoint of a group keeps."""
        e, rules = usage.endpoints, self._rules(usage)
        pools = self._pools(usage, rules)
        members = pools.spread(pools.total(np.ones(len(e))), 1.0)
        share = self._share(usage, pools)
        found = decide(
            e,
            *rules,
            refuse(members < 2, "No other endpoint of its region has its container and instance type."),
            refuse(
                share >= 1,
                "Its group needs all its instances: the models or their load do not fit together.",
            ),
            otherwise="Shares instances with endpoints of its container and type: models load on demand.",
        )
        return found, share

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of traffic and a load test."""
        e = usage.endpoints
        tested = ~np.isnan(instances_now(usage) * e.max_rps)
        return (
            Evidence(e.observed_hours >= FORTNIGHT_HOURS, "Its traffic was observed for less than 14 days."),
            Evidence(tested, "Its capacity was not load-tested."),
        )

    def _rules(self, usage: Usage) -> tuple[Rule, ...]:
        e, gpu = usage.endpoints, on_gpu(usage)
        other = ~gpu & (usage.catalog.accelerator[e.resized_type] != "none")
        return (
            *other_modes(e, self.id),
            *without_instances(e),
            refuse(e.has_components, "Hosts inference components: they share instances already."),
            refuse((e.variants > 1) | (e.shadow == 1), "Has several variants: move them first."),
            unsure(e.pool < 0, "Its container is unknown: only models of one container share an endpoint."),
            refuse(gpu & ~e.triton, "On GPUs, multi-model endpoints need the Triton container."),
            refuse(
                gpu & ~usage.catalog.multi_model_gpu_ok[e.resized_type],
                "On GPUs, multi-model endpoints run on single-GPU types of g4dn, g5, p2 and p3 only.",
            ),
            refuse(other, "Multi-model endpoints are not known on its accelerator."),
            unsure(np.isnan(e.model_gib), "Its model size is unknown."),
            refuse(e.model_gib > _memory(usage) * LONE_RATIO, "Its model alone fills the memory to share."),
            unsure(np.isnan(self._load(usage)), "Its load is unknown: no capacity or utilisation measured."),
        )

    def _pools(self, usage: Usage, rules: tuple[Rule, ...]) -> Pools:
        e = usage.endpoints
        key = e.pool * (len(usage.catalog.instance_types) + 1) + e.resized_type
        return Pools.of(key, decide(e, *rules, otherwise="").applies)

    def _share(self, usage: Usage, pools: Pools) -> Array:
        """Instances of the pool over the instances of its members, by row; 1 where nothing is gained."""
        e, now = usage.endpoints, instances_now(usage)
        if not len(pools.rows):
            return np.ones(len(e))
        memory = bins_needed(pools, np.nan_to_num(self._size_ratio(usage)))
        load = np.ceil(pools.total(np.nan_to_num(self._load(usage))) - 1e-9)
        floor = pools.largest(np.minimum(now, 2.0))
        together = np.maximum(np.maximum(memory, load), floor)
        before = pools.total(running_hours(e)) / usage.period_hours
        return pools.spread(np.minimum(together / np.maximum(before, 1e-9), 1.0), 1.0)

    def _size_ratio(self, usage: Usage) -> Any:
        return usage.endpoints.model_gib / (_memory(usage) * self.memory_ratio)

    def _load(self, usage: Usage) -> Any:
        """Instances the endpoint needs at its peak: by calls and capacity, or else by mean utilisation."""
        e = usage.endpoints
        by_calls = e.peak_calls_per_hour / SECONDS_PER_HOUR / e.max_rps
        use = np.where(on_gpu(usage), e.gpu_utilization_ratio, e.cpu_utilization_ratio)
        by_use = use * instances_now(usage)
        return np.where(np.isnan(by_calls), by_use, by_calls) / self.headroom_ratio


def _memory(usage: Usage) -> Array:
    """GiB in which models are held: that of the GPUs, or else the instance's."""
    e, catalog = usage.endpoints, usage.catalog
    own, gpu = catalog.memory_gib[e.resized_type], catalog.gpu_memory_gib[e.resized_type]
    return np.where(on_gpu(usage), gpu, own)
