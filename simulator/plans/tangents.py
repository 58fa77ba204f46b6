"""The linear program of a ladder: capacity per rung, and per month a convex cost known by its tangents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Tangents = tuple[Array, Array, Array]
GAP = 2e-4
"""How near to its bound a program with whole numbers is solved."""
MOST_NODES = 200
"""Of the search for whole numbers, some seconds: pools that are alike can be swapped without end."""
CUT = (1, 4)
"""SciPy's words for a search that a limit ended."""
Row = tuple[list[int], list[float], float]


class Master:
    """Columns: capacity of each rung, capacity of each month, the worst regret, then `months` per family of tangents.

    A family is the months' cost under one weighting of the draws. The first is the expectation; each further one is
    a way in which the worst draws may fall, and the regret is at least that of each. Rungs with a unit above 0 are
    bought in whole units: their columns count units, and the program has whole numbers unless `relaxed`.
    """

    def __init__(
        self,
        active: Array,
        fee_usd: Array,
        hours: float,
        regret_weight: float,
        most_usd: float,
        units_usd: Array | None = None,
    ) -> None:
        units = np.zeros(active.shape[1]) if units_usd is None else units_usd
        self.scale = np.where(units > 0, units, 1.0)
        self.whole = units > 0
        self.relaxed = self.is_cut = False
        self.relaxed_solution = np.zeros(active.shape[1])
        self.active, self.fee, self.hours = active * self.scale, fee_usd * self.scale, hours
        self.months, self.rungs = active.shape
        self.weight, self.most_usd = regret_weight, most_usd
        self.regret_column = self.rungs + self.months
        self.columns = self.regret_column + 1
        self.families: list[int] = []
        self.stranded_column: int | None = None
        self.rows: list[Row] = []
        self.most_capacity = np.full(self.months, np.inf)

    def add_family(self, tangents: Tangents, known_usd: float = 0.0) -> None:
        """A weighting of the draws. `known_usd` is what its draws would have cost with hindsight."""
        first = self._new_columns()
        self.families.append(first)
        self._cuts(first, tangents)
        cost = [*range(self.rungs), *range(first, first + self.months)]
        values = [*self.fee.tolist(), *([self.hours] * self.months)]
        if len(self.families) > 1:
            self.rows.append(([*cost, self.regret_column], [*values, -1.0], known_usd))
        elif np.isfinite(self.most_usd):
            self.rows.append((cost, values, self.most_usd))

    def add_tangents(self, family: int, tangents: Tangents) -> None:
        """More tangents of a family."""
        self._cuts(self.families[family], tangents)

    def limit_stranded(self, tangents: Tangents, most_usd: float) -> None:
        """Keep what is unused after the fall within a limit."""
        self.stranded_column = self._new_columns()
        self._cuts(self.stranded_column, tangents)
        columns = list(range(self.stranded_column, self.stranded_column + self.months))
        self.rows.append((columns, [self.hours] * self.months, most_usd))

    def add_stranded(self, tangents: Tangents) -> None:
        """More tangents of what is unused."""
        if self.stranded_column is not None:
            self._cuts(self.stranded_column, tangents)

    def _new_columns(self) -> int:
        first = self.columns
        self.columns += self.months
        return first

    def _cuts(self, first: int, tangents: Tangents) -> None:
        """Rows: cost of the month >= value + slope (capacity - point)."""
        for m, (points, values, slopes) in enumerate(zip(*tangents, strict=True)):
            for point, value, slope in zip(points, values, slopes, strict=True):
                self.rows.append(([self.rungs + m, first + m], [slope, -1.0], slope * point - value))

    def solve(self) -> tuple[Array, float] | None:
        """Capacity of each rung and the bound on the wish; None where the limits cannot be met.

        A search for whole numbers that was cut (`is_cut`) gives the best it found, or what is whole of the relaxed.
        """
        from scipy.optimize import Bounds, LinearConstraint, linprog, milp
        from scipy.sparse import coo_matrix

        aim = np.zeros(self.columns)
        first = self.families[0]
        aim[: self.rungs] = (1 - self.weight) * self.fee
        aim[first : first + self.months] = (1 - self.weight) * self.hours
        aim[self.regret_column] = self.weight
        row = np.repeat(np.arange(len(self.rows)), [len(r[0]) for r in self.rows])
        column = np.concatenate([r[0] for r in self.rows])
        value = np.concatenate([r[1] for r in self.rows])
        matrix = coo_matrix((value, (row, column)), shape=(len(self.rows), self.columns)).tocsr()
        links = np.zeros((self.months, self.columns))
        links[:, : self.rungs] = self.active
        links[:, self.rungs : self.rungs + self.months] = -np.eye(self.months)
        top = np.full(self.columns, np.inf)
        top[self.rungs : self.rungs + self.months] = self.most_capacity
        whole = np.zeros(self.columns)
        whole[: self.rungs] = self.whole & (not self.relaxed)
        if not whole.any():
            bounds = np.stack([np.zeros(self.columns), top], axis=1)
            found = linprog(
                aim,
                matrix,
                [r[2] for r in self.rows],
                links,
                np.zeros(self.months),
                bounds=bounds,
                method="highs",
            )
            if not found.success:
                return None
            self.relaxed_solution = np.asarray(found.x[: self.rungs])
            return self.relaxed_solution * self.scale, float(found.fun)
        limits = [LinearConstraint(matrix, ub=[r[2] for r in self.rows]), LinearConstraint(links, 0, 0)]
        found = milp(
            aim, integrality=whole, bounds=Bounds(0, top), constraints=limits,
            options={"mip_rel_gap": GAP, "node_limit": MOST_NODES},
        )  # fmt: skip
        self.is_cut = found.status in CUT
        if found.x is None and not self.is_cut:
            return None
        bound = found.mip_dual_bound if found.mip_dual_bound is not None else -np.inf
        at = self._whole(found.x)
        return at * self.scale, float(bound)

    def _whole(self, found: Array | None) -> Array:
        """Whole units: the solver's are so to a millionth."""
        at = self.relaxed_solution if found is None else np.asarray(found[: self.rungs])
        return np.where(self.whole, np.floor(at + 1e-9) if found is None else np.round(at), at)
