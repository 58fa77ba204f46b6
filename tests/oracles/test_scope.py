"""Every published example is either tested here or listed as out of scope, with the reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.oracles.published import ORACLES, every_oracle

HERE = Path(__file__).parent
MINE = ("bedrock_", "s3_")


def test_every_bedrock_and_storage_example_is_tested_or_out_of_scope() -> None:
    if not ORACLES.is_file():
        pytest.skip("shared/oracles.json is absent: the scope of the examples is not checked")
    used = {
        i
        for f in HERE.glob("test_oracles_*.py")
        for i in re.findall(r'oracle\("([^"]+)"\)', f.read_text("utf-8"))
    }
    out = set(re.findall(r"^\| `([^`]+)`", (HERE / "OUT_OF_SCOPE.md").read_text("utf-8"), re.M))
    mine = {i for i, o in every_oracle().items() if o["topic"].startswith(MINE)}
    assert not used & out
    assert mine - used - out == set()
    assert out <= set(every_oracle())
