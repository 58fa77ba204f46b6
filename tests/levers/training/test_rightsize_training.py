"""T2: right-size training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulator import Scenario, simulate
from simulator.catalog import load_catalog
from simulator.levers.lever import STATES
from simulator.levers.training.managed_spot import ManagedSpot
from simulator.levers.training.rightsize_training import RightsizeTraining, break_even_slowdown
from simulator.usage.tables import Usage
from simulator.usage.training import smaller_training_types
from tests.accounts import account_with, prices

MONTH = 730 / 720
HOUR = 3600
JOB = {
    "instance_type": "ml.g5.12xlarge", "region": "us-west-2", "training_seconds": 10 * HOUR,
    "gpu_utilization_ratio": 0.2, "gpu_memory_ratio": 0.2,
}  # fmt: skip


def usage_of(*jobs: dict[str, Any]) -> Usage:
    return account_with(training_jobs=jobs).usage


def type_of(usage: Usage, code: np.ndarray) -> str:
    return usage.catalog.instance_types[int(code[0])]


def test_one_busy_gpu_of_four_moves_to_one_gpu_without_slowdown() -> None:
    usage = usage_of(JOB)
    after = RightsizeTraining().apply(usage).training
    # 4 GPUs × 20 % = 0.8 GPUs of work on 1 GPU, × 1.1 = 0.88: no slower.
    assert type_of(usage, after.resized_type) == "ml.g5.2xlarge"
    assert after.resized_hours == pytest.approx([10 * MONTH])
    assert after.billable_hours == pytest.approx([0.0])
    assert after.slowdown_ratio == pytest.approx([1.0])


def test_work_that_does_not_fit_one_gpu_takes_longer() -> None:
    usage = usage_of(JOB | {"gpu_utilization_ratio": 0.35})
    after = RightsizeTraining().apply(usage).training
    # 4 × 35 % × 1.1 = 1.54.
    assert after.resized_hours == pytest.approx([15.4 * MONTH])
    assert after.slowdown_ratio == pytest.approx([1.54])


def test_the_saving_is_the_price_difference_of_the_two_types() -> None:
    account = account_with(training_jobs=[JOB])
    result = simulate(account, Scenario((RightsizeTraining(),)), prices())
    # ml.g5.12xlarge 7.09 → ml.g5.2xlarge 1.515 per hour in us-west-2.
    assert result.saving_usd == pytest.approx(10 * (7.09 - 1.515) * MONTH)


def test_break_even_slowdown_of_the_seed_reports_type() -> None:
    assert break_even_slowdown(7.09, 1.515) == pytest.approx(4.68, abs=0.005)


def test_half_the_gpus_cost_more_when_the_job_takes_twice_as_long() -> None:
    account = account_with(
        training_jobs=[JOB | {"instance_type": "ml.g5.48xlarge", "gpu_utilization_ratio": 0.7}]
    )
    result = simulate(account, Scenario((RightsizeTraining(slowdown_margin=1.5),)), prices())
    # 8 × 70 % ÷ 4 = 1.4, × 1.5 = 2.1 times as long on ml.g5.24xlarge, at half the price.
    assert result.saving_usd < 0


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        ({"gpu_memory_ratio": 0.3}, "not_applicable", "memory does not fit"),  # 28.8 GiB over 0.9 × 24
        ({"gpu_utilization_ratio": 0.5}, "not_applicable", "over 1.5 times as long"),
        ({"gpu_utilization_ratio": None}, "unknown", "utilisation was not measured"),
        ({"gpu_memory_ratio": None}, "unknown", "memory was not measured"),
        ({"instance_type": "ml.m5.xlarge"}, "not_applicable", "without GPUs"),
        ({"instance_type": "ml.g5.2xlarge"}, "not_applicable", "single GPU"),
        ({"instance_type": "ml.p4d.24xlarge"}, "not_applicable", "No type of its family"),
        ({"training_seconds": None}, "unknown", "billed time is unknown"),
        ({}, "applies", "fit the type of its family"),
    ],
)
def test_verdict(change: dict[str, Any], state: str, words: str) -> None:
    found = RightsizeTraining().verdicts(usage_of(JOB | change))
    assert STATES[int(found.state[0])] == state
    assert words in found.sentence(0)


def test_spot_and_warm_hours_move_with_the_job() -> None:
    spot = JOB | {"spot_enabled": True, "billable_seconds": 3 * HOUR}
    warm = JOB | {"warm_pool_enabled": True, "warm_pool_seconds": HOUR}
    after = RightsizeTraining().apply(usage_of(spot, warm)).training
    assert after.resized_spot_hours == pytest.approx([3 * MONTH, 0.0])
    assert after.resized_warm_pool_hours == pytest.approx([0.0, MONTH])
    assert after.warm_pool_hours == pytest.approx([0.0, 0.0])


def test_spot_discounts_what_right_sizing_left() -> None:
    """rules.md#combining-levers: the two multiply, they do not add."""
    usage = RightsizeTraining().apply(usage_of(JOB | {"checkpointing": True}))
    after = ManagedSpot(discount=0.7, price_of="one_discount").apply(usage).training
    spot = after.resized_spot_hours / usage.training.resized_hours
    assert spot == pytest.approx([0.3 * (1 + ManagedSpot().overhead_ratio(10.0, 1, True))])


def test_volume_of_a_type_without_its_own_disk_stays_longer() -> None:
    job = JOB | {"instance_type": "ml.p3.8xlarge", "gpu_utilization_ratio": 0.3, "volume_gb": 73}
    usage = usage_of(job)  # AWS retires P3, so no lever moves there by itself
    smaller = usage.training.changed(smaller_type=usage.catalog.type_code(["ml.p3.2xlarge"]))
    after = RightsizeTraining().apply(replace(usage, training=smaller)).training
    # 73 GB × 10 h ÷ 730 h, 4 × 30 % × 1.1 = 1.32 times as long.
    assert after.volume_gb_month == pytest.approx([1.32 * MONTH])


@pytest.mark.parametrize(
    ("name", "smaller"),
    [
        ("ml.g5.12xlarge", "ml.g5.2xlarge"),
        ("ml.g5.48xlarge", "ml.g5.24xlarge"),
        ("ml.p3.16xlarge", ""),  # AWS retires P3: none of it is advised
        ("ml.p3.8xlarge", ""),
        ("ml.g5.2xlarge", ""),
        ("ml.p4d.24xlarge", ""),
        ("ml.m5.large", ""),
    ],
)
def test_next_smaller_type_has_fewer_gpus_and_no_more_vcpus_each(name: str, smaller: str) -> None:
    catalog = load_catalog()
    found = int(smaller_training_types(catalog)[catalog.type_code([name])[0]])
    assert (catalog.instance_types[found] if found >= 0 else "") == smaller


def test_three_draws_of_the_margin_are_three_columns() -> None:
    margin = np.array([[1.0], [1.25], [1.5]])
    usage = usage_of(JOB | {"gpu_utilization_ratio": 0.25})
    after = RightsizeTraining(slowdown_margin=margin).apply(usage).training  # type: ignore[arg-type]
    assert after.resized_hours == pytest.approx(np.array([[10.0], [12.5], [15.0]]) * MONTH)
