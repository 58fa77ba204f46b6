"""The checks of one table while every cell is still text, so that a wrong value can be named.

What concerns several columns or rows is checked on the typed table (`row_problems`).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.shipped import PRICING_DATA
from simulator.snapshot.columns import NUMERIC, TIMES, Column, Table
from simulator.snapshot.problems import LISTED_PER_CHECK, Problem, SnapshotError
from simulator.snapshot.text_table import FEW_ROWS, read_text_table
from simulator.snapshot.typed import FLAGS, moments, numbers

Mask = NDArray[np.bool_]
INSTANCES = PRICING_DATA / "instances.csv"
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?"
MOMENT = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?"
REGION = r"[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}(-[a-z]{3}-\d[a-z]?|-wl\d-[a-z]{3}-wlz-\d)?"
INSTANCE_TYPE = r"ml\.[a-z0-9-]+\.[a-z0-9]+"
TOLERANCE_RATIO = 1e-6
JUDGED: dict[tuple[Column, str], bool] = {}
"""Whether a cell of a column is good; bounded in number and length."""
MOST_JUDGED, LONGEST_JUDGED = 20_000, 100
LARGE_BYTES, BEGINNING_BYTES = 20_000_000, 500_000


@cache
def known_types() -> frozenset[str]:
    """Instance types of the catalogue; empty when there is no catalogue to compare with."""
    if not INSTANCES.exists():
        return frozenset()
    return frozenset(pd.read_csv(INSTANCES, usecols=["instance_type"], dtype=str)["instance_type"])


def column_problems(table: Table, frame: pd.DataFrame) -> list[Problem]:
    """Problems of a text frame (index = line in the file): unknown and missing columns, then values by column.

    An optional column without any value says nothing, and is not judged.
    """
    names = [c.name for c in table.columns]
    found = [_unknown_column(table, str(name), names) for name in frame.columns if name not in names]
    found += [
        Problem(table.name, 1, c.name, "", "missing column; it is required")
        for c in table.columns
        if c.required and c.name not in frame.columns
    ]
    for column in table.columns:
        if column.takes_any or column.name not in frame.columns:
            continue
        cells = frame[column.name]
        if len(cells) <= FEW_ROWS:
            if _are_good(column, set(cells.tolist())):
                continue
        elif not column.required and not (cells != "").any():
            continue
        found += _wrong_cells(table, column, cells)
    return found


def _are_good(column: Column, values: set[str]) -> bool:
    """Whether all these cells are good. Judgements are kept: of a few cells the same come again and again, and each
    question to pandas takes as long as thousands of cells."""
    if not column.required and values == {""}:
        return True
    new = [v for v in values if (column, v) not in JUDGED]
    if new:
        if len(JUDGED) > MOST_JUDGED:
            JUDGED.clear()
        verdicts = _good(column, pd.Series(new, dtype="str")).tolist()
        JUDGED.update(
            {(column, v): good for v, good in zip(new, verdicts, strict=True) if len(v) <= LONGEST_JUDGED}
        )
        if not all(verdicts):
            return False
    return all(JUDGED.get((column, v), True) for v in values)


def _unknown_column(table: Table, name: str, names: list[str]) -> Problem:
    near = difflib.get_close_matches(name, names, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Problem(table.name, 1, name, "", f"unknown column{hint}")


def _wrong_cells(table: Table, column: Column, cells: pd.Series) -> list[Problem]:
    good = _good(column, cells)
    if good.all():
        return []
    wrong = cells[~good][:LISTED_PER_CHECK]
    return [
        Problem(table.name, int(line), column.name, value, _expected(column, value))
        for line, value in zip(wrong.index, wrong, strict=True)
    ]


def _expected(column: Column, value: str) -> str:
    if column.kind == "instance_type" and value and known_types():
        return _closest(value)
    return expectation(column)


def refuse_garbage(table: Table, content: bytes) -> None:
    """Judge a large file by its beginning: with a hundred wrong cells there, the rest need not be read.

    Raises SnapshotError. A file that is merely wrong in places passes here and is judged whole.
    """
    if len(content) < LARGE_BYTES:
        return
    beginning = content[: content.rfind(b"\n", 0, BEGINNING_BYTES) + 1] or content[:BEGINNING_BYTES]
    try:
        found = column_problems(table, read_text_table(table, beginning))
    except SnapshotError as error:
        found = list(error.problems)
    if len(found) >= LISTED_PER_CHECK:
        raise SnapshotError(found)


def without_wrong_cells(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The known columns of a text frame, wrong cells emptied so that the rest can be checked too."""
    known = [c for c in table.columns if c.name in frame.columns]
    return pd.DataFrame(
        {c.name: frame[c.name].where(_good(c, frame[c.name]), "") for c in known}, index=frame.index
    )


