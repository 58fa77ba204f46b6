"""E13: what runs and answers nobody."""

from simulator.levers.endpoints.endpoint_hygiene import EndpointHygiene
from tests.accounts import account_with, traffic


def usage_of(silent_hours=720, **columns):
    rows = [
        {"endpoint_name": "a", "variant_name": "live"},
        {"endpoint_name": "a", "variant_name": "old"} | columns,
    ]
    old = [1.0] * (720 - silent_hours) + [0.0] * silent_hours
    calls = traffic("a", [5.0] * 720, variant="live") + traffic("a", old, variant="old")
    return account_with(endpoints=rows, endpoint_traffic=calls).usage


def test_a_shadow_variant_goes_whatever_its_traffic():
    e = EndpointHygiene().apply(usage_of(silent_hours=0, shadow=True)).endpoints
    assert list(e.instance_hours) == [730, 0]


def test_a_variant_silent_for_two_weeks_beside_a_busy_one_is_left_over():
    assert list(EndpointHygiene().apply(usage_of(336)).endpoints.instance_hours) == [730, 0]
    assert list(EndpointHygiene().apply(usage_of(335)).endpoints.instance_hours) == [730, 730]


def test_a_veto_is_obeyed():
    assert list(EndpointHygiene().apply(usage_of(keep=True)).endpoints.instance_hours) == [730, 730]


def test_an_only_variant_is_no_leftover():
    usage = account_with(endpoints=[{"endpoint_name": "a"}], endpoint_traffic=traffic("a", [0.0] * 720)).usage
    assert "only variant" in EndpointHygiene().verdicts(usage).sentence(0)


def test_failed_endpoints_save_nothing():
    usage = account_with(endpoints=[{"endpoint_name": "a", "status": "Failed", "instance_count": 0}]).usage
    assert "saves nothing" in EndpointHygiene().verdicts(usage).sentence(0)
