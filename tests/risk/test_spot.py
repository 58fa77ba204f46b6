"""Spot as a process, against closed forms: (M + R)(e^(L/M) - 1) without checkpoints."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.risk.spot import SpotJob, run_spot


def test_billed_hours_without_checkpoints_match_the_closed_form() -> None:
    job = SpotJob(10, 8, checkpoints=False, restart_hours=0, wait_hours=0)
    got = run_spot(job, 1000, draws=40_000)
    assert got.expected_billed_hours == pytest.approx(8 * np.expm1(10 / 8), rel=0.02)


def test_golden_overhead_of_domain_3_2_with_checkpoints() -> None:
    job = SpotJob(200, 8, checkpoint_hours=2 / 60, restart_hours=5 / 60, wait_hours=0)
    assert job.every_hours * 60 == pytest.approx(43.8, abs=0.1)
    got = run_spot(job, 1000, draws=2_000)
    assert got.expected_billed_hours / 200 - 1 == pytest.approx(0.102, abs=0.012)


def test_waiting_costs_time_but_is_not_billed() -> None:
    calm, busy = (run_spot(SpotJob(20, 5, wait_hours=w), 500, seed=1) for w in (0.0, 3.0))
    assert busy.expected_elapsed_hours > calm.expected_elapsed_hours + 3
    assert busy.expected_billed_hours == pytest.approx(calm.expected_billed_hours, rel=0.05)


def test_never_interrupted_is_the_work_itself() -> None:
    got = run_spot(SpotJob(3, 1e9), 4)
    assert got.finish_ratio == 1.0
    assert got.expected_billed_hours == pytest.approx(3.0, abs=1e-3)


def test_a_cluster_is_interrupted_as_often_as_its_instances_together() -> None:
    one, ten = (run_spot(SpotJob(30, 100, instances=n), 500) for n in (1, 10))
    assert ten.interruptions == pytest.approx(one.interruptions * 10, rel=0.25)


def test_deadline_before_the_work_is_done_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot finish"):
        run_spot(SpotJob(10, 20), 8)


def test_hopeless_job_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="checkpoints more often"):
        run_spot(SpotJob(100, 5, checkpoints=False), 1000)


def test_a_later_deadline_is_never_less_likely() -> None:
    job = SpotJob(20, 6)
    chances = [run_spot(job, d, seed=3).finish_ratio for d in (21, 24, 30, 60)]
    assert chances == sorted(chances)
    assert chances[-1] > 0.95
