"""Tornado: what each assumption moves, in dollars; measure the widest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from simulator.engine.simulate import Result, simulate
from simulator.levers.lever import Lever
from simulator.risk.draws import range_of


@dataclass(frozen=True)
class Swing:
    """What one assumption moves: the monthly saving at its low and high end, all else at its setting."""

    lever_id: str
    parameter: str
    label: str
    low: float
    high: float
    saving_at_low_usd: float
    saving_at_high_usd: float

    @property
    def width_usd(self) -> float:
        """Dollars between both ends: measure the widest first."""
        return abs(self.saving_at_high_usd - self.saving_at_low_usd)


def tornado(result: Result) -> list[Swing]:
    """Every uncertain parameter of the scenario, the one that moves most dollars first."""
    swings = []
    for lever in result.scenario.ordered():
        for name, declared in lever.acting_params().items():
            if declared.is_drawn:
                low, _, high = range_of(declared, float(getattr(lever, name)))
                ends = [
                    _saving_at(result, lever, name, declared.check(v, name))
                    for v in _ends(declared, low, high)
                ]
                swings.append(Swing(lever.id, name, declared.label, low, high, *ends))
    return sorted(swings, key=lambda s: -s.width_usd)


def _ends(declared: Any, low: float, high: float) -> tuple[float, float]:
    return (round(low), round(high)) if declared.integer else (low, high)


def _saving_at(result: Result, lever: Lever, name: str, value: Any) -> float:
    moved = result.scenario.with_lever(replace(lever, **{name: value}))
    return simulate(result.account, moved, result.book, baseline=result.baseline).saving_usd
