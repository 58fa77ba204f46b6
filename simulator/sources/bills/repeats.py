"""Lines that occur twice: told by their identity (line item id and time interval), counted once.

Source: Cost and Usage Report user guide, identity columns. An id is unique within a delivery's partition only, so a
line is the same line where its start and its cost agree too. Exports without these columns (FOCUS, Athena tables that
leave them out) tell by all they say of a line: AWS writes one line for a resource, usage type, operation and hour, so
two that agree in everything are one. Lines without a resource may be alike; they count once only where the whole file
is there twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

SAME_LINE = ("line_id", "start", "unblended")
KEYS = (
    *(
        "account_id",
        "line_type",
        "product",
        "product_name",
        "usage_type",
        "description",
        "resource_id",
        "unit",
    ),
    *("currency", "region", "start", "end", "quantity", "unblended", "plan_id", "operation", "zone", "sku"),
)
EXACT_ROWS = 100_000
"""Up to here every id is compared. To read the ids of millions of lines takes longer than all sums of an import: above
it, only where more lines than hours stand between the first and the last line of a resource (see `crowded`). Of 3
million lines that is 1.1 s beside 0.7 s for all the rest."""


def crowded(money: pd.DataFrame) -> bool:
    """True where a resource has more lines of one kind than fit between its first and its last one."""
    rows = money[money["good"] & (money["resource_id"] != "") & (money["unblended"] != 0.0)]
    step = rows["last"] - rows["last_start"]
    step = step.where(step > pd.Timedelta(0), pd.Timedelta(hours=1))
    return bool((rows["rows"] > (rows["last_start"] - rows["first"]) / step + 1.5).any())


def repeated(rows: Any) -> Any:
    """Of the lines of one source: how many repeat another."""
    named = rows.filter(rows.line_id != "")
    sums = named.group_by(*SAME_LINE).agg(n=named.count())
    return sums.agg(extra=(sums.n - 1).sum().fill_null(0))


def alike(rows: Any) -> Any:
    """Of lines without an identity: how many repeat another in everything, in all and among those of a resource."""
    paid = rows.filter(rows.unblended != 0.0)
    sums = paid.group_by(*KEYS).agg(n=paid.count())
    own = (sums.resource_id != "").fill_null(False)
    return sums.agg(
        lines=sums.n.sum().fill_null(0),
        extra=(sums.n - 1).sum().fill_null(0),
        of_resources=(sums.n - 1).sum(where=own).fill_null(0),
        least=sums.n.min().fill_null(0),
    )


def once_by_keys(rows: Any, everything: bool) -> Any:
    """The lines, those that agree in everything once: of resources only, or all."""
    doubtful = (rows.unblended != 0.0).fill_null(False)
    if not everything:
        doubtful = doubtful & (rows.resource_id != "").fill_null(False)
    return rows.filter(doubtful).distinct(on=list(KEYS), keep="first").union(rows.filter(~doubtful))


def in_both(rows: Any) -> Any:
    """Of the lines of several sources: how many a pair of them has in common."""
    named = rows.filter(rows.line_id != "").select(*SAME_LINE, "source").distinct()
    other = named.select(*SAME_LINE, source_b=named.source)
    pairs = named.join(other, list(SAME_LINE))
    pairs = pairs.filter(pairs.source < pairs.source_b)
    return pairs.group_by("source", "source_b").agg(shared=pairs.count())


def once(rows: Any) -> Any:
    """The lines, each identity once; lines without one stay."""
    named = rows.filter(rows.line_id != "").distinct(on=list(SAME_LINE), keep="first")
    return named.union(rows.filter(rows.line_id == ""))


def without_those_of(rows: Any, others: Sequence[Any]) -> Any:
    """The lines that no other source has."""
    for other in others:
        rows = rows.anti_join(other.filter(other.line_id != ""), list(SAME_LINE))
    return rows


def sentences(extra: Mapping[int, int], by_id: Collection[int], names: Sequence[str]) -> list[str]:
    """What was found in each source; `by_id` are those whose lines have an identity."""
    return [
        f"{names[i]}: {n:,} lines repeat another "
        f"({'same line item id and time interval' if i in by_id else 'the same in every column'}): counted once"
        for i, n in sorted(extra.items())
        if n
    ]


def columns_with(columns: Collection[str], *more: str) -> list[str]:
    """The columns asked for and those an identity needs, each once."""
    return list(dict.fromkeys([*columns, *SAME_LINE, *more]))
