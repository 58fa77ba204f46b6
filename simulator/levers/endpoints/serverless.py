"""E8 serverless inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.endpoints.fleet import (
    moved,
    on_gpu,
    other_modes,
    running_hours,
    stopped,
    without_instances,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import HOURS_PER_MONTH, KIB_PER_GIB, SECONDS_PER_HOUR
from simulator.usage.tables import Usage

MAX_MEMORY_GIB, MAX_CONCURRENCY, MAX_SECONDS, MAX_PAYLOAD_GIB = 6, 200, 60, 4 / 1024
FORTNIGHT_HOURS = 336.0


@dataclass(frozen=True)
class Serverless(Lever):
    """Pay per call instead of per hour: instance hours become GB-seconds, idle hours cost nothing.

    GB-seconds = (calls × latency + wake-ups × cold start) × memory; memory is the smallest of 1 to 6 GB that
    holds the model with its overhead; bytes in and out are billed as well. Cheaper below the break-even
    n·p·730 / (s·GB·q) calls per month, costlier above. No GPU, one variant, no multi-model, no VPC, no data
    capture; an instance endpoint cannot be converted, a new one is made. A bad idea where the first call
    after a pause may not take seconds; provisioned concurrency would bill around the clock.

    Source: rules.md#serverless-inference; SageMaker developer guide, serverless-endpoints (limits).
    """

    id = "serverless"
    title = "Serverless inference"
    stage = 3
    table = "endpoints"
    mode = True
    effort_hours = 16.0
    phase = 2
    dual_running_days = 1.0

    memory_overhead_ratio: float = param(
        "Memory needed over the size of the model", "ratio", 1.5, low=1.2, high=2.5, step=0.1, minimum=1.0,
        maximum=5.0, grade="assumed", source="server and working memory beside the weights; our judgement",
    )  # fmt: skip
    cold_start_seconds: float = param(
        "Billed seconds of a cold start", "seconds", 10.0, low=3.0, high=30.0, step=1.0, maximum=180.0,
        grade="assumed", source="ModelSetupTime of CPU models; if AWS bills it is not stated: charged here",
    )  # fmt: skip
    payload_kib: float = param(
        "Bytes in and out per call where unknown", "KiB", 50.0, low=5.0, high=500.0, step=5.0, maximum=4096.0,
        grade="assumed", source="our judgement; measured payloads are used where known",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """CPU models of one variant that fit 6 GB and answer within a minute, at most 200 calls at once."""
        e = usage.endpoints
        at_once = e.peak_calls_per_hour / SECONDS_PER_HOUR * e.latency_seconds
        too_big = self.memory_gib(e.model_gib) > MAX_MEMORY_GIB
        return decide(
            e,
            *other_modes(e, self.id),
            *without_instances(e),
            refuse(e.needs_gpu == 1, "Its model needs a GPU: serverless inference has none."),
            unsure(
                on_gpu(usage) & np.isnan(e.needs_gpu),
                "Runs on a GPU type, and whether its model needs one is unknown: serverless has none.",
            ),
            refuse(e.has_components, "Hosts inference components: serverless hosts one model."),
            refuse((e.variants > 1) | (e.shadow == 1), "Has several variants: serverless has one."),
            unsure(np.isnan(e.model_gib), "Its model size is unknown: serverless memory ends at 6 GB."),
            refuse(too_big, "Needs more than the 6 GB of serverless memory."),
            unsure(np.isnan(e.latency_seconds), "Its latency is unknown: serverless bills seconds per call."),
            refuse(e.latency_seconds > MAX_SECONDS, "Takes longer than the 60 seconds of a serverless call."),
            refuse(e.payload_gib > MAX_PAYLOAD_GIB, "Its payload exceeds the 4 MB of a serverless call."),
            unsure(np.isnan(e.calls_per_month), "Its traffic is unknown: serverless bills per call."),
            refuse(at_once > MAX_CONCURRENCY, "Needs more than the 200 concurrent calls of an endpoint."),
            otherwise="A CPU model of at most 6 GB: billed per call, nothing while idle, slow first calls.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Instance hours → GB-seconds and bytes."""
        e = usage.endpoints
        memory = self.memory_gib(e.model_gib)
        ok = self.verdicts(usage).applies & (memory <= MAX_MEMORY_GIB) & (running_hours(e) > 0)
        cold = np.nan_to_num(e.wakeups_per_month) * self.cold_start_seconds
        payload = self.payload_gib(e.payload_gib)
        new = {
            "serverless_gb_seconds": gb_seconds(e.calls_per_month, e.latency_seconds, memory) + cold * memory,
            "serverless_io_gb": e.calls_per_month * payload,
        }
        return rewritten(usage, "endpoints", **moved(e, ok, **stopped(e), **new))

    def payload_gib(self, measured_gib: Any) -> Any:
        """Bytes in and out of a call, measured or assumed."""
        return np.where(np.isnan(measured_gib), self.payload_kib / KIB_PER_GIB, measured_gib)

    def memory_gib(self, model_gib: Any) -> Any:
        """Memory size to choose: whole GB, at least 1, that holds the model with its overhead."""
        return np.maximum(np.ceil(model_gib * self.memory_overhead_ratio - 1e-9), 1.0)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of traffic and measured payloads."""
        e = usage.endpoints
        return (
            Evidence(e.observed_hours >= FORTNIGHT_HOURS, "Its traffic was observed for less than 14 days."),
            Evidence(~np.isnan(e.payload_gib), "Its payload was not measured."),
        )

    @classmethod
    def history(cls, usage: Usage) -> dict[str, tuple[float, str]]:
        """Payload of the endpoints where it was measured."""
        known = usage.endpoints.payload_gib[~np.isnan(usage.endpoints.payload_gib)]
        if not len(known):
            return {}
        middle = float(np.median(known) * KIB_PER_GIB)
        return {"payload_kib": (middle, f"Median payload of {len(known)} endpoints where it was measured.")}


def gb_seconds(calls: Any, seconds_per_call: Any, memory_gib: Any) -> Any:
    """Billed GB-seconds of serverless calls: calls × duration × configured memory."""
    return calls * seconds_per_call * memory_gib


def break_even_calls(
    instances: Any,
    usd_per_instance_hour: Any,
    seconds_per_call: Any,
    memory_gib: Any,
    usd_per_gb_second: Any,
    usd_per_call: Any = 0.0,
) -> Any:
    """N* = n·p·730 / (s·GB·q + k): calls per month at which serverless costs what instances do; k are its bytes."""
    instances_usd = instances * usd_per_instance_hour * HOURS_PER_MONTH
    return instances_usd / (gb_seconds(1.0, seconds_per_call, memory_gib) * usd_per_gb_second + usd_per_call)
