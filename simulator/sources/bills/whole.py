"""All lines of an import as one table: every source and frame, without what is counted elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from simulator.sources.bills import repeats
from simulator.sources.bills.engines.engine import Engine, Source
from simulator.sources.bills.lines import lines


class Whole:
    """The lines of all sources and of frames read here, numbered in that order.

    `drop` are months left out of a source, `without` the sources whose lines a source must not repeat, `extra` how many
    lines of a source repeat others of it; `doubled` are sources that are there twice as a whole.
    """

    def __init__(self, engine: Engine, sources: Sequence[Source], frames: Sequence[pd.DataFrame]) -> None:
        self.engine, self.sources, self.frames = engine, sources, frames
        self.drop: dict[int, set[pd.Timestamp]] = {}
        self.without: dict[int, list[int]] = {}
        self.extra: dict[int, int] = {}
        self.doubled: set[int] = set()
        need = {"line_id", "interval"}
        self.identified = [i for i, s in enumerate(sources) if need <= set(s.format.fields)]

    @property
    def changed(self) -> bool:
        """True where anything is left out."""
        return bool(self.drop or self.without or any(self.extra.values()))

    def own(self, number: int, columns: Sequence[str]) -> Any:
        """All lines of one source."""
        return lines(self.sources[number].raw, self.sources[number].format, columns, source=number)

    def lines(self, columns: Sequence[str]) -> Any:
        """The table, in the columns asked for."""
        parts = [self._part(i, columns) for i in range(len(self.sources))]
        table = parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0] if parts else None
        return self.engine.with_frames(table, [self._frame(i, columns) for i in range(len(self.frames))])

    def _part(self, number: int, columns: Sequence[str]) -> Any:
        months, others = self.drop.get(number), self.without.get(number, ())
        if not months and not others and not self.extra.get(number):
            return self.own(number, columns)
        keyed = number not in self.identified and self.extra.get(number)
        rows = self.own(number, repeats.columns_with(columns, "month", *(repeats.KEYS if keyed else ())))
        if months:
            rows = rows.filter(rows.month.truncate("M").notin([m.to_pydatetime() for m in months]))
        if keyed:
            rows = repeats.once_by_keys(rows, number in self.doubled)
        elif self.extra.get(number):
            rows = repeats.once(rows)
        rows = repeats.without_those_of(rows, [self.own(n, repeats.SAME_LINE) for n in others])
        return rows.select(*columns)

    def _frame(self, place: int, columns: Sequence[str]) -> pd.DataFrame:
        number = len(self.sources) + place
        rows = self.frames[place].assign(source=number)
        month = rows["month"].to_numpy().astype("datetime64[M]").astype("datetime64[us]")
        return rows.loc[~pd.Series(month, rows.index).isin(list(self.drop.get(number, ()))), list(columns)]
