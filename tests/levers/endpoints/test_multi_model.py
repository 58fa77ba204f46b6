"""E6: endpoints of one container share instances where memory and load allow."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.levers import mode_levers
from simulator.levers.endpoints.multi_model import MultiModel
from tests.accounts import account_with, traffic

CPU = {"instance_type": "ml.m5.xlarge", "container": "xgboost", "model_gib": 0.5, "max_rps": 10.0}
GPU = {
    "instance_type": "ml.g5.xlarge",
    "container": "triton",
    "model_gib": 4.0,
    "max_rps": 10.0,
    "needs_gpu": True,
}


def usage_of(*rows, calls=3600.0):
    named = [{"endpoint_name": f"e{i}"} | row for i, row in enumerate(rows)]
    hourly = [t for i in range(len(rows)) for t in traffic(f"e{i}", [calls] * 24)]
    return account_with(endpoints=named, endpoint_traffic=hourly).usage


def why(usage, row=0, **setting):
    return MultiModel(**setting).verdicts(usage).sentence(row)


def test_four_small_models_share_one_instance():
    # 4 x 1/s over 10/s x 0.5 = 0.8 instances; 2 GiB of 16 x 0.8
    e = MultiModel().apply(usage_of(*[CPU] * 4)).endpoints
    np.testing.assert_allclose(e.instance_hours, np.full(4, 730 / 4))
    assert e.pooled.all()


def test_their_peaks_are_added_as_if_they_came_together():
    # 4 x 2/s over 5/s planned = 1.6: 2 instances
    e = MultiModel().apply(usage_of(*[CPU] * 4, calls=7200.0)).endpoints
    assert e.instance_hours.sum() == pytest.approx(2 * 730)


def test_two_instances_stay_where_there_were_two():
    e = MultiModel().apply(usage_of(CPU | {"instance_count": 2}, CPU)).endpoints
    assert e.instance_hours.sum() == pytest.approx(2 * 730)


def test_two_models_of_16_gb_do_not_share_a_gpu_of_24_gb():
    usage = usage_of(*[GPU | {"model_gib": 16.0}] * 2)
    assert "do not fit together" in why(usage)
    np.testing.assert_array_equal(MultiModel().apply(usage).endpoints.instance_hours, [730, 730])


def test_two_models_of_4_gb_share_a_gpu_of_24_gb():
    assert MultiModel().apply(usage_of(GPU, GPU)).endpoints.instance_hours.sum() == pytest.approx(730)


def test_utilisation_tells_the_load_where_the_capacity_is_unknown():
    row = CPU | {"max_rps": None, "cpu_utilization_ratio": 0.3}  # 0.3 / 0.5 x 3 = 1.8: 2 instances
    assert MultiModel().apply(usage_of(row, row, row)).endpoints.instance_hours.sum() == pytest.approx(
        2 * 730
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (GPU | {"container": "vllm"}, "need the Triton container"),
        (GPU | {"instance_type": "ml.g5.12xlarge"}, "single-GPU types"),
        (GPU | {"instance_type": "ml.g6.xlarge"}, "single-GPU types"),
        (CPU | {"container": ""}, "container is unknown"),
        (CPU | {"model_gib": None}, "model size is unknown"),
        (CPU | {"model_gib": 14.5}, "fills the memory to share"),  # 16 x 0.9 = 14.4
        (CPU | {"max_rps": None}, "load is unknown"),
        (CPU | {"mode": "components"}, "share instances already"),
    ],
)
def test_what_cannot_share_says_why(row, words):
    assert words in why(usage_of(row, row))


def test_another_region_container_or_type_does_not_share():
    usage = usage_of(
        CPU,
        CPU | {"region": "us-west-2"},
        CPU | {"container": "sklearn"},
        CPU | {"instance_type": "ml.m5.large"},
    )
    assert not MultiModel().verdicts(usage).applies.any()
    assert "No other endpoint" in why(usage)


def test_only_survivors_are_counted():
    usage = usage_of(CPU, CPU, CPU | {"instance_count": 0})
    usage = replace(
        usage,
        endpoints=replace(usage.endpoints, mode_choice=np.array([-1, mode_levers().index("serverless"), -1])),
    )
    assert "No other endpoint" in why(usage, 0)
    assert "serverless" in why(usage, 1)


def test_a_draw_without_room_keeps_its_instances():
    # 6.5 and 6.5 fit at 0.9 x 16 = 14.4, not at 0.7 x 16 = 11.2
    lever = MultiModel(memory_ratio=np.array([[0.7], [0.9]]))  # type: ignore[arg-type]
    e = lever.apply(usage_of(*[CPU | {"model_gib": 6.5}] * 2)).endpoints
    np.testing.assert_allclose(e.instance_hours.sum(axis=1), [2 * 730, 730])
