"""E3 right-size endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.endpoints.fleet import instances_now, moved, on_gpu, running_hours, without_instances
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import SECONDS_PER_HOUR
from simulator.usage.tables import Usage

Array = NDArray[np.float64]

MEMORY_USE, MODEL_OVERHEAD, FORTNIGHT_HOURS = 0.9, 1.5, 336.0


@dataclass(frozen=True)
class RightsizeEndpoints(Lever):
    """Run on the next size down of the same family: hours move to the cheaper type, in the count it needs.

    Count = ceil(peak calls / capacity of the smaller instance); its capacity follows the GPUs, or the vCPUs
    where there are none, less a loss. Two instances stay where there are two, for availability. The model
    must take at most 90 % of the memory that remains, and mean utilisation must stay below the limit.
    A bad idea without a load test: latency rises before throughput ends.

    Source: rules.md#right-size-endpoints; botocore ProductionVariantInstanceType.
    """

    id = "rightsize_endpoints"
    title = "Right-size endpoints"
    stage = 4
    table = "endpoints"
    effort_hours = 16.0
    phase = 2
    dual_running_days = 1.0

    utilization_limit_ratio: float = param(
        "Highest mean utilisation on the smaller size", "ratio", 0.5, step=0.05, minimum=0.1, grade="assumed",
        source="means hide peaks: half leaves room for them; our judgement",
    )  # fmt: skip
    throughput_loss_ratio: float = param(
        "Capacity lost beside the smaller size itself", "ratio", 0.05, low=0.0, high=0.2, step=0.01,
        maximum=0.9, grade="assumed", source="fewer vCPUs beside a GPU, smaller caches; our judgement",
    )  # fmt: skip
    headroom_ratio: float = param(
        "Share of an instance's capacity to plan with", "ratio", 0.5, low=0.4, high=0.7, step=0.05,
        minimum=0.1, grade="official", source="developer guide, endpoint-scaling-loadtest: factor 0.5",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Endpoints whose memory and utilisation fit the next size down, as far as both were measured."""
        e, gpu = usage.endpoints, on_gpu(usage)
        shrinks = gpu & (self._ratio(usage, "gpu_count") < 1)
        memory, gpu_memory = memory_need(usage), gpu_memory_need(usage)
        limit = usage.catalog.memory_gib[e.smaller_type] * MEMORY_USE
        gpu_limit = usage.catalog.gpu_memory_gib[e.smaller_type] * MEMORY_USE
        cpu_use = e.cpu_utilization_ratio / self._ratio(usage, "vcpu")
        gpu_use = e.gpu_utilization_ratio / self._ratio(usage, "gpu_count")
        return decide(
            e,
            *without_instances(e),
            refuse(e.resized_type != e.instance_type, "Moves to another type in this scenario already."),
            refuse(e.has_components, "Hosts inference components: their accelerators decide the type."),
            refuse(e.smaller_type < 0, "Runs on the smallest size of its family that may host."),
            unsure(np.isnan(memory), "Its memory is unknown: neither model size nor peak use was measured."),
            refuse(memory > limit, "Its memory takes more than 90 % of the next size down."),
            unsure(shrinks & np.isnan(gpu_memory), "Its GPU memory is unknown, and the next size has less."),
            refuse(shrinks & (gpu_memory > gpu_limit), "Its model takes more than 90 % of the GPUs left."),
            unsure(np.isnan(cpu_use), "Its CPU utilisation was not measured."),
            refuse(cpu_use > self.utilization_limit_ratio, "Its CPUs are too busy for the next size down."),
            unsure(shrinks & np.isnan(gpu_use), "Its GPU utilisation was not measured."),
            refuse(
                shrinks & (gpu_use > self.utilization_limit_ratio),
                "Its GPUs are too busy for the next size down.",
            ),
            otherwise="Memory and utilisation fit the next size down: load-test it, then switch.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Hours → hours of the smaller type."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies & (running_hours(e) > 0)
        capacity = self.capacity_ratio(usage)
        count = self.count(usage, capacity)
        share = count / np.maximum(instances_now(usage), 1e-9)
        new = {
            "instance_hours": np.zeros(len(e)),
            "resized_hours": count * usage.period_hours,
            "volume_gb_month": e.volume_gb_month * share,
            "resized_type": e.smaller_type,
            "max_rps": e.max_rps * capacity,
        }
        return rewritten(usage, "endpoints", **moved(e, ok, **new))

    def capacity_ratio(self, usage: Usage) -> Any:
        """Throughput of the smaller instance over today's."""
        by_size = np.where(on_gpu(usage), self._ratio(usage, "gpu_count"), self._ratio(usage, "vcpu"))
        return by_size * (1 - self.throughput_loss_ratio)

    def count(self, usage: Usage, capacity: Any) -> Any:
        """Instances of the smaller type: ceil(peak calls / capacity), as loaded as today where that is more.

        Where the capacity is unknown, today's count (utilisation fits); where it scales already, its mean in
        proportion to the capacity.
        """
        e, now = usage.endpoints, instances_now(usage)
        load = e.peak_calls_per_hour / SECONDS_PER_HOUR / e.max_rps
        planned = np.maximum(self.headroom_ratio, load / np.maximum(now, 1e-9))
        needed = np.ceil(load / capacity / planned - 1e-9)
        needed = np.maximum(needed, np.minimum(now, 2.0))
        scales = e.scaling_max > e.scaling_min
        return np.where(scales, now / capacity, np.where(np.isnan(needed), now, needed))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of traffic, measured capacity and memory."""
        e = usage.endpoints
        return (
            Evidence(e.observed_hours >= FORTNIGHT_HOURS, "Its traffic was observed for less than 14 days."),
            Evidence(~np.isnan(instances_now(usage) * e.max_rps), "Its capacity was not load-tested."),
            Evidence(~np.isnan(e.memory_utilization_ratio), "Its peak memory was not measured."),
        )

    def _ratio(self, usage: Usage, spec: str) -> Array:
        """Smaller size over present size in one figure of the catalogue."""
        e, known = usage.endpoints, getattr(usage.catalog, spec)
        now = known[e.resized_type]
        return known[e.smaller_type] / np.where(now > 0, now, np.nan)


def memory_need(usage: Usage) -> Array:
    """GiB of the instance's own memory: peak use, or else the model with its overhead; NaN unknown."""
    e = usage.endpoints
    model = e.model_gib * np.where(on_gpu(usage), 1.0, MODEL_OVERHEAD)
    return np.fmax(e.memory_utilization_ratio * usage.catalog.memory_gib[e.resized_type], model)


def gpu_memory_need(usage: Usage) -> Array:
    """GiB of GPU memory for weights and cache: the larger of peak use and model size; NaN unknown."""
    e = usage.endpoints
    return np.fmax(e.gpu_memory_ratio * usage.catalog.gpu_memory_gib[e.resized_type], e.model_gib)
