"""Generated pages say what the code declares."""

from __future__ import annotations

from pathlib import Path

from scripts import docs_levers

DOCS = Path(__file__).parents[1] / "docs"


def test_levers_page_is_current() -> None:
    assert (DOCS / "levers.md").read_text(encoding="utf-8") == docs_levers.levers_page(), "run `make docs`"


def test_assumptions_page_is_current() -> None:
    assert (DOCS / "assumptions.md").read_text(encoding="utf-8") == docs_levers.assumptions_page(), (
        "run `make docs`"
    )
