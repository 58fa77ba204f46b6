"""Where the rows kept aside are: file, line, column and why, for the first hundred. Read only when there are some."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.sources.bills.engines.engine import MAX_LINE_BYTES, Batch
from simulator.sources.bills.formats import Format
from simulator.sources.bills.lines import FIRST, LAST, MAX_AMOUNT, MAX_QUANTITY, unknown_kinds
from simulator.sources.bills.report import RejectedRow

SHOWN = 100
ABSENT = ("", "NULL")


def locate(batches: Sequence[Batch], known: Sequence[RejectedRow]) -> list[RejectedRow]:
    """The rows that `lines` marks as bad, with those an engine refused already; in the order of the files."""
    found = list(known)
    seen = {(r.file, r.line) for r in known}
    for batch in batches:
        for path, name in zip(batch.paths, batch.names, strict=True):
            for line, row in _rows(batch, path):
                if len(found) >= SHOWN:
                    return found
                problem = _problem(batch.format, row)
                if problem and (name, line) not in seen:
                    found.append(RejectedRow(name, line, problem[0], problem[1][:200], problem[2]))
    return found


def _rows(batch: Batch, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    return _csv_rows(batch, path) if batch.kind == "csv" else _parquet_rows(batch.format, path)


def _csv_rows(batch: Batch, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(MAX_LINE_BYTES)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        reader = csv.reader(stream, delimiter=batch.delimiter)
        next(reader, None)
        line = reader.line_num + 1
        try:
            for cells in reader:
                if cells:
                    yield (
                        line,
                        dict(zip(batch.columns, cells, strict=False))
                        | {"": str(len(cells) - len(batch.columns))},
                    )
                line = reader.line_num + 1
        except csv.Error:
            return


def _parquet_rows(form: Format, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    import pyarrow.parquet as pq

    number = 0
    wanted = [c for c in form.columns() if c not in form.tags]
    for piece in pq.ParquetFile(path).iter_batches(columns=wanted):
        for row in piece.to_pylist():
            number += 1
            yield number, row


def _problem(form: Format, row: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """(column, value, what was expected) of the first thing wrong with a row."""
    if (surplus := int(row.get("", 0))) != 0:
        return "", "", f"{abs(surplus)} values too {'many' if surplus > 0 else 'few'}"
    for field, limit, needed in (("unblended", MAX_AMOUNT, True), ("quantity", MAX_QUANTITY, False)):
        for column in form.fields.get(field, ()):
            if not _is_number(row.get(column), limit, needed):
                return column, str(row.get(column)), f"{row.get(column)!r}; expected a number"
    for column in form.fields["start"]:
        if not _is_time(row.get(column)):
            return (
                column,
                str(row.get(column)),
                f"{row.get(column)!r}; expected a time such as 2026-10-01T00:00:00Z",
            )
    for column in form.fields.get("line_type", form.fields.get("category", ())):
        if unknown_kinds(pd.Series([str(row.get(column) or "")])).any():
            return column, str(row.get(column)), f"{row.get(column)!r}; expected a kind of line such as Usage"
    return _other_problem(form, row)


def _other_problem(form: Format, row: Mapping[str, Any]) -> tuple[str, str, str] | None:
    for column in form.columns():
        kind, value = form.kind_of(column), row.get(column)
        if kind == "number" and not _is_number(value, float("inf"), False):
            return column, str(value), f"{value!r}; expected a number"
        if kind == "time" and value not in (None, *ABSENT) and not _is_time(value, any_year=True):
            return column, str(value), f"{value!r}; expected a time"
    return None


def _is_number(value: Any, limit: float, needed: bool) -> bool:
    if value is None or value in ABSENT:
        return not needed
    try:
        return abs(float(value)) < limit
    except (TypeError, ValueError):
        return False


def _is_time(value: Any, *, any_year: bool = False) -> bool:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return any_year or FIRST <= moment.replace(tzinfo=None) < LAST
