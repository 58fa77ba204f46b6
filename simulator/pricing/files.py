"""Price files: reading and checking the CSVs of pricing_data/prices and of own prices. Errors name file, row, column.

An own file needs component, item, region, usd and unit; what else is blank means: per 1, one tier, always in force.
"""

from __future__ import annotations

import io
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.shipped import PRICING_DATA

DATA = PRICING_DATA
COLUMNS = (
    "component", "item", "region", "tier_from", "tier_to", "usd", "unit", "per", "effective_from", "checked_on",
    "grade", "source", "note",
)  # fmt: skip
NEEDED = ("component", "item", "region", "usd", "unit")
KEY = ["component", "item", "region", "tier_from"]
GRADES = ("assumed", "secondary", "official", "api", "billed", "own")
ALWAYS = "1900-01-01"
BLANK_MEANS = {"tier_from": "0", "tier_to": "inf"}
OWN_BLANK_MEANS = {**BLANK_MEANS, "per": "1", "effective_from": ALWAYS}


class OwnText(io.StringIO):
    """Own prices held as text; errors name them so."""

    name = "own prices.csv"


File = Path | OwnText


def shipped_rows(folder: Path = DATA) -> pd.DataFrame:
    """Every row of the shipped files, past and present, with `file` and `line`."""
    frames = [read_rows(file) for file in sorted((folder / "prices").glob("*.csv"))]
    return pd.concat(frames, ignore_index=True)


def own_rows(file: File, known: pd.DataFrame, regions: tuple[str, ...]) -> pd.DataFrame:
    """Own prices, checked against the shipped ones for component, unit and region. Raises ValueError in words."""
    rows = read_rows(file, needed=NEEDED, blank_means=OWN_BLANK_MEANS).assign(grade="own")
    rows["source"] = rows["source"].where(rows["source"] != "", "own")
    units = known.groupby("component")["unit"].unique()
    _among(file, rows, "component", tuple(units.index))
    _among(file, rows, "region", ("*", *regions))
    for number, (component, unit) in enumerate(zip(rows["component"], rows["unit"], strict=True)):
        if unit not in units[component]:
            raise _wrong(file, rows, number, "unit", f"{' or '.join(units[component])} for {component}")
    twice = rows.duplicated([*KEY, "effective_from"])
    if twice.any():
        expected = "one row per component, item, region, tier and date; there is one above"
        raise _wrong(file, rows, int(np.argmax(twice)), "item", expected)
    return rows


def read_rows(
    file: File, needed: tuple[str, ...] = COLUMNS, blank_means: dict[str, str] = BLANK_MEANS
) -> pd.DataFrame:
    """One file with numbers and dates checked; blank lines are left out, `line` is the line in the file."""
    try:
        text = pd.read_csv(
            file, dtype=str, keep_default_na=False, skip_blank_lines=False, encoding="utf-8-sig"
        )
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{file.name}: not a CSV in UTF-8 with a line of column names: {error}") from None
    text.columns = [str(c).strip() for c in text.columns]
    missing = [c for c in needed if c not in text.columns]
    if missing:
        raise ValueError(f"{file.name}: column {missing[0]!r} is missing; expected {','.join(COLUMNS)}")
    frame = text.reindex(columns=list(COLUMNS), fill_value="").fillna("").apply(lambda c: c.str.strip())
    frame["file"], frame["line"] = file.name, np.arange(len(frame)) + 2
    frame = frame[(frame[list(COLUMNS)] != "").any(axis=1)].reset_index(drop=True)
    for name, meaning in blank_means.items():
        frame[name] = frame[name].where(frame[name] != "", meaning)
    for name in ("tier_from", "tier_to", "usd", "per"):
        frame[name] = _numbers(file, frame, name)
    for name in ("effective_from", "checked_on"):
        _check_dates(file, frame, name)
    return frame


def in_force(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The one row per key (and tier) that counts on the date; the index is that of `rows`.

    Own beats published beats assumed, then the later date, then the better grade. An own row takes the place of
    all tiers of its key, and one for every region (`*`) of all regions.
    """
    rows = rows[rows["effective_from"] <= as_of.isoformat()]
    rank = rows["grade"].map({g: i for i, g in enumerate(GRADES)}).fillna(0)
    rows = rows.assign(_published=(rank > 0).astype(int), _rank=rank)
    rows = _without_replaced(rows)
    rows = rows.sort_values([*KEY, "_published", "effective_from", "_rank"], kind="stable")
    return rows.drop_duplicates(KEY, keep="last").drop(columns=["_published", "_rank"])


def _without_replaced(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows less the shipped ones that an own row replaces."""
    own = rows["grade"] == "own"
    if not own.any():
        return rows
    item, place = ["component", "item"], ["component", "item", "region"]
    everywhere = pd.MultiIndex.from_frame(rows.loc[own & (rows["region"] == "*"), item])
    here = pd.MultiIndex.from_frame(rows.loc[own, place])
    replaced = pd.MultiIndex.from_frame(rows[item]).isin(everywhere)
    replaced |= pd.MultiIndex.from_frame(rows[place]).isin(here)
    return rows[own | ~replaced]


def _numbers(file: File, frame: pd.DataFrame, name: str) -> pd.Series:
    number = pd.to_numeric(frame[name], errors="coerce").astype(float)
    wrong = number.isna() | (number < 0) | (np.isinf(number) & (name != "tier_to"))
    wrong |= (name == "per") & (number == 0)
    if wrong.any():
        expected = "a number above 0" if name == "per" else "a number of at least 0"
        raise _wrong(file, frame, int(np.argmax(wrong)), name, expected)
    return number


def _check_dates(file: File, frame: pd.DataFrame, name: str) -> None:
    day = pd.to_datetime(frame[name], format="%Y-%m-%d", errors="coerce")
    wrong = day.isna() & ((frame[name] != "") | (name == "effective_from"))
    if wrong.any():
        raise _wrong(file, frame, int(np.argmax(wrong)), name, "a date such as 2026-11-24")


def _among(file: File, rows: pd.DataFrame, column: str, allowed: tuple[str, ...]) -> None:
    wrong = ~rows[column].isin(allowed)
    if wrong.any():
        number = int(np.argmax(wrong))
        near = get_close_matches(rows[column].iloc[number], allowed, 3)
        raise _wrong(file, rows, number, column, f"one of {', '.join(near or sorted(allowed)[:8])}, …")


def _wrong(file: File, frame: pd.DataFrame, number: int, column: str, expected: str) -> ValueError:
    line, value = frame["line"].iloc[number], frame[column].iloc[number]
    return ValueError(f"{file.name}, row {line}, column {column}: expected {expected}, not {value!r}")
