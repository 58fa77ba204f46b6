"""Growth of a projection from the bill's history: one forecast per driver, as a ratio per year with its range.

A driver is what a projection grows by: training, traffic (hosting and Bedrock together), stored data. Its growth is
the forecast of the same month a year later over that of the first month to come, so that a yearly shape cancels; P10
and P90 are the fan's a year out over the same base. It is growth of dollars: prices that fell and levers that were
pulled are in it. Less than `LEAST_MONTHS` whole months say nothing of a year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.forecast.forecast import Backtest, Forecast, backtest, forecast
from simulator.analysis.forecast.history import History
from simulator.engine.planning import Planning
from simulator.errors import InputError
from simulator.words import count, percent

LEAST_MONTHS = 3
YEAR = 12
PARTS = {
    "training_growth": ("training",),
    "traffic_growth": ("hosting", "bedrock"),
    "data_growth": ("storage",),
}
"""Assumption of the plan → components of the bill that it makes grow."""


@dataclass(frozen=True, eq=False)
class Growth:
    """One driver: growth per year at P10, P50 and P90, the forecast it comes from, and how that would have done."""

    name: str
    p10: float
    p50: float
    p90: float
    fan: Forecast
    tried: Backtest | None

    def sentence(self) -> str:
        """In words."""
        parts = " and ".join(PARTS[self.name])
        range_ = f"{percent(self.p10)} to {percent(self.p90)}"
        return f"{parts}: {percent(self.p50)} per year ({range_}). {self.fan.sentence()}"


def growth_of(series: Sequence[History]) -> list[Growth]:
    """Per driver that the history has dollars of. Raises InputError where no year can be told from it."""
    if not series or series[0].per != "month" or len(series[0].usd) < LEAST_MONTHS:
        have = count(len(series[0].usd), series[0].per) if series else "nothing"
        raise InputError(
            f"growth: {have} of history; at least {LEAST_MONTHS} whole months are needed to tell a year's growth"
        )
    known = {h.component: h for h in series}
    made = []
    for name, components in PARTS.items():
        found = [known[c].usd for c in components if c in known]
        usd = np.sum(found, axis=0) if found else np.zeros(1)
        if usd[-1] > 0:
            made.append(_growth(name, usd))
    if not made:
        raise InputError(
            "growth: the history has no dollars of training, hosting, bedrock or storage of late"
        )
    return made


def _growth(name: str, usd: np.ndarray) -> Growth:
    fan = forecast(usd, YEAR + 1, YEAR)
    base = max(float(fan.p50[0]), 0.01)
    low, middle, high = (_allowed(name, float(edge[YEAR]) / base - 1) for edge in (fan.p10, fan.p50, fan.p90))
    tried = backtest(usd, min(YEAR, len(usd) // 3), YEAR) if len(usd) > LEAST_MONTHS else None
    return Growth(name, min(low, middle), middle, max(high, middle), fan, tried)


def _allowed(name: str, growth: float) -> float:
    """Within what a plan may state, rounded to a tenth of a percent."""
    declared = Planning.params()[name]
    return round(min(max(growth, declared.minimum), declared.maximum), 3)


def planned(planning: Planning, growth: Sequence[Growth]) -> tuple[Planning, dict[str, tuple[float, float]]]:
    """The plan with this growth, and the range of each for the draws."""
    values: Mapping[str, float] = {g.name: g.p50 for g in growth}
    return Planning.create({**planning.values(), **values}), {g.name: (g.p10, g.p90) for g in growth}
