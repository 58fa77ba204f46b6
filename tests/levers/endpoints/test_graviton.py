"""E12: same work for less, as far as a benchmark confirms it."""

import pytest

from simulator.levers.endpoints.graviton import Graviton
from tests.accounts import account_with


def usage_of(**columns):
    return account_with(endpoints=[{"endpoint_name": "a", "instance_type": "ml.m5.xlarge"} | columns]).usage


def why(usage, **setting):
    return Graviton(**setting).verdicts(usage).sentence(0)


def test_graviton_needs_fewer_hours_of_the_present_type():
    assert Graviton(gain_ratio=0.2).apply(usage_of()).endpoints.instance_hours[0] == pytest.approx(584)


def test_inferentia_takes_gpu_models_at_its_throughput():
    usage = usage_of(instance_type="ml.g5.2xlarge", model_name="bert")
    e = Graviton(target="inferentia", throughput_ratio=0.5).apply(usage).endpoints
    assert usage.catalog.instance_types[e.resized_type[0]] == "ml.inf2.xlarge"
    assert (e.instance_hours[0], e.resized_hours[0]) == (0, 1460)


@pytest.mark.parametrize(
    ("target", "columns", "words"),
    [
        ("graviton", {"instance_type": "ml.g5.2xlarge"}, "Graviton has none"),
        ("graviton", {"instance_type": "ml.c7g.xlarge"}, "on Graviton already"),
        ("graviton", {"instance_type": "ml.inf2.xlarge"}, "an accelerator already"),
        ("inferentia", {}, "no GPU"),
        ("inferentia", {"instance_type": "ml.g5.2xlarge"}, "model is unknown"),
    ],
)
def test_what_cannot_move_says_why(target, columns, words):
    assert words in why(usage_of(**columns), target=target)


def test_without_a_benchmark_nothing_is_proven():
    usage = usage_of()
    assert not Graviton().evidence(usage)[0].holds.any()
