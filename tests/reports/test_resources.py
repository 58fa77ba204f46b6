"""Ask why: charges of a resource are quantity × price with the price's source, and name the levers that acted."""

import math

import pytest

from simulator.engine.scenario import Scenario
from simulator.engine.simulate import simulate
from simulator.levers.endpoints.stop_idle_endpoints import StopIdleEndpoints
from simulator.reports.resources import resource_table, trace
from tests.accounts import account_with, prices, traffic

ENDPOINTS = [{"endpoint_name": "idle"}, {"endpoint_name": "busy"}]
TRAFFIC = [*traffic("idle", [0.0] * 720), *traffic("busy", [5.0] * 720)]


def result(*levers, **more):
    account = account_with(endpoints=ENDPOINTS, endpoint_traffic=TRAFFIC, **more)
    return simulate(account, Scenario(levers), prices())


def test_resources_add_up_to_the_baseline_and_idle_ones_are_marked() -> None:
    state = result().baseline
    table = resource_table(state)
    assert table["cost_usd"].sum() == pytest.approx(state.total_usd)
    assert dict(zip(table["resource_id"].str.split("/").str[0], table["note"], strict=True))["idle"] == "idle"


def test_charge_is_quantity_times_price_with_source_and_date() -> None:
    line = trace(result(), "endpoints", 0).before.iloc[0]
    # 730 h at $1.515, the price of ml.g5.2xlarge hosting in us-east-1
    assert line["consumed_quantity"] == pytest.approx(730)
    assert line["unit_price"] == pytest.approx(1.515)
    assert line["cost_usd"] == pytest.approx(1105.95)
    assert line["source"]
    assert line["price_from"]


def test_trace_names_the_lever_that_acted_and_why_another_resource_was_left_alone() -> None:
    stopped = result(StopIdleEndpoints())
    rows = {str(n).split("/")[0]: i for i, n in enumerate(stopped.baseline.usage.endpoints.resource_id)}
    acted = trace(stopped, "endpoints", rows["idle"])
    assert [x.id for x in acted.touched] == ["stop_idle_endpoints"]
    assert acted.after.empty
    alone = trace(stopped, "endpoints", rows["busy"])
    assert alone.touched == ()
    assert alone.said[0][1] == "Was called in the last 24 hours."


def test_unknown_cost_is_unknown_in_the_table_and_not_zero() -> None:
    unknown = [{"job_name": "odd", "status": "Stopped"}]
    table = resource_table(result(training_jobs=unknown).baseline)
    odd = table[table["resource_id"] == "odd"].iloc[0]
    assert math.isnan(odd["cost_usd"])
    assert odd["note"] == "cost unknown"
