# ruff: noqa: DTZ001  bills are in UTC without a mark
"""Metered quantity over covered hours is the run rate, whatever the calendar: hours, days, gaps, strays, zones."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.bills.situations import Line, cur2_parquet, daily, focus_csv, hourly, legacy_csv, tried

FIRST = datetime(2026, 4, 1)
MONTHS = [datetime(2026, 4 + i, 1) for i in range(4)]
USD_PER_HOUR = 1.515
WRITERS = (legacy_csv, cur2_parquet, focus_csv)
BOX = Line("USE1-BoxUsage:m5.large", 24.0, 2.304, product="AmazonEC2", resource="i-1")
JOB = Line(
    "USE1-Train:ml.g5.2xlarge",
    1.0,
    USD_PER_HOUR,
    resource="arn:aws:sagemaker:us-east-1:111122223333:training-job/fit",
)


@st.composite
def calendars(draw):
    """Covered stretches (a month each, the last perhaps open), training per covered day, strays, zone, form.

    Two strays differ: a line of an export without ids that is another in every column counts once.
    """
    billed = draw(st.lists(st.sampled_from(MONTHS), min_size=1, max_size=3, unique=True).map(sorted))
    open_days = draw(st.integers(10, 28))
    hours = draw(st.integers(1, 20))
    strays = draw(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 60)), max_size=3, unique=True))
    zone = draw(st.sampled_from([-11, -7, 0, 2, 9]))
    return billed, open_days, hours, strays, zone, draw(st.booleans()), draw(st.sampled_from(WRITERS))


def lines_of(billed, open_days, hours, strays, by_hour):
    """All lines, hours covered and hours of training in them."""
    lines, covered, metered = [], 0, 0.0
    for month in billed:
        end = (month + timedelta(days=32)).replace(day=1)
        days = open_days if month == billed[-1] else (end - month).days
        lines += daily(BOX, days, month)
        for day in range(days):
            start = month + timedelta(days=day)
            own = replace(JOB, quantity=float(hours), usd=hours * USD_PER_HOUR)
            lines += hourly(JOB, hours, start) if by_hour else daily(own, 1, start)
        covered, metered = covered + days * 24, metered + days * hours
    for amount, back in strays:
        start = FIRST - timedelta(days=back)
        more = {"quantity": float(amount), "usd": amount * USD_PER_HOUR, "month": billed[-1]}
        lines.append(replace(JOB, start=start, end=start + timedelta(days=1), **more))
    return lines, covered, metered


@settings(max_examples=12, deadline=None)
@given(calendars())
def test_metered_quantity_over_covered_hours_is_the_run_rate(calendar):
    billed, open_days, hours, strays, zone, by_hour, writer = calendar
    lines, covered, metered = lines_of(billed, open_days, hours, strays, by_hour)

    def spelled(_, value):
        if isinstance(value, datetime):
            return f"{value + timedelta(hours=zone):%Y-%m-%dT%H:%M:%S}{zone:+03d}:00"
        return "" if value is None else str(value)

    with tempfile.TemporaryDirectory() as folder:
        form = {} if writer is cur2_parquet else {"text": spelled}
        found = tried(writer(lines, Path(folder) / "a.bin", **form))
    gaps = sum(((b - a) for a, b in found.imported.snapshot.manifest.gaps), timedelta()) / timedelta(hours=1)
    assert found.imported.snapshot.window_hours - gaps == covered
    assert found.component("training") == pytest.approx(metered / covered * 730 * USD_PER_HOUR)
    stray_usd = sum(amount for amount, _ in strays) * USD_PER_HOUR
    assert found.report.classified_usd["training"] == pytest.approx(metered * USD_PER_HOUR + stray_usd)
