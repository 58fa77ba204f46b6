"""What an import asks of an engine. Three answer: DuckDB in this process, Spark, Athena; the expressions are the same.

An engine turns files (or tables) into `Source`s, and expressions into pandas frames. What differs is only how raw
columns are read and how a row that cannot be parsed is kept aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.sources.bills.formats import Format
from simulator.sources.bills.report import BillError, RejectedRow

Progress = Callable[[str, float], None]
MAX_LINE_BYTES = 8 * 2**20
ENGINES = {"duckdb": "DuckDB", "spark": "Spark", "athena": "Athena"}


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
    """A batch as an engine sees it: the raw table and its format; `rejected_rows` counts those it could not parse."""

    raw: Any
    format: Format
    rejected_rows: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)


class Engine(Protocol):
    """What the import asks of an engine."""

    def remote(self, place: str) -> Source | None:
        """What the engine reads itself (a table, a place in a data lake); None for a file of this machine."""
        ...

    def source(self, batch: Batch, progress: Progress) -> Source:
        """The raw table of a batch of files."""
        ...

    def with_frames(self, table: Any, frames: Sequence[pd.DataFrame]) -> Any:
        """Lines of the engine and lines read here (Cost Explorer), as one table."""
        ...

    def keep(self, expression: Any) -> Any:
        """The expression, computed once if that is worth it, for several readers."""
        ...

    def start(self, expression: Any) -> Callable[[], pd.DataFrame]:
        """Begin to compute; the answer waits for the rows. Raises BillError when the data cannot be read."""
        ...

    def release(self) -> None:
        """Nothing more will be asked: begin to give back what was taken."""
        ...

    def close(self) -> None:
        """Give back what was taken."""
        ...


def open_engine(name: str, scratch: Path, connection: str | None) -> Engine:
    """The engine by name; its library is imported only now. Raises BillError for an unknown or missing one."""
    if name not in ENGINES:
        raise BillError(f"engine {name!r}: expected one of {', '.join(ENGINES)}")
    module = import_module(f"simulator.sources.bills.engines.{name}")
    engine: Engine = getattr(module, ENGINES[name])(scratch, connection)
    return engine


def frame_of(table: Any) -> pd.DataFrame:
    """An Arrow table as a frame: text in categories, "" where unknown; moments are UTC without a mark.

    A few hundred words, a million times: categories compare and group by number.
    """
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            columns[name] = _words(column)
            continue
        # DuckDB's sums of counts are decimals
        whole = pa.types.is_decimal(column.type) and column.type.scale == 0
        columns[name] = (column.cast(pa.int64()) if whole else column).to_numpy()
    return pd.DataFrame(columns)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its categories as text."""
    words = {
        str(c): _as_text(frame[c]) for c, k in frame.dtypes.items() if isinstance(k, pd.CategoricalDtype)
    }
    return frame.assign(**words)


def _as_text(column: pd.Series) -> pd.Series:
    """The words of a column of categories; NaN where there is none."""
    words = np.array([*column.cat.categories, np.nan], object)
    return pd.Series(words[column.cat.codes.to_numpy()], column.index, dtype=object)


def each_word(column: pd.Series, true_of: Callable[[str], bool]) -> NDArray[np.bool_]:
    """For each row whether it is true of its text: rows are many and words few, so each word is asked once."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        code, words = column.cat.codes.to_numpy(), column.cat.categories
    else:
        code, words = pd.factorize(column)
    answers: NDArray[np.bool_] = np.array([*(true_of(str(w)) for w in words), False])
    found: NDArray[np.bool_] = answers[code]
    return found


def _words(column: Any) -> pd.Categorical:
    """An unknown text is "", also where "" is a word of its own."""
    coded = column.combine_chunks().dictionary_encode()
    words = [*coded.dictionary.to_pylist(), ""]
    code = coded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)
    kept = sorted(set(words))
    order = {word: i for i, word in enumerate(kept)}
    codes: Any = np.array([order[w] for w in words])[code]
    return pd.Categorical.from_codes(codes, pd.Index(kept, dtype=object))


def union(table: Any, frames: Sequence[pd.DataFrame], to_table: Callable[[pd.DataFrame], Any]) -> Any:
    """One table of a table (or none) and frames."""
    tables = ([] if table is None else [table]) + [to_table(f) for f in frames]
    return tables[0].union(*tables[1:]) if len(tables) > 1 else tables[0]


def write_parquet(frame: pd.DataFrame, path: Path) -> str:
    """The frame as a Parquet file that any engine reads."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    return str(path)


def first_line(error: Exception) -> str:
    """What an engine says, without its stack of causes."""
    return (str(error).strip() or type(error).__name__).split("\n")[0][:300]
