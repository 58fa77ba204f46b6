"""Histories per component: from the bill in a snapshot, or from a CSV of dates and dollars.

Whole calendar months count; a month the bill only touches is left out, for its sum is not a month's. With less than
three of them and lines per day, the days are the history.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.errors import InputError
from simulator.snapshot.snapshot import Snapshot

LEAST_MONTHS = 3
DAY = pd.Timedelta(days=1)
TOTAL = "total"


@dataclass(frozen=True, eq=False)
class History:
    """Dollars per period of one component; `per` is "month" or "day", `start` the first period's first day."""

    component: str
    per: str
    start: pd.Timestamp
    usd: NDArray[np.float64]

    @property
    def season(self) -> int:
        """A year of months, a week of days."""
        return 12 if self.per == "month" else 7

    def label(self, place: int) -> str:
        """The period `place` (0 = the first), also beyond the last: "2026-12" or "2026-12-24"."""
        if self.per == "month":
            return str((self.start + pd.DateOffset(months=place)).strftime("%Y-%m"))
        return str((self.start + place * DAY).strftime("%Y-%m-%d"))


def histories(snapshot: Snapshot) -> list[History]:
    """Of the table `billed`, the total last. Raises InputError without a bill."""
    frame = snapshot.tables["billed"]
    if frame.empty:
        raise InputError("forecast: this snapshot holds no bill; give a CSV of dates and dollars")
    lines = pd.DataFrame(
        {
            "start": pd.to_datetime(frame["period_start"], utc=True).dt.tz_localize(None),
            "end": pd.to_datetime(frame["period_end"], utc=True).dt.tz_localize(None),
            "component": frame["component"].astype(object).fillna("other").astype(str),
            "usd": pd.to_numeric(frame["cost_usd"]).astype(float),
        }
    )
    return _of_lines(lines)


def from_csv(frame: pd.DataFrame) -> list[History]:
    """Of a CSV: `date` (a day, or a month such as 2026-12), `usd`, and maybe `component`. Raises InputError.

    First days of several months, and no others, name the months, as in the files of Cost Explorer.
    """
    missing = {"date", "usd"} - set(frame.columns)
    if missing:
        raise InputError(f"history: no column {sorted(missing)[0]}")
    written = frame["date"].astype(str)
    by_month = written.str.fullmatch(r"\d{4}-\d{2}").all()
    monthly = by_month or (written.str.fullmatch(r"\d{4}-\d{2}-01").all() and written.nunique() > 1)
    start = pd.to_datetime(written, errors="coerce", format="%Y-%m" if by_month else "%Y-%m-%d")
    usd = pd.to_numeric(frame["usd"], errors="coerce")
    wrong = (start.isna() | usd.isna()).to_numpy()
    if wrong.any():
        raise InputError(
            f"history, line {int(wrong.argmax()) + 2}: expected a date such as 2026-12 and dollars"
        )
    component = (
        frame["component"].astype(str) if "component" in frame else pd.Series(TOTAL, index=frame.index)
    )
    end = start + (pd.DateOffset(months=1) if monthly else DAY)
    return _of_lines(
        pd.DataFrame({"start": start, "end": end, "component": component, "usd": usd.astype(float)})
    )


def _of_lines(lines: pd.DataFrame) -> list[History]:
    first, last = lines["start"].min(), lines["end"].max()
    daily = bool(((lines["end"] - lines["start"]) <= DAY * 1.01).all())
    months = pd.period_range(first, last - pd.Timedelta(seconds=1), freq="M")
    whole = [m for m in months if m.start_time >= first and m.end_time < last]
    per = "day" if daily and len(whole) < LEAST_MONTHS else "month"
    if per == "month" and not whole:
        whole = [first.to_period("M")]
    periods = (
        pd.period_range(first, last - pd.Timedelta(seconds=1), freq="D")
        if per == "day"
        else pd.PeriodIndex(whole)
    )
    at = lines["start"].dt.to_period("D" if per == "day" else "M")
    table = lines.assign(at=at).pivot_table(
        index="at", columns="component", values="usd", aggfunc="sum", fill_value=0.0
    )
    table = table.reindex(periods, fill_value=0.0)
    if TOTAL not in table:
        table[TOTAL] = table.sum(axis=1)
    start = periods[0].start_time
    return [History(str(c), per, start, np.maximum(table[c].to_numpy(float), 0.0)) for c in table]
