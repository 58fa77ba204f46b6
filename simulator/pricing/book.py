"""PriceBook: dated prices by component × item × region. A missing price is unknown, never 0.

Lookup = the last row in force on the date; at the same date the better grade. A row for one region beats
the default row (region `*`). A row of grade `assumed` counts only where no published row does. Own prices, the
account's billed rates and a negotiated discount are part of the book, so that every figure follows them.
Order of belief: own price → billed rate of the newest period → AWS's list → a rule → unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.pricing import billed_rates
from simulator.pricing.arranged import Arranged
from simulator.pricing.files import (
    COLUMNS,
    DATA,
    GRADES,
    File,
    in_force,
    own_rows,
    rows_in_force,
    user_folder,
)
from simulator.pricing.price import Price, PriceNotFound, PriceTable

__all__ = ["COLUMNS", "DATA", "GRADES", "Price", "PriceBook", "PriceNotFound", "PriceTable"]

BILLED = "billed"
PLAN_RATES = "savings_plan"
MOST_TABLES = 256
"""A book serves many accounts, each with names of its own; a table is up to 0.4 MB, an account asks for some 50."""
NOWHERE = np.empty(0, np.intp)
ROW = np.int32
"""Row numbers: tables of prices stand in memory by the dozen."""


@dataclass(frozen=True, eq=False)
class PriceBook:
    """All prices known, as of a date. `discount_ratio` is a negotiated discount on every list price.

    `discounts` are the account's own, per service, read from its bill; `use_billed_discount` is their switch. A
    discount given by the user takes their place. `billed` is the table of billed rates laid over, if any.
    `announced` holds every row, known on the date, of the items of which a price starts or ends later.
    """

    rows: pd.DataFrame
    as_of: date
    discount_ratio: float = 0.0
    sources: dict[str, str] = field(default_factory=dict)
    use_billed_discount: bool = True
    discounts: Mapping[str, float] = field(default_factory=dict)
    billed: pd.DataFrame | None = field(default=None, repr=False)
    announced: pd.DataFrame | None = None
    _later: dict[date, PriceBook] = field(default_factory=dict, repr=False)
    _cache: dict[Any, PriceTable] = field(default_factory=dict, repr=False)
    _plan_rates: dict[Any, dict[str, NDArray[np.float64]]] = field(default_factory=dict, repr=False)

    @classmethod
    def load(
        cls,
        as_of: date,
        *,
        own: File | None = None,
        discount_ratio: float = 0.0,
        use_billed_discount: bool = True,
        folder: Path = DATA,
    ) -> PriceBook:
        """The shipped book as of a date, with own prices (a CSV in the same form, a file or text) laid over it."""
        if not 0 <= discount_ratio < 1:
            raise ValueError(f"discount: expected a ratio from 0 to below 1, not {discount_ratio}")
        rows, current = rows_in_force(folder, as_of)
        if own is not None:
            regions = tuple(pd.read_csv(folder / "regions.csv", dtype=str)["region"])
            stated = own_rows(own, rows, regions)
            rows, current = (pd.concat([of, stated], ignore_index=True) for of in (rows, current))
            current = _settled(current, stated, as_of)
        sources = _source_texts(folder)
        announced = _announced(rows, as_of)
        return cls(current, as_of, discount_ratio, sources, use_billed_discount, announced=announced)

    def with_billed(self, table: pd.DataFrame) -> PriceBook:
        """The book with an account's billed rates (`billed_rates` of its snapshot) laid over the list prices.

        Their discount per service applies to list prices, so to what levers move usage to; never to own prices
        or to the rates themselves. The same table again gives the same book.
        """
        if table.empty or table is self.billed:
            return self
        rates = billed_rates.newest_rates(table, self.as_of)
        rows = billed_rates.laid_over(self.rows, rates)
        found = (
            billed_rates.negotiated_discounts(rates, self._published()) if self.use_billed_discount else {}
        )
        sources = {**self.sources, "own-bill": "the account's own bill"}
        return replace(
            self, rows=rows, sources=sources, discounts={} if self.discount_ratio else found, billed=table,
            _later={}, _cache={}, _plan_rates={},
        )  # fmt: skip

    def _published(self) -> dict[tuple[str, str, str], float]:
        """List price per unit of every key that AWS itself publishes and that has one tier."""
        rows = self.rows[self.rows["grade"].isin(billed_rates.PUBLISHED)]
        rows = rows[~rows.duplicated(billed_rates.PLACE, keep=False)]
        places = zip(rows["component"], rows["item"], rows["region"], strict=True)
        return dict(zip(places, (rows["usd"] / rows["per"]).astype(float), strict=True))

    @property
    def changes(self) -> tuple[date, ...]:
        """Later days on which a price starts or ends."""
        if self.announced is None:
            return ()
        days = {*self.announced["effective_from"], *self.announced["effective_to"]}
        return tuple(date.fromisoformat(d) for d in sorted(days) if d > self.as_of.isoformat())

    def on(self, day: date) -> PriceBook:
        """The book with the prices in force on a later day; itself when none starts or ends until then.

        Where a list price changes, the new one stands in the place of the account's billed rate, which was of the old.
        A price that ends with nothing behind it leaves no price: unknown.
        """
        reached = [d for d in self.changes if d <= day]
        if not reached:
            return self
        if reached[-1] not in self._later:
            self._later[reached[-1]] = replace(
                self, rows=self._rows_on(reached[-1]), announced=None, _later={}, _cache={}, _plan_rates={}
            )
        return self._later[reached[-1]]

    def _rows_on(self, day: date) -> pd.DataFrame:
        assert self.announced is not None
        now, then = (in_force(self.announced, d)[list(COLUMNS)] for d in (self.as_of, day))
        moved = pd.concat([now[~now.index.isin(then.index)], then[~then.index.isin(now.index)]])
        places = pd.MultiIndex.from_frame(moved[billed_rates.PLACE])
        gone, come = (pd.MultiIndex.from_frame(r[billed_rates.PLACE]).isin(places) for r in (self.rows, then))
        return pd.concat([self.rows[~gone], then[come]], ignore_index=True)

    def table(self, component: str, items: tuple[str, ...], regions: tuple[str, ...]) -> PriceTable:
        """Prices of `component` for each item and region (see `PriceTable`). The last `MOST_TABLES` are kept."""
        key = (component, items, regions)
        if key not in self._cache:
            if len(self._cache) >= MOST_TABLES:
                self._cache.clear()
                self._plan_rates.clear()
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
            r["component"], r["item"], r["region"], list_usd * float(self._paid[row]), list_usd,
            r["unit"], r["effective_from"], r["checked_on"], r["grade"], source, r["note"], r["effective_to"],
        )  # fmt: skip

    def _build(self, component: str, items: tuple[str, ...], regions: tuple[str, ...]) -> PriceTable:
        rows, at = self._arranged, self._places.get(component, NOWHERE)
        usd = np.full((len(items) + 1, len(regions) + 1), np.nan)
        row = np.full(usd.shape, -1, ROW)
        item, region = rows.item.places(at, items), rows.region.places(at, regions)
        default = rows.everywhere[at]
        usable = (item >= 0) & (default | (region >= 0))
        at, item, region, default = at[usable], item[usable], region[usable], default[usable]
        first = rows.tier_from[at] == 0
        here = first & default
        # a dollar is a dollar in regions that the catalogue does not know, too
        known = slice(None) if component == BILLED else slice(None, -1)
        usd[item[here], known], row[item[here], known] = rows.unit_usd[at[here]][:, None], at[here][:, None]
        if component == BILLED and here.any():
            usd[-1, -1], row[-1, -1] = rows.unit_usd[at[here]][0], at[here][0]
        here = first & ~default
        usd[item[here], region[here]], row[item[here], region[here]] = rows.unit_usd[at[here]], at[here]
        tiers: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        for own in rows.steps(at):
            place = int(item[np.searchsorted(at, own[0])])
            for code in np.flatnonzero(row[place, :-1] == own[0]):
                tiers[place, int(code)] = (rows.tier_from[own], rows.unit_usd[own])
        return PriceTable(usd, row, tiers)

    @cached_property
    def _arranged(self) -> Arranged:
        return Arranged.of(self.rows, self._paid)

    @cached_property
    def paid_ratio(self) -> NDArray[np.float64]:
        """Per row of the book: what is paid over the list price. 1 where no discount is known."""
        listed = self.rows["list_usd"].to_numpy(float) if "list_usd" in self.rows else np.nan
        usd = self.rows["usd"].to_numpy(float)
        stated = np.where(
            np.nan_to_num(listed) > 0, usd / np.where(np.nan_to_num(listed) > 0, listed, 1.0), 1.0
        )
        ratio: NDArray[np.float64] = np.minimum(stated, 1.0) * self._paid
        return ratio

    @cached_property
    def _paid(self) -> NDArray[np.float64]:
        """What is left of each row's price after the negotiated discount; the bill's own dollars carry it already.

        A discount given by the user also applies to rates that the bill states at list: discount lines of an
        enterprise agreement stand apart from the rate.
        """
        rows = self.rows
        billed = (rows["grade"] == billed_rates.GRADE).to_numpy()
        listed = rows["list_usd"].to_numpy(float) if "list_usd" in rows else np.full(len(rows), np.nan)
        at_list = rows["usd"].to_numpy(float) >= listed * (1 - billed_rates.SAME_RATIO)
        own = (rows["grade"] == "own").to_numpy()
        given = np.where(billed & ~at_list, 0.0, self.discount_ratio)
        off = given if self.discount_ratio else np.where(billed | own, 0.0, self._off_service(rows))
        return np.where((rows["component"] == BILLED).to_numpy(), 1.0, 1.0 - off)

    def _off_service(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """The discount of each row's service, 0 where the bill shows none."""
        if not self.discounts:
            return np.zeros(len(rows))
        off = {c: self.discounts.get(billed_rates.service_of(c), 0.0) for c in rows["component"].unique()}
        return rows["component"].map(off).to_numpy(float)

    def _of(self, component: str) -> pd.DataFrame:
        return self.rows.iloc[self._places.get(component, [])]

    @cached_property
    def _places(self) -> dict[str, NDArray[np.intp]]:
        """Where the rows of each component are."""
        found = self.rows.groupby("component", sort=False).indices
        return {str(component): np.asarray(at, np.intp) for component, at in found.items()}

    def oldest_days(self, component: str | None = None) -> int:
        """Age in days, at `as_of`, of the oldest check of a price in force, of one component or of all."""
        rows = self.rows if component is None else self._of(component)
        return int(self.age_days(rows).max())

    def age_days(self, rows: pd.DataFrame) -> pd.Series:
        """Days from the last check of some of the book's rows to `as_of`; NaN where no check is known."""
        return pd.Series(self.ages_days[rows.index.to_numpy()], rows.index)

    @cached_property
    def ages_days(self) -> NDArray[np.float64]:
        """The same of every row. Identities have no age."""
        codes, days = pd.factorize(self.rows["checked_on"])
        checked = pd.to_datetime(pd.Series(days), format="%Y-%m-%d", errors="coerce")
        ages = np.append((pd.Timestamp(self.as_of) - checked).dt.days.to_numpy(float), np.nan)[codes]
        ages[self._places.get(BILLED, NOWHERE)] = np.nan
        return ages

    @cached_property
    def grades(self) -> NDArray[np.object_]:
        """The grade of every row."""
        return self.rows["grade"].to_numpy(object)


