"""E7: a GPU is never shared."""

import numpy as np
import pytest

from simulator.levers.endpoints.inference_components import InferenceComponents
from simulator.pricing.charges import price_usage
from tests.accounts import account_with, prices

SINGLE = {"instance_type": "ml.g5.2xlarge", "model_gib": 14.0, "needs_gpu": True}
WIDE = SINGLE | {"instance_type": "ml.g5.12xlarge", "accelerators_per_copy": 1, "copies": 1}


def usage_of(*rows):
    return account_with(endpoints=[{"endpoint_name": f"e{i}"} | row for i, row in enumerate(rows)]).usage


def after(usage):
    return InferenceComponents().apply(usage).endpoints


def why(usage, row=0):
    return InferenceComponents().verdicts(usage).sentence(row)


def test_four_single_gpu_endpoints_cost_more_on_one_instance_of_four():
    usage = usage_of(*[SINGLE] * 4)
    e = after(usage)
    assert {usage.catalog.instance_types[t] for t in e.resized_type} == {"ml.g5.12xlarge"}
    assert e.resized_hours.sum() == pytest.approx(730)
    book = prices()
    before = price_usage(usage, book).total_usd(component="hosting")
    then = price_usage(InferenceComponents().apply(usage), book).total_usd(component="hosting")
    assert before == pytest.approx(4 * 1.515 * 730)  # 6.06 USD/h
    assert then == pytest.approx(7.09 * 730)


def test_half_empty_instances_of_four_gpus_are_shared():
    e = after(usage_of(*[WIDE] * 4))  # 4 copies of 1 GPU: one g5.12xlarge instead of four
    np.testing.assert_allclose(e.resized_hours, np.full(4, 730 / 4))
    assert e.pooled.all()


def test_copies_of_three_gpus_leave_the_fourth_idle():
    # one copy an instance, since no GPU and no copy is split: 2 instances for 2 copies
    e = after(usage_of(*[WIDE | {"accelerators_per_copy": 3, "model_gib": 40}] * 2))
    assert e.resized_hours.sum() == pytest.approx(2 * 730)


def test_one_endpoint_with_more_instances_than_its_copies_need():
    e = after(usage_of(WIDE | {"instance_count": 3, "copies": 4}))
    assert e.resized_hours.sum() == pytest.approx(730)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (SINGLE, "Single-GPU types host one GPU component"),
        (SINGLE | {"instance_type": "ml.m5.xlarge"}, "no GPU"),
        (WIDE | {"copies": 4}, "no GPU is left"),
        (WIDE | {"accelerators_per_copy": None}, "GPUs per copy are unknown"),
        (WIDE | {"model_gib": 22.0}, "more of its GPUs' memory"),  # 24 x 0.9 = 21.6
        (WIDE | {"accelerators_per_copy": 5}, "more GPUs than it has"),
        (WIDE | {"model_gib": None}, "model size is unknown"),
    ],
)
def test_what_cannot_be_packed_says_why(row, words):
    usage = usage_of(row)
    assert words in why(usage)
    assert after(usage).resized_hours[0] == 0


def test_a_member_that_does_not_fit_does_not_drag_another_along():
    usage = usage_of(SINGLE, SINGLE | {"model_gib": 30.0})
    assert not InferenceComponents().verdicts(usage).applies.any()


def test_endpoints_of_another_family_or_region_do_not_join():
    usage = usage_of(SINGLE, SINGLE | {"instance_type": "ml.g4dn.xlarge"}, SINGLE | {"region": "us-west-2"})
    assert not InferenceComponents().verdicts(usage).applies.any()
