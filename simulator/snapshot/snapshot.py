"""A snapshot: what an account used in a window. Tables of facts and a manifest; no money but the bill itself.

Stored as a folder or .zip of CSV tables and manifest.json (docs/snapshot.md). A snapshot with anything
wrong in it is refused whole, with everything that is wrong.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from simulator.snapshot.checks import (
    column_problems,
    refuse_garbage,
    row_problems,
    without_wrong_cells,
)
from simulator.snapshot.columns import NUMERIC, TIMES, Column, Table
from simulator.snapshot.files import read_files, write_files
from simulator.snapshot.manifest import FILE, Manifest, Source, from_json, to_json
from simulator.snapshot.problems import Problem, SnapshotError
from simulator.snapshot.references import reference_problems
from simulator.snapshot.schema import TABLES
from simulator.snapshot.text_table import FEW_ROWS, read_text_table, tidied, tidy
from simulator.snapshot.typed import typed, without_rows

__all__ = [
    "Manifest",
    "Problem",
    "Snapshot",
    "SnapshotError",
    "Source",
    "load_snapshot",
    "make_snapshot",
    "save_snapshot",
]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Every table of the schema is present with every column, typed; unknown is NaN, NaT, NA or ""."""

    manifest: Manifest
    tables: Mapping[str, pd.DataFrame]

    @property
    def window_hours(self) -> float:
        """Length of the window in hours."""
        return (self.manifest.window_end - self.manifest.window_start).total_seconds() / 3600

    @property
    def covered_hours(self) -> float:
        """Hours of the window that the sources cover: what metered quantities are divided by."""
        return self.window_hours - self.manifest.gap_hours

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.sha256()
        for name, content in sorted(_files(self).items()):
            digest.update(f"{name} {len(content)}\n".encode() + content)
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """SHA-256 of the content as it would be saved: equal content, equal fingerprint."""
        return self._digest


def load_snapshot(path_or_file: str | Path | BinaryIO, *, name: str | None = None) -> Snapshot:
    """Read and check a snapshot; `name` replaces the manifest's. Raises SnapshotError with all problems."""
    return _parse(read_files(path_or_file), name, checked=True)


def load_trusted(folder: Path) -> Snapshot:
    """Read a snapshot that was checked before (a shipped sample), without checking it again."""
    return _parse(read_files(folder), None, checked=False)


def make_snapshot(manifest: Manifest, tables: Mapping[str, pd.DataFrame]) -> Snapshot:
    """A snapshot from tables in memory, typed or text; absent columns are unknown. Raises SnapshotError.

    Rows in problems count from 2, as they would in the saved file.
    """
    unknown = [n for n in tables if n not in TABLES]
    if unknown:
        raise SnapshotError(Problem(n, None, "", "", "no such table") for n in unknown)
    texts = {name: _text_frame(TABLES[name], frame) for name, frame in tables.items()}
    return _assemble(from_json(to_json(manifest)), texts, [], checked=True)


def save_snapshot(snapshot: Snapshot, path: str | Path) -> None:
    """Write a folder, or a .zip when `path` ends so. The same snapshot gives the same bytes.

    Raises FileExistsError when a folder that is not a snapshot stands in the way.
    """
    write_files(_files(snapshot), Path(path))


def _parse(files: dict[str, bytes], name: str | None, *, checked: bool) -> Snapshot:
    problems: list[Problem] = []
    manifest = None
    if FILE in files:
        try:
            manifest = from_json(files[FILE])
        except SnapshotError as error:
            problems += error.problems
    else:
        problems.append(Problem(FILE, None, "", "", "missing; expected the name and window of the snapshot"))
    texts: dict[str, pd.DataFrame | None] = {}
    for filename in sorted(set(files) - {FILE}):
        table = TABLES.get(filename.removesuffix(".csv")) if filename.endswith(".csv") else None
        if table is None:
            expected = f"unknown file; expected {FILE} and tables {', '.join(f'{t}.csv' for t in TABLES)}"
            problems.append(Problem(filename, None, "", "", expected))
            continue
        try:
            if checked:
                refuse_garbage(table, files[filename])
            texts[table.name] = read_text_table(table, files[filename])
        except SnapshotError as error:
            problems += error.problems
            texts[table.name] = None
    if manifest and name:
        manifest = replace(manifest, name=name)
    return _assemble(manifest, texts, problems, checked=checked)


