"""E12 Graviton or Inferentia."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.endpoints.fleet import (
    RUNNING_METERS,
    moved,
    on_gpu,
    running_hours,
    without_instances,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

GRAVITON, INFERENTIA = "graviton", "inferentia"


@dataclass(frozen=True)
class Graviton(Lever):
    """Serve CPU models on Graviton, or GPU models on Inferentia, which do the same work for less.

    Graviton: no price of an ARM hosting type is published in our sources, so the gain in work per dollar is
    an assumption: hours × (1 − gain), in hours of the present type. Inferentia: hours ÷ throughput, at the
    price of the smallest Inferentia2 type with as much accelerator memory. For hosting only.
    A bad idea without a benchmark: ARM needs its own image, Inferentia a Neuron build of the model.

    Source: rules.md#graviton-and-newer-types; botocore ProductionVariantInstanceType (families c6g to r8g, inf1, inf2).
    """

    id = "graviton"
    title = "Graviton or Inferentia"
    stage = 4
    table = "endpoints"
    effort_hours = 40.0
    phase = 4
    dual_running_days = 3.0

    target: str = param(
        "Processor", "processor", GRAVITON, choices=(GRAVITON, INFERENTIA), grade="assumed",
        source="Graviton takes CPU models, Inferentia GPU models",
    )  # fmt: skip
    gain_ratio: float = param(
        "Graviton: saving for the same work", "ratio", 0.2, low=0.1, high=0.4, step=0.01, maximum=0.9,
        grade="assumed", source="rules.md#graviton-and-newer-types: 10-20-40 %; a benchmark of the model shows it",
    )  # fmt: skip
    throughput_ratio: float = param(
        "Inferentia: throughput over the GPU instance", "ratio", 1.0, low=0.6, high=1.5, step=0.05,
        minimum=0.1, maximum=5.0, grade="assumed", source="a benchmark of the compiled model shows it",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """CPU endpoints for Graviton, GPU endpoints with a matching Inferentia2 type for Inferentia."""
        e = usage.endpoints
        started = (*without_instances(e), refuse(e.has_components, "Hosts inference components."))
        if self.target == GRAVITON:
            return decide(
                e,
                *started,
                refuse((e.needs_gpu == 1) | on_gpu(usage), "Runs on a GPU: Graviton has none."),
                refuse(usage.catalog.accelerator[e.resized_type] != "none", "Has an accelerator already."),
                refuse(usage.catalog.arm[e.resized_type], "Runs on Graviton already."),
                otherwise="Runs on x86 CPUs: an ARM image could run on Graviton. Benchmark it first.",
            )
        return decide(
            e,
            *started,
            refuse(~on_gpu(usage), "Runs on no GPU: Inferentia replaces GPUs."),
            refuse(e.resized_type != e.instance_type, "Moves to another type in this scenario already."),
            refuse(e.inferentia_type < 0, "No Inferentia2 type has as much accelerator memory."),
            unsure(e.model_name == "", "Its model is unknown: whether Neuron compiles it is not known."),
            otherwise="A model that Neuron compiles could run on Inferentia2. Benchmark it first.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Fewer hours for the same work, or hours of the Inferentia type."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies
        if self.target == GRAVITON:
            return rewritten(usage, "endpoints", **e.scaled(RUNNING_METERS[:2], 1 - self.gain_ratio, ok))
        new = {
            "instance_hours": np.zeros(len(e)),
            "resized_hours": running_hours(e) / self.throughput_ratio,
            "resized_type": e.inferentia_type,
            "max_rps": e.max_rps * self.throughput_ratio,
        }
        return rewritten(usage, "endpoints", **moved(e, ok, **new))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """No snapshot holds a benchmark."""
        return (Evidence(np.zeros(len(usage.endpoints), bool), "No benchmark of it is known."),)
