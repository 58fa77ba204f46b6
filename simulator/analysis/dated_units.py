"""Unit economics with dates: per month, owner and unit what the work costs, before and after, with its range.

A month is the sum of its parts by days (`engine/calendar.py`). The volume is the work of that month: what is planned
counts from its day, and grows as its driver does. Per row *unit cost × volume + `outside_usd`* is its cost, and the
costs add up to the month's bill: outside is what resources without a call cost, and what has no unit.
P10 to P90 of the scenario's unit cost come from draws of the levers' parameters, by usage table as in
`dated_savings`; the baseline's unit cost is what was billed, and has no range.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulator.analysis.dated_savings import Spread
from simulator.analysis.unit_costs import NO_OWNER, NONE, USED, work_between
from simulator.engine.calendar import Calendar, calendar_of, month_start
from simulator.engine.simulate import Result
from simulator.usage.blend import DRIVERS

KEYS = ["table", "owner", "unit"]
SIDES = ("before", "after")
DOLLARS = [f"{s}_{n}_usd" for s in SIDES for n in ("cost", "idle", "outside", "worked")]
POINTS = {"p10": 0.1, "p50": 0.5, "p90": 0.9}


def dated_units(result: Result, months: int = 12, drawn: Spread | None = None) -> pd.DataFrame:
    """One row per month, owner, usage table and unit. Raises ValueError unless 1 <= months <= 60.

    Per side: `cost_usd`, `idle_usd` of it, `outside_usd` of it (in no unit cost), `unit_billed_usd` and
    `unit_used_usd` (without idle hours); NaN where nothing was asked for. With draws also `after_unit_p10_usd` …
    """
    if not 1 <= months <= 60:
        raise ValueError(f"months: expected 1 to 60, not {months}")
    dated = calendar_of(result)
    known: dict[tuple[int, ...], pd.DataFrame] = {}
    frames = []
    for month in range(1, months + 1):
        frame = _month(dated, month, known)
        frame.insert(0, "month_start", month_start(dated.first, month).isoformat())
        frame.insert(0, "month", month)
        frames.append(frame)
    made = _with_unit_costs(pd.concat(frames, ignore_index=True))
    return made if drawn is None else _with_range(made, drawn)


def _month(dated: Calendar, month: int, known: dict[tuple[int, ...], pd.DataFrame]) -> pd.DataFrame:
    growth = dated.result.scenario.planning.growth(month)
    parts = []
    for part in dated.parts(month):
        before, after = dated.baseline(month, part.day), dated.outcome(month, part.day)
        work = dated.result_on(part.day).baseline.usage
        key = (id(before), id(after), id(work))
        if key not in known:
            known[key] = _grouped(work_between(before, after, work))
        frame = known[key].copy()
        frame["volume"] *= frame["table"].map(lambda t: growth.get(DRIVERS.get(t, ""), 1.0))
        frame[["volume", *DOLLARS]] *= part.share
        parts.append(frame)
    return pd.concat(parts).groupby(KEYS, sort=True)[["volume", *DOLLARS]].sum().reset_index()


def _grouped(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `work_between` per usage table, owner and unit."""
    named = rows.assign(owner=rows["owner"].replace("", NO_OWNER))
    for side in SIDES:
        used = named[f"{side}_status"] == USED
        named[f"{side}_outside_usd"] = named[f"{side}_cost_usd"].where(~used, 0.0)
        named[f"{side}_worked_usd"] = named[f"{side}_used_usd"].where(used, 0.0)
    return named.groupby(KEYS, sort=True)[["volume", *DOLLARS]].sum().reset_index()


def _with_unit_costs(made: pd.DataFrame) -> pd.DataFrame:
    volume = made["volume"].where((made["volume"] > 0) & (made["unit"] != NONE))
    for side in SIDES:
        made[f"{side}_unit_billed_usd"] = (made[f"{side}_cost_usd"] - made[f"{side}_outside_usd"]) / volume
        made[f"{side}_unit_used_usd"] = made[f"{side}_worked_usd"] / volume
    made["volume"] = volume
    return made.drop(columns=[f"{side}_worked_usd" for side in SIDES])


def _with_range(made: pd.DataFrame, drawn: Spread) -> pd.DataFrame:
    """P10, P50 and P90 of what a unit costs in the scenario, idle hours included."""
    ratios = {t: np.quantile(r, list(POINTS.values())) for t, r in drawn.table.items()}
    for place, name in enumerate(POINTS):
        by_row = made["table"].map(lambda t, n=place: ratios[t][n] if t in ratios else 1.0)
        made[f"after_unit_{name}_usd"] = made["after_unit_billed_usd"] * by_row
    return made
