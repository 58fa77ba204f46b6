"""Which sources bill the same month: beside the rule, row by row."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from simulator.sources.bills.overlaps import Extents, suspects

DAYS = [pd.Timestamp("2026-07-31"), pd.Timestamp("2026-08-01"), pd.Timestamp("2026-08-31"), pd.NaT]
Row = tuple[int, pd.Timestamp, str, str, bool, int, float]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(DAYS),
        st.sampled_from(["", "1", "2"]),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from([True, True, True, False]),
        st.integers(1, 9),
        st.sampled_from([0.0, 1.5, -0.25]),
    ),
    min_size=2,
    max_size=12,
)
COLUMNS = ("source", "period", "account_id", "usage_type", "good", "rows", "unblended")


def money(rows: list[Row]) -> pd.DataFrame:
    """Sums of dollars as an import has them."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"period": "datetime64[us]"})
    return frame.assign(first=frame["period"], last=frame["period"] + pd.to_timedelta(frame["rows"], "h"))


def month(day: pd.Timestamp) -> pd.Timestamp:
    return day.replace(day=1)


@given(ROWS)
def test_two_sources_meet_where_a_row_of_each_may_be_the_same(rows: list[Row]) -> None:
    """Account and usage type are the same, or one of the two rows does not tell; only good rows with a date count."""
    wanted: dict[tuple[int, int], set[pd.Timestamp]] = {}
    told = [r for r in rows if r[4] and not pd.isna(r[1])]
    for (s, day, *one, _, _, _), (t, other_day, *other, _, _, _) in combinations(told, 2):
        same = all(x == y or "" in (x, y) for x, y in zip(one, other, strict=True))
        if s != t and same and month(day) == month(other_day):
            wanted.setdefault((min(s, t), max(s, t)), set()).add(month(day))
    assert suspects(money(rows)) == [(a, b, tuple(sorted(m))) for (a, b), m in sorted(wanted.items())]


@given(ROWS)
def test_extent_counts_the_good_rows_of_these_months_and_of_those_that_are_paid_the_lines(
    rows: list[Row],
) -> None:
    extents = Extents(money(rows))
    for a, b, months in suspects(money(rows)):
        for source in (a, b):
            own = [r for r in rows if r[0] == source and r[4] and not pd.isna(r[1]) and month(r[1]) in months]
            found = extents.of(source, months)
            assert found.rows == sum(r[5] for r in own if r[6])
            assert abs(found.usd - sum(r[6] for r in own)) < 1e-9
            assert found.first == min(r[1] for r in own)
            assert found.last == max(r[1] + pd.Timedelta(hours=r[5]) for r in own)
