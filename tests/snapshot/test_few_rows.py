"""What is read and typed in a quicker way while the rows are few is the same as if they were many."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.snapshot import checks, snapshot, text_table
from simulator.snapshot import typed as typed_module
from simulator.snapshot.columns import Column, Table
from simulator.snapshot.problems import SnapshotError
from simulator.snapshot.schema import TABLES
from simulator.snapshot.text_table import read_text_table
from simulator.snapshot.typed import typed

NUMBERS = st.one_of(
    st.floats(allow_nan=True).map(repr),
    st.integers().map(str),
    st.from_regex(r"[+-]?[0-9]{0,17}(\.[0-9]{0,22})?([eE][+-]?[0-9]{1,4})?", fullmatch=True),
)
TIMES = st.from_regex(
    r"(19|20|22)[0-9]{2}-[0-3][0-9]-[0-3][0-9]([T ][0-2][0-9]:([0-6][0-9]|00)(:([0-6][0-9]|00)(\.[0-9]{1,7})?)?"
    r"(Z|[+-]0[0-9]:00)?)?",
    fullmatch=True,
)
WORDS = st.one_of(
    st.sampled_from(
        ["true", "false", "True", "{}", '{"a": "b"}', '{"a": 1}', "[]", "ml.g5.xlarge", "ml.G5.x"]
    ),
    st.sampled_from(["us-west-2", "us-gov-west-1", "us-west", "US-WEST-2", "us-west-2 ", "1", "3", "2"]),
    st.sampled_from(
        sorted({c for table in TABLES.values() for column in table.columns for c in column.choices})
    ),
    st.text(max_size=8),
)
GOOD = {
    "instance_type": ("ml.g5.xlarge", "ml.m5.large"), "region": ("us-west-2", "eu-west-1"), "json": ('{"a": "b"}',),
    "number": ("1", "0.5"), "count": ("1", "2"), "ratio": ("0.5",), "flag": ("true", "FALSE"),
    "time": ("2026-10-01T00:30:00Z",), "date": ("2026-10-01",), "hour": ("2026-10-01T13:00:00Z",),
}  # fmt: skip
CELLS = st.one_of(st.just(""), NUMBERS, TIMES, WORDS)


@given(st.data())
def test_a_table_of_few_rows_is_read_as_one_of_many(data: st.DataObject) -> None:
    table = data.draw(st.sampled_from([t for t in TABLES.values() if t.name != "hourly_usage"]))
    columns = data.draw(st.lists(st.sampled_from(table.columns), min_size=1, unique=True))
    blanks = st.sampled_from(["", "", " ", "\t", "\r\n", "\u00a0"])
    cells = st.builds(lambda before, cell, after: before + cell + after, blanks, of_kinds(columns), blanks)
    rows = data.draw(st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), max_size=4))
    named = pd.DataFrame(rows, columns=[c.name for c in columns], dtype="str")
    content = named.to_csv(index=False, lineterminator="\n", quoting=1).encode()
    few = read_both(table, content)
    with pytest.MonkeyPatch.context() as patch:
        for module in (checks, text_table, typed_module):
            patch.setattr(module, "FEW_ROWS", -1)
        many = read_both(table, content)
    if few is None or many is None:
        assert few is many
        return
    for one, other in zip(few, many, strict=True):
        pd.testing.assert_frame_equal(one, other, check_index_type=False)


@given(st.data())
def test_cells_and_rows_are_judged_and_written_as_among_many(data: st.DataObject) -> None:
    table = data.draw(st.sampled_from([t for t in TABLES.values() if t.name != "hourly_usage"]))
    rows = data.draw(st.integers(1, 4))
    drawn = {c.name: data.draw(st.lists(mostly_good(c), min_size=rows, max_size=rows)) for c in table.columns}
    texts = pd.DataFrame(drawn, dtype="str")
    repeated = data.draw(st.lists(st.sampled_from(range(rows)), min_size=1, max_size=6))
    few = judged_and_written(table, texts, repeated)
    with pytest.MonkeyPatch.context() as patch:
        for module in (checks, snapshot, typed_module):
            patch.setattr(module, "FEW_ROWS", -1)
        assert judged_and_written(table, texts, repeated) == few


def mostly_good(column: Column) -> st.SearchStrategy[str]:
    """Cells that the column can take, some with a letter too many, and any."""
    good = st.sampled_from(column.choices or GOOD.get(column.kind, ("a", "b")))
    return st.one_of(good, good, good, good, good.map(lambda cell: cell + "x"), CELLS)


def judged_and_written(table: Table, texts: pd.DataFrame, repeated: list[int]) -> tuple[object, ...]:
    """Problems of the cells; of these rows without the wrong ones, the problems, and the file."""
    found = checks.column_problems(table, texts)
    good = typed(table, checks.without_wrong_cells(table, texts)).iloc[repeated].reset_index(drop=True)
    return found, checks.row_problems(table, good), snapshot._csv(table, good)


def of_kinds(columns: list[Column]) -> st.SearchStrategy[str]:
    """Cells that most of the columns can take, so that they are typed too."""
    kinds = {c.kind for c in columns}
    if kinds <= {"number", "ratio", "count"}:
        return st.floats(0, 1e9, allow_nan=False).map(repr) | st.integers(0, 10**12).map(str) | st.just("")
    if kinds <= {"time", "hour", "date"}:
        return st.datetimes().map(lambda t: t.isoformat() + "Z") | st.just("")
    return CELLS


def read_both(table: Table, content: bytes) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The table as texts and in its types; None where a cell cannot be typed or the file is none."""
    try:
        texts = read_text_table(table, content)
        return texts, typed(table, texts)
    except (SnapshotError, ValueError):
        return None
