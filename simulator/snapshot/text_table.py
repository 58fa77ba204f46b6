"""One CSV file as a table of texts whose index is the line in the file (the header is line 1)."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections import Counter

import numpy as np
import pandas as pd

from simulator.snapshot.columns import Table
from simulator.snapshot.problems import LISTED_PER_CHECK, Problem, SnapshotError

MAX_HEADER_CHARACTERS = 20_000
FEW_ROWS = 500
"""Up to so many, a call of Arrow's on a column costs more than Python's on each of its cells."""


def read_text_table(table: Table, content: bytes) -> pd.DataFrame:
    """Read a CSV file as text, blanks around values removed. Raises SnapshotError if it is no such table."""
    text = _decoded(table, content)
    header = _header(table, text)
    if ragged := _ragged(table, text, header):
        raise SnapshotError(ragged)
    if not re.search(r"[\r\n][^\r\n]", text):  # the header alone
        return pd.DataFrame(np.empty((0, len(header)), dtype=object), columns=header)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text), dtype="str", header=0, names=header, index_col=False,
                keep_default_na=False, na_values=[],
            )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError) as error:
        raise _refused(table, None, f"not a CSV table: {error}") from error
    return _tidied_frame(frame, text).set_axis(_lines(text, len(frame)))


def _tidied_frame(frame: pd.DataFrame, text: str) -> pd.DataFrame:
    """Every column without blanks around its cells. Of few rows, only the columns that have any are made anew."""
    if len(frame) > FEW_ROWS:
        return frame.apply(tidy if "\r" in text else _stripped)
    for name, cells in ((name, frame[name].tolist()) for name in frame.columns):
        if (bare := [tidied(cell) for cell in cells]) != cells:
            frame[name] = pd.Series(bare, dtype="str")
    return frame


def tidy(cells: pd.Series) -> pd.Series:
    """Cells without blanks around them; a line break inside is a line feed, as it will be when saved."""
    broken = cells.str.contains("\r", regex=False).any()
    return _stripped(cells.str.replace(r"\r\n?", "\n", regex=True) if broken else cells)


def tidied(cell: str) -> str:
    """The same of one cell."""
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def _stripped(cells: pd.Series) -> pd.Series:
    return cells.str.strip()


def _decoded(table: Table, content: bytes) -> str:
    if not content.strip():
        raise _refused(table, None, "the file is empty; expected a header line")
    at = content.find(b"\0")
    if at >= 0:
        raise _refused(
            table, content.count(b"\n", 0, at) + 1, "holds a NUL byte; expected a CSV text in UTF-8"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(
            table, line, f"byte {content[error.start]:#04x} is not UTF-8; save the file as UTF-8"
        ) from error


def _refused(table: Table, row: int | None, expected: str) -> SnapshotError:
    return SnapshotError([Problem(table.name, row, "", "", expected)])


def _header(table: Table, text: str) -> list[str]:
    end = re.search(r"[\r\n]", text)
    line = text[: end.start() if end else None]
    if len(line) > MAX_HEADER_CHARACTERS:
        raise _refused(
            table, 1, f"the first line has {len(line):,} characters; expected a header of column names"
        )
    header = [name.strip() for name in next(csv.reader([line]), [])]
    known = {c.name for c in table.columns}
    if not known & set(header):
        expected = ", ".join(c.name for c in table.columns if c.required)
        raise SnapshotError([Problem(table.name, 1, "", line.strip(), f"expected a header with {expected}")])
    twice = [name for name, times in Counter(header).items() if times > 1]
    if twice:
        raise SnapshotError(
            Problem(table.name, 1, name, "", "the column appears twice in the header") for name in twice
        )
    return header


def _ragged(table: Table, text: str, header: list[str]) -> list[Problem]:
    """The rows that have not as many values as the header has columns."""
    if '"' not in text and text.count(",") == (len(header) - 1) * len(text.rstrip("\r\n").splitlines()):
        return []  # pandas refuses the lines that are longer, so that none can be shorter
    found = []
    reader = csv.reader(io.StringIO(text, newline=""))
    line = 1
    try:
        for cells in reader:
            if len(cells) != len(header) and "".join(cells).strip():
                expected = f"expected {len(header)} values as in the header, found {len(cells)}"
                found.append(Problem(table.name, line, "", ",".join(cells), expected))
            line = reader.line_num + 1
            if len(found) == LISTED_PER_CHECK:
                break
    except csv.Error as error:
        found.append(Problem(table.name, line, "", "", f"not a CSV line: {error}"))
    return found


def _lines(text: str, rows: int) -> list[int] | range:
    """Line of each row in the file; blank lines and line breaks inside quotes are counted."""
    if text.rstrip("\r\n").count("\n") == rows:
        return range(2, rows + 2)
    reader = csv.reader(io.StringIO(text, newline=""))
    lines, line = [], 1
    for cells in reader:
        if any(c.strip() for c in cells) or len(cells) > 1:
            lines.append(line)
        line = reader.line_num + 1
    return lines[1:] if len(lines) == rows + 1 else range(2, rows + 2)
