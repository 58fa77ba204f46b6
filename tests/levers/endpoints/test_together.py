"""Endpoint levers one after another, as a plan applies them."""

import dataclasses

import numpy as np
import pytest

from simulator import Account, load_sample
from simulator.levers import all_levers, mode_levers

ENDPOINT_LEVERS = [kind for kind in all_levers().values() if kind.family == "endpoints"]
# These two read the hourly profile, which is one for all draws.
BY_PROFILE = ("schedule_endpoints",)


@pytest.fixture(scope="module")
def usage():
    return Account.open(load_sample("team")).usage


def meters(usage):
    return {m.name: q for m, q in usage.endpoints.meters()}


def test_draws_through_the_whole_plan_equal_single_runs(usage):
    many, singles = usage, [usage] * 3
    for kind in ENDPOINT_LEVERS:
        if kind.id in BY_PROFILE:
            continue
        drawn = {n: p for n, p in kind.params().items() if p.is_drawn and not p.integer}
        column = {n: np.array([[p.low], [p.default], [p.high]], float) for n, p in drawn.items()}
        many = dataclasses.replace(kind(), **column).apply(many)
        for k in range(3):
            setting = dataclasses.replace(kind(), **{n: float(v[k, 0]) for n, v in column.items()})
            singles[k] = setting.apply(singles[k])
    for k in range(3):
        for name, quantity in meters(singles[k]).items():
            got = np.broadcast_to(meters(many)[name], (3, len(usage.endpoints)))[k]
            np.testing.assert_allclose(got, quantity, rtol=1e-9, atol=1e-9, err_msg=f"{name} of draw {k}")


def test_codes_and_flags_are_the_same_in_all_draws(usage):
    for kind in ENDPOINT_LEVERS:
        column = {n: np.array([[p.low], [p.high]], float) for n, p in kind.params().items() if p.is_drawn}
        usage = dataclasses.replace(kind(), **column).apply(usage)
    e = usage.endpoints
    for codes in (e.instance_type, e.resized_type, e.bedrock_model, e.pooled, e.mode_choice):
        assert codes.shape == (len(e),)


def test_the_plan_runs_fewer_instance_hours_step_by_step(usage):
    for kind in ENDPOINT_LEVERS:
        after = kind().apply(usage)
        hours = [m["instance_hours"] + m["resized_hours"] for m in (meters(usage), meters(after))]
        assert (hours[1] <= hours[0] + 1e-9).all() or kind.id in (
            "rightsize_endpoints",
            "inference_components",
        )
        usage = after


def test_serving_modes_exclude_each_other_and_no_other_lever():
    for kind in ENDPOINT_LEVERS:
        assert kind.mode == (kind.id in mode_levers())
        assert set(kind.excludes) == (set(mode_levers()) - {kind.id} if kind.mode else set())
    assert {kind.id for kind in ENDPOINT_LEVERS} >= set(mode_levers())
