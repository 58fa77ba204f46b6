"""Provisioned throughput for the Feature Store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import SECONDS_PER_HOUR
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class FeatureStoreThroughput(Lever):
    """Pay for reads and writes per second of a feature group by the hour, instead of per request.

    The capacity is the mean units per second times a peak factor, in whole units: beyond it requests are throttled.
    Capacity is billed used or not, so it pays where traffic is even: at a use above its price over that of the same
    units on demand. Standard online stores and offline-only groups can be provisioned, in-memory ones cannot; a group
    goes back to on demand at most once in 24 hours. Prices per unit-hour are not in our data: the lever asks for them
    (`feature_store` `read_capacity` and `write_capacity` in own prices) before it saves. A bad idea for bursts.

    Source: rules.md#services; SageMaker developer guide, feature-store-throughput-mode; API ThroughputConfig.
    """

    id = "feature_store_throughput"
    title = "Feature Store: provisioned throughput"
    stage = 7
    table = "services"
    effort_hours = 4.0
    phase = 2

    peak_ratio: float = param(
        "Busiest second over the mean second", "ratio", 4.0, low=2.0, high=10.0, step=0.5, minimum=1.0, maximum=1000.0,
        grade="assumed", source="Our judgement: ConsumedReadRequestsUnits per minute in CloudWatch shows it",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Feature groups on demand with known units."""
        t = usage.services
        return decide(
            t,
            refuse(t.kind != "feature_store", "Is no feature group."),
            refuse(t.size == "InMemory", "Is an in-memory store: it has on-demand throughput only."),
            refuse(t.size == "Provisioned", "Has provisioned throughput already."),
            unsure(
                np.isnan(t.read_units) | np.isnan(t.write_units),
                "Its read and write units per month are not known: the bill and CloudWatch have them.",
            ),
            refuse(t.read_units + t.write_units == 0, "Is neither read nor written: see unused stores."),
            otherwise="Its reads and writes could be provisioned: billed by the hour, throttled beyond.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Units → unit-hours of capacity."""
        t, ok = usage.services, self.verdicts(usage).applies
        columns: dict[str, Any] = {}
        for way, meter in (("read", "feature_reads"), ("write", "feature_writes")):
            units = getattr(t, meter)
            per_second = units / (usage.period_hours * SECONDS_PER_HOUR) * self.peak_ratio
            capacity = np.where(ok, np.ceil(np.where(ok, per_second, 0.0)) * usage.period_hours, 0.0)
            columns[meter] = np.where(ok, 0.0, units)
            name = f"feature_{way}_capacity_hours"
            columns[name] = getattr(t, name) + capacity
        return rewritten(usage, "services", **columns)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """How high its peaks are."""
        return (Evidence(np.zeros(len(usage.services), bool), "How high its peaks are is assumed."),)
