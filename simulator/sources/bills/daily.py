"""Dollars by day and what was billed: the lines of usage of an export, day by day, for anomalies and histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from simulator.scratch import ScratchFolder
from simulator.sources.bills.bill import ONE_AT_A_TIME, origins, sources_of
from simulator.sources.bills.classify import classified
from simulator.sources.bills.engines.engine import open_engine, plain
from simulator.sources.bills.lines import AMOUNTS
from simulator.sources.bills.questions import counted_once
from simulator.sources.bills.report import BillError
from simulator.sources.bills.sums import HOUR_TYPES, MONEY_COLUMNS, amortized

DRIVERS = ("component", "usage_type", "resource_id", "model", "account_id", "region")
KEYS = (
    *("account_id", "line_type", "product", "product_name", "usage_type", "description"),
    *("resource_id", "unit", "currency", "region"),
)
DAY_HOURS = 25


def daily(
    paths: Sequence[str | Path] | str | Path, *, usd_per: Mapping[str, float] | None = None
) -> tuple[pd.DataFrame, float]:
    """`day`, DRIVERS and `usd` of every line of usage of a day or less; dollars of longer lines beside.

    Lines covered by a Savings Plan count at the plan's rate where the export tells it; taxes, credits, refunds and fees
    are no usage. A month that comes twice counts once, as in `import_bill`. Raises BillError as that does.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    if not given:
        raise BillError("no path given; expected the files, folder or address of a billing export")
    with (
        ONE_AT_A_TIME,
        ScratchFolder() as scratch,
        closing(open_engine("duckdb", scratch.path, None)) as engine,
    ):
        sources, contents = sources_of(engine, given, scratch.path, lambda words, share: None)
        frames = [frame for _, frame in contents.frames]
        table = counted_once(engine, sources, frames, origins(sources, contents))
        found = plain(engine.start(_by_day(table.lines(MONEY_COLUMNS)))())
    return _told(found, usd_per or {})


def _by_day(t: Any) -> Any:
    rows = t.filter(t.line_type.isin(HOUR_TYPES) & t.in_range & t.unblended.notnull() & ~t.unblended.isnan())
    rows = rows.mutate(
        day=rows.start.truncate("D"),
        short=rows.end <= rows.start + ibis.interval(hours=DAY_HOURS),
        reserved=rows.reservation_id != "",
    )
    sums = rows.group_by(*KEYS, "day", "short", "reserved", "says_amortized").agg(
        rows=rows.count(),
        effective_rows=rows.effective.count(),
        **{name: rows[name].sum() for name in AMOUNTS},
    )
    return sums.mutate(amortized=amortized(sums))


def _told(found: pd.DataFrame, usd_per: Mapping[str, float]) -> tuple[pd.DataFrame, float]:
    texts = {k: found[k].fillna("").astype("category") for k in KEYS}
    lines = classified(found.assign(**texts), usd_per)
    lines = lines[lines["usd"].to_numpy(bool)]
    usd = lines["amortized_usd"].fillna(lines["unblended_usd"]).astype(float)
    short = lines["short"].to_numpy(bool)
    out = plain(lines.loc[short, ["day", *DRIVERS]]).assign(usd=usd[short])
    keys = ["day", *DRIVERS]
    return out.groupby(keys, as_index=False, dropna=False)[["usd"]].sum(), float(usd[~short].sum())
