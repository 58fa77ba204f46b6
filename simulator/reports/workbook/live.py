"""Which lever parameters the workbook can follow by formula: those in which every quantity is a straight line.

Each uncertain parameter is set to five values of its range, the rest at their settings, and the engine asked for
the quantities. Where they lie on a line for every resource, the slope goes into the charges' formulas; otherwise
the parameter is a grey value. Serving modes are chosen anew at each value, so that a change of mode is no line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.engine.modes import weigh_modes
from simulator.engine.simulate import Result, apply_levers, same_choice
from simulator.levers.lever import Lever
from simulator.params import Param
from simulator.risk.draws import range_of
from simulator.usage.tables import Usage

Array = NDArray[np.float64]
Quantities = dict[str, Array]
TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class Slope:
    """How the quantities of one table follow one parameter: units per unit of the parameter, by meter."""

    lever_id: str
    parameter: str
    setting: float
    low: float
    high: float
    table: str
    per_unit: Quantities

    @property
    def moves(self) -> bool:
        """Whether any recurring quantity of this account follows the parameter."""
        return any(q.any() for q in self.per_unit.values())

    @property
    def name(self) -> str:
        """The name of its cell."""
        return cell_name(self.lever_id, self.parameter)


def cell_name(lever_id: str, parameter: str) -> str:
    """The defined name of a parameter's cell."""
    return f"{lever_id}__{parameter}"


def affine(result: Result) -> list[Slope]:
    """The parameters of a scenario that can be live."""
    found = (
        _slope(result, x, n, p) for x in result.scenario.ordered() if x.table for n, p in x.params().items()
    )
    return [s for s in found if s is not None]


def _slope(result: Result, lever: Lever, name: str, declared: Param) -> Slope | None:
    if not declared.is_drawn:
        return None
    setting = float(getattr(lever, name))
    low, _, high = range_of(declared, setting)
    points = _points(declared, low, setting, high)
    if len(points) < 3:
        return None

    def at(point: float) -> Quantities:
        return _quantities(result, replace(lever, **{name: declared.check(point, name)}))

    first, last = at(points[0]), at(points[-1])
    per_unit = {m: (last[m] - first[m]) / (points[-1] - points[0]) for m in first}
    if not all(_on_line(first, per_unit, p - points[0], at(p)) for p in points[1:-1]):
        return None
    return Slope(lever.id, name, setting, low, high, lever.table, per_unit)


def _on_line(first: Quantities, per_unit: Quantities, distance: float, seen: Quantities) -> bool:
    """Whether the quantities seen at a distance from the first are those of a straight line."""
    return all(
        (seen[m] is first[m] and not per_unit[m].any())
        or np.allclose(
            seen[m], first[m] + per_unit[m] * distance, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True
        )
        for m in first
    )


def _points(declared: Param, low: float, setting: float, high: float) -> list[float]:
    points = {low, (low + setting) / 2, setting, (setting + high) / 2, high}
    return sorted({float(round(p)) for p in points} if declared.integer else points)


def _quantities(result: Result, setting: Lever) -> Quantities:
    """Recurring quantities of the lever's table in the scenario with this setting.

    Only this lever and those after it see another table than in the result: of those before, the result's steps hold.
    """
    levers = result.scenario.with_lever(setting).ordered()
    steps = apply_levers(
        _open_to_modes(result, levers, setting.table),
        [x for x in levers if x.table == setting.table],
        result.book,
        result.steps,
    )
    return {m.name: q for m, q in steps[-1].after.table(setting.table).meters() if not m.once}


def _open_to_modes(result: Result, levers: Sequence[Lever], table: str) -> Usage:
    """The usage the first of these levers finds: the result's own where the same serving modes are chosen."""
    usage = result.baseline.usage
    modes = weigh_modes(usage, levers, result.book) if table == "endpoints" else result.modes
    usage = modes.choose(usage, [x.id for x in levers])
    return result.prepared if same_choice(usage, result.prepared) else usage
