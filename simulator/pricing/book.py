"""PriceBook: dated prices by component × item × region. A missing price is unknown, never 0.

Lookup = the last row in force on the date; at the same date the better grade. A row for one region beats
the default row (region `*`). A row of grade `assumed` counts only where no published row does. Own prices
and a negotiated discount are part of the book, so that every figure follows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.errors import SimulatorError
from simulator.pricing.files import COLUMNS, DATA, GRADES, File, in_force, own_rows, shipped_rows

__all__ = ["COLUMNS", "DATA", "GRADES", "Price", "PriceBook", "PriceNotFound", "PriceTable"]

BILLED = "billed"
PLAN_RATES = "savings_plan"


class PriceNotFound(SimulatorError, LookupError):
    """No row in force for this key on this date."""


@dataclass(frozen=True)
class Price:
    """One price: `usd` per single `unit` after discount, and where it comes from."""

    component: str
    item: str
    region: str
    usd: float
    list_usd: float
    unit: str
    effective_from: str
    checked_on: str
    grade: str
    source: str
    note: str


@dataclass(frozen=True)
class PriceTable:
    """Prices of one component over vocabularies: `usd[item, region]` per single unit, NaN where unknown.

    The arrays have one more row and column, unknown, so that the code -1 finds no price.
    `row` indexes the book's rows (-1 unknown). `tiers[item, region]` holds (lower bounds, prices) where the
    price falls with quantity; `usd` is then the first tier's.
    """

    usd: NDArray[np.float64]
    row: NDArray[np.int64]
    tiers: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.float64]]]


@dataclass(frozen=True, eq=False)
class PriceBook:
    """All prices known, as of a date. `discount_ratio` is a negotiated discount on every list price."""

    rows: pd.DataFrame
    as_of: date
    discount_ratio: float = 0.0
    sources: dict[str, str] = field(default_factory=dict)
    _cache: dict[Any, PriceTable] = field(default_factory=dict, repr=False)
    _plan_rates: dict[Any, dict[str, NDArray[np.float64]]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(
        cls, as_of: date, *, own: File | None = None, discount_ratio: float = 0.0, folder: Path = DATA
    ) -> PriceBook:
        """The shipped book as of a date, with own prices (a CSV in the same form, a file or text) laid over it."""
        if not 0 <= discount_ratio < 1:
            raise ValueError(f"discount: expected a ratio from 0 to below 1, not {discount_ratio}")
        rows = shipped_rows(folder)
        if own is not None:
            regions = tuple(pd.read_csv(folder / "regions.csv", dtype=str)["region"])
            rows = pd.concat([rows, own_rows(own, rows, regions)], ignore_index=True)
        current = in_force(rows, as_of)[list(COLUMNS)].reset_index(drop=True)
        return cls(current, as_of, discount_ratio, _source_texts(folder))

    def table(self, component: str, items: tuple[str, ...], regions: tuple[str, ...]) -> PriceTable:
        """Prices of `component` for each item and region (see `PriceTable`). Cached."""
        key = (component, items, regions)
        if key not in self._cache:
            self._cache[key] = self._build(component, items, regions)
        return self._cache[key]

    def plan_rates(
        self, component: str, items: tuple[str, ...], regions: tuple[str, ...]
    ) -> dict[str, NDArray[np.float64]]:
        """Savings Plan rates of a component by offer, `usd[item, region]` as in a `PriceTable`; offers without
        any rate are absent. Cached."""
        key = (component, items, regions)
        if key not in self._plan_rates:
            rated = self._of(PLAN_RATES)["item"]
            rated = rated[rated.str.startswith(f"{component}:")]
            offers = sorted({item.rpartition("#")[2] for item in rated})
            names = {o: tuple(f"{component}:{item}#{o}" for item in items) for o in offers}
            self._plan_rates[key] = {o: self.table(PLAN_RATES, names[o], regions).usd for o in offers}
        return self._plan_rates[key]

    def plan_offers(self) -> set[str]:
        """Savings Plan offers for which there is any rate, such as `1y_no_upfront`."""
        return {item.rpartition("#")[2] for item in self._of(PLAN_RATES)["item"]}

    def price(self, component: str, item: str, region: str) -> Price:
        """The price of one key (first tier). Raises PriceNotFound when no row is in force."""
        table = self.table(component, (item,), (region,))
        if table.row[0, 0] < 0:
            raise PriceNotFound(f"no price for {component} {item} in {region} on {self.as_of}")
        return self.explain(int(table.row[0, 0]))

    def explain(self, row: int) -> Price:
        """The price behind a row number of a `PriceTable`."""
        r = self.rows.iloc[row]
        list_usd = float(r["usd"]) / float(r["per"])
        source = self.sources.get(r["source"], r["source"])
        return Price(
            r["component"], r["item"], r["region"], list_usd * (1 - self._discount(r["component"])), list_usd,
            r["unit"], r["effective_from"], r["checked_on"], r["grade"], source, r["note"],
        )  # fmt: skip

    def _build(self, component: str, items: tuple[str, ...], regions: tuple[str, ...]) -> PriceTable:
        rows = self._of(component)
        usd = np.full((len(items) + 1, len(regions) + 1), np.nan)
        row = np.full(usd.shape, -1, np.int64)
        tiers: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        item_code = pd.Index(items).get_indexer(pd.Index(rows["item"]))
        paid = 1 - self._discount(component)
        unit_usd = (rows["usd"] / rows["per"] * paid).to_numpy()
        first = (rows["tier_from"] == 0).to_numpy()
        everywhere = (rows["region"] == "*").to_numpy()
        region_code = pd.Index(regions).get_indexer(pd.Index(rows["region"]))
        for mask, default in ((first & everywhere, True), (first & ~everywhere, False)):
            chosen = np.flatnonzero(mask & (item_code >= 0) & (default | (region_code >= 0)))
            number = rows.index.to_numpy()[chosen]
            if default:
                usd[item_code[chosen], :-1] = unit_usd[chosen][:, None]
                row[item_code[chosen], :-1] = number[:, None]
            else:
                usd[item_code[chosen], region_code[chosen]] = unit_usd[chosen]
                row[item_code[chosen], region_code[chosen]] = number
        tiered = rows[rows.duplicated(["item", "region"], keep=False)]
        for (item, region), group in tiered.groupby(["item", "region"]):
            if item in items and region in regions:
                steps = group.sort_values("tier_from")
                prices = (steps["usd"] / steps["per"] * paid).to_numpy()
                tiers[items.index(item), regions.index(region)] = (steps["tier_from"].to_numpy(), prices)
        return PriceTable(usd, row, tiers)

    def _discount(self, component: str) -> float:
        """The negotiated discount; dollars taken from the bill itself carry it already."""
        return 0.0 if component == BILLED else self.discount_ratio

    def _of(self, component: str) -> pd.DataFrame:
        return self.rows[self.rows["component"] == component]

    def oldest_days(self, component: str | None = None) -> int:
        """Age in days, at `as_of`, of the oldest check of a price in force, of one component or of all."""
        rows = self.rows if component is None else self._of(component)
        return int(self.age_days(rows).max())

    def age_days(self, rows: pd.DataFrame) -> pd.Series:
        """Days from the last check of each row to `as_of`; NaN where no check is known. Identities have no age."""
        checked = pd.to_datetime(rows["checked_on"], format="%Y-%m-%d", errors="coerce")
        days: pd.Series = (pd.Timestamp(self.as_of) - checked).dt.days.astype(float)
        return days.where(rows["component"] != BILLED)


def _source_texts(folder: Path) -> dict[str, str]:
    """What the `source` of a row means: sources.csv, and what `prices refresh` added."""
    frames = [pd.read_csv(f, dtype=str, keep_default_na=False) for f in sorted(folder.glob("sources*.csv"))]
    known = pd.concat(frames, ignore_index=True)
    return dict(zip(known["source"], known["text"], strict=True))
