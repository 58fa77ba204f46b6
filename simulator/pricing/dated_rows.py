"""Prices that were read → rows to append to the price book, which never goes backwards in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pandas as pd

from simulator.pricing.files import COLUMNS
from simulator.pricing.price_list import Found, Read

CONFIRM_DAYS = 30
SAME = 1e-9


def new_rows(
    read: Read, known: pd.DataFrame, today: date, source: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows to append, and sentences on what was left out. An unchanged price checked lately needs no row.

    Raises ValueError when the offer is older than what the book holds: prices never go backwards in time.
    """
    if read.published > today + timedelta(days=1):
        raise ValueError(f"{read.offer}: published on {read.published}, after today, {today}; refused")
    _not_older(read, known)
    published = known[~known["grade"].isin(["assumed", "own"])].sort_values("effective_from", kind="stable")
    wanted = {p.key for p in read.prices}
    places = zip(published["component"], published["item"], published["region"], strict=True)
    published = published[[place in wanted for place in places]]
    latest = {
        (str(a), str(b), str(c)): rows.drop_duplicates("tier_from", keep="last")
        for (a, b, c), rows in published.groupby(["component", "item", "region"])
    }
    made: list[dict[str, Any]] = []
    left_out: list[str] = []
    for key, prices in _by_key(read.prices).items():
        steps = {p.tier_from: p for p in prices}
        if len({(p.tier_from, round(p.usd / p.per, 15)) for p in prices}) > len(steps):
            types = ", ".join(sorted({p.usage_type for p in prices}))
            left_out.append(f"{'/'.join(key[:2])} in {key[2]}: two prices in the offer ({types})")
        elif key in latest and set(latest[key]["tier_from"]) != set(steps):
            left_out.append(f"{'/'.join(key[:2])} in {key[2]}: its tiers changed; enter it by hand")
        else:
            made += _dated(list(steps.values()), latest.get(key), read, today, source)
    return made, left_out


def _not_older(read: Read, known: pd.DataFrame) -> None:
    beginning = f"price-list-{read.offer}-"
    regions = {p.region for p in read.prices}
    ours = known[known["source"].str.startswith(beginning) & known["region"].isin(regions)]
    newest = ours["source"].str.removeprefix(beginning).max() if len(ours) else ""
    if newest > read.published.isoformat():
        raise ValueError(
            f"{read.offer}: published on {read.published}, but the book already holds the offer of {newest}; "
            "prices never go backwards, nothing was written"
        )


def _dated(
    steps: list[Found], latest: pd.DataFrame | None, read: Read, today: date, source: str
) -> list[dict[str, Any]]:
    """Rows of one key, all its tiers together, or none when nothing changed."""
    since = max(p.since for p in steps)
    if latest is not None:
        last = date.fromisoformat(latest["effective_from"].max())
        before = dict(zip(latest["tier_from"], latest["usd"] / latest["per"], strict=True))
        same = all(abs(p.usd / p.per - before[p.tier_from]) <= SAME * before[p.tier_from] for p in steps)
        lately = (today - timedelta(days=CONFIRM_DAYS)).isoformat()
        if same and (read.published <= last or _confirmed(latest, lately)):
            return []
        if same or since <= last:
            since = read.published
        if since <= last:
            name = "/".join(steps[0].key[:2])
            raise ValueError(
                f"{read.offer}: the offer of {read.published} has {name} in {steps[0].region} at {steps[0].usd:.10g}, "
                f"but the book has a later price, from {last}; prices never go backwards, nothing was written"
            )
    return [_row(p, since, today, source) for p in steps]


def _confirmed(latest: pd.DataFrame, lately: str) -> bool:
    return bool(((latest["grade"] == "api") & (latest["checked_on"] >= lately)).all())


def _row(price: Found, since: date, today: date, source: str) -> dict[str, Any]:
    tiered = price.tier_from > 0 or price.tier_to != float("inf")
    values = (
        *price.key, f"{price.tier_from:.10g}" if tiered else "",
        "" if price.tier_to == float("inf") else f"{price.tier_to:.10g}", f"{price.usd:.10g}", price.unit,
        f"{price.per:.10g}", since.isoformat(), "", today.isoformat(), "api", source, price.usage_type,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _by_key(prices: Iterable[Found]) -> dict[tuple[str, str, str], list[Found]]:
    found: dict[tuple[str, str, str], list[Found]] = {}
    for price in prices:
        found.setdefault(price.key, []).append(price)
    return found
