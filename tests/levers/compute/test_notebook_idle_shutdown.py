"""Idle shutdown of notebooks and Studio apps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.levers.compute.notebook_idle_shutdown import NotebookIdleShutdown
from simulator.levers.lever import STATES
from simulator.usage.tables import Usage
from tests.accounts import account_with

MONTH = 730 / 720
NOTEBOOK = {"kind": "notebook", "hours": 720, "idle_hours": 500}


def usage_of(*rows: dict[str, Any]) -> Usage:
    return account_with(compute=rows).usage


def test_each_idle_spell_is_paid_up_to_the_timeout() -> None:
    lever = NotebookIdleShutdown(timeout_minutes=120.0, spell_hours=10.0)
    after = lever.apply(usage_of(NOTEBOOK, {"kind": "studio", "hours": 100, "idle_hours": 50})).compute
    # Spells of 10 h pay 2 h: 80 % of the idle hours end: 720 − 400 and 100 − 40.
    assert after.notebook_hours == pytest.approx([320 * MONTH, 0.0])
    assert after.studio_hours == pytest.approx([0.0, 60 * MONTH])


def test_a_timeout_longer_than_the_spells_saves_nothing() -> None:
    lever = NotebookIdleShutdown(timeout_minutes=720.0, spell_hours=10.0)
    assert lever.apply(usage_of(NOTEBOOK)).compute.notebook_hours == pytest.approx([720 * MONTH])


def test_the_volume_of_a_stopped_notebook_is_billed_on() -> None:
    after = NotebookIdleShutdown().apply(usage_of(NOTEBOOK | {"volume_gb": 50})).compute
    assert after.volume_gb_month == pytest.approx([50.0])


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        ({"kind": "processing", "hours": 2, "idle_hours": 1}, "not_applicable", "ends by itself"),
        ({"kind": "transform", "hours": 2}, "not_applicable", "ends by itself"),
        ({"kind": "notebook", "hours": 10}, "unknown", "not measured"),
        ({"kind": "notebook", "hours": 10, "idle_hours": 0}, "not_applicable", "never idle"),
        ({"kind": "notebook", "hours": 0, "idle_hours": 0}, "not_applicable", "no hours left"),
        ({"kind": "studio", "hours": 10, "idle_hours": 5}, "applies", "IdleSettings"),
        (NOTEBOOK, "applies", "lifecycle script"),
    ],
)
def test_verdict(row: dict[str, Any], state: str, words: str) -> None:
    found = NotebookIdleShutdown().verdicts(usage_of(row))
    assert STATES[int(found.state[0])] == state
    assert words in found.sentence(0)


@pytest.mark.parametrize("minutes", [59, 525_601])
def test_timeouts_outside_60_to_525600_minutes_are_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match=r"expected 60 to 525600 minutes"):
        NotebookIdleShutdown.create({"timeout_minutes": minutes})


def test_draws_of_the_spell_length_are_rows() -> None:
    spells = np.array([[4.0], [8.0]])
    after = NotebookIdleShutdown(spell_hours=spells).apply(usage_of(NOTEBOOK))  # type: ignore[arg-type]
    # Timeout 2 h: half and three quarters of 500 idle hours end.
    assert after.compute.notebook_hours == pytest.approx(np.array([[470.0], [345.0]]) * MONTH)
