"""Figures are said one way; foreign text is data in every medium."""

import csv
import html
import io
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.words import (
    BREAK,
    INVISIBLE,
    Medium,
    change_usd,
    count,
    json_text,
    percent,
    plain,
    usd,
    visible,
)

CODE = Path(__file__).parents[1] / "simulator"
FIGURES = [
    (usd(2211.9), "$2,211.90"),
    (usd(-0.5), "−$0.50"),
    (usd(-0.001), "$0.00"),
    (usd(None), "unknown"),
    (usd(float("nan")), "unknown"),
    (usd(-1234.5, 0), "−$1,234"),
    (change_usd(3), "+$3.00"),
    (change_usd(-3), "−$3.00"),
    (change_usd(0.001), "$0.00"),
    (change_usd(0.4, 0), "$0"),
    (change_usd(1234.4, 0), "+$1,234"),
    (percent(0.125), "12.5%"),
    (percent(-0.0004), "0.0%"),
    (percent(-0.5, 0), "−50%"),
    (percent(None), "unknown"),
    (count(1, "row"), "1 row"),
    (count(0, "row"), "0 rows"),
    (count(1200, "policy", "policies"), "1,200 policies"),
    (count(None, "row"), "unknown rows"),
    (count(-2), "−2"),
]


def test_figures() -> None:
    assert [said for said, _ in FIGURES] == [right for _, right in FIGURES]


MADE_BY_HAND = re.compile(r"\$\{[^{}]*:[^{}]*f\}|\{[^{}]*:\.\d%\}")
"""A format of dollars or percent within an f-string: it would write -$5.00 as $-5.00 and unknown as nan."""


@pytest.mark.parametrize("line", ['f"${gap:,.2f}"', 'f"{share:.0%} of it"'])
def test_a_format_made_by_hand_is_seen(line: str) -> None:
    assert MADE_BY_HAND.search(line)


def test_dollars_and_percent_are_written_by_words_alone() -> None:
    found = [
        f"{path.relative_to(CODE)}: {line.strip()}"
        for path in CODE.rglob("*.py")
        if path.relative_to(CODE).as_posix() not in ("words.py", "ui/words.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if MADE_BY_HAND.search(line)
    ]
    assert found == []


@given(text=st.text())
def test_no_medium_lets_a_hidden_character_through(text: str) -> None:
    for medium in get_args(Medium):
        shown = plain(text, medium)
        assert not INVISIBLE.search(shown.replace(BREAK, ""))


@given(text=st.text())
def test_json_says_exactly_what_was_there_with_nothing_hidden_in_it(text: str) -> None:
    shown = json_text({text: text})
    assert json.loads(shown) == {text: text}
    assert not INVISIBLE.search(shown)


@given(text=st.text(alphabet="=+-@\t'\"a,\n;1"))
def test_cell_is_never_a_formula_and_comes_back_from_csv(text: str) -> None:
    shown = plain(text, "cell")
    assert not shown.startswith(("=", "+", "-", "@", "\t"))
    out = io.StringIO()
    csv.writer(out).writerow([shown])
    assert next(csv.reader(io.StringIO(out.getvalue())))[0] == shown
    assert shown.removeprefix("'") == text.removeprefix("'")


@given(text=st.text())
def test_html_has_no_tag_and_says_the_same(text: str) -> None:
    shown = plain(text, "html")
    assert "<" not in shown
    assert html.unescape(shown) == plain(text, "line")


@pytest.mark.parametrize("medium", ["line", "markdown", "page", "html"])
@given(text=st.text())
def test_one_line_it_is(medium: str, text: str) -> None:
    assert len(plain(text, medium).splitlines()) <= 1  # type: ignore[arg-type]


@given(text=st.text(alphabet="#-+=.1)> *_`<&;:/w[]()!\\~|a"))
def test_markdown_of_foreign_text_is_one_paragraph_of_that_text(text: str) -> None:
    """Read by another program: no heading, list, link, emphasis, code or tag comes of it."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(plain(text, "markdown"))
    kinds = {t.type for t in tokens}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline"}
    inner = [c for t in tokens for c in t.children or ()]
    assert {c.type for c in inner} <= {"text", "text_special"}
    assert "".join(c.content for c in inner) == plain(text, "line")


def test_direction_marks_are_shown() -> None:
    assert visible("invoice\u202egnp.exe") == "invoice\ufffdgnp.exe"
