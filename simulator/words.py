"""Figures and foreign text as words, one way for every page, report, file and terminal.

Unknown is the word, never 0. One minus sign, U+2212, stands before the currency. Names from an account are data:
`plain` makes them harmless for the medium they go to, on one line, with what cannot be seen shown as U+FFFD.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterable
from typing import Any, Literal, TypeGuard

UNKNOWN = "unknown"
MINUS = "−"
GONE = "\ufffd"
Medium = Literal["line", "markdown", "page", "html", "cell"]

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, marks that turn the direction of writing, blanks without width, tags, lone surrogates."""
MARKDOWN = re.compile(r"([\\`*_\[\]<>|~#])")
STARTS = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$|[-+=])")
ENTITY = re.compile(r"&(?=#?\w+;)")
LINK = re.compile(r"(?i)(:)(?=//)|(?<=www)(\.)")
PAGE = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&@^=/])")
FORMULA = ("=", "+", "-", "@", "\t")
BREAK = "\u200b"
"""Put into addresses on the page, which makes a link of whatever looks like one."""


def usd(value: float | None, digits: int = 2) -> str:
    """Dollars and cents."""
    if not is_known(value):
        return UNKNOWN
    return f"{_sign(value, digits)}${abs(float(value)):,.{digits}f}"


def change_usd(value: float | None, digits: int = 2) -> str:
    """Dollars more (+) or less (−)."""
    more = is_known(value) and round(float(value), digits) > 0
    return f"{'+' if more else ''}{usd(value, digits)}"


def percent(ratio: float | None, digits: int = 1) -> str:
    """A ratio as percent."""
    if not is_known(ratio):
        return UNKNOWN
    return f"{_sign(ratio * 100, digits)}{abs(float(ratio)) * 100:.{digits}f}%"


def count(value: float | None, what: str = "", plural: str = "", digits: int = 0) -> str:
    """A quantity with its noun: `count(1, "row")` is "1 row", `count(0, "row")` is "0 rows"."""
    if not is_known(value):
        return f"{UNKNOWN} {plural or what + 's'}" if what else UNKNOWN
    number = f"{_sign(value, digits)}{abs(float(value)):,.{digits}f}"
    if not what:
        return number
    return f"{number} {what if round(float(value), digits) == 1 else plural or what + 's'}"


def visible(text: object) -> str:
    """Text without characters that hide, reorder or move: each is shown as U+FFFD. Tabs and line feeds stay."""
    return INVISIBLE.sub(GONE, str(text))


def json_text(data: Any, indent: int | None = 2) -> str:
    """JSON that says exactly what `data` says, with every invisible character escaped. NaN is refused."""
    text = json.dumps(data, indent=indent, ensure_ascii=False, allow_nan=False)
    return INVISIBLE.sub(lambda m: json.dumps(m[0])[1:-1], text)


def plain(text: object, medium: Medium) -> str:
    """Foreign text on one line, inert in its medium.

    `line` (terminal, log), `markdown` (a file), `page` (Markdown of the page, with formulas and directives), `html`,
    `cell` (a cell of a CSV or a workbook, never a formula).
    """
    line = visible(" ".join(str(text).split()))
    if medium == "markdown":
        return _markdown(line)
    if medium == "page":
        linkless = re.sub(r"(?i)(:)(//)|(www)(\.)", lambda m: BREAK.join(g for g in m.groups() if g), line)
        return PAGE.sub(r"\\\1", linkless)
    if medium == "html":
        return html.escape(line)
    return cell(text) if medium == "cell" else line


def lines(texts: Iterable[object]) -> str:
    """Sentences for a terminal, one a line whatever names they hold: no name begins a line of its own."""
    return "\n".join(plain(text, "line") for text in texts)


def cell(text: object) -> str:
    """Text that a spreadsheet will not run; line breaks stay, they are allowed inside a cell."""
    seen = visible(text)
    return "'" + seen if seen.startswith(FORMULA) else seen


def _markdown(line: str) -> str:
    escaped = ENTITY.sub("&amp;", MARKDOWN.sub(r"\\\1", line))
    escaped = LINK.sub(lambda m: "\\" + m[0], escaped)
    return STARTS.sub(
        lambda m: m[1] + ("\\" + m[2] if len(m[2]) == 1 else m[2][:-1] + "\\" + m[2][-1]), escaped
    )


def is_known(value: float | None) -> TypeGuard[float]:
    """Whether there is a figure: neither None nor NaN."""
    return value is not None and not math.isnan(value)


def _sign(value: float, digits: int) -> str:
    return MINUS if round(float(value), digits) < 0 else ""
