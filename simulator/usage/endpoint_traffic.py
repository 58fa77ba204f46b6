"""What the hourly calls of endpoints imply, worked out once: silence, wake-ups, weekly windows, ranks.

`calls[r, h]` is the number of calls of variant r in hour h of the window, NaN = never observed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.usage.columns import texts

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

WEEK_HOURS, DAY_HOURS, WORKDAYS = 168, 24, 5
# Working days begin between Sunday 12:00 and Monday 23:00 UTC wherever people live.
FIRST_START, LAST_START = -12, 23
UNKNOWN_RANK, BUSIEST_RANK = 0.75, 0.5
Name = tuple[str, ...]
VARIANT = ("endpoint_name", "variant_name", "account_id", "region")
BETWEEN = (BUSIEST_RANK + UNKNOWN_RANK) / 2


def hourly_calls(endpoints: pd.DataFrame, traffic: pd.DataFrame, start: pd.Timestamp, hours: int) -> Array:
    """Calls by row of `endpoints` and hour from `start`; a traffic row without region or account takes those
    of the one endpoint of its name.
    """
    calls = np.full((len(endpoints), hours), np.nan)
    if not len(traffic) or not len(endpoints):
        return calls
    first, kind = _kinds(traffic)
    rows = _rows_of(endpoints, traffic.iloc[first])[kind]
    since = (traffic["hour"].array - start) / pd.Timedelta(hours=1)
    hour = np.floor(np.asarray(since, float)).astype(np.int64)
    inside = (rows >= 0) & (hour >= 0) & (hour < hours)
    invocations = pd.to_numeric(traffic["invocations"]).to_numpy(float, na_value=np.nan)
    calls[rows[inside], hour[inside]] = invocations[inside]
    return calls


def _kinds(traffic: pd.DataFrame) -> tuple[Codes, Codes]:
    """The first row of each name, and which of them every row has: rows are many and names few."""
    code = np.zeros(len(traffic), np.int64)
    for column in VARIANT:
        own, words = pd.factorize(traffic[column])
        code = code * len(words) + own
    _, first, kind = np.unique(code, return_index=True, return_inverse=True)
    return first, kind


def _rows_of(endpoints: pd.DataFrame, wanted: pd.DataFrame) -> Codes:
    """The row of `endpoints` of each name, account and region; -1 where there is none."""
    row_of: dict[Name, int] = {}
    place_of: dict[Name, Name] = {}
    for row, name in enumerate(_names_of(endpoints)):
        row_of[name] = row
        place_of.setdefault(name[:2], name[2:])
    found = []
    for name in _names_of(wanted):
        own = place_of.get(name[:2], ("", ""))
        place = (p or q for p, q in zip(name[2:], own, strict=True))
        found.append(row_of.get((*name[:2], *place), -1))
    return np.array(found, np.int64)


def _names_of(frame: pd.DataFrame) -> Iterator[Name]:
    """Endpoint, variant, account and region of each row."""
    return zip(*(texts(frame[name]) for name in VARIANT), strict=True)


def silent_hours(calls: Array) -> Array:
    """Length of the run of observed zeros up to the window's end (0 = a call or unknown in the last hour)."""
    busy = ~(calls == 0)
    last = np.where(busy.any(axis=1), calls.shape[1] - np.argmax(busy[:, ::-1], axis=1), 0)
    return (calls.shape[1] - last).astype(float)


def peak_calls(calls: Array) -> Array:
    """Calls in the busiest observed hour, NaN where nothing was observed."""
    peak = np.where(np.isnan(calls), -1.0, calls).max(axis=1, initial=-1.0)
    return np.where(peak < 0, np.nan, peak)


def busy_ratio(calls: Array) -> Array:
    """Share of the observed hours with at least one call, NaN where nothing was observed."""
    observed = (~np.isnan(calls)).sum(axis=1)
    return np.where(observed > 0, (calls > 0).sum(axis=1) / np.maximum(observed, 1), np.nan)


def wakeups_per_hour(calls: Array) -> Array:
    """Share of the observed hours that have calls after an hour without: how often a sleeper would wake."""
    observed = (~np.isnan(calls)).sum(axis=1)
    woken = ((calls[:, 1:] > 0) & (calls[:, :-1] == 0)).sum(axis=1)
    return np.where(observed > 0, woken / np.maximum(observed, 1), np.nan)


