"""Every published example is either run through the product or listed as out of scope, with the reason."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.oracles.published import ORACLES, every_oracle

HERE = Path(__file__).parent
ALL, LEAST_IN_SCOPE = 56, 50


def run_through() -> set[str]:
    """Ids named in the tests of this folder."""
    files = [f.read_text("utf-8") for f in HERE.glob("test_oracles_*.py")]
    return {i for text in files for i in re.findall(r'oracle\("([^"]+)"\)', text)}


def out_of_scope() -> dict[str, str]:
    """Ids of OUT_OF_SCOPE.md and their reasons."""
    text = (HERE / "OUT_OF_SCOPE.md").read_text("utf-8")
    return dict(re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|$", text, re.M))


def test_every_example_is_tested_or_out_of_scope_with_a_reason() -> None:
    ids = set(every_oracle())
    assert len(ids) == ALL
    assert run_through() | set(out_of_scope()) == ids
    assert not run_through() & set(out_of_scope())
    assert all(len(reason.split()) > 5 for reason in out_of_scope().values())


def test_at_least_fifty_examples_are_in_scope() -> None:
    assert len(run_through()) >= LEAST_IN_SCOPE


def test_the_figures_are_those_of_the_collection() -> None:
    if not ORACLES.is_file():
        pytest.skip("shared/oracles.json is absent: the copied figures are not compared")
    theirs = json.loads(ORACLES.read_text(encoding="utf-8"))["oracles"]
    for case in theirs:
        ours = every_oracle()[case["id"]]
        assert ours == {name: case[name] for name in ours}, case["id"]
    assert len(theirs) == ALL
