"""What a move costs that AWS forces by ending a model or an instance type; None is unknown."""

from __future__ import annotations

from simulator.words import usd


def inside_usd(usd_per_month: float | None, months_after: float) -> float | None:
    """Dollars of the move inside the horizon."""
    return None if usd_per_month is None else usd_per_month * months_after


def move_words(same: str, replacement: str, usd_per_month: float, months_after: float) -> str:
    """What the same usage costs on the replacement, per month and over the months that follow."""
    side = "more" if usd_per_month >= 0 else "less"
    return (
        f"The same {same} on {replacement} cost {usd(abs(usd_per_month))} per month {side}: "
        f"{usd(abs(usd_per_month) * months_after)} over the {months_after:.3g} months of the horizon that follow."
    )
