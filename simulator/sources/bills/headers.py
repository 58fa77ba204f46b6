"""What each file is, read from its header: batches for the engine, Cost Explorer answers as frames."""

from __future__ import annotations

import csv
import hashlib
import mmap
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from simulator.sources.bills.deliveries import period_of, unit_of
from simulator.sources.bills.engines.engine import MAX_LINE_BYTES, Batch
from simulator.sources.bills.explorer.answer import from_json
from simulator.sources.bills.explorer.console import from_csv, is_cost_explorer
from simulator.sources.bills.explorer.lines import Explored, Span
from simulator.sources.bills.formats import recognise
from simulator.sources.bills.places import BillFile
from simulator.sources.bills.report import BillError

HEADER_BYTES = 2**20
MAX_UNITS = 48
"""More files than this of one shape are the parts of one export."""
DELIMITERS = (",", ";", "\t", "|")
WRONG_KINDS = {
    "empty": "the file is empty",
    "utf-16": "UTF-16 text; save it as UTF-8",
    "binary": "not text; expected CSV, CSV.gz, Parquet or JSON",
}


@dataclass
class Contents:
    """What was found: batches to read, frames already read with what they cover, and sentences."""

    batches: list[Batch] = field(default_factory=list)
    frames: list[tuple[str, pd.DataFrame]] = field(default_factory=list)
    frame_names: list[str] = field(default_factory=list)
    covered: list[tuple[Span, ...]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, kind: str, name: str, found: Explored) -> None:
        """A table of Cost Explorer."""
        self.frames.append((kind, found.lines))
        self.frame_names.append(name)
        self.covered.append(found.covered)
        self.warnings += found.warnings


def look_into(files: Sequence[BillFile]) -> Contents:
    """Recognise every file. A wrong one the caller named raises BillError; one in a folder is left out, and said."""
    contents = Contents()
    groups: dict[tuple[str, ...], list[tuple[BillFile, Batch]]] = defaultdict(list)
    for file in _without_copies(files, contents):
        try:
            _look_into(file, contents, groups)
        except BillError as error:
            if file.asked_for or len(files) == 1:
                raise
            contents.warnings.append(f"left out: {error}")
    for members in (unit for group in groups.values() for unit in _units(group)):
        first = members[0][1]
        paths, names = tuple(f.path for f, _ in members), tuple(f.name for f, _ in members)
        contents.batches.append(Batch(first.format, first.kind, first.columns, first.delimiter, paths, names))
    if not contents.batches and not contents.frames:
        raise BillError("; ".join(contents.warnings) or "no billing export found")
    return contents


def _units(members: list[tuple[BillFile, Batch]]) -> list[list[tuple[BillFile, Batch]]]:
    """Files that one delivery wrote in parts together; files that may bill the same month apart, to be compared.

    Parts have one folder and one name but for a number. Folders that name different periods cannot bill the same month.
    """
    units: dict[str, list[tuple[BillFile, Batch]]] = defaultdict(list)
    for member in members:
        units[unit_of(member[0].name)].append(member)
    periods = [period_of(own[0][0].name) for own in units.values()]
    if len(units) > MAX_UNITS or ("" not in periods and len(set(periods)) == len(periods)):
        return [members]
    return list(units.values())


def _look_into(
    file: BillFile, contents: Contents, groups: dict[tuple[str, ...], list[tuple[BillFile, Batch]]]
) -> None:
    if file.kind in WRONG_KINDS:
        raise BillError(f"{file.name}: {WRONG_KINDS[file.kind]}")
    if file.kind == "json":
        contents.add("GetCostAndUsage JSON", file.name, from_json(file.path, file.name))
        return
    if file.kind == "parquet":
        batch = _parquet(file)
    else:
        columns, delimiter = header(file)
        if is_cost_explorer(columns):
            contents.add("Cost Explorer CSV", file.name, from_csv(file.path, file.name, delimiter))
            return
        _refuse_endless_lines(file)
        batch = Batch(recognise(columns, file.name), "csv", tuple(columns), delimiter, (), ())
        if not _ends_with_newline(file.path):
            contents.warnings.append(f"{file.name}: the last line has no line break; the file may be cut off")
    key = (
        (batch.kind, batch.delimiter, batch.format.name, *batch.columns)
        if batch.kind == "csv"
        else (*map(str, _parquet_key(batch)),)
    )
    groups[key].append((file, batch))


def _parquet(file: BillFile) -> Batch:
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        schema = pq.read_schema(file.path)
    except (ArrowException, OSError, ValueError) as error:
        raise BillError(
            f"{file.name}: the Parquet file is damaged or cut off ({str(error).splitlines()[0][:200]})"
        ) from error
    form = recognise(schema.names, file.name)
    types = tuple(f"{c} {schema.field(c).type}" for c in form.columns())
    return Batch(form, "parquet", types, "", (), ())


def _parquet_key(batch: Batch) -> tuple[str, ...]:
    return ("parquet", batch.format.name, *batch.columns)


def header(file: BillFile) -> tuple[list[str], str]:
    """Column names and delimiter of a CSV file. Raises BillError when the first record cannot be read."""
    with file.path.open("rb") as stream:
        head = stream.read(HEADER_BYTES)
    try:
        text = head.decode("utf-8-sig", errors="strict" if len(head) < HEADER_BYTES else "ignore").lstrip()
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        if line == 1:
            raise BillError(f"{file.name}, line 1: not UTF-8 text; save it as UTF-8") from error
        text = head.decode("utf-8-sig", errors="replace").lstrip()
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        columns = next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error as error:
        raise BillError(f"{file.name}, line 1: not a CSV header ({error})") from error
    return [c.strip() for c in columns], delimiter


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) in (b"\n", b"\r")


def _refuse_endless_lines(file: BillFile) -> None:
    """No line may be longer than a row can be: a looked-at stretch of `MAX_LINE_BYTES / 2` holds a line break.

    The engine would leave such a row out without a word.
    """
    stretch = MAX_LINE_BYTES // 2
    with file.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for start in range(0, len(content) - stretch + 1, stretch):
            if content.find(b"\n", start, start + stretch) < 0:
                raise BillError(
                    f"{file.name}: a line longer than {stretch // 2**20} MiB, {start // 2**20} MiB into the file; "
                    "no row of a billing export is that long: a quote is open or the file is damaged"
                )


def _without_copies(files: Sequence[BillFile], contents: Contents) -> list[BillFile]:
    """The same content under two names counts once: dollars twice would be a wrong total."""
    by_size: dict[int, list[BillFile]] = defaultdict(list)
    for file in files:
        by_size[file.path.stat().st_size].append(file)
    copies: set[Path] = set()
    for same in by_size.values():
        seen: dict[str, BillFile] = {}
        for file in same if len(same) > 1 and same[0].kind != "empty" else ():
            first = seen.setdefault(_digest(file.path), file)
            if first is not file:
                copies.add(file.path)
                contents.warnings.append(f"left out: {file.name} has the same content as {first.name}")
    return [f for f in files if f.path not in copies]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
