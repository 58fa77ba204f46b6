"""Text for the screen: figures, and names from accounts, which are data and never markup."""

from __future__ import annotations

import math
import re
from datetime import date

from simulator import words
from simulator.params import Param
from simulator.words import count, percent, usd

__all__ = [
    "count",
    "day",
    "percent",
    "plain",
    "thousands",
    "thousands_range",
    "unit_of",
    "usd",
    "value_of",
    "whole_usd",
    "without_cents",
]


def plain(text: object) -> str:
    """Text that the page's Markdown shows as it is: no emphasis, formula, link, directive or HTML comes of it."""
    return words.plain(text, "page")


def whole_usd(value: float | None) -> str:
    """Whole dollars, for the screen; unknown is said, and less than half a dollar is not shown as nothing.

    Rounded from cents, halves away from zero: so does the browser with the columns of a table, and both must agree.
    """
    if value is not None and 0.005 <= abs(value) < 0.5:
        return f"{words.MINUS if value < 0 else ''}<$1"
    return usd(value if value is None or not math.isfinite(value) else _whole(value), 0)


def _whole(value: float) -> float:
    return math.copysign(math.floor(abs(round(value, 2)) + 0.5), value)


def without_cents(sentence: str) -> str:
    """A sentence for the screen: its dollars and cents as whole dollars; rates per hour and less than a dollar stay."""
    return re.sub(r"\$(\d[\d,]*)\.\d\d(?!\d| per hour| to \$[\d,.]+ per hour)", _rounded, sentence)


def _rounded(found: re.Match[str]) -> str:
    value = float(found[0][1:].replace(",", ""))
    return whole_usd(value) if value >= 1 else found[0]


def thousands(value: float) -> str:
    """Dollars as short as a sentence wants them: $119k, $7.1k, $640."""
    size = abs(value)
    text = (
        f"${size / 1000:,.0f}k"
        if size >= 9_950
        else f"${size / 1000:,.1f}k"
        if size >= 999.5
        else f"${size:,.0f}"
    )
    return f"{words.MINUS if round(value) < 0 else ''}{text}"


def thousands_range(low: float, high: float) -> str:
    """Two amounts in one unit: $47–52k; one amount where both read the same."""
    first, last = thousands(low), thousands(high)
    if first == last:
        return first
    unit = first.endswith("k") and last.endswith("k")
    return f"{first[:-1] if unit else first}–{last.removeprefix('$')}"


def day(value: date) -> str:
    """A date as people of every country read it."""
    return f"{value:%Y-%m-%d}"


def value_of(declared: Param, value: object) -> str:
    """A parameter's value with its unit, as short as it goes."""
    if isinstance(value, str) or declared.choices:
        return str(value).replace("_", " ")
    if value is None:
        return "unknown"
    number = float(value)  # type: ignore[arg-type]
    if declared.unit.startswith("ratio"):
        return f"{number * 100:.4g}%"
    return f"{number:,.6g}"


def unit_of(declared: Param) -> str:
    """The unit as people say it; nothing for percentages and choices, whose values carry it."""
    if declared.choices or declared.unit in ("ratio", "choice", "option"):
        return ""
    return declared.unit.replace("ratio per", "a")
