"""Own weights on Bedrock: Custom Model Import instead of an endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.endpoints.fleet import (
    moved,
    other_modes,
    running_hours,
    stopped,
    without_instances,
)
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.units import MINUTES_PER_HOUR, SECONDS_PER_HOUR
from simulator.usage.tables import Endpoints, Usage

WINDOW_MINUTES = 5.0
WINDOWS_PER_HOUR = MINUTES_PER_HOUR / WINDOW_MINUTES
FORTNIGHT_HOURS = 336.0


@dataclass(frozen=True)
class CustomModelImport(Lever):
    """Import the model's own weights into Bedrock, which bills units only in the five-minute windows with calls.

    Units of a copy follow the model's size; each copy is billed for every window of five minutes with a call, from
    its first one, and its storage by the month. Calls of an hour are taken as coming at random: with c calls per hour
    a window is active with a chance of 1 - exp(-c / 12). Copies are added where one cannot answer all calls at once.
    Worth it for models called in bursts; a bad idea for a trickle of calls all day, which keeps a copy awake for 24
    hours at a price above that of an instance, and where the first call after a pause may not wait for a minute or
    more. Bedrock must take the architecture and the size: that is a fact to state.

    Source: rules.md#custom-model-import; Bedrock user guide, import-model-calculate-cost.
    """

    id = "custom_model_import"
    title = "Custom Model Import"
    stage = 3
    table = "endpoints"
    mode = True
    effort_hours = 40.0
    phase = 3
    dual_running_days = 14.0

    gib_per_unit: float = param(
        "GiB of the model that a model unit holds", "GiB", 8.0, low=8.0, high=17.5, step=0.5, minimum=1.0,
        maximum=200.0, grade="secondary",
        source="Imports: Qwen3 4B 1 unit, Llama 3.1 8B 2, Llama 3.1 70B 8; AWS tells at import",
    )  # fmt: skip
    calls_at_once: float = param(
        "Calls a copy answers at once", "calls", 8.0, low=2.0, high=16.0, step=1.0, minimum=1.0, maximum=200.0,
        grade="assumed", source="Our judgement; ConcurrentInvocations of an import tells",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models that Bedrock can import, of known size, traffic and latency."""
        e = usage.endpoints
        return decide(
            e,
            *other_modes(e, self.id),
            *without_instances(e),
            refuse(e.shadow == 1, "Is a shadow variant: it must follow its production variant."),
            refuse(e.has_components, "Hosts inference components: several models on one endpoint."),
            refuse(e.import_ok == 0, "Bedrock does not import its architecture or size."),
            unsure(np.isnan(e.import_ok), "Whether Bedrock imports its architecture and size is not known."),
            unsure(np.isnan(e.model_gib), "The size of its model is unknown, and so are its model units."),
            unsure(np.isnan(e.calls_per_month), "Its traffic is unknown: windows with calls are billed."),
            unsure(
                np.isnan(e.latency_seconds), "Its latency is unknown, and so is how many copies it needs."
            ),
            otherwise="Bedrock can import its weights, and bills only five-minute windows with calls.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Instance hours → unit-minutes of active windows, and storage."""
        e = usage.endpoints
        ok = self.verdicts(usage).applies & (running_hours(e) > 0)
        rows = np.flatnonzero(ok if ok.ndim == 1 else ok.any(axis=0))
        if not len(rows):
            return usage
        units = np.ceil(np.nan_to_num(e.model_gib) / self.gib_per_unit)
        some = _active_copy_minutes(e, rows, usage.period_hours, self.calls_at_once)
        minutes = np.zeros((*some.shape[:-1], len(e)))
        minutes[..., rows] = some
        new = stopped(e) | {"import_unit_minutes": units * minutes, "import_units": units + np.zeros(len(e))}
        return rewritten(usage, "endpoints", **moved(e, ok, **new))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """A fortnight of hourly traffic."""
        observed = usage.endpoints.observed_hours >= FORTNIGHT_HOURS
        return (Evidence(np.asarray(observed), "Its traffic was observed for less than 14 days."),)


def _active_copy_minutes(
    e: Endpoints, rows: NDArray[np.int64], period_hours: float, calls_at_once: Any
) -> Any:
    """Minutes a month of active windows times the copies awake in them, for some endpoints; hours never observed count
    as the mean one."""
    calls = e.traffic[rows]
    active = WINDOWS_PER_HOUR * -np.expm1(-calls / WINDOWS_PER_HOUR)
    at_once = calls / SECONDS_PER_HOUR * e.latency_seconds[rows, None]
    ratio = np.asarray(calls_at_once, float)
    copies = (
        np.maximum(np.ceil(at_once / ratio[..., None]), 1.0)
        if ratio.ndim
        else np.maximum(np.ceil(at_once / ratio), 1.0)
    )
    with np.errstate(all="ignore"):
        observed = np.maximum((~np.isnan(calls)).sum(axis=1), 1)
        mean = np.nansum(active * copies, axis=-1) / observed
    return mean * WINDOW_MINUTES * period_hours
