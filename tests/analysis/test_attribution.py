"""Credit: Shapley values by hand, sampled against exact, sums to the cent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator import attribute, simulate
from simulator.analysis.shapley import sampled_shapley, shapley
from simulator.engine.scenario import everything, preset
from tests.accounts import account_with, prices, sample_account, traffic


def test_glove_game_by_hand() -> None:
    # players 0 and 1 hold left gloves, 2 a right one; a pair is worth 1: (1/6, 1/6, 4/6)
    value = np.array([1.0 if (s & 4) and (s & 3) else 0.0 for s in range(8)])
    assert shapley(value) == pytest.approx([1 / 6, 1 / 6, 4 / 6])


games = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(-100, 100), min_size=2**n - 1, max_size=2**n - 1).map(
        lambda v: np.array([0.0, *v])
    )
)


@given(games)
def test_shares_add_up_to_the_whole(value: np.ndarray) -> None:
    assert shapley(value).sum() == pytest.approx(value[-1], abs=1e-9)


ORDERS = 1000
"""Enough that six standard errors are a bound although one gain in sixty may be all there is."""


@given(games, st.integers(0, 1000))
@example(np.array([0.0, *(2.0 if s == 4 else 1.0 if s == 28 else 0.0 for s in range(1, 32))]), 916)
def test_sampled_shares_add_up_too_and_lie_near_the_exact_ones(value: np.ndarray, seed: int) -> None:
    players = int(np.log2(len(value)))
    shares, error = sampled_shapley(lambda s: float(value[s]), players, ORDERS, seed)
    assert shares.sum() == pytest.approx(value[-1], abs=1e-9)
    assert (np.abs(shares - shapley(value)) <= 6 * error + 0.01 * np.ptp(value) + 1e-9).all()


def test_two_levers_on_the_same_endpoint_share_what_only_one_can_save() -> None:
    # idle in every hour: stopping it saves all; so does turning it off by schedule but for its hours on
    account = account_with(endpoints=[{"endpoint_name": "idle"}], endpoint_traffic=traffic("idle", [0] * 720))
    result = simulate(account, everything().only(["stop_idle_endpoints", "schedule_endpoints"]), prices())
    credits = {c.lever_id: c for c in attribute(result)}
    stop, schedule = credits["stop_idle_endpoints"], credits["schedule_endpoints"]
    assert stop.alone_usd == pytest.approx(1.515 * 730)
    assert stop.attributed_usd == pytest.approx(stop.alone_usd - schedule.alone_usd / 2)
    assert schedule.attributed_usd == pytest.approx(schedule.alone_usd / 2)
    assert stop.attributed_usd + schedule.attributed_usd == pytest.approx(result.saving_usd)


@pytest.mark.parametrize("name", ["report_plan", "balanced", "ambitious"])
def test_credits_of_large_plans_add_up_to_the_cent(name: str) -> None:
    result = simulate(sample_account("team"), preset(name), prices())
    credits = attribute(result)
    assert sum(c.attributed_usd for c in credits) == pytest.approx(result.saving_usd, abs=0.005)
    assert sum(c.alone_usd for c in credits) > result.saving_usd
