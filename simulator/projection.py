"""Months: the baseline and the scenario over time, with growth, start months and one-off costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.charges import Charges
from simulator.simulate import Result, simulate

DRIVER = {"training": "training", "hosting": "traffic", "bedrock": "traffic", "storage": "data"}
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Month:
    """One month, 1 = the first: bills at run rate of 730 h and the saving so far, one-off costs included."""

    month: int
    baseline_usd: float
    scenario_usd: float
    once_usd: float
    cumulative_saving_usd: float


def project(result: Result, months: int = 12) -> list[Month]:
    """Monthly bills: growth multiplies each component's bill, a lever works from its start month on.

    Growth is per year, compounded monthly, from the month after the first. One-off charges (transition
    requests) fall in the month in which their lever starts. Raises ValueError unless 1 <= months <= 60.
    """
    if not 1 <= months <= 60:
        raise ValueError(f"months: expected 1 to 60, not {months}")
    scenario = result.scenario
    states: dict[tuple[str, ...], Charges] = {}
    rows: list[Month] = []
    cumulative = 0.0
    once_before = 0.0
    for month in range(1, months + 1):
        active = tuple(x.id for x in scenario.ordered() if scenario.start_month(x) <= month)
        if active not in states:
            states[active] = _charges(result, active)
        charges = states[active]
        grown = {c: (1 + scenario.growth.get(DRIVER.get(c, ""), 0.0)) ** ((month - 1) / MONTHS_PER_YEAR) for c in DRIVER}
        once = float(charges.total_usd(once=True))
        baseline = _bill(result.baseline.charges, grown)
        bill = _bill(charges, grown) + max(once - once_before, 0.0)
        cumulative += baseline - bill
        rows.append(Month(month, baseline, bill, max(once - once_before, 0.0), cumulative))
        once_before = max(once, once_before)
    return rows


def _charges(result: Result, active: tuple[str, ...]) -> Charges:
    if len(active) == len(result.scenario.levers):
        return result.outcome.charges
    part = replace(result.scenario.only(active))
    return simulate(result.account, part, result.book, baseline=result.baseline).outcome.charges


def _bill(charges: Charges, grown: dict[str, float]) -> float:
    return sum(float(usd) * grown.get(component, 1.0) for component, usd in charges.by_component().items())
