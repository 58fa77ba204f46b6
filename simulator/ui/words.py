"""Text for the screen: figures, and names from accounts, which are data and never markup."""

from __future__ import annotations

from datetime import date

from simulator import words
from simulator.params import Param
from simulator.words import percent, usd

__all__ = ["day", "percent", "plain", "unit_of", "usd", "value_of"]


def plain(text: object) -> str:
    """Text that the page's Markdown shows as it is: no emphasis, formula, link, directive or HTML comes of it."""
    return words.plain(text, "page")


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
