"""Every way to serve an endpoint: as the scenario leaves it, and with one more lever on top of the scenario.

Each way has its own price per hour (mean over the month) and its own number of running instances; which of them run
when is that of today's traffic. A lever that does not reach the endpoint says why, and has no figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.engine.acting import beside
from simulator.engine.simulate import Result, remembered
from simulator.levers import all_levers
from simulator.levers.lever import Lever, Verdicts
from simulator.units import HOURS_PER_MONTH

CENT = 0.005
LEVERS = (
    "savings_plan", "autoscale_endpoints", "schedule_endpoints", "scale_to_zero", "inference_components",
    "custom_model_import",
)  # fmt: skip
Ways = tuple["ServingWay", ...]


@dataclass(frozen=True)
class ServingWay:
    """One way to serve. `usd_per_hour` is None where the lever does not act on the endpoint: `why` says so.

    Dollars per million tokens are at today's traffic, None where that or the tokens of a call are unknown.
    """

    name: str
    usd_per_hour: float | None
    why: str = ""
    usd_per_million_tokens: float | None = None


@remembered
def serving_ways(result: Result) -> tuple[Ways, ...]:
    """Per endpoint of the scenario, by row: the ways beyond the scenario itself.

    A plan that is freed elsewhere may cover an endpoint a lever does not reach: that is no way to serve it.
    """
    names = [str(n) for n in result.outcome.usage.endpoints.endpoint_name]
    levers = [all_levers()[i]() for i in LEVERS if result.scenario.setting(i) is None]
    by_lever = [_of_lever(result, lever, names) for lever in levers]
    return tuple(tuple(column[row] for column in by_lever) for row in range(len(names)))


def _of_lever(result: Result, lever: Lever, names: list[str]) -> list[ServingWay]:
    usage = result.outcome.usage
    now = result.outcome.charges.by_resource("endpoints", len(names))
    other = beside(result, result.scenario.with_lever(lever)).outcome
    endpoints = other.usage.endpoints
    cost = other.charges.by_resource("endpoints", len(endpoints))
    place = {str(n): i for i, n in enumerate(endpoints.endpoint_name)}
    said = lever.verdicts(usage) if lever.table == "endpoints" else None
    made = []
    for row, name in enumerate(names):
        at = place.get(name)
        reaches = said is None or bool(np.atleast_1d(said.applies)[row])
        if reaches and at is not None and abs(cost[at] - now[row]) > CENT:
            made.append(ServingWay(lever.title, float(cost[at]) / HOURS_PER_MONTH))
        else:
            made.append(ServingWay(lever.title, None, _why(said, row)))
    return made


def _why(said: Verdicts | None, row: int) -> str:
    """What the lever says of the endpoint."""
    if said is None:
        return "It covers none of its hours."
    reason = said.sentence(row)
    applies = bool(np.atleast_1d(said.applies)[row])
    return "It changes nothing here, or another way to serve is chosen." if applies else reason
