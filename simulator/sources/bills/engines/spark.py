"""Spark: for exports that outgrow one machine. Needs pyspark and Java 17."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from simulator.sources.bills.engines.engine import (
    Batch,
    Progress,
    Source,
    first_line,
    frame_of,
    union,
    write_parquet,
)
from simulator.sources.bills.formats import recognise
from simulator.sources.bills.report import BillError

NEEDED = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "false"}
"""What the questions of an import rest on."""
OWN = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "8"}
"""Of a session started here; one that is there already keeps its own."""


class Spark:
    """A Spark session: local by default, or the master of `connection` (local[2], spark://host:7077, sc://host:15002)."""

    def __init__(self, scratch: Path, connection: str | None = None) -> None:
        self.scratch = scratch
        self.session = _spark_session(connection or "local[*]", scratch)
        self.con = ibis.pyspark.connect(self.session)
        self._views = 0

    def remote(self, place: str) -> Source | None:
        """A place Spark reads itself (s3a://, hdfs://, …): Parquet, else CSV with a header."""
        if "://" not in place or place.startswith(("http://", "https://", "file://")):
            return None
        try:
            frame = (
                self.session.read.csv(place, header=True, multiLine=True, escape='"')
                if ".csv" in place
                else self.session.read.parquet(place)
            )
        except Exception as error:
            raise BillError(f"{place}: Spark cannot read it: {first_line(error)}") from error
        return Source(self._view(frame), recognise(frame.columns, place))

    def source(self, batch: Batch, progress: Progress) -> Source:
        """All columns as text from CSV; a row that does not fit is kept aside."""
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
        return union(table, frames, self._send)

    def _send(self, frame: pd.DataFrame) -> Any:
        return self._view(
            self.session.read.parquet(write_parquet(frame, self.scratch / f"frame-{self._views}"))
        )

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
            return frame_of(self.session.sql(self.con.compile(expression)).toArrow())
        except Exception as error:
            raise BillError(f"Spark cannot read the export: {first_line(error)}") from error

    def release(self) -> None:
        """Nothing to give back before the end."""

    def close(self) -> None:
        """Leave the session as it is: starting one takes seconds and callers may share it."""


def _spark_session(master: str, scratch: Path) -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise BillError("--engine spark needs pyspark (pip install pyspark) and Java 17") from error
    builder = SparkSession.builder.appName("ml-spend-simulator")
    builder = builder.remote(master) if master.startswith("sc://") else builder.master(master)
    own = (
        {}
        if SparkSession.getActiveSession()
        else OWN | {"spark.sql.warehouse.dir": str(scratch / "warehouse")}
    )
    for key, value in {**NEEDED, **own}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