@dataclass(frozen=True, eq=False)
class Ranks:
    """The hours of many rows, each row's in ascending order, as one ascending sequence: made once per account.

    Row r lies between r and r + 1. A table that holds some of the rows only says which (`rank_row`).
    """

    sequence: Array

    @classmethod
    def of(cls, calls: Array) -> Ranks:
        """The ranks of hourly calls."""
        return cls(in_one_sequence(sorted_load(calls)))

    @cached_property
    def observed_end(self) -> Codes:
        """Where the observed hours of each row end in the sequence."""
        rows = int(self.sequence[-1]) + 1 if len(self.sequence) else 0
        return np.searchsorted(self.sequence, np.arange(rows) + BETWEEN)


def sorted_load(calls: Array) -> Array:
    """The hours of each row in ascending order, as half their share of the row's peak; unknown ones as 0.75."""
    peak = np.nan_to_num(peak_calls(calls))[:, None]
    share = calls / np.where(peak > 0, peak, 1.0) * BUSIEST_RANK
    return np.sort(np.where(np.isnan(share), UNKNOWN_RANK, share), axis=1)


def in_one_sequence(sorted_rows: Array) -> Array:
    """Rows of `sorted_load` as one ascending sequence: row r lies between r and r + 1."""
    return (sorted_rows + np.arange(len(sorted_rows), dtype=float)[:, None]).ravel()


def hours_above(ranks: Ranks, rows: Codes, share_of_peak: Array) -> Array:
    """Number of observed hours in which row `rows` had more calls than `share_of_peak` of its busiest hour.

    `share_of_peak` is (rows,) or (draws, rows): one binary search each, whatever the number of hours.
    Equality within one part in a billion is not "more".
    """
    at = rows + np.minimum(share_of_peak * BUSIEST_RANK + 1e-9, BETWEEN)
    return (ranks.observed_end[rows] - np.searchsorted(ranks.sequence, at, side="right")).astype(float)


def hour_of_week(start: pd.Timestamp) -> float:
    """Hour of the week of a moment: 0 = Monday 00:00 UTC."""
    return float(start.day_of_week * DAY_HOURS + start.hour)


def fold_week(values: Array, first_hour_of_week: float, *, mean: bool) -> Array:
    """Hours of a window folded on the 168 of a week: their sum, or their mean where observed (else 0)."""
    rows, hours = values.shape
    lead = int(first_hour_of_week)
    weeks = -(-(lead + hours) // WEEK_HOURS)
    padded = np.full((rows, weeks * WEEK_HOURS), np.nan)
    padded[:, lead : lead + hours] = values
    by_week = padded.reshape(rows, weeks, WEEK_HOURS)
    total = np.nansum(by_week, axis=1)
    return total / np.maximum((~np.isnan(by_week)).sum(axis=1), 1) if mean else total


def cumulated_workdays(week: Array) -> Array:
    """Sums over five days running from Monday, by hour of day from -12 to 47, cumulated: (rows, 61)."""
    clock = np.arange(FIRST_START, LAST_START + 1 + DAY_HOURS)
    slots = (clock[:, None] + DAY_HOURS * np.arange(WORKDAYS)) % WEEK_HOURS
    by_hour = week[:, slots].sum(axis=2)
    return np.concatenate([np.zeros((len(week), 1)), np.cumsum(by_hour, axis=1)], axis=1)


def weekday_windows(calls: Array, first_hour_of_week: float) -> tuple[Array, Codes]:
    """Best daily window on five working days, for each length of 0 to 24 hours.

    Returns (rows, 25) the largest share of the calls such a window holds (NaN without calls) and its first
    hour, counted from Monday 00:00 UTC. The window follows the traffic, so no time zone is assumed.
    """
    week = fold_week(calls, first_hour_of_week, mean=True)
    cumulated = cumulated_workdays(week)
    starts = np.arange(LAST_START + 1 - FIRST_START)[:, None]
    lengths = np.arange(DAY_HOURS + 1)
    inside = cumulated[:, starts + lengths] - cumulated[:, starts]
    total = week.sum(axis=1, keepdims=True)
    share = np.where(total > 0, inside.max(axis=1) / np.where(total > 0, total, 1.0), np.nan)
    return np.minimum(share, 1.0), inside.argmax(axis=1) + FIRST_START


def inside_window(first_hour_of_week: float, hours: int, start: Codes, length: int) -> Array:
    """1 in the hours of the window that lie in each row's daily window of `length` hours on working days."""
    clock = int(first_hour_of_week) + np.arange(hours)
    since = (clock - np.arange(FIRST_START, LAST_START + 1)[:, None]) % WEEK_HOURS
    masks = (since < WORKDAYS * DAY_HOURS) & (since % DAY_HOURS < length)
    return masks[start - FIRST_START].astype(float)
