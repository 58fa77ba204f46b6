"""The window of a bill: what it covers, not where the lines that we model begin and end.

A billing period is covered from its first moment to the last hour of a usage line of any service in it; a line that
reaches its last day completes it. Where the export does not state billing periods, months are covered from their first
to their last usage line. What a bill states of another period (a late line, a correction) keeps its dollars and moves
nothing. Time between covered stretches is a gap: named, and left out of the hours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from simulator.sources.bills.report import BillError

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
HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)
Span = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class Window:
    """The window of the snapshot, its gaps, and the length of a metered line (1 h, 24 h, or a month)."""

    start: pd.Timestamp
    end: pd.Timestamp
    line_hours: float = 24.0
    gaps: tuple[Span, ...] = ()

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
    joined = _without_strays(_joined([*own, *_billing_periods(rows[has])]), [])
    loose = _joined(_stretches(rows[~has]))
    kept = _joined([*joined, *_without_strays(loose, joined)])
    if not kept:
        raise BillError("no line of the export has a time; a window cannot be found")
    gaps = tuple((a[1], b[0]) for a, b in pairwise(kept))
    window = Window(kept[0][0], kept[-1][1], gaps=gaps)
    return window, _assumptions(kept), [*_gap_sentences(window), *_stray_sentences(window, lines)]


def _billing_periods(rows: pd.DataFrame) -> list[Span]:
    """What the lines of each billing period cover."""
    month = rows["period"].fillna(rows["first"]).to_numpy().astype("datetime64[M]").astype("datetime64[us]")
    moments = rows[["first", "last", "last_start"]].assign(month=month)
    moments = moments[moments["month"].notna() & moments["last_start"].notna()]
    found = [_span(pd.Timestamp(str(m)), part) for m, part in moments.groupby("month")]
    return [s for s in found if s is not None]


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
    stray = lines[(lines["first"] < window.start) | (lines["last_start"] >= window.end)]
    if stray.empty:
        return []
    first = stray["first"].min()
    return [
        f"lines of other periods (from {first:%Y-%m-%d}; late or corrected) keep their dollars and do not stretch the "
        f"window, {window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}"
    ]


def _assumptions(spans: Sequence[Span]) -> list[str]:
    return [
        f"The bill of {b:%B %Y} has no usage line after {b:%Y-%m-%d %H:%M}: it is taken to cover the time until then."
        for _, b in spans
        if b.day != 1
    ]
