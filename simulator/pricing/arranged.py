"""The rows of a price book, arranged so that tables of any items and regions are read off them without a search.

A book is asked for dozens of tables: names become numbers, and list prices what is paid, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

EVERYWHERE = "*"


class Names(NamedTuple):
    """A column of names as numbers, and the number of each name."""

    codes: NDArray[np.intp]
    code_of: dict[str, int]

    @classmethod
    def of(cls, column: pd.Series) -> Names:
        """Of a column of the book."""
        codes, words = pd.factorize(column)
        return cls(codes, {word: n for n, word in enumerate(np.asarray(words, object).tolist())})

    def places(self, rows: NDArray[np.intp], wanted: Sequence[str]) -> NDArray[np.intp]:
        """For each of the rows where its name stands in `wanted`; -1 where it does not, or has no name."""
        place = np.full(len(self.code_of) + 1, -1, np.intp)
        for n, name in enumerate(wanted):
            if (code := self.code_of.get(name)) is not None:
                place[code] = n
        return place[self.codes[rows]]


@dataclass(frozen=True, eq=False)
class Arranged:
    """The rows of a book by place: USD paid per unit, and from which amount on; `everywhere` are default rows."""

    item: Names
    region: Names
    unit_usd: NDArray[np.float64]
    tier_from: NDArray[np.float64]
    everywhere: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: pd.DataFrame, paid_ratio: NDArray[np.float64]) -> Arranged:
        """Of the rows of a book and what is paid over the list price of each."""
        region = Names.of(rows["region"])
        return cls(
            Names.of(rows["item"]), region, (rows["usd"] / rows["per"]).to_numpy() * paid_ratio,
            rows["tier_from"].to_numpy(float), region.codes == region.code_of.get(EVERYWHERE, -2),
        )  # fmt: skip

    def steps(self, rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
        """Of these rows of one component, those of an item and a region that has several, by amount."""
        key = self.item.codes[rows] * (len(self.region.code_of) + 1) + self.region.codes[rows]
        order = np.lexsort((self.tier_from[rows], key))
        starts = np.flatnonzero(np.diff(key[order], prepend=-2))
        counts = np.diff(starts, append=len(rows))
        for start, count in zip(starts[counts > 1], counts[counts > 1], strict=True):
            yield rows[order[start : start + count]]
