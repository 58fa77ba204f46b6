"""E1: the idle rule, clause by clause."""

from datetime import timedelta

import pytest

from simulator import load_sample
from simulator.engine.account import Account
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from tests.accounts import START, account_with, traffic

END = START + timedelta(days=30)


def verdict(calls, **columns):
    rows = traffic("a", calls, start=END - timedelta(hours=len(calls)))
    usage = account_with(endpoints=[{"endpoint_name": "a"} | columns], endpoint_traffic=rows).usage
    return StopIdleEndpoints().verdicts(usage).sentence(0), StopIdleEndpoints().apply(usage).endpoints


def test_a_day_of_observed_silence_and_no_call_before_is_idle():
    sentence, after = verdict([0.0] * 24)
    assert "without a single call" in sentence
    assert after.instance_hours[0] == 0


@pytest.mark.parametrize(
    ("calls", "columns", "words"),
    [
        ([0.0] * 23, {}, "not observed for 24 hours"),
        ([0.0] * 23 + [1.0], {}, "called in the last 24 hours"),
        ([1.0] + [0.0] * 13 * 24, {}, "weekly pattern"),
        ([0.0] * 24, {"keep": True}, "says keep"),
        ([0.0] * 24, {"status": "Failed", "instance_count": 0}, "deleting saves nothing"),
        ([0.0] * 24, {"status": "Updating"}, "not in service"),
        ([0.0] * 24, {"last_modified_at": END - timedelta(hours=23)}, "changed in the last 24 hours"),
    ],
)
def test_a_clause_that_fails_is_named(calls, columns, words):
    sentence, after = verdict(calls, **columns)
    assert words in sentence
    assert after.instance_hours[0] == (0 if columns.get("status") == "Failed" else 730)


def test_silence_longer_than_the_quiet_period_is_idle_although_it_was_called_before():
    sentence, _ = verdict([1.0] + [0.0] * 14 * 24)
    assert "without a single call" in sentence


def test_a_busy_variant_keeps_its_silent_sibling():
    rows = [{"endpoint_name": "a", "variant_name": v} for v in ("x", "y")]
    calls = traffic("a", [0.0] * 720, variant="x") + traffic("a", [1.0] * 720, variant="y")
    usage = account_with(endpoints=rows, endpoint_traffic=calls).usage
    assert not StopIdleEndpoints().verdicts(usage).applies.any()


def test_the_seed_report_has_two_idle_endpoints_and_two_unknown_ones():
    usage = Account.open(load_sample("report")).usage
    verdicts = StopIdleEndpoints().verdicts(usage)
    assert verdicts.counts() == {"applies": 2, "not_applicable": 17, "unknown": 2}
    assert set(usage.endpoints.resource_id[verdicts.applies]) == {"llama3-endpoint-1", "qwen-vl-endpoint-4"}
