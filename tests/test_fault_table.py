"""The table of faults tells every test of the battery, and a row that nothing tried."""

import ast
from collections import Counter
from pathlib import Path

from tests.fault_table import ROWS, row_of, table

ROOT = Path(__file__).parent
NAMES = ("test_faults", "test_identity", "test_resume", "test_credentials")
BATTERY = [
    *(ROOT / "sources" / "collect" / f"{name}.py" for name in NAMES),
    ROOT / "test_fuzz_files.py",
    ROOT / "sources" / "bills" / "test_mutations.py",
]


def test_every_test_of_the_battery_has_a_row_and_every_row_a_test() -> None:
    found: Counter[str] = Counter()
    for path in BATTERY:
        for item in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(item, ast.FunctionDef) and item.name.startswith("test_"):
                words = ast.unparse(item.decorator_list[0]) if item.decorator_list else ""
                kinds = [f"[{kind}]" for kind in ("500", "cut", "malformed") if f"'{kind}'" in words]
                for kind in kinds or [""]:
                    found[row_of(f"{path.name}::{item.name}{kind}")] += 1
    assert "no row" not in found
    assert set(found) == {fault for fault, _, _ in ROWS}


def test_row_that_nothing_tried_says_so() -> None:
    lines = table({"30 % throttled": Counter(passed=2, failed=1)})
    assert lines[2].split()[-2:] == ["2", "1"]
    assert lines[1].endswith("not tried")
