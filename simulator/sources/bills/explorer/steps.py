"""How long the rows of a console download last: an hour, a day or a month. Only their first moment is stated."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise

from simulator.sources.bills.report import BillError

DAY = re.compile(r"^\d{4}-\d\d-\d\d(T\d\d:00:00Z?)?$")
MOST_INSTANCES = 12
"""One row that is not on the first: this many instances of one type all day are likelier than a cut month."""


def most_hours(head: list[str], body: list[list[str]]) -> float:
    """The most instance-hours of one column and row: more than 24 cannot be one day of one instance."""
    found = [0.0]
    for i, heading in enumerate(head[1:], start=1):
        if heading.endswith("(Hrs)"):
            found += [
                float(r[i]) for r in body if len(r) == len(head) and re.match(r"^\d+(\.\d+)?$", r[i].strip())
            ]
    return max(found)


def steps(days: list[str], name: str, most_hours: float) -> dict[str, timedelta]:
    """How long each row lasts: a day, an hour, or a month where rows are a month apart.

    One row alone on the first of a month: a month when it holds more instance-hours than a day of one instance has, or
    when it is the only row (the console shows a month that way; a single day is downloaded as hours or with its day).
    """
    wrong = next((d for d in days if not DAY.match(d)), None)
    if wrong is not None or not days:
        raise BillError(f"{name}: first column {wrong!r}; expected days such as 2026-10-01")
    try:
        moments = {d: datetime.fromisoformat(d.removesuffix("Z")) for d in days}
    except ValueError as error:
        raise BillError(f"{name}: {error}; expected days such as 2026-10-01") from error
    ordered = sorted(moments.values())
    gaps = [b - a for a, b in pairwise(ordered) if b > a]
    later = [m for m in ordered if m != ordered[0]]
    first_cut = bool(later) and ordered[0].hour == 0 and later[0] == _month_end(ordered[0])
    by_month = all(m.day == 1 and m.hour == 0 for m in later) and (ordered[0].day == 1 or first_cut)
    if by_month and ordered[0].hour == 0 and (not gaps or min(gaps) > timedelta(days=1)):
        return {d: _month_end(m) - m for d, m in moments.items()}
    if gaps and min(gaps) < timedelta(hours=12):
        return dict.fromkeys(days, timedelta(hours=1))
    if gaps and min(gaps) >= timedelta(
        days=27
    ):  # months of which the first is cut: each ends where a month does
        return {d: _month_end(m) - m for d, m in moments.items()}
    if not gaps and most_hours > 24 and most_hours > 24.0 * MOST_INSTANCES:
        return {d: _month_end(m) - m for d, m in moments.items()}
    return dict.fromkeys(days, timedelta(days=1))


def _month_end(moment: datetime) -> datetime:
    return (moment.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0)
