"""Tables and progress in the terminal, by rich. Piped output is never cut and has no colour."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from types import TracebackType

import pandas as pd

from simulator.documents import write_beside
from simulator.errors import InputError
from simulator.words import MINUS, is_known, plain

WIDE = 400
"""Columns of a table that is not shown in a terminal: nothing is cut."""


def as_table(frame: pd.DataFrame) -> str:
    """The rows as a table of text; numbers to the right."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, pad_edge=False)
    numeric = {name: pd.api.types.is_numeric_dtype(frame[name]) for name in frame.columns}
    for name in frame.columns:
        table.add_column(
            Text(plain(name, "line")), justify="right" if numeric[name] else "left", overflow="fold"
        )
    for row in frame.itertuples(index=False):
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console(width=None if sys.stdout.isatty() else WIDE, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().strip("\n").splitlines())


def _cell(value: object) -> str:
    if isinstance(value, float):
        return _figure(value) if is_known(value) else ""
    return plain(value, "line") if isinstance(value, str) else str(value)


def _figure(value: float) -> str:
    size = abs(value)
    return f"{MINUS if value < 0 else ''}{f'{size:,.10g}' if size < 1 else f'{size:,.2f}'}"


class Teller:
    """Progress on stderr: a bar in a terminal, else a line every `seconds` at most. Quiet: nothing."""

    def __init__(self, quiet: bool, seconds: float = 2.0) -> None:
        self._quiet, self._seconds, self._last = quiet, seconds, 0.0
        self._bar = None
        if not quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                BarColumn(), TextColumn("{task.percentage:3.0f} %"), TimeElapsedColumn(),
                TextColumn("{task.description}", markup=False),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._task = self._bar.add_task("", total=1.0)

    def __enter__(self) -> Teller:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, sentence: str, ratio: float, *, always: bool = False) -> None:
        """Where the work is: what is done now, and the share of the whole, 0 to 1."""
        if self._bar is not None:
            self._bar.update(self._task, completed=ratio, description=sentence)
            return
        now = time.monotonic()
        if always or now - self._last >= self._seconds:
            self._last = now
            self.line(f"{ratio:4.0%}  {sentence}")

    def line(self, text: str) -> None:
        """One line, unless quiet."""
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            sys.stderr.write(f"{text}\n")


def deliver_table(table: pd.DataFrame, out: Path | None) -> str | None:
    """A table as Parquet; nothing is printed. Raises InputError without a file to write."""
    if out is None:
        raise InputError("--format parquet needs --out FILE")
    content = io.BytesIO()
    table.to_parquet(content, index=False)
    write_beside(out, content.getvalue())
    return None
