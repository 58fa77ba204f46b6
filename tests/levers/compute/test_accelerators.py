"""HyperPod clusters and EC2 accelerators: prices of their own, idle nodes, schedule, spot, training plan."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import PriceBook
from simulator.levers.compute.accelerator_idle import AcceleratorIdle
from simulator.levers.compute.accelerator_schedule import AcceleratorSchedule
from simulator.levers.compute.accelerator_spot import AcceleratorSpot
from simulator.levers.compute.training_plan import TrainingPlan
from simulator.levers.lever import Lever
from simulator.pricing.charges import price_usage
from simulator.usage.tables import Usage
from tests.accounts import PRICES, account_with

MONTH = 730 / 720
CLUSTER = {"kind": "cluster", "instance_type": "ml.p5.48xlarge", "instance_count": 4, "hours": 720}
EC2 = {"kind": "ec2", "instance_type": "ml.g5.2xlarge", "hours": 720}


def usage_of(row: dict[str, Any], **more: Any) -> Usage:
    return account_with(compute=[row | more]).usage


def cost(usage: Usage) -> dict[str, float]:
    blocks = price_usage(usage, PriceBook.load(PRICES)).blocks
    return {b.meter.name: float(b.cost_usd.sum()) for b in blocks}


def test_an_ec2_accelerator_is_priced_by_ec2_not_by_sagemaker() -> None:
    # g5.2xlarge in us-east-1: 1.212 on EC2, 1.515 in SageMaker (rules.md#cost-identities).
    assert cost(usage_of(EC2)) == pytest.approx({"ec2_hours": 1.212 * 730})


def test_a_cluster_counts_the_hours_of_all_its_nodes_as_training() -> None:
    usage = usage_of(CLUSTER)
    assert usage.compute.cluster_hours == pytest.approx([4 * 730])
    assert not usage.compute.interactive[0]
    block = next(price_usage(usage, PriceBook.load(PRICES)).blocks.__iter__())
    assert block.meter.component == "training"
    assert not block.meter.eligible


def test_idle_nodes_are_given_back_as_far_as_reached() -> None:
    after = AcceleratorIdle(reached_ratio=0.5).apply(usage_of(CLUSTER, idle_hours=180)).compute
    # 180 of 720 h of each of 4 nodes idle: 360 node-hours end.
    assert after.cluster_hours == pytest.approx([(2880 - 360) * MONTH])


def test_hours_that_idle_shutdown_took_are_not_taken_by_the_schedule_again() -> None:
    usage = usage_of(EC2, idle_hours=400, out_of_hours_hours=510)
    idle = AcceleratorIdle(reached_ratio=0.9).apply(usage)
    after = AcceleratorSchedule(reached_ratio=1.0).apply(idle).compute
    # 360 h ended as idle; 150 of the 510 outside office hours are left for the schedule.
    assert after.ec2_hours == pytest.approx([(720 - 360 - 150) * MONTH])


def test_spot_is_cheaper_by_the_advisors_mean_less_lost_work() -> None:
    usage = usage_of(EC2, checkpointing=True, region="us-west-2")
    after = AcceleratorSpot().apply(usage).compute
    # 59 % in us-west-2; M 20 h, C 2 min, R 5 min: w = √(2 × (1/30) / 20) + (1/12)/20 = 0.0619.
    assert after.ec2_spot_hours == pytest.approx([730 * 0.41 * 1.0619], rel=1e-3)
    assert after.ec2_hours == pytest.approx([0])


def test_a_training_plan_is_paid_for_whether_the_nodes_work_or_not() -> None:
    after = TrainingPlan().apply(usage_of(CLUSTER, hours=684)).compute
    # 4 nodes of which 3.8 run on average: 4 are reserved, all month.
    assert after.plan_hours == pytest.approx([4 * 730])
    assert after.cluster_hours == pytest.approx([0])
    # p5.48xlarge, us-east-1, price feed of 2025-12-05: 36.1836 per hour.
    assert cost(TrainingPlan().apply(usage_of(CLUSTER)))["plan_hours"] == pytest.approx(36.1836 * 2920)


@pytest.mark.parametrize(
    ("lever", "row", "words"),
    [
        (AcceleratorIdle(), {"kind": "notebook", "hours": 5}, "neither"),
        (AcceleratorIdle(), CLUSTER, "not measured"),
        (AcceleratorIdle(), CLUSTER | {"idle_hours": 0}, "never idle"),
        (AcceleratorSchedule(), CLUSTER | {"out_of_hours_hours": 9}, "cannot be stopped"),
        (AcceleratorSchedule(), EC2, "not measured"),
        (AcceleratorSpot(), EC2, "unknown"),
        (AcceleratorSpot(), EC2 | {"checkpointing": False}, "Cannot resume"),
        (AcceleratorSpot(), EC2 | {"spot_enabled": True, "checkpointing": True}, "Already"),
        (TrainingPlan(), EC2, "Capacity Blocks"),
        (TrainingPlan(), CLUSTER | {"instance_type": "ml.g5.2xlarge"}, "no training plan"),
    ],
)
def test_verdict(lever: Lever, row: dict[str, Any], words: str) -> None:
    usage = usage_of(row)
    assert words in lever.verdicts(usage).sentence(0)
    for (_, before), (_, after) in zip(
        usage.compute.meters(), lever.apply(usage).compute.meters(), strict=True
    ):
        assert before.tolist() == after.tolist()