def row_problems(table: Table, frame: pd.DataFrame) -> list[Problem]:
    """Problems of a typed frame (index = line in the file): order of two columns, repeated keys."""
    found: list[Problem] = []
    for lesser, greater in table.ordered:
        exceeds = _exceeds(frame[lesser], frame[greater])
        if not exceeds.any():
            continue
        wrong = frame[exceeds][:LISTED_PER_CHECK]
        words = "not later than" if table.column(lesser).kind in TIMES else "not more than"
        for line, a, b in zip(wrong.index, wrong[lesser], wrong[greater], strict=True):
            found.append(Problem(table.name, int(line), lesser, str(a), f"expected {words} {greater} ({b})"))
    return found + (_repeated(table, frame) if len(frame) else [])


def _repeated(table: Table, frame: pd.DataFrame) -> list[Problem]:
    """Rows whose key an earlier row has; rows whose key is incomplete are passed over.

    In a table without a key (`billed`) a row that is another in every column is one put in twice: its dollars
    would count twice.
    """
    names = table.key or tuple(c.name for c in table.columns)
    if len(frame) <= FEW_ROWS and _are_distinct(frame, names):
        return []
    keys = frame[list(names)]
    if not keys.duplicated().any():
        return []
    needed = [name for name in names if table.column(name).required]
    keys = keys[(keys[needed].notna() & (keys[needed] != "")).all(axis=1)]
    again = keys[keys.duplicated(keep="first")][:LISTED_PER_CHECK]
    found = []
    for line, key in zip(again.index, again.itertuples(index=False, name=None), strict=True):
        same = (keys == list(key)) | (keys.isna() & pd.isna(list(key)))
        first = keys.index[same.all(axis=1)][0]
        value = ", ".join(str(part) for part in key if part not in ("", None) and not pd.isna(part))
        per = f"one row per {', '.join(table.key)}" if table.key else "each line once"
        expected = f"expected {per}; row {first} is the same"
        found.append(Problem(table.name, int(line), table.columns[0].name, value, expected))
    return found


def _are_distinct(frame: pd.DataFrame, names: Sequence[str]) -> bool:
    """Whether no two rows are the same in these columns: of few, a set of tuples tells sooner than pandas."""
    if len(frame) == 1:
        return True
    columns = [frame[name].tolist() for name in names]
    known = [[None if v != v else v for v in c] if isinstance(c[0], float) else c for c in columns]
    return len(set(zip(*known, strict=True))) == len(frame)


def _exceeds(lesser: pd.Series, greater: pd.Series) -> Mask:
    if lesser.dtype.kind == "f":
        return np.asarray(lesser.to_numpy() > greater.to_numpy() * (1 + TOLERANCE_RATIO))
    return np.asarray(lesser.array > greater.array)


def _closest(value: str) -> str:
    near = difflib.get_close_matches(value, sorted(known_types()), 1, cutoff=0.0)
    return f"expected a known instance type (ml.<family>.<size>); the closest known is {near[0]}"


