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

DATA = Path(__file__).parent.parent / "pricing_data"
COLUMNS = [
    "component",
    "item",
    "region",
    "tier_from",
    "tier_to",
    "usd",
    "unit",
    "per",
    "effective_from",
    "checked_on",
    "grade",
    "source",
    "note",
]
BILLED = "billed"
GRADES = ("assumed", "secondary", "official", "api", "own")


class PriceNotFound(LookupError):
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

    @classmethod
    def load(
        cls, as_of: date, *, own: Path | None = None, discount_ratio: float = 0.0, folder: Path = DATA
    ) -> PriceBook:
        """The shipped book as of a date, with own prices (a CSV in the same form) laid over it."""
        if not 0 <= discount_ratio < 1:
            raise ValueError(f"discount: expected a ratio from 0 to below 1, not {discount_ratio}")
        files = sorted((folder / "prices").glob("*.csv"))
        frames = [_read(file) for file in files]
        if own is not None:
            frames.append(_read(own).assign(grade="own"))
        rows = pd.concat(frames, ignore_index=True)
        known = pd.read_csv(folder / "sources.csv", dtype=str, keep_default_na=False)
        return cls(
            _in_force(rows, as_of),
            as_of,
            discount_ratio,
            dict(zip(known["source"], known["text"], strict=True)),
        )

    def table(self, component: str, items: tuple[str, ...], regions: tuple[str, ...]) -> PriceTable:
        """Prices of `component` for each item and region (see `PriceTable`). Cached."""
        key = (component, items, regions)
        if key not in self._cache:
            self._cache[key] = self._build(component, items, regions)
        return self._cache[key]

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
            r["component"], r["item"], r["region"], list_usd * (1 - self._discount(r["component"])), list_usd, r["unit"],
            r["effective_from"], r["checked_on"], r["grade"], source, r["note"],
        )  # fmt: skip

    def _build(self, component: str, items: tuple[str, ...], regions: tuple[str, ...]) -> PriceTable:
        rows = self._of(component)
        usd = np.full((len(items) + 1, len(regions) + 1), np.nan)
        row = np.full(usd.shape, -1, np.int64)
        tiers: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
        item_code = pd.Index(items).get_indexer(rows["item"])
        paid = 1 - self._discount(component)
        unit_usd = (rows["usd"] / rows["per"] * paid).to_numpy()
        first = (rows["tier_from"] == 0).to_numpy()
        everywhere = (rows["region"] == "*").to_numpy()
        region_code = pd.Index(regions).get_indexer(rows["region"])
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

    def oldest_days(self) -> int:
        """Age in days, at `as_of`, of the check of the oldest price in force."""
        checked = pd.to_datetime(self.rows["checked_on"])
        return int((pd.Timestamp(self.as_of) - checked.min()).days)


def _read(file: Path) -> pd.DataFrame:
    """One price file, checked: columns, numbers. Raises ValueError naming file, row, column and value."""
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    missing = [c for c in COLUMNS if c not in frame.columns]
    if missing:
        raise ValueError(f"{file.name}: column {missing[0]!r} is missing; expected {','.join(COLUMNS)}")
    for name in ("tier_from", "tier_to", "usd", "per"):
        blank = {"tier_from": "0", "tier_to": "inf"}.get(name, "")
        text = frame[name].where(frame[name] != "", blank)
        number = pd.to_numeric(text, errors="coerce")
        wrong = number.isna() | (number < 0)
        if wrong.any():
            line = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"{file.name}, row {line + 2}, column {name}: expected a number of at least 0, not {frame[name].iloc[line]!r}"
            )
        frame[name] = number.astype(float)
    return frame[COLUMNS]


def _in_force(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The one row per key (and tier) that counts on the date, numbered from 0."""
    rows = rows[rows["effective_from"] <= as_of.isoformat()].copy()
    rank = rows["grade"].map({g: i for i, g in enumerate(GRADES)}).fillna(0)
    rows["_published"] = (rank > 0).astype(int) + (rank == GRADES.index("own"))
    rows["_rank"] = rank
    key = ["component", "item", "region", "tier_from"]
    rows = rows.sort_values([*key, "_published", "effective_from", "_rank"], kind="stable")
    rows = rows.drop_duplicates(key, keep="last")
    return rows.drop(columns=["_published", "_rank"]).reset_index(drop=True)
