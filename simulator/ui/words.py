"""Text for the screen: figures, and names from accounts, which are data and never markup."""

from __future__ import annotations

import re
from datetime import date

from simulator.params import Param

MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&@^=/])")
BREAK = "\u200b"


def plain(text: object) -> str:
    """Text that Markdown shows as it is: no emphasis, formula, link, directive or HTML comes of it."""
    one_line = " ".join(str(text).split())
    linkless = re.sub(r"(?i)(:)(//)|(www)(\.)", lambda m: BREAK.join(g for g in m.groups() if g), one_line)
    return MARKUP.sub(r"\\\1", linkless)


def usd(value: float | None) -> str:
    """Dollars and cents; unknown is said, never shown as 0."""
    if value is None or value != value:
        return "unknown"
    return f"{'−' if round(value, 2) < 0 else ''}${abs(value):,.2f}"


def percent(ratio: float | None, digits: int = 1) -> str:
    """A ratio as percent."""
    return "unknown" if ratio is None or ratio != ratio else f"{ratio * 100:.{digits}f}%"


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