def expectation(column: Column) -> str:
    """What a cell of the column must be, in words."""
    words = {
        "text": "a text",
        "choice": f"one of {', '.join(column.choices)}",
        "instance_type": "an instance type ml.<family>.<size>",
        "region": "an AWS region code such as us-west-2",
        "number": "a number" if column.low is None else f"a number of at least {column.low:g}",
        "count": f"a whole number of at least {column.low or 0:g}",
        "ratio": "a ratio from 0 to 1",
        "flag": "true or false",
        "time": "a time such as 2026-10-01T00:00:00Z",
        "date": "a date such as 2026-10-01",
        "hour": "the start of an hour such as 2026-10-01T13:00:00Z",
        "json": 'a JSON object of texts such as {"team": "search"}',
    }[column.kind]
    if column.kind == "count" and column.choices:
        words = f"one of {', '.join(column.choices)}"
    return f"expected {words}" + ("" if column.required else ", or empty for unknown")


def _good(column: Column, cells: pd.Series) -> Mask:
    empty = (cells == "").to_numpy(bool)
    if column.choices:
        good = cells.isin(column.choices).to_numpy(bool)
    else:
        filled = cells.where(~empty, _HARMLESS.get(column.kind, "")) if empty.any() else cells
        good = _TESTS[column.kind](column, filled)
    return (good & ~empty) if column.required else (good | empty)


def _is_shaped(pattern: str, cells: pd.Series) -> Mask:
    """Which cells are what the pattern describes, with ASCII digits."""
    if len(cells) > FEW_ROWS:
        return cells.str.fullmatch(pattern).to_numpy(bool)
    shape = re.compile(pattern, re.ASCII)
    return np.array([shape.fullmatch(cell) is not None for cell in cells.tolist()], bool)


def _is_number(column: Column, cells: pd.Series) -> Mask:
    shaped = _is_shaped(NUMBER, cells)
    value = numbers(cells if shaped.all() else cells.where(shaped, "0"))
    high = 1.0 if column.kind == "ratio" else 1e300
    good = shaped & (np.abs(value) < 1e300) & (value <= high)
    if column.low is not None:
        good &= value >= column.low
    return good & (np.floor(value) == value) if column.kind == "count" else good


def _is_time(column: Column, cells: pd.Series) -> Mask:
    shaped = _is_shaped(MOMENT, cells)
    value = pd.DatetimeIndex(moments(cells if shaped.all() else cells.where(shaped, "")))
    good = shaped & (value.year >= 1990) & (value.year <= 2200)
    if column.kind in ("hour", "date"):
        good &= value == value.floor("h" if column.kind == "hour" else "D")
    return np.asarray(good)


def _is_tags(_: Column, cells: pd.Series) -> Mask:
    return np.array([_texts_by_name(cell) for cell in cells.tolist()], bool)


def _texts_by_name(cell: str) -> bool:
    try:
        tags = json.loads(cell)
    except (ValueError, RecursionError):
        return False
    return isinstance(tags, dict) and all(isinstance(v, str) for v in tags.values())


def _is_type(_: Column, cells: pd.Series) -> Mask:
    """The form only: AWS has types that the catalogue lacks, and one of them must not refuse an account."""
    return _is_shaped(INSTANCE_TYPE, cells)


def _is_flag(_: Column, cells: pd.Series) -> Mask:
    return np.array([cell.lower() in FLAGS for cell in cells.tolist()], bool)


def _is_any(_: Column, cells: pd.Series) -> Mask:
    return np.ones(len(cells), bool)


Test = Callable[[Column, pd.Series], Mask]
_TESTS: dict[str, Test] = {
    **dict.fromkeys(NUMERIC, _is_number),
    **dict.fromkeys(TIMES, _is_time),
    **dict.fromkeys(("text", "choice"), _is_any),
    "instance_type": _is_type,
    "region": lambda _, cells: _is_shaped(REGION, cells),
    "flag": _is_flag,
    "json": _is_tags,
}
_HARMLESS = {**dict.fromkeys(NUMERIC, "0"), **dict.fromkeys(TIMES, "2000-01-01"), "json": "{}"}
