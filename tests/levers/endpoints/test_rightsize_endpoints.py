"""E3: the next size down, if memory and load fit."""

import numpy as np
import pytest

from simulator.levers.endpoints.autoscale_endpoints import AutoscaleEndpoints
from simulator.levers.endpoints.rightsize_endpoints import RightsizeEndpoints
from tests.accounts import account_with, traffic

GPU = {
    "endpoint_name": "a", "instance_type": "ml.g5.2xlarge", "instance_count": 2, "model_gib": 8,
    "cpu_utilization_ratio": 0.1, "gpu_utilization_ratio": 0.3,
}  # fmt: skip
CPU = {
    "endpoint_name": "a", "instance_type": "ml.m5.xlarge", "instance_count": 3,
    "memory_utilization_ratio": 0.2, "cpu_utilization_ratio": 0.2, "max_rps": 4.0,
}  # fmt: skip


def usage_of(row, calls=(3600.0,) * 48, **columns):
    return account_with(endpoints=[row | columns], endpoint_traffic=traffic("a", calls)).usage


def after(usage, **setting):
    return RightsizeEndpoints(**setting).apply(usage).endpoints


def why(usage, **setting):
    return RightsizeEndpoints(**setting).verdicts(usage).sentence(0)


def test_hours_move_to_the_next_size_down():
    usage = usage_of(GPU)
    e = after(usage)
    assert usage.catalog.instance_types[e.resized_type[0]] == "ml.g5.xlarge"
    assert (e.instance_hours[0], e.resized_hours[0]) == (0, 2 * 730)


def test_count_follows_the_peak_and_the_smaller_capacity():
    # peak 14,400 an hour = 4/s; half the vCPUs: 2/s, no loss; planned at 0.5: 1/s: 4 instances instead of 3.
    e = after(usage_of(CPU, [14_400.0] * 48), throughput_loss_ratio=0.0)
    assert e.resized_hours[0] == pytest.approx(4 * 730)
    assert e.max_rps[0] == pytest.approx(2.0)


def test_an_instance_is_not_planned_emptier_than_it_is_today():
    # 12/s on 3 of 4/s: full. On 2/s as full: 6 instances, not the 12 that headroom 0.5 would ask for.
    e = after(usage_of(CPU, [43_200.0] * 48), throughput_loss_ratio=0.0)
    assert e.resized_hours[0] == pytest.approx(6 * 730)


def test_two_instances_stay_for_availability():
    e = after(usage_of(CPU, [1.0] * 48))
    assert e.resized_hours[0] == pytest.approx(2 * 730)


def test_unknown_capacity_keeps_the_count():
    e = after(usage_of(CPU, max_rps=None))
    assert e.resized_hours[0] == pytest.approx(3 * 730)


@pytest.mark.parametrize(
    ("row", "columns", "words"),
    [
        (
            GPU,
            {"model_gib": 15},
            "more than 90 % of the next size down",
        ),  # 16 GiB x 0.9 = 14.4
        (GPU, {"model_gib": None}, "memory is unknown"),
        (GPU, {"cpu_utilization_ratio": None}, "CPU utilisation was not measured"),
        (GPU, {"cpu_utilization_ratio": 0.3}, "CPUs are too busy"),  # 0.3 x 8/4 = 0.6 > 0.5
        (GPU, {"instance_type": "ml.g5.xlarge"}, "smallest size"),
        (GPU, {"instance_type": "ml.g5.12xlarge", "gpu_utilization_ratio": 0.2}, "GPUs are too busy"),  # x 4
        (GPU, {"instance_type": "ml.g5.12xlarge", "model_gib": 23}, "GPUs left"),  # 24 x 0.9 = 21.6
        (CPU, {"memory_utilization_ratio": 0.5}, "more than 90 %"),  # 8 of 8 GiB
        (CPU, {"mode": "components"}, "accelerators decide"),
        (CPU, {"mode": "serverless"}, "no instances"),
    ],
)
def test_what_does_not_fit_says_why(row, columns, words):
    usage = usage_of(row, **columns)
    assert words in why(usage)
    assert after(usage).resized_hours[0] == 0


def test_auto_scaling_afterwards_counts_with_the_smaller_capacity():
    # The smaller type takes 2/s; target 0.5 x 2 x 3600 = 3,600 an hour: 14,400 calls need 4 of 4 instances.
    usage = RightsizeEndpoints(throughput_loss_ratio=0.0).apply(usage_of(CPU, [0.0, 14_400.0] * 24))
    e = AutoscaleEndpoints().apply(usage).endpoints
    assert e.resized_hours[0] == pytest.approx((1 + 4) / 2 * 730)


def test_each_draw_has_its_own_count():
    lever = RightsizeEndpoints(throughput_loss_ratio=np.array([[0.0], [0.2]]))  # type: ignore[arg-type]
    e = lever.apply(usage_of(CPU, [14_400.0] * 48)).endpoints
    np.testing.assert_allclose(e.resized_hours[:, 0], [4 * 730, 5 * 730])  # 4 / (2 x 0.8 x 0.5) = 5
