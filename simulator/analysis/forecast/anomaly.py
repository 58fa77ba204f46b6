"""Days that cost more than their past explains, and what drove them.

A day is expected to cost what the forecast of the days before it says (`forecast`, one day ahead). It is an anomaly
where it lies above that by more than all of: `MARGIN` × the largest miss of the last `MEMORY` days, `SPREADS` robust
standard deviations of those misses, `LEAST_RATIO` of what was expected, and the dollars that are worth a look. The
largest miss is part of the rule because a bill's errors have heavy tails: spreads alone cry wolf. Days in a row are one
anomaly; once `SETTLED` of them have passed the new level is the level, and the anomaly is over.

The driver is the usage type, model or resource whose dollars rose most against its own middle of the `BEFORE` days
before, with the share of the rise that it explains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.analysis.forecast.models import MODELS, ahead, usable
from simulator.errors import InputError
from simulator.words import count, percent, usd

Array = NDArray[np.float64]
SEASON = 7
LEARNING = 14
"""Days before the first that can be judged: two weeks."""
MEMORY = 60
MARGIN, SPREADS, LEAST_RATIO = 1.5, 6.0, 0.3
"""Set on years made of the real series: 2 alarms in 40 such years, never two in one (2026-11-28)."""
LEAST_USD = 10.0
SETTLED = 3
BEFORE = 28
DRIVERS = ("usage_type", "model", "resource_id")


@dataclass(frozen=True)
class Driver:
    """One thing on the bill: which column names it, its name, dollars above its own past, share of the rise."""

    kind: str
    name: str
    above_usd: float
    share_ratio: float


@dataclass(frozen=True)
class Anomaly:
    """Days in a row above what was expected; the drivers largest first, at most one of each kind."""

    component: str
    first_day: pd.Timestamp
    days: int
    usd: float
    expected_usd: float
    drivers: tuple[Driver, ...]

    @property
    def above_usd(self) -> float:
        """What the days cost more than expected."""
        return self.usd - self.expected_usd

    def sentence(self) -> str:
        """In words: when, how much, what drove it."""
        when = f"{self.first_day:%Y-%m-%d}" + (f", {count(self.days, 'day')}" if self.days > 1 else "")
        named = "; ".join(
            f"{d.kind.replace('_id', '').replace('_', ' ')} {d.name} ({percent(d.share_ratio)} of the rise)"
            for d in self.drivers
        )
        return (
            f"{self.component}, {when}: {usd(self.usd)} where {usd(self.expected_usd)} was expected. "
            f"Driver: {named or 'the lines name nothing'}."
        )


def anomalies(daily: pd.DataFrame, least_usd: float = LEAST_USD) -> list[Anomaly]:
    """The anomalies of every component, oldest first.

    `daily` has day, component, usd, and any of DRIVERS (empty: not known). Days without a line cost nothing; the last
    day of a bill may be cut and shows as a low day, which is never an anomaly. Raises InputError for a history too
    short to judge any day.
    """
    if daily.empty:
        raise InputError("anomalies: no line of a day or less; a bill by day or hour is needed")
    days = pd.date_range(daily["day"].min(), daily["day"].max(), freq="D")
    if len(days) <= LEARNING:
        raise InputError(
            f"anomalies: {count(len(days), 'day')} of history; the first day that can be judged is day {LEARNING + 1}"
        )
    table = daily.pivot_table(index="day", columns="component", values="usd", aggfunc="sum", observed=True)
    table = table.reindex(days, fill_value=0.0).fillna(0.0)
    found = []
    for component in table:
        values = np.maximum(table[component].to_numpy(float), 0.0)
        lines = daily[daily["component"] == component]
        found += [_named(str(component), days, values, spell, lines) for spell in unusual(values, least_usd)]
    return sorted(found, key=lambda a: (a.first_day, -a.above_usd))


def unusual(values: Array, least_usd: float = LEAST_USD) -> list[tuple[int, int, float]]:
    """Spells above what is expected: first place, length, and what was expected of them together.

    A spell that ends is no part of the level after it; one that lasts `SETTLED` days is the new level, and the days
    before it are forgotten. Its size is remembered either way: what was told once is told again within `MEMORY` days
    only where it is larger, so that an account that goes up and down by the week is told of it once.
    """
    known = values.copy()
    errors = np.full((len(MODELS), len(values)), np.nan)
    spells: list[tuple[int, int, float]] = []
    start = place = 0
    while place < len(known):
        if place - start < LEARNING:
            errors[:, place] = _misses(known[start:place], known[place])
            place += 1
            continue
        expected, limit = _expected(known[start:place], errors[:, max(place - MEMORY, 0) : place], least_usd)
        length = 0
        while length < SETTLED and place + length < len(known) and known[place + length] > limit[length]:
            length += 1
        if length:
            spells.append((place, length, float(expected[:length].sum())))
        for at in range(place, place + length):
            errors[:, at] = known[at] - expected[at - place]
        if length == SETTLED:
            start = place
        elif length:
            known[place : place + length] = expected[:length]
        else:
            errors[:, place] = _misses(known[start:place], known[place])
        place += max(length, 1)
    return spells


def _misses(past: Array, actual: float) -> Array:
    """The error of every model one day ahead; NaN where a model cannot tell yet."""
    return np.array(
        [
            actual - ahead(past, m, SEASON, 1)[0] if len(past) and usable(m, SEASON, len(past)) else np.nan
            for m in MODELS
        ]
    )


def _expected(past: Array, errors: Array, least_usd: float) -> tuple[Array, Array]:
    """What the next days should cost by the model with the least error of late, and what is too much."""
    told = ~np.isnan(errors)
    mean = np.where(told, np.abs(errors), 0.0).sum(axis=1) / np.maximum(told.sum(axis=1), 1)
    enough = told.sum(axis=1) >= LEARNING // 2
    best = int(np.argmin(np.where(enough, mean, np.inf)))
    own = errors[best][told[best]]
    expected = np.maximum(ahead(past, MODELS[best], SEASON, SETTLED), 0.0)
    spread = 1.4826 * float(np.median(np.abs(own - np.median(own))))
    margin = max(MARGIN * float(np.abs(own).max()), SPREADS * spread, least_usd)
    return expected, expected + np.maximum(margin, LEAST_RATIO * expected)


def _named(
    component: str, days: pd.DatetimeIndex, values: Array, spell: tuple[int, int, float], lines: pd.DataFrame
) -> Anomaly:
    place, length, expected = spell
    cost = float(values[place : place + length].sum())
    own = [_driver(kind, lines, days, place, length, cost - expected) for kind in DRIVERS if kind in lines]
    drivers = tuple(d for d in own if d is not None)
    return Anomaly(component, days[place], length, cost, expected, drivers)


def _driver(
    kind: str, lines: pd.DataFrame, days: pd.DatetimeIndex, place: int, length: int, above_usd: float
) -> Driver | None:
    named = lines[lines[kind].astype(object).fillna("").astype(str) != ""]
    if named.empty:
        return None
    table = named.pivot_table(index="day", columns=kind, values="usd", aggfunc="sum", observed=True)
    table = table.reindex(days, fill_value=0.0).fillna(0.0)
    usual = table.iloc[max(place - BEFORE, 0) : place].median()
    rise = (table.iloc[place : place + length] - usual).sum()
    most = int(rise.to_numpy(float).argmax())
    above = float(rise.iloc[most])
    return Driver(kind, str(rise.index[most]), above, min(above / above_usd, 1.0)) if above > 0 else None
