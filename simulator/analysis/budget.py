"""Budgets beside the plan: per month the budget, what the scenario costs, and the chance that it is more.

A budget has dollars for every month, or for the months it names, and a scope: the whole account, components, an owner
or a tag (`key=value`). The chance comes from draws: of the whole account the month's own, of a part the usage tables'
draws by the part's dollars in them. A month without a budget is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.analysis.dated_savings import spread
from simulator.engine.calendar import calendar_of, month_start
from simulator.engine.simulate import Result
from simulator.engine.state import State
from simulator.errors import InputError, nearest
from simulator.levers.scope import Scope
from simulator.risk.bills import assess
from simulator.usage.tables import COMPONENTS, TABLES, Table

Array = NDArray[np.float64]
EVERY = ""
COLUMNS = (
    "budget", "month", "month_start", "budget_usd", "baseline_usd", "scenario_usd", "over_usd", "chance_ratio",
)  # fmt: skip


@dataclass(frozen=True)
class Budget:
    """`monthly_usd` maps "2026-12" (or "" for every other month) to dollars. Empty scope: the whole account."""

    name: str
    monthly_usd: Mapping[str, float]
    components: tuple[str, ...] = ()
    owner: str = ""
    tag: str = ""
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for component in self.components:
            if component not in COMPONENTS:
                raise InputError(
                    f"budget {self.name}: no component {component!r}{nearest(component, COMPONENTS)}"
                )
        if self.tag and "=" not in self.tag:
            raise InputError(f"budget {self.name}: expected a tag such as team=nlp, not {self.tag!r}")
        if sum(map(bool, (self.components, self.owner, self.tag))) > 1:
            raise InputError(f"budget {self.name}: give components, an owner or a tag, not several")
        for month, usd in self.monthly_usd.items():
            if not 0 <= usd < float("inf"):
                raise InputError(
                    f"budget {self.name}, {month or 'every month'}: expected dollars from 0, not {usd}"
                )

    @property
    def whole(self) -> bool:
        """Whether it is the account's."""
        return not (self.components or self.owner or self.tag)

    def of(self, month: str) -> float | None:
        """The dollars of a month, None where there is no budget."""
        return self.monthly_usd.get(month, self.monthly_usd.get(EVERY))


def compare_budgets(
    result: Result, budgets: list[Budget], months: int = 12, *, draws: int = 0, seed: int = 0
) -> pd.DataFrame:
    """One row per budget and month: budget, baseline, scenario, over (negative: left), chance of breaking.

    `chance_ratio` is NaN without draws. Sums per scope are those of the charges: recurring dollars at 730 hours.
    """
    dated = calendar_of(result)
    drawn = spread(result, draws, seed).table if draws else {}
    whole = assess(result, months, draws=draws, seed=seed).bill_usd if draws else None
    rows = []
    for budget in budgets:
        for month in range(1, months + 1):
            start = month_start(dated.first, month).isoformat()
            limit = budget.of(start[:7])
            if limit is None:
                continue
            baseline, scenario = _month(result, budget, month)
            bills = whole[:, month - 1] if budget.whole and whole is not None else _drawn(scenario, drawn)
            planned = sum(scenario.values())
            rows.append(
                {
                    "budget": budget.name, "month": month, "month_start": start, "budget_usd": limit,
                    "baseline_usd": sum(baseline.values()), "scenario_usd": planned, "over_usd": planned - limit,
                    "chance_ratio": float((bills > limit + 0.005).mean()) if draws else float("nan"),
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def first_breaks(table: pd.DataFrame) -> dict[str, str | None]:
    """Per budget the first month in which the scenario is over it, None where it never is."""
    made: dict[str, str | None] = {}
    for name, rows in table.groupby("budget", sort=False):
        over = rows[rows["over_usd"] > 0.005]
        made[str(name)] = None if over.empty else str(over["month_start"].iloc[0])
    return made


def _month(result: Result, budget: Budget, month: int) -> tuple[dict[str, float], dict[str, float]]:
    """Dollars of the scope by usage table ("" = unused commitment), baseline and scenario."""
    dated = calendar_of(result)
    sides: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for part in dated.parts(month):
        for total, there in zip(
            sides, (dated.baseline(month, part.day), dated.outcome(month, part.day)), strict=True
        ):
            for table, usd in scope_usd(there, budget).items():
                total[table] = total.get(table, 0.0) + usd * part.share
    return sides


def scope_usd(there: State, budget: Budget) -> dict[str, float]:
    """Recurring dollars of a budget's scope by usage table; "" is commitment that nobody used."""
    unused = budget.whole or "commitments" in budget.components
    total = {"": float(there.charges.unused_commitment_usd) if unused else 0.0}
    for name in TABLES:
        rows = _rows(there.usage.table(name), budget)
        total[name] = 0.0
        for block in there.charges.blocks:
            inside = not budget.components or block.meter.component in budget.components
            if block.table == name and not block.meter.once and inside:
                total[name] += float(block.known_usd[rows].sum())
    return total


def _rows(table: Table, budget: Budget) -> NDArray[np.bool_]:
    if not (budget.owner or budget.tag):
        return np.ones(len(table), bool)
    named = {n for n in (budget.owner,) if n}, {t for t in (budget.tag,) if t}
    return Scope(*map(frozenset, named)).mask(table)


def _drawn(parts: Mapping[str, float], drawn: Mapping[str, Array]) -> Array:
    total: Array = np.zeros(1) + parts.get("", 0.0)
    for table, ratios in drawn.items():
        total = total + parts.get(table, 0.0) * ratios
    return total
