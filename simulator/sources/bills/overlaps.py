"""The same month from two sources: found by account, month and usage type, and counted once.

Sources of one family (two deliveries, legacy CUR and CUR 2.0, two extracts) are compared line by line: account, kind,
usage type, resource, start and quantity; a corrected delivery has other costs. Of two deliveries of one month the
newer counts, where their folders tell when they were written. Sources of two families (CUR, FOCUS, Cost Explorer)
bill in different lines: they are the same where they share usage types of one account and month. The finer one is
kept, of two alike the one that reaches further. Where neither contains the other, the import is refused with both
names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.sources.bills.report import CENT_USD, BillError

COLUMNS = (
    "account_id",
    "line_type",
    "usage_type",
    "resource_id",
    "start",
    "quantity",
    "unblended",
    "month",
    "source",
)
Pair = tuple[int, int, tuple[pd.Timestamp, ...]]
"""Two sources and the months that both bill."""
SAME_RATIO = 0.5
"""Two deliveries share most lines; two parts of one delivery almost none."""
PART_RATIO = 0.1
"""Below this, lines in common are those that look alike; between this and `SAME_RATIO` two extracts overlap."""
RANK = {"CUR 2.0": 0, "legacy CUR": 1, "FOCUS": 2, "GetCostAndUsage JSON": 3, "Cost Explorer CSV": 4}
DELIVERED = re.compile(r"\b(\d{4}-?\d\d-?\d\dT\d\d[\d:.]*)")
CENT_DECIMALS = 6
MORE_RATIO = 1.02
"""Cost Explorer rounds and refreshes daily: within two percent a month is the same month."""


@dataclass(frozen=True)
class Origin:
    """A source in words: its files, its format, and whether its lines can be compared with another's (`family`)."""

    name: str
    format: str
    family: str

    @property
    def delivered(self) -> str:
        """When the delivery was written, as its folder says: `2026-09-10T00:00:00Z-…` or `20260910T000000Z`."""
        found = DELIVERED.findall(self.name)
        return re.sub(r"[^0-9]", "", found[-1])[:12].ljust(12, "0") if found else ""

    @property
    def rank(self) -> int:
        """Finer formats first."""
        return next((r for f, r in RANK.items() if self.format.startswith(f)), len(RANK))


def suspects(money: pd.DataFrame) -> list[Pair]:
    """Pairs of sources with the months in which both bill the same account and usage type (or one tells none)."""
    if money["source"].nunique() < 2:
        return []
    rows = money[money["good"] & money["period"].notna()]
    keys = {k: rows[k].astype(str).to_numpy() for k in ("account_id", "usage_type")}
    frame = pd.DataFrame({"source": rows["source"].to_numpy(), "month": _month(rows), **keys})
    found: dict[tuple[int, int], list[pd.Timestamp]] = {}
    for month, own in frame.drop_duplicates().groupby("month"):
        for pair in _meeting(own):
            found.setdefault(pair, []).append(pd.Timestamp(str(month)))
    return [(a, b, tuple(months)) for (a, b), months in sorted(found.items())]


