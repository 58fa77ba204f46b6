"""Price files: reading and checking the CSVs of pricing_data/prices and of own prices. Errors name file, row, column.

An own file needs component, item, region, usd and unit; what else is blank means: per 1, one tier, always in force.
"""

from __future__ import annotations

import io
import os
import re
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import pandas as pd
import pyarrow as pa
from platformdirs import user_data_path
from pyarrow import csv as arrow_csv

from simulator.documents import read_text_file
from simulator.shipped import PRICING_DATA

DATA = PRICING_DATA
COLUMNS = (
    "component", "item", "region", "tier_from", "tier_to", "usd", "unit", "per", "effective_from", "effective_to",
    "checked_on", "grade", "source", "note",
)  # fmt: skip
OPTIONAL = ("effective_to",)
"""The first day on which a price is no longer in force: a promotion's end. A file in which no price ends lacks it."""
ALWAYS_THERE = tuple(c for c in COLUMNS if c not in OPTIONAL)
DATES = ("effective_from", "effective_to", "checked_on")
NEEDED = ("component", "item", "region", "usd", "unit")
NUMBERS = ("tier_from", "tier_to", "usd", "per")
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
KEY = ["component", "item", "region", "tier_from"]
GRADES = ("assumed", "secondary", "official", "api", "billed", "own")
UNLISTED = {
    "mlflow": ("hour",),
    "feature_store": ("gb_month", "request", "hour"),
    "bedrock_reserved_input": ("ktpm_month",),
    "bedrock_reserved_output": ("ktpm_month",),
    "bedrock_prompt_router": ("request",),
    "bedrock_training": ("token",),
    "capacity_block": ("instance_hour",),
    "inference_plan": ("instance_hour",),
    "compute_savings_plan": ("instance_hour",),
}
"""Components of which we know no list price, with their units: own prices and billed rates may state one."""
ALWAYS = "1900-01-01"
FIRST_DAY = date.min.isoformat()
BLANK_MEANS = {"tier_from": "0", "tier_to": "inf"}
OWN_BLANK_MEANS = {**BLANK_MEANS, "per": "1", "effective_from": ALWAYS}


class OwnText(io.StringIO):
    """Own prices held as text; errors name them so."""

    name = "own prices.csv"


File = Path | OwnText
State = tuple[Path, int, int]
"""A file, when it was last written, and its size."""
_IN_FORCE: WeakValueDictionary[tuple[tuple[State, ...], str], pd.DataFrame] = WeakValueDictionary()
_LOCK = Lock()


def shipped_rows(folder: Path = DATA) -> pd.DataFrame:
    """Every row of the shipped files, past and present, with `file` and `line`; with those of the user's refreshes
    when the folder is the shipped one. Read once per state of the files."""
    return _rows_of(price_files(folder)).copy(deep=False)


