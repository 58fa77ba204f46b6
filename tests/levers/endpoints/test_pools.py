"""Groups and packing, by hand."""

import numpy as np
import pytest

from simulator.levers.endpoints.pools import Pools, bins_needed

KEY = np.array([7, 3, 7, 3, 9])
ALL = np.ones(5, bool)


def test_members_of_one_key_form_a_pool():
    pools = Pools.of(KEY, np.array([True, True, True, True, False]))
    values = np.array([1.0, 10, 2, 20, 99])
    np.testing.assert_array_equal(pools.total(values), [30, 3])
    np.testing.assert_array_equal(pools.largest(values), [20, 2])
    np.testing.assert_array_equal(pools.spread(pools.total(values), -1.0), [3, 30, 3, 30, -1])


def test_draws_come_first():
    pools = Pools.of(KEY, ALL)
    draws = np.array([[1.0, 1, 1, 1, 1], [2.0, 2, 2, 2, 2]])
    np.testing.assert_array_equal(pools.total(draws), [[2, 2, 1], [4, 4, 2]])


def test_nobody_makes_no_pool():
    pools = Pools.of(KEY, ~ALL)
    np.testing.assert_array_equal(pools.total(np.ones(5)), [])
    np.testing.assert_array_equal(pools.spread(np.zeros(0), 1.0), np.ones(5))


@pytest.mark.parametrize(
    ("sizes", "bins"),
    [
        ([0.5, 0.5], 1),
        ([0.84, 0.84], 2),
        ([0.84] * 6, 6),  # the sum is 5.04: still one instance each
        ([0.4] * 4, 2),
        ([0.1] * 10, 1),
        ([0.1] * 20, 3),  # 2 would do; filling to two thirds is sure
        ([0.6, 0.4, 0.1], 3),
    ],
)
def test_the_packing_exists(sizes, bins):
    pools = Pools.of(np.zeros(len(sizes), np.int64), np.ones(len(sizes), bool))
    assert bins_needed(pools, np.array(sizes))[0] == bins
