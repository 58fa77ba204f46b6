"""Schedules of notebooks and Studio apps."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.levers.compute.notebook_idle_shutdown import NotebookIdleShutdown
from simulator.levers.compute.notebook_schedule import NotebookSchedule
from simulator.levers.lever import STATES
from simulator.usage.office import office_hours
from simulator.usage.tables import Usage
from tests.accounts import START, account_with

MONTH = 730 / 720
NOTEBOOK = {"kind": "notebook", "hours": 720, "idle_hours": 500, "out_of_hours_hours": 510}


def usage_of(*rows: dict[str, Any]) -> Usage:
    return account_with(compute=rows).usage


def test_out_of_hours_hours_end_as_far_as_the_schedule_reaches() -> None:
    after = NotebookSchedule(reached_ratio=0.8).apply(usage_of(NOTEBOOK)).compute
    assert after.notebook_hours == pytest.approx([(720 - 408) * MONTH])


def test_hours_idle_shutdown_took_are_not_saved_twice() -> None:
    idle = NotebookIdleShutdown(timeout_minutes=120.0, spell_hours=10.0).apply(usage_of(NOTEBOOK))
    after = NotebookSchedule(reached_ratio=1.0).apply(idle).compute
    # Idle shutdown took 400 of 720 hours; of 510 hours outside office hours 110 are left for the schedule.
    assert after.notebook_hours == pytest.approx([210 * MONTH])


def test_both_together_never_take_more_than_what_ran() -> None:
    row = NOTEBOOK | {"hours": 600, "idle_hours": 600, "out_of_hours_hours": 600}
    after = NotebookSchedule(reached_ratio=1.0).apply(NotebookIdleShutdown().apply(usage_of(row))).compute
    assert after.notebook_hours == pytest.approx([0.0])


def test_the_hours_left_lie_in_office_hours() -> None:
    after = NotebookSchedule(reached_ratio=1.0).apply(usage_of(NOTEBOOK)).compute
    by_hour = after.profile.spread(after.notebook_hours)
    assert by_hour[after.office_hours == 0] == pytest.approx(0.0)
    assert by_hour.sum() == pytest.approx(210 * MONTH)


def test_a_week_has_fifty_office_hours() -> None:
    hours = office_hours(pd.Timestamp(START), 168)
    assert hours.sum() == 50
    # 2026-10-01 is a Thursday: closed at 7, open from 8 to 17, closed at 18.
    assert hours[[7, 8, 17, 18]].tolist() == [0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        ({"kind": "processing", "hours": 2}, "not_applicable", "ends by itself"),
        ({"kind": "notebook", "hours": 10}, "unknown", "not measured"),
        ({"kind": "notebook", "hours": 10, "out_of_hours_hours": 0}, "not_applicable", "Never runs outside"),
        ({"kind": "studio", "hours": 10, "out_of_hours_hours": 5}, "applies", "outside office hours"),
    ],
)
def test_verdict(row: dict[str, Any], state: str, words: str) -> None:
    found = NotebookSchedule().verdicts(usage_of(row))
    assert STATES[int(found.state[0])] == state
    assert words in found.sentence(0)


@settings(max_examples=80, deadline=None)
@given(
    hours=st.floats(1, 720), idle=st.floats(0, 1), outside=st.floats(0, 1), reached=st.floats(0.5, 1),
    spell=st.floats(1, 168),
)  # fmt: skip
def test_the_same_hours_lie_in_the_same_hours_of_the_clock(
    hours: float, idle: float, outside: float, reached: float, spell: float
) -> None:
    """Order-free: what is left follows from how much is left, whichever levers took the rest."""
    row = {
        "kind": "notebook",
        "hours": hours,
        "idle_hours": hours * idle,
        "out_of_hours_hours": hours * outside,
    }
    shut, schedule = NotebookIdleShutdown(spell_hours=spell), NotebookSchedule(reached_ratio=reached)
    after = shut.apply(usage_of(row))
    one, both = after.compute, schedule.apply(after).compute
    assert (both.notebook_hours <= one.notebook_hours + 1e-9).all()
    if both.notebook_hours == pytest.approx(one.notebook_hours, rel=1e-9) and idle and outside:
        assert both.profile.spread(both.notebook_hours) == pytest.approx(
            one.profile.spread(one.notebook_hours), rel=1e-4, abs=1e-6
        )


def test_idle_shutdown_beyond_the_hours_outside_leaves_office_hours_with_and_without_a_schedule() -> None:
    row = {"kind": "notebook", "hours": 720, "idle_hours": 700, "out_of_hours_hours": 510}
    shut = NotebookIdleShutdown(timeout_minutes=120.0, spell_hours=10.0).apply(usage_of(row))
    # 560 of 720 h end, all 510 outside office hours among them: nothing is left for the schedule.
    after = NotebookSchedule().apply(shut)
    for usage in (shut, after):
        by_hour = usage.compute.profile.spread(usage.compute.notebook_hours)
        assert by_hour[usage.compute.office_hours == 0] == pytest.approx(0.0)
        assert by_hour.sum() == pytest.approx(160 * MONTH, rel=1e-5)
