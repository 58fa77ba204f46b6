"""Three engines behind one door: DuckDB in this process, Spark, Athena. The expressions are the same for all.

An engine turns files (or tables) into `Source`s, and expressions into pandas frames. What differs is only how raw
columns are read and how a row that cannot be parsed is kept aside.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import ibis
import pandas as pd

from simulator.usage.imports.formats import Format
from simulator.usage.imports.report import BillError, RejectedRow

Progress = Callable[[str, float], None]
MEMORY_LIMIT = "1GB"
MAX_REJECTED = 10_000
MANY_ROWS = 100_000
MAX_LINE_BYTES = 8 * 2**20
COLUMN_TYPES = {"number": "DOUBLE", "time": "TIMESTAMPTZ", "text": "VARCHAR"}


LOCAL_SPARK = {"spark.sql.shuffle.partitions": "2", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}


@dataclass(frozen=True)
class Batch:
    """Files of one format, kind and set of columns, read together."""

    format: Format
    kind: str
    columns: tuple[str, ...]
    delimiter: str
    paths: tuple[Path, ...]
    names: tuple[str, ...]


@dataclass
class Source:
    """A batch as an engine sees it: the raw table and its format; `rejected` counts rows that could not be parsed."""

    raw: Any
    format: Format
    rejected_rows: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)


class Engine(Protocol):
    """What the import asks of an engine."""

    name: str

    def source(self, batch: Batch, progress: Progress) -> Source:
        """The raw table of a batch."""
        ...

    def with_frames(self, table: Any, frames: Sequence[pd.DataFrame]) -> Any:
        """Lines of the engine and lines read here (Cost Explorer), as one table."""
        ...

    def keep(self, expression: Any) -> Any:
        """The expression computed once, for several readers."""
        ...

    def start(self, expression: Any) -> Callable[[], pd.DataFrame]:
        """Begin to compute; the answer waits for the rows. Raises BillError when the data cannot be read."""
        ...

    def close(self) -> None:
        """Give back what was taken."""
        ...


def frame_of(table: Any) -> pd.DataFrame:
    """An Arrow table as a frame: text is plain Python text, "" where unknown; days are moments.

    A large answer has its text as categories: a few hundred words, a million times.
    """
    if table.num_rows > MANY_ROWS:
        return table.to_pandas(strings_to_categorical=True)
    frame = table.to_pandas(date_as_object=False)
    for name, kind in frame.dtypes.items():
        if isinstance(kind, pd.StringDtype):
            frame[name] = frame[name].fillna("").astype(object)
    return frame


class DuckDB:
    """Embedded. CSV is read once, typed while it is read, into narrow Parquet in `scratch`; Parquet is read in place."""

    name = "duckdb"

    def __init__(self, scratch: Path, connection: str | None = None) -> None:
        self.scratch = scratch
        if connection not in (None, "duckdb://"):
            raise BillError(f"connection {connection!r}: DuckDB runs in this process and takes none")
        self.con = ibis.duckdb.connect(
            memory_limit=MEMORY_LIMIT, temp_directory=str(scratch / "spill"), threads=min(os.cpu_count() or 1, 8),
            preserve_insertion_order=False, autoinstall_known_extensions=False,
        )  # fmt: skip
        self.con.raw_sql("SET TimeZone = 'UTC'")
        self.pool = ThreadPoolExecutor(2)
        self._tables = 0

    def source(self, batch: Batch, progress: Progress) -> Source:
        """Parquet as it lies; CSV by way of narrow Parquet."""
        paths = [str(p) for p in self._plain_names(batch.paths)]
        try:
            if batch.kind == "parquet":
                return Source(
                    self._view(paths), batch.format
                )
            return self._from_csv(batch, paths, progress)
        except Exception as error:
            raise _as_bill_error(error, batch, paths) from error

    def with_frames(self, table: Any, frames: Sequence[pd.DataFrame]) -> Any:
        """Frames join by way of Parquet."""
        return _union(
            table, frames, lambda frame: self._view([_write(frame, self.scratch / self._name("f"))])
        )

    def keep(self, expression: Any) -> Any:
        """As it is: to sum twice costs less than to write millions of rows down."""
        return expression

    def start(self, expression: Any) -> Callable[[], pd.DataFrame]:
        """On a thread of its own: DuckDB lets Python go on."""
        running = self.pool.submit(self._run, self.con.con.cursor(), self.con.compile(expression))
        return running.result

    def _run(self, cursor: Any, query: str) -> pd.DataFrame:
        try:
            return frame_of(cursor.execute(query).to_arrow_table())
        except Exception as error:
            raise BillError(f"the export cannot be read: {_first_line(error)}") from error

    def close(self) -> None:
        """Wait for what runs, close the connection."""
        self.pool.shutdown(cancel_futures=True)
        self.con.disconnect()

    def _view(self, paths: Sequence[str]) -> Any:
        """Parquet files as one table that every thread sees; a column that some of them lack is empty there."""
        name = self._name("v")
        listed = ", ".join(_quoted(p) for p in paths)
        self.con.raw_sql(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}], union_by_name=true)")
        return self.con.table(name)

    def _name(self, prefix: str) -> str:
        self._tables += 1
        return f"bill_{prefix}{self._tables}"

    def _plain_names(self, paths: Sequence[Path]) -> list[Path]:
        """Links with plain names: to DuckDB a name with * or [ is a pattern."""
        links = []
        for path in paths:
            self._tables += 1
            link = self.scratch / f"in-{self._tables:06d}"
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
            parts.append(self._stage(batch, path, name, wanted, source))
            done += os.path.getsize(path)
        source.raw = self._view(parts)
        return source

    def _stage(self, batch: Batch, path: str, name: str, wanted: Sequence[str], source: Source) -> str:
        """One CSV file as Parquet. Times are read with their offset and kept as UTC without a mark: it counts once here."""
        kinds = {c: batch.format.kind_of(c) for c in wanted}
        types = {f"c{i}": COLUMN_TYPES[kinds.get(c, "text")] for i, c in enumerate(batch.columns)}
        chosen = ", ".join(
            f"c{i}{'::TIMESTAMP' if kinds[c] == 'time' else ''} AS {_named(c)}" for i, c in enumerate(batch.columns) if c in kinds
        )
        rejects = self._name("rejects")
        target = self.scratch / f"{rejects}.parquet"
        self.con.raw_sql(
            f"""COPY (SELECT {chosen} FROM read_csv({_quoted(path)}, columns={types!r}, auto_detect=false, header=true,
            delim='{batch.delimiter}', quote='"', escape='"', nullstr=['', 'NULL'], strict_mode=true, store_rejects=true,
            rejects_table='{rejects}', rejects_scan='{rejects}_scan', rejects_limit={MAX_REJECTED + 1},
            max_line_size={MAX_LINE_BYTES}, buffer_size={MAX_LINE_BYTES * 2})) TO {_quoted(str(target))} (FORMAT parquet)"""
        )
        self._collect_rejected(rejects, path, name, batch, source)
        return str(target)

    def _collect_rejected(self, table: str, path: str, name: str, batch: Batch, source: Source) -> None:
        rows = self.con.raw_sql(
            f"SELECT line, min(line_byte_position), min_by(column_name, column_idx), min_by(error_message, column_idx), "
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


class Spark:
    """A Spark session: local by default, or the master of `connection` (local[2], spark://host:7077, sc://host:15002)."""

    name = "spark"

    def __init__(self, scratch: Path, connection: str | None = None) -> None:
        self.scratch = scratch
        self.session = _spark_session(connection or "local[*]", scratch)
        self.con = ibis.pyspark.connect(self.session)
        self._views = 0

    def source(self, batch: Batch, progress: Progress) -> Source:
        """All columns as text from CSV; a row that does not fit is marked and kept aside by `bad`."""
        progress(f"reading {len(batch.paths)} files with Spark", 0.0)
        paths = [p.resolve().as_uri() for p in batch.paths]
        if batch.kind == "parquet":
            frame = self.session.read.option("mergeSchema", "true").parquet(*paths)
        else:
            schema = ", ".join([*(f"c{i} STRING" for i in range(len(batch.columns))), "_corrupt STRING"])
            reader = self.session.read.schema(schema).option("header", True).option("multiLine", True)
            reader = reader.option("escape", '"').option("sep", batch.delimiter).option("enforceSchema", True)
            reader = (
                reader.option("mode", "PERMISSIVE")
                .option("columnNameOfCorruptRecord", "_corrupt")
                .option("maxCharsPerColumn", -1)
            )
            frame = reader.csv(paths).cache()
            broken = frame.filter("_corrupt IS NOT NULL").count()
            wanted = batch.format.columns()
            names = [(f"c{i}", c) for i, c in enumerate(batch.columns) if c in wanted]
            frame = frame.filter("_corrupt IS NULL").select(
                *(frame[c].alias(original) for c, original in names)
            )
        return Source(self._view(frame), batch.format, 0 if batch.kind == "parquet" else broken)

    def with_frames(self, table: Any, frames: Sequence[pd.DataFrame]) -> Any:
        """Frames are sent to Spark."""
        return _union(table, frames, self._send)

    def _send(self, frame: pd.DataFrame) -> Any:
        return self._view(self.session.read.parquet(_write(frame, self.scratch / f"frame-{self._views}")))

    def _view(self, frame: Any) -> Any:
        self._views += 1
        frame.createOrReplaceTempView(f"bill_{self._views}")
        return self.con.table(f"bill_{self._views}")

    def keep(self, expression: Any) -> Any:
        """Cached in Spark."""
        return self._view(self.session.sql(self.con.compile(expression)).cache())

    def start(self, expression: Any) -> Callable[[], pd.DataFrame]:
        """When asked: Spark is busy with one query anyway."""
        return lambda: self._run(expression)

    def _run(self, expression: Any) -> pd.DataFrame:
        try:
            return frame_of(expression.to_pyarrow())
        except Exception as error:
            raise BillError(f"Spark cannot read the export: {_first_line(error)}") from error

    def close(self) -> None:
        """Leave the session as it is: starting one takes seconds and callers may share it."""


def _named(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _union(table: Any, frames: Sequence[pd.DataFrame], to_table: Callable[[pd.DataFrame], Any]) -> Any:
    tables = ([] if table is None else [table]) + [to_table(f) for f in frames]
    return tables[0].union(*tables[1:]) if len(tables) > 1 else tables[0]


def _write(frame: pd.DataFrame, path: Path) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    return str(path)


def _spark_session(master: str, scratch: Path) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise BillError("--engine spark needs pyspark (pip install pyspark) and Java 17") from error
    builder = SparkSession.builder.appName("ml-spend-simulator")
    builder = builder.remote(master) if master.startswith("sc://") else builder.master(master)
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        **(LOCAL_SPARK if master.startswith("local") else {}),
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    if not master.startswith("sc://"):
        session.sparkContext.setLogLevel("ERROR")
    return session


def _named(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _union(table: Any, frames: Sequence[pd.DataFrame], to_table: Callable[[pd.DataFrame], Any]) -> Any:
    tables = ([] if table is None else [table]) + [to_table(f) for f in frames]
    return tables[0].union(*tables[1:]) if len(tables) > 1 else tables[0]


def _write(frame: pd.DataFrame, path: Path) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    return str(path)


def _spark_session(master: str, scratch: Path) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise BillError("--engine spark needs pyspark (pip install pyspark) and Java 17") from error
    builder = SparkSession.builder.appName("ml-spend-simulator")
    builder = builder.remote(master) if master.startswith("sc://") else builder.master(master)
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


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
    first = message.split("\n")[0]
    return (
        first.replace(f'"{column}"', original or "")
        .replace("'TIMESTAMP WITH TIME ZONE'", "a time")
        .replace("'DOUBLE'", "a number")
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).split("\n")[0][:300]


def _as_bill_error(error: Exception, batch: Batch, paths: Sequence[str]) -> BillError:
    if isinstance(error, BillError):
        return error
    text = _first_line(error)
    if "state machine" in text:
        text = "mixed line endings or a quote out of place; save the file with one kind of line ending"
    for path, name in zip(paths, batch.names, strict=True):
        if path in text:
            return BillError(f"{name}: cannot be read: {text.replace(path, name)}")
    return BillError(f"{', '.join(batch.names[:3])}: cannot be read: {text}")


ENGINES: Mapping[str, type[DuckDB] | type[Spark]] = {"duckdb": DuckDB, "spark": Spark}
