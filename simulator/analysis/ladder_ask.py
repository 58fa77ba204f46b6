"""What is asked of a ladder of commitments."""

from __future__ import annotations

from dataclasses import dataclass

MONTHS = 36


@dataclass(frozen=True)
class Ask:
    """What is asked for. `every_months` is the time between dates on which something may be bought.

    `most_covered_ratio` leaves usage uncovered on purpose: existing and new plans together cover at most so much of
    each month's mean eligible usage; 1 is no limit.
    """

    months: int = MONTHS
    every_months: int = 3
    payment: str = "no_upfront"
    fall_ratio: float = 0.3
    rise_ratio: float = 0.3
    regret_weight: float = 0.25
    draws: int = 500
    seed: int = 0
    most_covered_ratio: float = 1.0


USUAL = Ask()


def check(ask: Ask) -> None:
    """Raises ValueError for months, draws or ratios out of range."""
    bounds: dict[str, tuple[float, float]] = {
        "months": (12, 60), "every_months": (1, 12), "draws": (2, 2_000), "fall_ratio": (0, 0.95),
        "rise_ratio": (0, 3), "regret_weight": (0, 1), "most_covered_ratio": (0, 1),
    }  # fmt: skip
    for name, (low, high) in bounds.items():
        value = getattr(ask, name)
        if not low <= value <= high:
            raise ValueError(f"{name}: expected {low:g} to {high:g}, not {value}")
