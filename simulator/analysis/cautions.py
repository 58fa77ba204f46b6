"""What to know before a figure is believed: short windows, single jobs scaled up, plans and models that end inside
the horizon.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from simulator import words
from simulator.analysis.retirement import retirements
from simulator.engine.calendar import calendar_of, month_start
from simulator.engine.scenario import PRESETS, preset
from simulator.engine.simulate import Result
from simulator.units import run_rate_factor

SHORTEST_WINDOW_DAYS = 14
LARGEST_FACTOR = 3.0
HOURS_PER_DAY = 24


def cautions(result: Result, months: int = 12) -> list[str]:
    """Sentences, those on the window first."""
    return [
        *_window(result),
        *_scaled_job(result),
        *_ending_plans(result, months),
        *_retiring(result, months),
        *_left_out(result),
    ]


def _window(result: Result) -> list[str]:
    days = result.account.snapshot.window_hours / HOURS_PER_DAY
    if days >= SHORTEST_WINDOW_DAYS:
        return []
    return [
        f"The window is {days:.3g} days, shorter than {SHORTEST_WINDOW_DAYS}: a month made of it is a guess."
    ]


def _scaled_job(result: Result) -> list[str]:
    """One job that stands for more than three in the month."""
    factor = run_rate_factor(result.account.snapshot.window_hours)
    rows = len(result.baseline.usage.training)
    if factor <= LARGEST_FACTOR or not rows:
        return []
    usd = result.baseline.charges.by_resource("training", rows)
    top = int(np.argmax(usd))
    name = result.baseline.usage.training.resource_id[top]
    return [
        f"Job {name} ran once in the window and counts {factor:.1f} times in a month: {words.usd(usd[top])}."
    ]


def _ending_plans(result: Result, months: int) -> list[str]:
    dated = calendar_of(result)
    last: date = month_start(dated.first, months + 1)
    return [
        f"Savings Plan {p.plan_id} of {words.usd(p.commitment_usd_per_hour)} per hour ends on {p.end}: from "
        "then its hours "
        "are on demand. The run rate has it, the months go by its date."
        for p in dated.plans
        if p.end and p.end < last
    ]


def _retiring(result: Result, months: int) -> list[str]:
    """Models that are dead or die inside the months."""
    return [r.sentence() for r in retirements(result.account, result.baseline, result.book, months)]


def _left_out(result: Result) -> list[str]:
    """Levers that a preset has elsewhere and not on this account."""
    name = result.scenario.name
    gone = (
        [x.id for x in preset(name).ordered() if result.scenario.setting(x.id) is None]
        if name in PRESETS
        else []
    )
    return [f"Of the preset {name} these levers are left out here: {', '.join(gone)}."] if gone else []
