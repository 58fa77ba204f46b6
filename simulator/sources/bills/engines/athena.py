"""Athena: the export stays in S3, Athena adds it up. `--connection athena://REGION/?staging=s3://BUCKET/PREFIX`.

Ibis writes the SQL, PyAthena carries it. Paths are tables, `database.table`. AWS bills every query by the
bytes it reads ($5 a TB; Athena pricing page): Parquet exports cost a fraction of CSV.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import ibis
import pandas as pd

from simulator.sources.bills.engines.engine import Batch, Progress, Source, first_line
from simulator.sources.bills.formats import recognise
from simulator.sources.bills.report import BillError

EXPECTED = (
    "expected athena://REGION/?staging=s3://BUCKET/PREFIX (and workgroup=, catalog=, profile= where needed)"
)
TYPES = {
    "string": "string",
    "varchar": "string",
    "char": "string",
    "double": "float64",
    "float": "float32",
    "real": "float32",
    "bigint": "int64",
    "integer": "int32",
    "int": "int32",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
}
"""Trino names of the types a billing table has; maps are always of text to text (or to a number)."""


class Athena:
    """Runs the expressions of the import in Athena. Maps come as JSON: Athena's own form does not quote commas."""

    def __init__(self, scratch: Path, connection: str | None = None) -> None:
        self.con = _connect(connection)

    def remote(self, place: str) -> Source | None:
        """A table. Raises BillError when it does not exist or is no billing export."""
        database, dot, name = place.partition(".")
        if not dot or not all(part.replace("_", "").isalnum() for part in (database, name)):
            raise BillError(f"{place}: expected a table of Athena as DATABASE.TABLE")
        columns = self._rows(
            "SELECT column_name, data_type FROM information_schema.columns "
            f"WHERE table_schema = '{database.lower()}' AND table_name = '{name.lower()}' ORDER BY ordinal_position"
        )
        if not columns:
            raise BillError(f"{place}: no such table in Athena")
        table = ibis.table({c: _type(t) for c, t in columns}, name=name, database=database)
        return Source(table, recognise([c for c, _ in columns], place))

    def source(self, batch: Batch, progress: Progress) -> Source:
        """Athena reads no files of this machine."""
        raise BillError(f"{batch.names[0]}: Athena reads tables; {EXPECTED}")

    def with_frames(self, table: Any, frames: Sequence[pd.DataFrame]) -> Any:
        """The table; there are no files read here."""
        return table

    def keep(self, expression: Any) -> Any:
        """As it is: Athena has no temporary tables."""
        return expression

    def start(self, expression: Any) -> Callable[[], pd.DataFrame]:
        """When asked."""
        return lambda: self._frame(expression)

    def release(self) -> None:
        """Nothing to give back before the end."""

    def close(self) -> None:
        """Close the connection."""
        self.con.close()

    def _frame(self, expression: Any) -> pd.DataFrame:
        schema = expression.schema()
        maps = [name for name, kind in schema.items() if kind.is_map()]
        expression = expression.mutate(**{name: expression[name].cast("json") for name in maps})
        frame = pd.DataFrame(self._rows(to_sql(expression)), columns=list(schema.names))
        for name, kind in schema.items():
            if kind.is_timestamp() or kind.is_date():
                frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
            elif kind.is_floating() or kind.is_integer():
                frame[name] = pd.to_numeric(frame[name]).astype(float)
            elif kind.is_boolean():
                frame[name] = frame[name].astype(bool)
            elif kind.is_string():
                frame[name] = frame[name].astype(object).where(frame[name].notna(), "").astype("category")
        return frame

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        try:
            with self.con.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        except Exception as error:
            raise BillError(f"Athena refuses: {first_line(error)}") from error


def to_sql(expression: Any) -> str:
    """The expression in Athena's SQL."""
    return str(ibis.to_sql(expression, dialect="athena"))


def _type(name: str) -> str:
    word = name.lower().partition("(")[0].strip()
    if word == "map":
        value = name.lower().rpartition(",")[2].strip(" )")
        return f"map<string, {TYPES.get(value.partition('(')[0], 'string')}>"
    return TYPES.get(word, "float64" if word == "decimal" else "string")


def _connect(connection: str | None) -> Any:
    parts = urlsplit(connection or "")
    options = {k: v[-1] for k, v in parse_qs(parts.query).items()}
    if parts.scheme != "athena" or not parts.hostname or not options.get("staging", "").startswith("s3://"):
        raise BillError(f"connection {connection!r}: {EXPECTED}")
    try:
        from pyathena import connect
    except ImportError as error:
        raise BillError("--engine athena needs PyAthena (pip install PyAthena)") from error
    given = {
        "work_group": options.get("workgroup"),
        "catalog_name": options.get("catalog"),
        "profile_name": options.get("profile"),
        "endpoint_url": options.get("endpoint"),
    }
    return connect(  # type: ignore[call-overload]
        s3_staging_dir=options["staging"], region_name=parts.hostname, **{k: v for k, v in given.items() if v}
    )