def _meeting(rows: pd.DataFrame) -> list[tuple[int, int]]:
    """Pairs of sources that share an account and usage type of one month; what a source does not tell is any."""
    source, sources = pd.factorize(rows["source"], sort=True)
    account, type_ = (pd.factorize(rows[k])[0] for k in ("account_id", "usage_type"))
    any_account, any_type = ((rows[k] == "").to_numpy() for k in ("account_id", "usage_type"))
    every = np.ones(len(rows), dtype=bool)

    def by(key: NDArray[np.int64], where: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Whether a source (row) has a line of a key (column)."""
        there = np.zeros((len(sources), int(key.max()) + 1), dtype=np.float32)
        there[source[where], key[where]] = 1.0
        return there

    both, none = account * (int(type_.max()) + 1) + type_, np.zeros(len(rows), dtype=np.int64)
    both = np.unique(both, return_inverse=True)[1]
    meet = by(both, every) @ by(both, every).T
    for key, one, other in (
        (type_, any_account, every),
        (account, any_type, every),
        (none, any_account & any_type, every),
        (none, any_account, any_type),
    ):
        if one.any() and other.any():
            meet += by(key, one) @ by(key, other).T
    numbers = [int(s) for s in sources]
    return [(numbers[i], numbers[j]) for i, j in np.argwhere(np.triu(meet + meet.T, 1)).tolist()]


def _month(money: pd.DataFrame) -> NDArray[np.datetime64]:
    month: NDArray[np.datetime64] = money["period"].to_numpy().astype("datetime64[M]")
    return month.astype("datetime64[us]")


def shared_lines(table: Any, months: Sequence[pd.Timestamp]) -> Any:
    """Of lines (`COLUMNS`): how many of two sources are the same, by pair of sources."""
    moments = [m.to_pydatetime() for m in months]
    rows = table.mutate(
        month=table.month.truncate("M"),
        quantity=table.quantity.fill_null(-1.0).round(CENT_DECIMALS),
        unblended=table.unblended.round(CENT_DECIMALS),
        **{k: table[k].fill_null("") for k in ("account_id", "line_type", "usage_type", "resource_id")},
    )
    rows = rows.filter(rows.month.isin(moments) & (rows.unblended != 0.0))
    # without the cost: a corrected delivery bills the same usage at other dollars
    keys = [c for c in COLUMNS if c not in ("source", "month", "unblended")]
    counted = rows.group_by([*keys, "source"]).agg(lines=rows.count())
    other = counted.view()
    pairs = counted.join(other, [*keys, counted.source < other.source], rname="{name}_b")
    least = ibis.least(pairs.lines, pairs.lines_b)
    return pairs.group_by("source", "source_b").agg(shared=least.sum())


@dataclass(frozen=True)
class Extent:
    """What one source bills in some months: lines, dollars, and its first and last moment."""

    rows: int
    usd: float
    first: pd.Timestamp
    last: pd.Timestamp


class Extents:
    """The extents of all sources, added up once by source and month."""

    def __init__(self, money: pd.DataFrame) -> None:
        good = money[money["good"]]
        paid = good["rows"].where(good["unblended"] != 0.0, 0)
        rows = pd.DataFrame(
            {"source": good["source"].to_numpy(), "month": _month(good), "rows": paid.to_numpy()}
            | {k: good[k].to_numpy() for k in ("unblended", "first", "last")}
        )
        by_month = rows.groupby(["source", "month"]).agg(
            rows=("rows", "sum"), unblended=("unblended", "sum"), first=("first", "min"), last=("last", "max")
        )
        self._parts = {(int(s), pd.Timestamp(m)): x for (s, m), *x in by_month.itertuples(name=None)}
        self._known: dict[tuple[int, tuple[pd.Timestamp, ...]], Extent] = {}

    def of(self, source: int, months: Sequence[pd.Timestamp]) -> Extent:
        """What a source bills in these months, of which it has at least one."""
        key = (source, tuple(months))
        if key not in self._known:
            rows, usd, first, last = zip(
                *(x for m in months if (x := self._parts.get((source, m)))), strict=True
            )
            self._known[key] = Extent(int(sum(rows)), float(sum(usd)), min(first), max(last))
        return self._known[key]


def left_out(
    pairs: Sequence[Pair],
    shared: Mapping[tuple[int, int], int],
    money: pd.DataFrame,
    origins: Sequence[Origin],
    by_id: Mapping[tuple[int, int], int],
) -> tuple[dict[int, set[pd.Timestamp]], dict[int, list[int]], list[str]]:
    """Months to leave out by source, sources whose lines are to be left out of another, and what is said about it.

    `by_id` are lines in common by their identity. Raises BillError where it cannot be decided.
    """
    drop: dict[int, set[pd.Timestamp]] = {}
    without: dict[int, list[int]] = {}
    said, extents = [], Extents(money)
    for a, b, months in pairs:
        if set(months) <= drop.get(a, set()) or set(months) <= drop.get(b, set()):
            continue
        ours, theirs = extents.of(a, months), extents.of(b, months)
        alike = origins[a].family == origins[b].family != ""
        same = shared.get((a, b), 0)
        least = max(1, min(ours.rows, theirs.rows))
        loser = _loser((a, ours), (b, theirs), same if alike else None, origins)
        if alike and (same < SAME_RATIO * least or loser is None) and by_id.get((a, b)):
            without.setdefault(b, []).append(a)
            said.append(
                f"{origins[a].name} and {origins[b].name} share {by_id[(a, b)]:,} lines (same line item id and time "
                "interval): counted once"
            )
            continue
        if alike and same < PART_RATIO * least:
            continue
        if loser is None or (alike and same < SAME_RATIO * least):
            raise _undecided(origins[a], origins[b], months)
        winner = a + b - loser
        more = _accounts(money, loser) - _accounts(money, winner)
        if more and _accounts(money, winner):
            raise BillError(
                f"{origins[loser].name} bills {months[0]:%Y-%m} as {origins[winner].name} does, and account "
                f"{min(more)} besides: import one of them"
            )
        drop.setdefault(loser, set()).update(months)
        named = ", ".join(f"{m:%Y-%m}" for m in months)
        said.append(
            f"{named} is in {origins[winner].name} and in {origins[loser].name}: counted once, from the first "
            f"({origins[winner].format})"
        )
    return drop, without, said


def _within(worse: Extent, better: Extent, one_format: bool) -> bool:
    """The time and the dollars of the coarser source are in the finer one; of one format, the dollars are equal."""
    day, most = pd.Timedelta(days=1), better.usd * MORE_RATIO + 1.0
    if one_format and abs(worse.usd - better.usd) > 1.0:
        return False
    return worse.last <= better.last + day and worse.first >= better.first - day and worse.usd <= most


def _accounts(money: pd.DataFrame, source: int) -> set[str]:
    return set(money.loc[money["source"] == source, "account_id"].astype(str)) - {""}


def _loser(
    a: tuple[int, Extent],
    b: tuple[int, Extent],
    same: int | None,
    origins: Sequence[Origin],
) -> int | None:
    """Which of two sources of one month to leave out; None where neither contains the other."""
    better, worse = sorted((a, b), key=lambda s: (origins[s[0]].rank, -s[1].last.value, -s[1].rows, s[0]))
    if (
        same is not None
    ):  # line by line: of two deliveries the one that reaches further, of two alike the finer
        later, earlier = sorted(
            (a, b), key=lambda s: (-s[1].last.value, -s[1].rows, origins[s[0]].rank, s[0])
        )
        written = [origins[s[0]].delivered for s in (a, b)]
        if all(written) and written[0] != written[1]:
            return a[0] if written[0] < written[1] else b[0]
        contained = same >= earlier[1].rows or later[1].first <= earlier[1].first
        tied = later[1].last == earlier[1].last and later[1].rows == earlier[1].rows
        if contained and not (tied and abs(later[1].usd - earlier[1].usd) > CENT_USD):
            return earlier[0]
    elif _within(worse[1], better[1], origins[worse[0]].rank == origins[better[0]].rank):
        return worse[0]
    return None


def _undecided(one: Origin, other: Origin, months: Sequence[pd.Timestamp]) -> BillError:
    one, other = sorted((one, other), key=lambda o: o.rank)
    return BillError(
        f"{one.name} ({one.format}) and {other.name} ({other.format}) both bill {months[0]:%Y-%m}, and "
        "neither contains the other: import one of them"
    )
