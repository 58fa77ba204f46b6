"""The window of a bill: what it covers, not where the lines that we model begin and end.

A billing period is covered from its first moment to the last hour of a usage line of any service in it; a line that
reaches its last day completes it. Where nothing of it is there before a later moment at which something runs already
at full strength, and goes on so, the export was filtered: it is covered from then (see `cut_at`). Where the export
does not state billing periods, months are covered from their first to their last usage line. What a bill states of
another period (a late line, a correction) keeps its dollars and moves nothing. Time between covered stretches is a
gap: named, and left out of the hours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from simulator import words
from simulator.sources.bills.report import BillError
from simulator.units import SECONDS_PER_HOUR

USAGE_LINES = (
    "Usage",
    "DiscountedUsage",
    "SavingsPlanCoveredUsage",
    "SavingsPlanUnused",
    "SavingsPlanRecurringFee",
)
SHORT_LINE = pd.Timedelta(hours=48)
STRAY_RATIO = 0.1
"""A stretch without a billing period of its own that is shorter than this part of the longest is a stray line."""
HOUR, DAY, FEW_DAYS = pd.Timedelta(hours=1), pd.Timedelta(days=1), pd.Timedelta(days=3)
FEWEST_LINES, WHOLE = 3, 1e-3
Span = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class Window:
    """The window of the snapshot, and its gaps."""

    start: pd.Timestamp
    end: pd.Timestamp
    gaps: tuple[Span, ...] = ()

    @property
    def stretches(self) -> tuple[Span, ...]:
        """The covered stretches: the window without its gaps."""
        moments = [self.start, *(m for gap in self.gaps for m in gap), self.end]
        return tuple(zip(moments[::2], moments[1::2], strict=True))

    def outside(self, lines: pd.DataFrame) -> pd.Series:
        """True for sums of which a part lies before, after or between what is covered."""
        within = pd.Series(False, lines.index)
        for a, b in self.stretches:
            within |= (lines["first"] >= a) & (lines["last_start"] < b)
        return ~within & lines["last_start"].notna()

    @property
    def hours(self) -> float:
        """Covered hours: the length of the window without its gaps."""
        return (self.end - self.start - sum((b - a for a, b in self.gaps), pd.Timedelta(0))) / HOUR


def window_of(
    lines: pd.DataFrame, stated: Collection[int], covered: Mapping[int, Sequence[Span]]
) -> tuple[Window, list[str], list[str]]:
    """The window, with assumptions and warnings.

    `stated` are the sources (column `source`) whose lines carry their billing period, `covered` the periods that a
    source states itself (Cost Explorer). Raises BillError when no line has a moment that a bill can have.
    """
    usage = lines[lines["line_type"].isin(USAGE_LINES)]
    own = [span for spans in covered.values() for span in spans]
    rows = lines[~lines["source"].isin(list(covered))]
    used = usage[~usage["source"].isin(list(covered))]
    rows = used if len(used) else rows
    has = rows["source"].isin(list(stated))
    every = lines[lines["source"].isin(list(stated)) & lines["first"].notna()]
    periods = _billing_periods(rows[has], every)
    joined = _without_strays(_joined([*own, *periods]), [])
    loose = _joined(_stretches(rows[~has]))
    kept = _joined([*joined, *_without_strays(loose, joined)])
    if not kept:
        raise BillError("no line of the export has a time; a window cannot be found")
    gaps = tuple((a[1], b[0]) for a, b in pairwise(kept))
    window = Window(kept[0][0], kept[-1][1], gaps=gaps)
    assumed = [*_late_starts(periods, every), *_assumptions(kept)]
    return window, assumed, [*_gap_sentences(window), *_stray_sentences(window, lines)]


def _billing_periods(rows: pd.DataFrame, every: pd.DataFrame) -> list[Span]:
    """What the lines of each billing period cover; `every` are all lines, of whatever kind."""
    month = rows["period"].fillna(rows["first"]).to_numpy().astype("datetime64[M]").astype("datetime64[us]")
    moments = rows[["first", "last", "last_start", "rows", "quantity"]].assign(month=month)
    moments = moments[moments["month"].notna() & moments["last_start"].notna()]
    found = []
    for m, part in moments.groupby("month"):
        start = pd.Timestamp(str(m))
        span = _span(start, part)
        if span is not None:
            found.append((cut_at(start, part, every) or start, span[1]))
    return found


def cut_at(start: pd.Timestamp, part: pd.DataFrame, every: pd.DataFrame) -> pd.Timestamp | None:
    """The moment at which an export was cut to begin; None where it was not, or that cannot be told.

    Nothing of the billing period, not even a tax or a fee, begins in its first day; and what begins first runs from
    that moment on around the clock, in whole instances. An instance that was started then would have part of an hour.
    """
    first = _earliest(start, every)
    if first is None or first < start + DAY:
        return None
    own = part[part["first"] == first]
    step = (own["last"] - own["last_start"]).dt.total_seconds() / SECONDS_PER_HOUR
    hours = (own["last"] - own["first"]).dt.total_seconds() / SECONDS_PER_HOUR
    without_gap = (own["rows"] >= FEWEST_LINES) & ((own["rows"] * step - hours).abs() < WHOLE * hours)
    per_hour = own["quantity"] / hours
    whole = (per_hour >= 1.0 - WHOLE) & ((per_hour - per_hour.round()).abs() < WHOLE)
    return first if (without_gap & whole).any() else None


def _earliest(start: pd.Timestamp, every: pd.DataFrame) -> pd.Timestamp | None:
    end = start + pd.offsets.MonthBegin(1)
    inside = every.loc[(every["first"] >= start) & (every["first"] < end), "first"]
    spanning = ((every["first"] < start) & (every["last_start"] >= start)).any()
    return None if inside.empty or spanning else inside.min()


def _late_starts(periods: Sequence[Span], every: pd.DataFrame) -> list[str]:
    """What is taken of a billing period that has no line in its first days."""
    said = []
    for start, _ in periods:
        month = start.replace(day=1, hour=0)
        first = _earliest(month, every)
        if start > month:
            said.append(
                f"The export has nothing of {month:%B %Y} before {start:%Y-%m-%d %H:%M}, when resources run at full "
                "strength already: it is taken as filtered, and the window begins there."
            )
        elif first is not None and first >= month + FEW_DAYS:
            said.append(
                f"The bill of {month:%B %Y} has no line before {first:%Y-%m-%d}: it is taken to cover the month from "
                "its first day. If the export was filtered to a later start, the run rate is too low."
            )
    return said


def _span(start: pd.Timestamp, part: pd.DataFrame) -> Span | None:
    """One billing period: from its start to the last covered hour; None where all its lines are of other periods."""
    end = start + pd.offsets.MonthBegin(1)
    last = _last(part[(part["last_start"] < end) & (part["last_start"] >= start)])
    if last is None:
        # a sum that begins before the end of the period and ends after it holds a line booked too early
        return (start, end) if ((part["first"] < end) & (part["last_start"] >= end)).any() else None
    return (start, end if last > end - DAY else last)


def _last(part: pd.DataFrame) -> pd.Timestamp | None:
    """The last covered hour of lines; those of more than two days (a fee, a month) only if there are no others."""
    length = part["last"] - part["last_start"]
    short = part[(length <= SHORT_LINE) & (length > pd.Timedelta(0))]
    chosen = short if len(short) else part
    if chosen.empty:
        return None
    least: pd.Timestamp = chosen["last_start"].max().floor("h") + HOUR
    last = chosen["last"].max()
    return max(last.ceil("h"), least) if pd.notna(last) else least


def _stretches(rows: pd.DataFrame) -> list[Span]:
    """Without billing periods: from the first to the last line of each sum (a service, a usage type, a resource)."""
    moments = rows.loc[rows["last_start"].notna(), ["first", "last", "last_start"]]
    length = moments["last"] - moments["last_start"]
    short = moments[length <= SHORT_LINE]
    rows = short if len(short) else moments
    end = rows["last"].where(rows["last"] > rows["last_start"], rows["last_start"] + HOUR).dt.ceil("h")
    least = rows["last_start"].dt.floor("h") + HOUR
    ends = end.where(end > least, least)
    return list(zip(rows["first"].dt.floor("h"), ends, strict=True))


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Stretches in order; those that meet, or leave less than a day between them, are one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1] + DAY:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _without_strays(spans: list[Span], others: list[Span]) -> list[Span]:
    longest = max((b - a for a, b in [*spans, *others]), default=pd.Timedelta(0))
    return [(a, b) for a, b in spans if (b - a) >= STRAY_RATIO * longest]


def _gap_sentences(window: Window) -> list[str]:
    return [
        f"nothing of {a:%Y-%m-%d} to {b:%Y-%m-%d} ({(b - a) / HOUR:,.0f} h) is in the export: left out of the hours"
        for a, b in window.gaps
    ]


def _stray_sentences(window: Window, lines: pd.DataFrame) -> list[str]:
    """Lines of other times, with their dollars."""
    stray = lines[window.outside(lines)]
    if "inside" in stray:
        stray = stray[~stray["inside"]]
    if stray.empty:
        return []
    dates = [f"{moment:%Y-%m-%d}" for moment in (stray["first"].min(), stray["last_start"].max())]
    named = " to ".join(dict.fromkeys(dates))
    usd = stray["unblended_usd"].sum() if "unblended_usd" in stray else stray["unblended"].sum()
    return [
        f"lines of other periods ({named}; late or corrected) keep their {words.usd(usd)}; they do not stretch the "
        f"window, {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}, and their usage is not in the run rate"
    ]


def _assumptions(spans: Sequence[Span]) -> list[str]:
    return [
        f"The bill of {b:%B %Y} has no usage line after {b:%Y-%m-%d %H:%M}: it is taken to cover the time until then."
        for _, b in spans
        if b.day != 1
    ]
