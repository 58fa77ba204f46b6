"""Assumptions of a plan that belong to no lever: growth, cost of work, value of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from simulator.params import Param, param, params_of


def _growth(what: str) -> float:
    value: float = param(
        f"Growth of {what}", "ratio per year", 0.0, low=-0.10, high=0.30, step=0.05, minimum=-0.9, maximum=3.0,
        grade="assumed", source="Yours to state: a snapshot of one window shows no growth",
    )  # fmt: skip
    return value


@dataclass(frozen=True)
class Planning:
    """Growth is compounded monthly; work is paid in the month a lever starts; money later is worth less.

    Source: your own plan; every field is an assumption.
    """

    training_growth: float = _growth("training hours")
    traffic_growth: float = _growth("traffic to endpoints and Bedrock")
    data_growth: float = _growth("stored data")
    engineering_usd_per_hour: float = param(
        "Cost of an engineering hour", "USD per hour", 100.0, low=60.0, high=150.0, step=5.0, maximum=500.0,
        grade="assumed", source="Fully loaded cost; the hours are those of each lever",
    )  # fmt: skip
    team_hours_per_month: float = param(
        "Hours the team has for this work", "hours per month", 160.0, low=80.0, high=320.0, step=20.0, minimum=1.0,
        maximum=10_000.0, grade="assumed",
        source="One engineer's month; levers start as their work is done, phase by phase",
    )  # fmt: skip
    unexplained_ratio: float = param(
        "Share of the unexplained part of the bill that recurs", "ratio", 1.0, low=0.5, high=1.5, step=0.1,
        maximum=3.0, grade="assumed",
        source="What usage does not explain may have been one-off, or grow; only the range of the bill holds it",
    )  # fmt: skip
    interest_ratio: float = param(
        "Interest for net present value", "ratio per year", 0.08, low=0.05, high=0.12, step=0.01, maximum=0.5,
        grade="assumed", source="Your company's cost of capital",
    )  # fmt: skip

    @classmethod
    def params(cls) -> dict[str, Param]:
        """Assumptions by name."""
        return dict(params_of(cls))  # type: ignore[arg-type]

    @classmethod
    def create(cls, values: Mapping[str, Any]) -> Self:
        """Checked assumptions. Raises ValueError naming the wrong one."""
        declared = cls.params()
        for name in values:
            if name not in declared:
                raise ValueError(f"planning.{name}: no such assumption; expected {', '.join(declared)}")
        return cls(**{n: declared[n].check(v, f"planning.{n}") for n, v in values.items()})

    def values(self) -> dict[str, Any]:
        """The assumptions as name → value."""
        return {name: getattr(self, name) for name in self.params()}

    def growth(self, month: int) -> dict[str, float]:
        """Factor of each driver in a month (1 = the first, not grown yet)."""
        years = (month - 1) / 12
        return {
            "training": (1 + self.training_growth) ** years,
            "traffic": (1 + self.traffic_growth) ** years,
            "data": (1 + self.data_growth) ** years,
        }
