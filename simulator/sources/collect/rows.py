"""Rows of the snapshot's tables, written to disk as they come: memory does not grow with the account."""

from __future__ import annotations

import csv
import json
import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from simulator.catalog import load_catalog
from simulator.snapshot.checks import INSTANCE_TYPE
from simulator.snapshot.columns import Column
from simulator.snapshot.schema import TABLES

Row = Mapping[str, Any]


class Tables:
    """CSV parts of one place, one file a table. Used by the thread that reads the place."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.unknown_types: Counter[tuple[str, str]] = Counter()
        self.types_in_use: set[tuple[str, str, str]] = set()
        self._files: dict[str, tuple[TextIO, Any]] = {}
        self._types = frozenset(load_catalog().instance_types)
        self._lock = threading.Lock()

    def write(self, table: str, rows: Iterable[Row]) -> int:
        """Append rows; absent columns are unknown. Gives how many were written.

        A type that the catalogue does not know stays as it is: the account's bill can price it. One without the form of
        a type is left out where the type is required, and left unknown elsewhere. `unknown_types` counts both.
        """
        columns = TABLES[table].columns
        written = 0
        with self._lock:
            writer = self._writer(table)
            for given in rows:
                row = self._with_known_type(table, given)
                if row is None:
                    continue
                self._remember(table, row)
                writer.writerow([cell(c, row.get(c.name)) for c in columns])
                written += 1
        return written

    def _with_known_type(self, table: str, row: Row) -> Row | None:
        if not row.get("instance_type") or row["instance_type"] in self._types:
            return row
        self.unknown_types[table, str(row["instance_type"])] += 1
        if re.fullmatch(INSTANCE_TYPE, str(row["instance_type"])):
            return row
        return None if TABLES[table].column("instance_type").required else {**row, "instance_type": ""}

    def _remember(self, table: str, row: Row) -> None:
        """Note the price a row needs: (component of the price list, region, instance type)."""
        if row.get("instance_type"):
            kind = str(row.get("kind", ""))
            component = {
                "training_jobs": "training",
                "endpoints": "async_inference" if row.get("mode") == "async" else "hosting",
                "compute": "batch_transform" if kind == "transform" else kind,
            }[table]
            self.types_in_use.add((component, row["region"], row["instance_type"]))

    def write_columns(self, table: str, fixed: Row, **columns: Iterable[Any]) -> int:
        """Append many rows that differ in a few columns only, given as texts: the traffic of one variant."""
        names = [c.name for c in TABLES[table].columns]
        with self._lock:
            writer = self._writer(table)
            template = [cell(TABLES[table].column(n), fixed.get(n)) for n in names]
            places = [names.index(n) for n in columns]
            rows = []
            for values in zip(*columns.values(), strict=True):
                row = template.copy()
                for position, value in zip(places, values, strict=True):
                    row[position] = value
                rows.append(row)
            writer.writerows(rows)
        return len(rows)

    def _writer(self, table: str) -> Any:
        if table not in self._files:
            stream = (self.folder / f"{table}.csv").open("w", encoding="utf-8", newline="")
            self._files[table] = stream, csv.writer(stream, lineterminator="\n")
        return self._files[table][1]

    def close(self) -> None:
        """Finish the files."""
        for stream, _ in self._files.values():
            stream.close()
        self._files.clear()


def join_parts(parts: Iterable[Tables], folder: Path) -> None:
    """The tables of all places as whole CSV files with their headers."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = list(parts)
    for name, table in TABLES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as whole:
            csv.writer(whole, lineterminator="\n").writerow([c.name for c in table.columns])
            for part in parts:
                path = part.folder / f"{name}.csv"
                if path.exists():
                    with path.open(encoding="utf-8", newline="") as stream:
                        while block := stream.read(1 << 20):
                            whole.write(block)


def cell(column: Column, value: Any) -> str:
    """A value as it is stored; None and NaN are unknown. Line breaks become blanks: one row, one line."""
    if value is None or value == "" or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if column.kind == "ratio":
        return repr(min(max(float(value), 0.0), 1.0))
    if column.kind in ("number", "count"):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return " ".join(str(value).replace("\0", "").split())


def moment_text(value: datetime) -> str:
    """A time as stored: ISO 8601, UTC, whole microseconds."""
    utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return utc.isoformat().replace("+00:00", "Z")