def _assemble(
    manifest: Manifest | None,
    texts: Mapping[str, pd.DataFrame | None],
    problems: list[Problem],
    *,
    checked: bool,
) -> Snapshot:
    """A snapshot of text tables: None stands for a table that could not be read, absence for no rows."""
    tables = {}
    for name, table in TABLES.items():
        if name not in texts:
            tables[name] = without_rows(table)
            continue
        frame = texts[name]
        if frame is None:
            continue
        if checked and (wrong := column_problems(table, frame)):
            problems += wrong
            frame = without_wrong_cells(table, frame)
        tables[name] = typed(table, frame)
        if checked and len(frame):
            problems += row_problems(table, tables[name])
    if checked and manifest:
        problems += reference_problems(manifest, tables)
    if problems or manifest is None:
        raise SnapshotError(problems)
    return Snapshot(manifest, {n: f.reset_index(drop=True) if len(f) else f for n, f in tables.items()})


def _files(snapshot: Snapshot) -> dict[str, bytes]:
    tables = {f"{name}.csv": _csv(table, snapshot.tables[name]) for name, table in TABLES.items()}
    return {FILE: to_json(snapshot.manifest), **tables}


def _csv(table: Table, frame: pd.DataFrame) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(zip(*_texts(table, frame).values(), strict=True))
    return stream.getvalue().encode()


def _text_frame(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Any frame as texts as they are stored, indexed by the line each would have; unknown columns stay."""
    if frame.empty:
        return pd.DataFrame(columns=frame.columns, dtype="str")
    texts = {name: pd.array(cells, dtype="str") for name, cells in _texts(table, frame).items()}
    return pd.DataFrame(texts, index=range(2, len(frame) + 2))


def _texts(table: Table, frame: pd.DataFrame) -> dict[str, list[str]]:
    """The cells of every column, also of unknown ones, as they are stored."""
    known = {c.name: c for c in table.columns}
    return {str(n): _cells(known.get(str(n)), frame[n]) for n in frame.columns}


def _cells(column: Column | None, values: pd.Series) -> list[str]:
    missing, given = values.isna().tolist(), values.tolist()
    if all(missing):
        return [""] * len(given)
    text: Callable[[Any], str] = tidied
    if column and column.kind in NUMERIC and values.dtype.kind in "fiu":
        text = _number_text
    elif column and column.kind in TIMES and values.dtype.kind == "M":
        return _time_texts(column, values)
    elif values.dtype.kind == "b":
        text = _flag_text
    elif len(given) > FEW_ROWS or not all(
        gone or type(v) is str for v, gone in zip(given, missing, strict=True)
    ):
        given, text = tidy(values.astype("str")).tolist(), str
    return ["" if gone else text(value) for value, gone in zip(given, missing, strict=True)]


def _time_texts(column: Column, values: pd.Series) -> list[str]:
    """Rows are many and moments few: each is written once."""
    codes, found = pd.factorize(values)
    moments = pd.DatetimeIndex(found)
    utc = moments.tz_convert("UTC") if moments.tz else moments.tz_localize("UTC")
    texts = [*(_time_text(t, column.kind) for t in utc), ""]
    return [texts[code] for code in codes.tolist()]


def _flag_text(value: bool) -> str:
    return "true" if value else "false"


def _number_text(value: float) -> str:
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _time_text(value: pd.Timestamp, kind: str) -> str:
    text = value.strftime("%Y-%m-%d") if kind == "date" else value.isoformat()
    return text.replace("+00:00", "Z")
