"""Forecasts: fans hold what they promise on real series; few values are wide; the naive wins where it is best."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.forecast.forecast import backtest, forecast, step_at
from simulator.analysis.forecast.history import from_csv, histories
from simulator.errors import InputError
from tests.accounts import snapshot_with

DATA = Path(__file__).parents[4] / "shared" / "data"
HOURLY = {
    "traffic/aws_elb_requests_hourly.csv": "count",
    "traffic/llm_30d_composite_bursty.csv": "invocations",
    "training/helios_vc3sl_gpu_use_hourly.csv": "running_gpus",
    "training/philly_active_nodes_hourly.part_a.csv": "active",
}


@pytest.mark.thorough
@pytest.mark.skipif(
    not DATA.exists(), reason=f"the real series of {DATA} are not here: coverage is not measured"
)
def test_on_real_series_ten_to_ninety_holds_four_in_five() -> None:
    """80 % ± 5 of all held-out hours, and less error than naive and seasonal-naive over all series together."""
    held = total = 0.0
    skill = []
    for name, column in HOURLY.items():
        seen = backtest(pd.read_csv(DATA / name)[column].to_numpy(float), 24, 24)
        held, total = held + seen.coverage_ratio * seen.held_out, total + seen.held_out
        skill.append((seen.error / seen.naive_error, seen.error / seen.seasonal_error))
    assert 0.75 <= held / total <= 0.85
    assert np.exp(np.log(skill).mean(axis=0)).max() < 1.0


def test_a_fan_on_few_values_is_wide_and_narrows_with_more() -> None:
    """One value: P10 and P90 are 25 % of it away after one period, 50 % after four (√4)."""
    one = forecast(np.array([100.0]), 4)
    assert one.p90[[0, 3]] == pytest.approx([125.0, 150.0])
    assert one.p10[[0, 3]] == pytest.approx([75.0, 50.0])
    many = forecast(np.full(36, 100.0), 4, 12)
    assert (many.p90 - many.p10 < one.p90 - one.p10).all()


def test_a_random_walk_is_forecast_by_its_last_value_and_it_is_said() -> None:
    walk = 1000 + np.cumsum(np.random.default_rng(1).choice([-1.0, 1.0], 300))
    fan = forecast(walk, 3, 7)
    assert fan.model == "naive"
    assert "No other model was better" in fan.sentence()
    assert (fan.p50 == walk[-1]).all()


def test_a_weekly_shape_is_repeated() -> None:
    week = [10.0, 20, 30, 40, 50, 5, 5]
    assert forecast(np.array(week * 8), 7, 7).p50 == pytest.approx(week, rel=0.01)


def test_a_launch_is_a_step_and_the_history_before_it_is_left_out() -> None:
    noise = np.tile([-1.0, 1.0, 0.5, -0.5], 6)
    values = np.concatenate([100 + noise, 300 + noise[:6]])
    assert step_at(values) == 24
    assert step_at(100 + noise) is None
    fan = forecast(values, 2)
    assert fan.step_at == 24
    assert fan.p50 == pytest.approx([300, 300], abs=2)


def test_a_falling_bill_is_never_forecast_below_nothing() -> None:
    """Losing 100 a month from 1,100 down to 0: the slope goes on, dollars do not."""
    fan = forecast(np.array([1100.0, 1000, 900, 800, 700, 600, 500, 400, 300, 200, 100, 0]), 12, 12)
    assert (fan.p10 >= 0).all()
    assert (fan.p50 >= 0).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.integers(1, 12), st.sampled_from([1, 7, 12]))
def test_a_fan_is_ordered_and_never_negative(values: list[float], horizon: int, season: int) -> None:
    fan = forecast(np.array(values), horizon, season)
    assert (fan.p10 >= 0).all()
    assert (fan.p10 <= np.maximum(fan.p50, 0) + 1e-6).all()
    assert (fan.p50 <= fan.p90 + 1e-6).all()


def test_the_future_does_not_change_an_earlier_fan() -> None:
    rising = np.arange(1.0, 31.0)
    assert backtest(rising, 1, first=20).held_out == 10
    a, b = backtest(rising[:25], 1, first=24), backtest(np.append(rising[:25], 9e9), 1, first=24)
    assert a.held_out + 1 == b.held_out
    assert a.coverage_ratio * a.held_out <= b.coverage_ratio * b.held_out


def test_months_of_a_bill_become_a_history_and_partial_ones_are_left_out() -> None:
    bill = [
        {"service": "Amazon Bedrock", "component": "bedrock", "cost_usd": 100.0 * m,
         "period_start": f"2026-0{m}-01T00:00:00Z", "period_end": f"2026-0{m + 1}-01T00:00:00Z"}
        for m in range(3, 8)
    ]  # fmt: skip
    bill.append(bill[-1] | {"period_start": "2026-08-01T00:00:00Z", "period_end": "2026-08-10T00:00:00Z"})
    first, total = histories(snapshot_with(billed=bill))
    assert (first.component, total.component, first.per) == ("bedrock", "total", "month")
    assert first.usd.tolist() == [300, 400, 500, 600, 700]
    assert first.label(5) == "2026-08"


def test_a_csv_of_days_is_a_history_of_days_while_it_is_short() -> None:
    days = pd.date_range("2026-01-01", periods=20).strftime("%Y-%m-%d")
    series = from_csv(pd.DataFrame({"date": days, "usd": range(20)}))[0]
    assert (series.per, series.season, len(series.usd)) == ("day", 7, 20)


def test_first_days_of_months_are_months() -> None:
    """As the files of Cost Explorer name them: the last is a month like the others, not one day of it."""
    months = [f"2026-0{m}-01" for m in range(1, 8)]
    series = from_csv(pd.DataFrame({"date": months, "usd": range(7)}))[0]
    assert (series.per, series.usd.tolist(), series.label(6)) == ("month", [0, 1, 2, 3, 4, 5, 6], "2026-07")
    named = from_csv(pd.DataFrame({"date": [m[:7] for m in months], "usd": range(7)}))[0]
    assert (named.usd == series.usd).all()


@pytest.mark.parametrize(
    "frame", [{"date": ["2026-01"]}, {"date": ["soon"], "usd": [1]}, {"date": ["2026-01"], "usd": ["x"]}]
)
def test_a_history_that_cannot_be_read_is_refused(frame: dict[str, list[object]]) -> None:
    with pytest.raises(InputError, match="history"):
        from_csv(pd.DataFrame(frame))
