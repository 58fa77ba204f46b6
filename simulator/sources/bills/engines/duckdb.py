"""DuckDB: the engine in this process, for exports up to the size of the disk, in a gigabyte of memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd

from simulator.sources.bills.engines.engine import (
    MAX_LINE_BYTES,
    Batch,
    Progress,
    Source,
    first_line,
    frame_of,
    union,
    write_parquet,
)
from simulator.sources.bills.report import BillError, RejectedRow

MEMORY_LIMIT = "1GB"
MAX_REJECTED = 10_000
COLUMN_TYPES = {"number": "DOUBLE", "time": "TIMESTAMPTZ", "text": "VARCHAR"}


class DuckDB:
    """CSV is read once, typed while it is read, into narrow Parquet in `scratch`; Parquet is read in place."""

    def __init__(self, scratch: Path, connection: str | None = None) -> None:
        self.scratch = scratch
        if connection not in (None, "duckdb://"):
            raise BillError(f"connection {connection!r}: DuckDB runs in this process and takes none")
        self.pool = ThreadPoolExecutor(1)
        self._opening = self.pool.submit(self._open)
        self._names = 0
        self._files: list[str] = []

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """A database in memory that spills into `scratch`; it is opened while files are looked at."""
        return self._opening.result()

    def _open(self) -> duckdb.DuckDBPyConnection:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(self.scratch / "spill"),
            "threads": min(os.cpu_count() or 1, 8),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            # a copy of what the system keeps already; every file is read two or three times only
            "enable_external_file_cache": False,
        }
        con = duckdb.connect(config=settings)
        con.execute("SET TimeZone = 'UTC'")
        return con

    def remote(self, place: str) -> Source | None:
        """DuckDB reads files only."""
        return None

    def source(self, batch: Batch, progress: Progress) -> Source:
        """Parquet as it lies; CSV by way of narrow Parquet."""
        paths = [str(p) for p in self._plain_names(batch.paths)]
        self._files += batch.names
        try:
            if batch.kind == "parquet":
                return Source(self._view(paths), batch.format)
            return self._from_csv(batch, paths, progress)
        except Exception as error:
            raise _as_bill_error(error, batch, paths) from error

    def with_frames(self, table: Any, frames: Sequence[pd.DataFrame]) -> Any:
        """Frames join by way of Parquet."""
        return union(
            table, frames, lambda frame: self._view([write_parquet(frame, self.scratch / self._name("f"))])
        )

    def keep(self, expression: Any) -> Any:
        """As it is: to sum twice costs less than to write millions of rows down."""
        return expression

    def start(self, expression: Any) -> Callable[[], pd.DataFrame]:
        """On a thread of its own: DuckDB lets Python go on."""
        running = self.pool.submit(self._run, self.con.cursor(), _sql(expression.op()))
        return running.result

    def _run(self, cursor: Any, query: str) -> pd.DataFrame:
        try:
            return frame_of(cursor.execute(query).to_arrow_table())
        except Exception as error:
            named = ", ".join(self._files[:3]) or "the export"
            raise BillError(f"{named}: cannot be read: {first_line(error)}") from error

    def release(self) -> None:
        """Close the connection in the background: half a gigabyte takes a while to give back."""
        self.pool.submit(self.con.close)

    def close(self) -> None:
        """Wait for what runs, close the connection."""
        self.pool.shutdown(cancel_futures=True)
        if not self._opening.cancelled() and not self._opening.exception():
            self.con.close()

    def _view(self, paths: Sequence[str]) -> Any:
        """Parquet files as one table that every thread sees; all have the columns asked for, in one type.

        By name: only then DuckDB reads the statistics of all files first, and spares checks that they answer (0.09 s of
        0.55 for 3 million lines).
        """
        name = self._name("v")
        listed = ", ".join(_quoted(p) for p in paths)
        files = f"read_parquet([{listed}], union_by_name=true)"
        schema = ibis.Schema.from_pyarrow(self.con.execute(f"FROM {files} LIMIT 0").to_arrow_table().schema)
        marked = [c for c, kind in schema.items() if kind.is_timestamp() and kind.timezone]
        unmarked = ", ".join(f"{_unmarked(_named(c))} AS {_named(c)}" for c in marked)
        replaced = f"REPLACE ({unmarked})" if marked else ""
        self.con.execute(f"CREATE VIEW {name} AS SELECT * {replaced} FROM {files}")
        # one type whatever the file keeps (seconds, micros): tables of different files are added up together
        moments = [c for c, kind in schema.items() if kind.is_timestamp()]
        return ibis.table({**schema, **dict.fromkeys(moments, "timestamp")}, name=name)

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"bill_{prefix}{self._names}"

    def _plain_names(self, paths: Sequence[Path]) -> list[Path]:
        """Links with plain names: to DuckDB a name with * or [ is a pattern."""
        links = []
        for path in paths:
            self._names += 1
            link = self.scratch / f"in-{self._names:06d}"
            link.symlink_to(path.resolve())
            links.append(link)
        return links

    def _from_csv(self, batch: Batch, paths: list[str], progress: Progress) -> Source:
        wanted = batch.format.columns()
        source = Source(None, batch.format)
        parts = []
        total = sum(os.path.getsize(p) for p in paths) or 1
        done = 0
        for path, name in zip(paths, batch.names, strict=True):
            progress(f"reading {name}", done / total)
            parts += self._stage(batch, path, name, wanted, source)
            done += os.path.getsize(path)
        source.raw = self._view(parts)
        return source

    def _stage(self, batch: Batch, path: str, name: str, wanted: Sequence[str], source: Source) -> list[str]:
        """One CSV file as Parquet, a file a thread. Times are read with their offset, which counts, and kept as UTC."""
        kinds = {c: batch.format.kind_of(c) for c in wanted}
        types = {f"c{i}": COLUMN_TYPES[kinds.get(c, "text")] for i, c in enumerate(batch.columns)}
        chosen = ", ".join(
            f"{_unmarked(f'c{i}') if kinds[c] == 'time' else f'c{i}'} AS {_named(c)}"
            for i, c in enumerate(batch.columns)
            if c in kinds
        )
        rejects = self._name("rejects")
        target = self.scratch / rejects
        self.con.execute(
            f"""COPY (SELECT {chosen} FROM read_csv({_quoted(path)}, columns={types!r}, auto_detect=false, header=true,
            delim='{batch.delimiter}', quote='"', escape='"', nullstr=['', 'NULL'], strict_mode=true,
            store_rejects=true,
            rejects_table='{rejects}', rejects_scan='{rejects}_scan', rejects_limit={MAX_REJECTED + 1},
            max_line_size={MAX_LINE_BYTES}, buffer_size={MAX_LINE_BYTES * 2}))
            TO {_quoted(str(target))} (FORMAT parquet, PER_THREAD_OUTPUT true)"""
        )
        self._collect_rejected(rejects, path, name, batch, source)
        return sorted(str(p) for p in target.iterdir())

    def _collect_rejected(self, table: str, path: str, name: str, batch: Batch, source: Source) -> None:
        rows = self.con.execute(
            f"SELECT line, min(line_byte_position), min_by(column_name, column_idx), "
            "min_by(error_message, column_idx), "
            f"min(csv_line) FROM {table} GROUP BY line ORDER BY line"
        ).fetchall()
        if len(rows) > MAX_REJECTED:
            raise BillError(
                f"{name}: more than {MAX_REJECTED:,} rows cannot be read; the first: {rows[0][3]}"
            )
        source.rejected_rows += len(rows)
        for _, position, column, message, text in rows[: max(0, 100 - len(source.rejected))]:
            original = batch.columns[int(column[1:])] if column and column[1:].isdigit() else ""
            source.rejected.append(
                RejectedRow(
                    name,
                    _line_at(path, position),
                    original,
                    (text or "")[:200],
                    _in_words(message, column, original),
                )
            )


@lru_cache(maxsize=256)
def _sql(expression: Any) -> str:
    """The expression (an operation of Ibis) in SQL: exports of one shape ask the same questions."""
    return str(ibis.to_sql(expression.to_expr(), dialect="duckdb"))


def _unmarked(moment: str) -> str:
    """UTC without a mark; unknown for infinity. A cast asks the calendar, which takes as long as reading the file."""
    return f"make_timestamp(epoch_us({moment}))"


def _named(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _line_at(path: str, position: int | None) -> int | None:
    """Line number in the file of a byte position: rows with line breaks inside quotes make the two differ."""
    if position is None:
        return None
    line, left = 1, position
    with open(path, "rb") as stream:
        while left > 0 and (chunk := stream.read(min(left, 2**20))):
            line += chunk.count(b"\n")
            left -= len(chunk)
    return line


def _in_words(message: str, column: str | None, original: str) -> str:
    first = message.split("\n", maxsplit=1)[0]
    return (
        first.replace(f'"{column}"', original or "")
        .replace("'TIMESTAMP WITH TIME ZONE'", "a time")
        .replace("'DOUBLE'", "a number")
    )


def _as_bill_error(error: Exception, batch: Batch, paths: Sequence[str]) -> BillError:
    if isinstance(error, BillError):
        return error
    text = first_line(error)
    if "state machine" in text:
        text = "mixed line endings or a quote out of place; save the file with one kind of line ending"
    for path, name in zip(paths, batch.names, strict=True):
        if path in text:
            return BillError(f"{name}: cannot be read: {text.replace(path, name)}")
    return BillError(f"{', '.join(batch.names[:3])}: cannot be read: {text}")
