"""Savings Plans, hour by hour: expected values by hand or from rules.md#savings-plans."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.plans.settlement import allocate, best_commitment

TWO_LEVELS = np.array([[10.0] * 12 + [2.0] * 12])
D30 = np.array([0.30])


def mean_cost(eligible: np.ndarray, discounts: np.ndarray, commitment: float) -> float:
    covered, _ = allocate(eligible, discounts, commitment)
    return float(commitment + (eligible - covered).sum(axis=0).mean())


def test_best_commitment_of_two_levels_is_the_lower_one() -> None:
    assert best_commitment(TWO_LEVELS, D30) == pytest.approx(1.40)
    assert mean_cost(TWO_LEVELS, D30, 1.40) == pytest.approx(5.40)
    assert mean_cost(TWO_LEVELS, D30, 7.0) == pytest.approx(7.00)
    assert mean_cost(TWO_LEVELS, D30, 0.0) == pytest.approx(6.00)


def test_unused_commitment_is_lost_in_its_hour() -> None:
    covered, used = allocate(np.array([[10.0, 0.0]]), np.array([0.5]), 4.0)
    assert used.tolist() == [4.0, 0.0]
    assert covered.tolist() == [[8.0, 0.0]]


def test_highest_saving_percentage_is_covered_first() -> None:
    eligible = np.array([[10.0], [10.0]])
    covered, used = allocate(eligible, np.array([0.2, 0.5]), 7.0)
    assert covered[1, 0] == pytest.approx(10.0)
    assert covered[0, 0] == pytest.approx(2.0 / 0.8)
    assert used[0] == pytest.approx(7.0)


def test_no_usage_asks_for_no_commitment() -> None:
    assert best_commitment(np.zeros((1, 24)), D30) == 0.0


profiles = st.lists(st.floats(0, 100), min_size=4, max_size=48)


@given(
    st.integers(1, 4).flatmap(
        lambda k: st.tuples(
            st.lists(st.lists(st.floats(0, 100), min_size=12, max_size=12), min_size=k, max_size=k),
            st.lists(st.floats(0.05, 0.64), min_size=k, max_size=k),
        )
    )
)
def test_closed_form_is_never_beaten_by_a_fine_grid(case: tuple[list[list[float]], list[float]]) -> None:
    eligible, discounts = np.array(case[0]), np.array(case[1])
    best = mean_cost(eligible, discounts, best_commitment(eligible, discounts))
    top = (eligible * (1 - discounts)[:, None]).sum(axis=0).max()
    grid = np.linspace(0, top, 400)
    assert best <= min(mean_cost(eligible, discounts, c) for c in grid) + 1e-9


@given(profiles, st.floats(0.05, 0.6), st.floats(0, 200))
def test_a_plan_covers_no_more_than_there_is_and_uses_no_more_than_it_has(
    usage: list[float], discount: float, commitment: float
) -> None:
    eligible = np.array([usage])
    covered, used = allocate(eligible, np.array([discount]), commitment)
    assert (covered <= eligible + 1e-9).all()
    assert (covered >= 0).all()
    assert (used <= commitment + 1e-9).all()
    np.testing.assert_allclose(covered.sum(axis=0) * (1 - discount), used, atol=1e-9)
