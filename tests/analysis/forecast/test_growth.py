"""Growth from a history: a year's ratio per driver, with its range, and what a projection and its draws make of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Scenario, project, simulate
from simulator.analysis.forecast.forecast import forecast
from simulator.analysis.forecast.growth import growth_of, planned
from simulator.analysis.forecast.history import History, from_csv
from simulator.engine.planning import Planning
from simulator.errors import InputError
from simulator.risk.bills import assess
from simulator.risk.draws import two_sided, uniforms
from simulator.ui import link
from tests.engine.test_invariants import account, book

JANUARY = pd.Timestamp("2024-01-01")


def of(component: str, usd: list[float] | np.ndarray) -> History:
    return History(component, "month", JANUARY, np.asarray(usd, float))


def test_a_flat_history_does_not_grow_and_a_yearly_shape_is_no_growth() -> None:
    """36 months of the same year: the same month a year later is the same."""
    year = [100.0, 90, 80, 70, 100, 120, 150, 160, 130, 110, 100, 140]
    flat, shaped = growth_of([of("training", [100.0] * 36)]), growth_of([of("hosting", year * 3)])
    assert (flat[0].p10, flat[0].p50, flat[0].p90) == pytest.approx((0, 0, 0), abs=0.05)
    assert shaped[0].p50 == pytest.approx(0, abs=0.02)


def test_traffic_is_hosting_and_bedrock_together_and_what_nobody_pays_for_is_left_out() -> None:
    """Hosting falls as Bedrock rises: the sum stays."""
    rise = np.linspace(100, 335, 48)
    found = growth_of([of("hosting", 500 - rise), of("bedrock", rise), of("storage", [5.0] * 47 + [0.0])])
    assert [g.name for g in found] == ["traffic_growth"]
    assert found[0].p50 == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(
    ("usd", "year"),
    [
        (100 + 2.0 * np.arange(48), 24 / 196),  # 2 dollars more each month: 196 in the next, 220 a year later
        (1000 * 1.02 ** np.arange(30), 1.02**12 - 1),  # 2 % more each month
        (5000 * 0.97 ** np.arange(24), 0.97**12 - 1),
    ],
)
def test_a_steady_rise_or_fall_goes_on(usd: np.ndarray, year: float) -> None:
    (found,) = growth_of([of("training", usd)])
    assert found.p50 == pytest.approx(year, abs=0.001)
    assert found.p10 <= found.p50 <= found.p90
    assert found.tried is not None
    assert found.tried.beats_naive


def test_of_steady_growth_with_noise_nine_years_in_ten_are_told_within_a_tenth() -> None:
    """Months that scatter by 3 %: the value a year out, beside the growth that made them; never half or double."""
    dice, missed = np.random.default_rng(19), []
    for _ in range(60):
        months, growth = int(dice.integers(24, 39)), dice.uniform(-0.3, 0.8)
        true = 1000 * (1 + growth) ** (np.arange(months + 13) / 12)
        fan = forecast(true[:months] * np.exp(dice.normal(0, 0.03, months)), 13, 12)
        missed.append(abs(np.log(fan.p50[12] / true[months + 12])))
    assert np.quantile(missed, 0.9) < 0.1
    assert max(missed) < np.log(2)


def test_a_random_walk_says_that_the_last_value_is_repeated() -> None:
    walk = 1000 + np.cumsum(np.random.default_rng(1).choice([-9.0, 9.0], 60))
    (found,) = growth_of([of("training", walk)])
    assert found.p50 == 0
    assert "No other model was better" in found.sentence()


@pytest.mark.parametrize("history", [[], [of("training", [1.0, 2.0])], [of("other", [1.0] * 12)]])
def test_a_history_that_says_nothing_of_a_year_is_refused(history: list[History]) -> None:
    with pytest.raises(InputError, match="growth"):
        growth_of(history)


def test_days_say_nothing_of_a_year() -> None:
    days = pd.DataFrame({"date": pd.date_range("2026-01-01", periods=40).strftime("%Y-%m-%d"), "usd": "5"})
    with pytest.raises(InputError, match="40 days"):
        growth_of(from_csv(days))


@given(st.lists(st.floats(0.0, 1e6), min_size=3, max_size=40))
def test_any_history_makes_a_plan_that_is_allowed(values: list[float]) -> None:
    try:
        found = growth_of([of("training", values)])
    except InputError:
        assert values[-1] <= 0
        return
    planning, ranges = planned(Planning(), found)
    low, high = ranges["training_growth"]
    assert -0.9 <= low <= planning.training_growth <= high <= 3.0
    scenario = Scenario(planning=planning, growth_range=ranges)
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    restored, problems = link.from_query(link.to_query(scenario))
    assert (restored.growth_range, restored.planning, problems) == (ranges, planning, [])


def test_the_range_of_the_draws_is_that_of_the_history() -> None:
    """P10, P50 and P90 of the drawn growth are the three that were told, to the half percent of 20,000 draws."""
    values = two_sided(uniforms("planning.training_growth", 20_000, 0), -0.1, 0.2, 0.8)
    assert np.quantile(values, (0.1, 0.5, 0.9)) == pytest.approx([-0.1, 0.2, 0.8], abs=0.02)


def test_a_projection_grows_by_it_and_its_range_reaches_the_bill() -> None:
    """Training grows by 20 % in the 13th month; a range alone widens months that do not grow at the setting."""
    planning = replace(Planning(), training_growth=0.2)
    grows = Scenario(planning=planning, growth_range={"training_growth": (0.0, 0.5)})
    result = simulate(account("report"), grows, book())
    months = project(result, 13)
    first, last = (m.baseline_components["training"] for m in (months[0], months[12]))
    assert last / first == pytest.approx(1.2)
    still = replace(grows, planning=Planning(), growth_range={"training_growth": (-0.2, 0.2)})
    drawn = assess(simulate(account("report"), still, book()), 13, draws=500).bill_usd
    assert np.ptp(drawn[:, 0]) == pytest.approx(0, abs=0.01)
    assert np.ptp(drawn[:, 12]) > 0.2 * first


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"interest_ratio": [0, 1]}, "no such growth"),
        ({"data_growth": [1, 0]}, "above P90"),
        ({"data_growth": [0.1]}, "two ratios"),
        ({"data_growth": [0.1, 9]}, "data_growth"),
    ],
)
def test_a_wrong_range_is_refused(given_: dict[str, list[float]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Scenario.from_dict({"growth_range": given_})
