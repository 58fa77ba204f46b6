"""E7 inference components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.levers.endpoints.fleet import (
    instances_now,
    moved,
    on_gpu,
    other_modes,
    running_hours,
    without_instances,
)
from simulator.levers.endpoints.pools import Pools
from simulator.levers.lever import Evidence, Lever, Rule, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class InferenceComponents(Lever):
    """Pack GPU endpoints as components on shared multi-GPU instances: copies × GPUs per copy, never a shared GPU.

    A component needs at least one whole GPU, so a single-GPU type hosts one component and nothing is shared
    there. A group (account, region, family) moves to the largest multi-GPU type it uses, or to the first one
    of its family: instances = ceil(Σ copies / copies that one instance holds). It pays where multi-GPU
    instances stand half empty; four single-GPU instances on one of four GPUs cost more (4 × g5.2xlarge 6.06
    USD/h, 1 × g5.12xlarge 7.09 USD/h). A bad idea where endpoints must scale or fail apart.

    Source: rules.md#inference-components; botocore NumberOfAcceleratorDevicesRequired (minimum 1).
    """

    id = "inference_components"
    title = "Inference components"
    stage = 5
    table = "endpoints"
    across = True
    mode = True
    effort_hours = 40.0
    phase = 3
    dual_running_days = 3.0

    memory_ratio: float = param(
        "Share of GPU memory a model may take", "ratio", 0.9, step=0.05, minimum=0.1, grade="assumed",
        source="rules.md#right-size-endpoints: weights and cache in at most 90 % of GPU memory",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """GPU endpoints of known model size whose group could share a multi-GPU type."""
        return self._packed(usage)[0]

    def apply(self, usage: Usage) -> Usage:
        """Hours of a group → hours of the shared type, divided by the GPUs each member takes."""
        e = usage.endpoints
        found, target, hours = self._packed(usage)
        ok = self.reach(found) & (running_hours(e) > 0)
        if not ok.any():
            return usage
        volume = e.volume_gb_month * hours / np.maximum(running_hours(e), 1e-9)
        new = {
            "instance_hours": np.zeros(len(e)),
            "resized_hours": hours,
            "resized_type": target,
            "volume_gb_month": np.where(usage.catalog.nvme[target], 0.0, volume),
            "pooled": True,
        }
        return rewritten(usage, "endpoints", **moved(e, ok, **new))

    def _packed(self, usage: Usage) -> tuple[Verdicts, Codes, Array]:
        """Verdicts, and the type and the hours each endpoint of a group moves to."""
        e, rules = usage.endpoints, self._rules(usage)
        pools = self._pools(usage, rules)
        target = self.target_type(usage, pools)
        need = self._need(usage, pools, target)
        instances = pools.spread(np.ceil(pools.total(need) - 1e-9), 0.0)
        part = need / np.maximum(pools.spread(pools.total(need), 1.0), 1e-9)
        lone = pools.spread(pools.total(np.ones(len(e))), 1.0) < 2
        found = decide(
            e,
            *rules,
            refuse(
                lone & (usage.catalog.gpu_count[e.resized_type] == 1),
                "Single-GPU types host one GPU component, and no endpoint of its family could join it.",
            ),
            refuse(
                lone & (instances >= instances_now(usage)),
                "It fills its instances: no GPU is left to share.",
            ),
            otherwise="Becomes a component on shared multi-GPU instances; each copy keeps its own GPUs.",
        )
        return found, target, instances * part * usage.period_hours

    def gpus(self, usage: Usage) -> Array:
        """Whole GPUs of a copy: as declared, or the one of a single-GPU type; NaN unknown."""
        e = usage.endpoints
        only = np.where(usage.catalog.gpu_count[e.resized_type] == 1, 1.0, np.nan)
        return np.where(np.isnan(e.accelerators_per_copy), only, np.maximum(e.accelerators_per_copy, 1.0))

    def target_type(self, usage: Usage, pools: Pools) -> Codes:
        """The multi-GPU type of each member's group: the largest in use, or the first of its family."""
        e, count = usage.endpoints, usage.catalog.gpu_count
        target = e.multi_gpu_type
        size = pools.largest(np.nan_to_num(count[target]) * 1e6 + target)
        return pools.spread(size % 1e6, -1.0).astype(np.int64)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Copies and GPUs per copy as declared."""
        e = usage.endpoints
        known = ~np.isnan(e.copies) & ~np.isnan(e.accelerators_per_copy)
        return (Evidence(known, "Its copies and GPUs per copy are inferred from its instances."),)

    def _rules(self, usage: Usage) -> tuple[Rule, ...]:
        e, gpus = usage.endpoints, self.gpus(usage)
        return (
            *other_modes(e, self.id),
            *without_instances(e),
            refuse(~on_gpu(usage), "Runs on no GPU: multi-model or serverless consolidates CPU models."),
            refuse((e.variants > 1) | (e.shadow == 1), "Has several variants: move them first."),
            refuse(e.multi_gpu_type < 0, "Its family has no type with several GPUs."),
            unsure(np.isnan(gpus), "Its GPUs per copy are unknown."),
            unsure(gpus > usage.catalog.gpu_count[e.resized_type], "Its copies claim more GPUs than it has."),
            unsure(np.isnan(e.model_gib), "Its model size is unknown."),
            refuse(
                e.model_gib > gpus * _per_gpu(usage)[e.multi_gpu_type] * self.memory_ratio,
                "Its model takes more of its GPUs' memory than a component may.",
            ),
        )

    def _pools(self, usage: Usage, rules: tuple[Rule, ...]) -> Pools:
        e = usage.endpoints
        members = decide(e, *rules, otherwise="").applies
        return Pools.of(e.place * (int(e.family.max(initial=0)) + 1) + e.family, members)

    def _need(self, usage: Usage, pools: Pools, target: Codes) -> Array:
        """Instances of the target type that a member fills: copies over the copies one instance holds."""
        e = usage.endpoints
        copies = np.where(np.isnan(e.copies), instances_now(usage), e.copies)
        gpus = self.gpus(usage)
        held = np.floor(usage.catalog.gpu_count[target] / np.where(np.isnan(gpus), 1.0, gpus))
        return np.where(pools.of_row >= 0, copies / np.where(held > 0, held, np.nan), 0.0)


def _per_gpu(usage: Usage) -> Array:
    """GiB of memory of one GPU, by type."""
    count = usage.catalog.gpu_count
    return usage.catalog.gpu_memory_gib / np.where(count > 0, count, np.nan)