def _announced(rows: pd.DataFrame, as_of: date) -> pd.DataFrame | None:
    """All rows of the items of which a price starts or ends after the date, as far as read by then; own rows always."""
    day = as_of.isoformat()
    known = rows[(rows["checked_on"] <= day) | (rows["effective_from"] <= day)]
    later = (known["effective_from"] > day) | (known["effective_to"] > day)
    if not later.any():
        return None
    item = ["component", "item"]
    of = pd.MultiIndex.from_frame(known[item]).isin(pd.MultiIndex.from_frame(known.loc[later, item]))
    return known[of][list(COLUMNS)].reset_index(drop=True)


def _settled(rows: pd.DataFrame, own: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """`in_force` of shipped rows that are in force and own ones after them; only what own rows may touch is sorted."""
    touched = rows["component"].isin(own["component"]) & rows["item"].isin(own["item"])
    kept = ~touched | rows.index.isin(in_force(rows[touched], as_of).index)
    return rows.loc[kept, list(COLUMNS)].reset_index(drop=True)


def _source_texts(folder: Path) -> dict[str, str]:
    """What the `source` of a row means: sources.csv, and what `prices refresh` added."""
    files = [*folder.glob("sources*.csv"), *(user_folder().glob("sources*.csv") if folder == DATA else ())]
    frames = [pd.read_csv(f, dtype=str, keep_default_na=False) for f in sorted(files)]
    known = pd.concat(frames, ignore_index=True)
    return dict(zip(known["source"], known["text"], strict=True))
