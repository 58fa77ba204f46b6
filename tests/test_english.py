"""Plain English wherever a user reads: strings of the product, lever docstrings, README and docs."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from simulator.levers import all_levers
from tests.ui.test_glossary import said

ROOT = Path(__file__).parents[1]
CODE = sorted((ROOT / "simulator").rglob("*.py"))
PAGES = sorted(
    [*(ROOT / "docs").rglob("*.md"), *(ROOT / n for n in ("README.md", "SECURITY.md", "CONTRIBUTING.md"))]
)
QUANTITY = r"(?:\d[\d.,]*|\}|USD|\)|[Cc]ost|[Ss]aving|[Rr]equests|[Tt]okens|[Hh]ours|[Ii]nstance-hours|[Cc]alls|known)"
BETTER = {
    rf"{QUANTITY},? an? (?:month|year|week|day|hour|minute|million)\b(?! (?:ago|or|is|of|for|in|long|with))": "per",
    r"\b[Tt]oday's (?:way|plan)\b|\bway of today\b": "baseline",
    r"\b[Ww]ith the plan\b(?!:)|\bleft in this plan\b|\b[Ii]n the plan\b(?! bought)": "scenario",
    r"\b(?:[Kk]eep (?:a|this) plan|[Kk]ept plans?|[Tt]he plan “)": "kept scenario",
    r"\b[Dd]earest\b|\bdearer\b": "most expensive, costlier",
    r"\b(?:account|scenario|one|plan|values) in hand\b|^In hand\b": "current",
    r"\bfor to\b|\bas it lies\b|\bwhat is no (?!longer)\w+ (?:is|counts)\b": "plain English",
    r"\b(?:would tell|cannot be told|told of|\w+ tells (?:the|when|per|for|how|what|which|it))\b": "show, report",
    r"\bstands? (?:twice|beside|in two|under `)": "appears, is shown",
    r"\blevers that need it do not apply\b|\bdoes not apply here\b|\bdo not apply here\b": "not applicable",
    r"\btaken:|\bthese prices were not taken\b": "used",
}


def faults(text: str) -> list[tuple[str, str]]:
    found = ((re.search(bad, text), better) for bad, better in BETTER.items())
    return [(hit[0], better) for hit, better in found if hit]


@pytest.mark.parametrize("path", CODE, ids=lambda p: p.relative_to(ROOT / "simulator").as_posix())
def test_the_product_speaks_plain_english(path: Path) -> None:
    assert [f for text in said(path.read_text(encoding="utf-8")) for f in faults(text)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_documents_do(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [(n, f) for n, line in enumerate(lines, start=1) for f in faults(line)] == []


def test_what_a_lever_says_of_itself_does() -> None:
    texts = {i: inspect.getdoc(kind) or "" for i, kind in all_levers().items()}
    assert [(i, f) for i, text in texts.items() for f in faults(" ".join(text.split()))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Cost a month",
        "{} a month",
        "$5.00, a year",
        "1,000 calls an hour",
        "today's way",
        "With the plan, saved",
        "Has no hours left in this plan.",
        "Keep this plan",
        "the dearest first",
        "the account in hand",
        "an evaluation would tell",
        "CountTokens tells the input tokens",
        "the column stands twice",
    ],
)
def test_a_sentence_readers_stumble_over_is_found(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "A month has 730 hours.",
        "SageMaker Savings Plan",
        "an hour ago",
        "Tell the users first.",
        "Nothing stands out.",
    ],
)
def test_a_good_sentence_is_left_alone(text: str) -> None:
    assert faults(text) == []
