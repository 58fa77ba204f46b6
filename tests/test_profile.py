"""Profiles: what is spread over hours adds up again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.usage.profile import Profile


def test_interval_spreads_over_its_hours_only() -> None:
    profile = Profile.intervals(np.array([2.0, np.nan]), np.array([4.0, np.nan]), 8)
    curve = profile.spread(np.array([10.0, 8.0]))
    assert curve.tolist() == [1, 1, 6, 6, 1, 1, 1, 1]


def test_shape_replaces_the_interval() -> None:
    profile = Profile.flat(2, 4).with_shape(np.array([False, True]), np.array([[0, 0, 0, 0], [1, 0, 0, 1.0]]))
    assert profile.spread(np.array([4.0, 6.0])).tolist() == [4, 1, 1, 4]
    assert profile.average(np.array([1.0, 0, 0, 3.0])).tolist() == [1.0, 2.0]


@given(
    st.lists(st.tuples(st.floats(-5, 30), st.floats(0.01, 30), st.floats(0, 100)), min_size=1, max_size=20)
)
def test_nothing_is_lost_or_gained_by_spreading(rows: list[tuple[float, float, float]]) -> None:
    start = np.array([r[0] for r in rows])
    profile = Profile.intervals(start, start + np.array([r[1] for r in rows]), 24)
    amount = np.array([r[2] for r in rows])
    assert profile.spread(amount).sum() == pytest.approx(amount.sum(), abs=1e-6)