def rows_in_force(folder: Path, as_of: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All rows of a folder, and those in force on the date, numbered from 0; to be read, never written.

    Between two days on which a price starts or ends, every date has the very same table of rows in force, for as long
    as somebody holds it.
    """
    files = price_files(folder)
    day = as_of.isoformat()
    since = max((d for d in _turning_days(files) if d <= day), default=FIRST_DAY)
    with _LOCK:
        current = _IN_FORCE.get((files, since))
        if current is None:
            current = _IN_FORCE[files, since] = _in_force_of(files, since)
    return _rows_of(files).copy(deep=False), current


def price_files(folder: Path) -> tuple[State, ...]:
    """The price files of a folder and their states, by name; the user's refreshed ones last."""
    found = sorted((folder / "prices").glob("*.csv"))
    if folder == DATA and (user := user_folder() / "prices").is_dir():
        found += sorted(user.glob("*.csv"))
    return tuple((file, stat.st_mtime_ns, stat.st_size) for file in found for stat in (file.stat(),))


def user_folder() -> Path:
    """Where `prices refresh` writes: pricing_data of the user's data folder, or what SIMULATOR_PRICES names."""
    named = os.environ.get("SIMULATOR_PRICES", "")
    return Path(named) if named else user_data_path("ml-spend-simulator", appauthor=False) / "pricing_data"


@lru_cache(maxsize=4)
def _rows_of(files: tuple[State, ...]) -> pd.DataFrame:
    return pd.concat([_read_fast(file) for file, _, _ in files], ignore_index=True)


@lru_cache(maxsize=4)
def _turning_days(files: tuple[State, ...]) -> tuple[str, ...]:
    """The days on which a price starts or ends."""
    rows = _rows_of(files)
    return tuple({*rows["effective_from"].unique(), *rows["effective_to"].unique()} - {""})


@lru_cache(maxsize=2)
def _in_force_of(files: tuple[State, ...], since: str) -> pd.DataFrame:
    current = in_force(_rows_of(files), date.fromisoformat(since))
    return current[list(COLUMNS)].reset_index(drop=True)


def _read_fast(file: Path) -> pd.DataFrame:
    """`read_rows` of a file in the plain form of our own ones; a file that is not takes the careful way."""
    options = arrow_csv.ConvertOptions(
        column_types={c: pa.float64() if c in NUMBERS else pa.string() for c in COLUMNS},
        null_values=[""], strings_can_be_null=False,
    )  # fmt: skip
    try:
        frame = arrow_csv.read_csv(file, convert_options=options).to_pandas()
    except pa.ArrowException:
        return read_rows(file)
    if tuple(frame.columns) == ALWAYS_THERE:
        frame = frame.assign(effective_to="")
    elif tuple(frame.columns) != COLUMNS:
        return read_rows(file)
    if not _is_plain(frame):
        return read_rows(file)
    blanks = {name: frame[name].fillna(float(meaning)) for name, meaning in BLANK_MEANS.items()}
    return frame.assign(**blanks, file=file.name, line=np.arange(len(frame)) + 2)


def _is_plain(frame: pd.DataFrame) -> bool:
    """Whether numbers are known and in range, days well formed, and no text has spaces around it."""
    numbers = frame["usd"].to_numpy(), frame["per"].to_numpy()
    inside = all(bool((np.isfinite(n) & (n >= 0)).all()) for n in numbers) and bool((numbers[1] > 0).all())
    days = pd.unique(pd.concat([frame[name] for name in DATES]))
    dated = all(DAY.fullmatch(d) or d == "" for d in days) and not (frame["effective_from"] == "").any()
    texts = [c for c in COLUMNS if c not in NUMBERS and c != "note"]
    ends = frame["effective_to"]
    dated = dated and not ((ends != "") & (ends <= frame["effective_from"])).any()
    return inside and dated and all(t == t.strip() for c in texts for t in frame[c].unique())


def own_rows(file: File, known: pd.DataFrame, regions: tuple[str, ...]) -> pd.DataFrame:
    """Own prices, checked against the shipped ones for component, unit and region. Raises ValueError in words."""
    if isinstance(file, Path):
        file, name = OwnText(read_text_file(file)), file.name
        file.name = name
    rows = read_rows(file, needed=NEEDED, blank_means=OWN_BLANK_MEANS).assign(grade="own")
    rows["source"] = rows["source"].where(rows["source"] != "", "own")
    listed: dict[Any, Any] = known.groupby("component")["unit"].unique().to_dict()
    units = {**UNLISTED, **listed}
    _among(file, rows, "component", tuple(units))
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
    file: File, needed: tuple[str, ...] = ALWAYS_THERE, blank_means: dict[str, str] = BLANK_MEANS
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
    for name in NUMBERS:
        frame[name] = _numbers(file, frame, name)
    for name in DATES:
        _check_dates(file, frame, name)
    _check_ends(file, frame)
    return frame


def in_force(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The one row per key (and tier) that counts on the date; the index is that of `rows`.

    A price ends as it begins: from `effective_to` on it is as if it had never been, and the one before it counts again.
    Own beats published beats assumed, then the later date, then the better grade. An own row takes the place of
    all tiers of its key, and one for every region (`*`) of all regions.
    """
    day = as_of.isoformat()
    rows = rows[
        (rows["effective_from"] <= day) & ((rows["effective_to"] == "") | (rows["effective_to"] > day))
    ]
    rank = rows["grade"].map({g: i for i, g in enumerate(GRADES)}).fillna(0)
    rows = rows.assign(_published=(rank > 0).astype(int), _rank=rank)
    rows = _without_replaced(rows)
    several = rows.duplicated(KEY, keep=False)
    contested = rows[several].sort_values(["_published", "effective_from", "_rank"], kind="stable")
    last = contested.drop_duplicates(KEY, keep="last").index
    return rows[~several | rows.index.isin(last)].drop(columns=["_published", "_rank"])


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


def _check_ends(file: File, frame: pd.DataFrame) -> None:
    wrong = (frame["effective_to"] != "") & (frame["effective_to"] <= frame["effective_from"])
    if wrong.any():
        raise _wrong(file, frame, int(np.argmax(wrong)), "effective_to", "a day after effective_from")


def _among(file: File, rows: pd.DataFrame, column: str, allowed: tuple[str, ...]) -> None:
    wrong = ~rows[column].isin(allowed)
    if wrong.any():
        number = int(np.argmax(wrong))
        near = get_close_matches(rows[column].iloc[number], allowed, 3)
        raise _wrong(file, rows, number, column, f"one of {', '.join(near or sorted(allowed)[:8])}, …")


def _wrong(file: File, frame: pd.DataFrame, number: int, column: str, expected: str) -> ValueError:
    line, value = frame["line"].iloc[number], frame[column].iloc[number]
    return ValueError(f"{file.name}, row {line}, column {column}: expected {expected}, not {value!r}")
