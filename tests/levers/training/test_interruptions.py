"""rules.md#spot-overhead: what interruptions cost. Golden numbers of the section and of published worked examples."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.levers.training.interruptions import (
    best_checkpoint_interval,
    break_even_length_hours,
    checkpoint_waste_ratio,
    checkpointed_overhead_ratio,
    exact_overhead_ratio,
    goodput_ratio,
    restarted_overhead_ratio,
)

MINUTE = 1 / 60


def saving(discount: float, overhead: float) -> float:
    return 1 - (1 - discount) * (1 + overhead)


def test_a_2_minute_checkpoint_every_8_hours_of_calm_is_best_written_every_44_minutes() -> None:
    assert best_checkpoint_interval(8.0, 2 * MINUTE) / MINUTE == pytest.approx(43.8, abs=0.05)


def test_checkpoints_cost_10_percent_and_leave_56_of_60_percent() -> None:
    overhead = float(checkpointed_overhead_ratio(8.0, 2 * MINUTE, 5 * MINUTE))
    assert overhead == pytest.approx(0.102, abs=0.0005)
    assert saving(0.60, overhead) == pytest.approx(0.559, abs=0.0005)


def test_ten_hours_without_checkpoints_nearly_double_and_leave_20_percent() -> None:
    overhead = float(restarted_overhead_ratio(8.0, 10.0, 0.0))
    assert overhead == pytest.approx(0.992, abs=0.0005)
    assert saving(0.60, overhead) == pytest.approx(0.203, abs=0.0005)


def test_without_checkpoints_spot_loses_from_1_62_times_the_calm() -> None:
    assert float(break_even_length_hours(0.60, 8.0)) / 8.0 == pytest.approx(1.62, abs=0.005)
    assert break_even_length_hours(0.60, np.array([[8.0], [20.0]])) == pytest.approx(
        np.array([[12.95], [32.38]]), abs=0.02
    )


def test_a_job_of_eight_minutes_loses_less_than_one_percent() -> None:
    assert 0 < restarted_overhead_ratio(20.0, 0.13, 5 * MINUTE) < 0.01


@pytest.mark.parametrize(
    ("interval_seconds", "waste"),
    [(929.5, 0.0645), (3600, 0.1333), (2, 15.0)],
    ids=["best", "hourly", "always"],
)
def test_waste_of_a_30_second_checkpoint_in_4_hours_of_calm(interval_seconds: float, waste: float) -> None:
    """Published lesson, oracle ckpt-30s-4h: 0.065 at the best interval, 0.13 hourly, 15 every 2 seconds."""
    found = checkpoint_waste_ratio(interval_seconds / 3600, 4.0, 30 / 3600)
    assert found == pytest.approx(waste, rel=0.001)


def test_a_70b_run_keeps_85_percent_of_its_paid_time() -> None:
    """Published, oracle spot-goodput-70B: interval 1,470 s, goodput 0.848, saving 64.6 % at 70 % discount."""
    interval = best_checkpoint_interval(12_000 / 3600, 90 / 3600)
    goodput = goodput_ratio(interval, 12_000 / 3600, 90 / 3600, 420 / 3600)
    assert interval * 3600 == pytest.approx(1470, rel=0.002)
    assert goodput == pytest.approx(0.848, rel=0.002)
    assert 1 - 1.47 / goodput / 4.90 == pytest.approx(0.646, rel=0.002)


def test_checkpoints_over_a_tenth_of_the_calm_use_the_exact_expectation() -> None:
    # C = M = 1 h, R = 0: Daly's interval √2·(1 + √½/3 + ½/9) − 1 = 0.82614 h of work, 1.82614 h at risk:
    # (e^1.82614 − 1)/0.82614 − 1 = 5.2099/0.82614 − 1 = 5.306.
    assert float(exact_overhead_ratio(1.0, 1.0, 0.0)) == pytest.approx(5.306, abs=0.002)
    assert float(checkpointed_overhead_ratio(1.0, 1.0, 0.0)) == pytest.approx(5.306, abs=0.002)


def test_exact_expectation_agrees_with_the_first_order_where_checkpoints_are_quick() -> None:
    assert float(exact_overhead_ratio(100.0, 0.001, 0.0)) == pytest.approx(np.sqrt(2 * 0.001 / 100), rel=0.01)


def test_the_exact_interval_is_near_the_best_one() -> None:
    work = np.linspace(0.05, 5, 2000)
    best = ((np.exp((work + 0.5) / 2.0) - 1) * 2.0 / work - 1).min()
    assert best <= float(exact_overhead_ratio(2.0, 0.5, 0.0)) <= best * 1.02
