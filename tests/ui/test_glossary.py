"""One glossary for the screens: baseline, scenario, commitment; "per month"; "plan" is a Savings Plan's word."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "simulator"
SCREENS = sorted([*(ROOT / "ui").rglob("*.py"), *(ROOT / "charts").rglob("*.py")])
SENTENCES = [ROOT / "analysis" / f"{n}.py" for n in ("findings", "plan_sizing", "seeking")]
NOT_SAID = {
    r"\ba month(?= (worse|is|for|have|in all|\.))|(?<=\d|\}|\$) a month\b|, a month\b": "per month",
    r"[\d}] an hour\b|, an hour\b|USD an hour\b": "per hour",
    r"\bin hand\b": "on the Board",
    r"\b[Tt]oday's (plan|way)\b": "baseline",
    r"\b[Ww]ith the plan\b": "scenario",
    r"\bBalanced plan\b": "Balanced",
    r"\b1 (levers|resources|rows|jobs|endpoints)\b": "the singular",
}


def said(source: str) -> list[str]:
    """Every text of a module that is no docstring; values put into an f-string are written as {}."""
    tree = ast.parse(source)
    silent = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    inside = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    texts = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            texts.append("".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values))
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent | inside
        ):
            texts.append(node.value)
    return texts


def faults(source: str) -> list[tuple[str, str]]:
    return [(t, better) for t in said(source) for bad, better in NOT_SAID.items() if re.search(bad, t)]


@pytest.mark.parametrize("path", [*SCREENS, *SENTENCES], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_screens_keep_to_the_glossary(path: Path) -> None:
    assert faults(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        'f"{usd} a month"',
        '"Commitment, an hour"',
        '"the one in hand"',
        '"today\'s way"',
        '"1 levers on"',
    ],
)
def test_the_glossary_finds_what_it_is_for(text: str) -> None:
    assert faults(f"x = {text}")


def test_a_docstring_is_not_on_the_screen() -> None:
    assert faults('"""What is in hand, a month."""') == []
