"""Unit economics: every dollar of the bill is in a unit, idle or unallocated; hand-worked figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from simulator import Scenario, preset, simulate
from simulator.analysis.unit_costs import (
    CALLS,
    IDLE,
    UNALLOCATED,
    USED,
    business_units,
    by_owner,
    shares,
    successful_hours,
    tokens_of_endpoints,
    unit_costs,
)
from simulator.engine.simulate import Result
from tests.accounts import account_with, prices, traffic
from tests.engine.test_invariants import account, book, samples, scenarios


def adds_up(result: Result) -> None:
    rows = unit_costs(result)
    for side, bill in (("before", result.baseline.total_usd), ("after", result.outcome.total_usd)):
        status = rows[f"{side}_status"]
        in_units = (rows[f"{side}_unit_billed_usd"] * rows["volume"])[status == USED].sum()
        rest = rows.loc[status != USED, f"{side}_cost_usd"].sum()
        assert in_units + rest == pytest.approx(bill, abs=0.005)
        assert sum(shares(rows, side).values()) == pytest.approx(bill, abs=0.005)
        assert np.isfinite(rows.loc[status == USED, f"{side}_unit_billed_usd"]).all()
        assert rows.loc[status != USED, f"{side}_unit_billed_usd"].isna().all()
        assert by_owner(rows)[f"{side}_cost_usd"].sum() == pytest.approx(bill, abs=0.005)
        assert (rows[f"{side}_idle_usd"] >= -1e-9).all()
        assert (rows[f"{side}_used_usd"] + rows[f"{side}_idle_usd"]).sum() == pytest.approx(bill, abs=0.005)


@settings(max_examples=60, deadline=None)
@given(samples, scenarios())
def test_units_times_volumes_idle_and_unallocated_are_the_bill(name: str, scenario: Scenario) -> None:
    adds_up(simulate(account(name), scenario, book()))


@pytest.mark.parametrize("name", ["none", "no_regret", "balanced", "ambitious", "report_plan"])
def test_presets_on_both_samples_add_up(name: str) -> None:
    for sample in ("team", "report"):
        adds_up(simulate(account(sample), preset(name), book()))


def test_the_figures_of_the_planning_issue() -> None:
    """`team` under `balanced`: 2.36 → 1.00, 1.58 → 0.45, 17.80 → 7.48 dollars per 1,000 calls."""
    rows = unit_costs(simulate(account("team"), preset("balanced"), book())).set_index("resource_id")
    sides = ["before_unit_billed_usd", "after_unit_billed_usd"]
    for name, expected in {
        "support-chat-llm": (2.36, 1.00), "code-assist-llm": (1.58, 0.45), "ocr-extract": (17.80, 7.48),
    }.items():  # fmt: skip
        assert tuple(round(float(x), 2) for x in rows.loc[name, sides].to_numpy(float)) == expected


def test_idle_hours_stand_apart_from_the_used_unit_cost() -> None:
    """One ml.g5.2xlarge, 1.515 × 730 = 1,105.95; 10 calls in every second hour: half of it is idle.

    Calls per month: 5 × 730 = 3,650 = 3.65 thousand. Billed 1,105.95 / 3.65 = 303.00, used 151.50.
    """
    calls = traffic("a", [10.0, 0.0] * 360)
    result = simulate(
        account_with(endpoints=[{"endpoint_name": "a"}], endpoint_traffic=calls), Scenario(), prices()
    )
    row = unit_costs(result).set_index("resource_id").loc["a"]
    assert row["unit"] == CALLS
    assert row["volume"] == pytest.approx(3.65)
    assert row["before_unit_billed_usd"] == pytest.approx(303.0)
    assert row["before_unit_used_usd"] == pytest.approx(151.5)
    assert row["before_idle_usd"] == pytest.approx(552.975)


def test_no_calls_is_idle_and_unknown_calls_are_unallocated() -> None:
    ends = [{"endpoint_name": "silent"}, {"endpoint_name": "unseen"}]
    given_ = account_with(endpoints=ends, endpoint_traffic=traffic("silent", [0.0] * 720))
    rows = unit_costs(simulate(given_, Scenario(), prices())).set_index("resource_id")
    assert rows.loc["silent", "before_status"] == IDLE
    assert rows.loc["unseen", "before_status"] == UNALLOCATED
    assert np.isnan(rows["before_unit_billed_usd"].to_numpy(float)[rows.index.get_loc("silent")])
    assert shares(rows.reset_index(), "before") == pytest.approx(
        {"used_usd": 0.0, "idle_usd": 1105.95, "unallocated_usd": 1105.95}
    )


def test_a_successful_hour_bears_the_failed_ones() -> None:
    """Two jobs of 10 h, one failed: 20 h billed, 10 count, so twice 1.515 = 3.03 dollars per successful hour."""
    job = {"training_seconds": 36_000, "billable_seconds": 36_000, "owner": "a"}
    given_ = account_with(training_jobs=[job, job | {"status": "Failed"}])
    result = simulate(given_, Scenario(), prices())
    row = successful_hours(result).iloc[0]
    assert row["before_unit_used_usd"] == pytest.approx(1.515)
    assert row["before_unit_billed_usd"] == pytest.approx(3.03)
    runs = unit_costs(result).set_index("table").loc["training"]
    assert runs["volume"] == pytest.approx(2 * 730 / 720)
    assert runs["before_unit_billed_usd"] == pytest.approx(15.15)


def test_tokens_of_an_endpoint_are_its_calls_times_tokens_per_call() -> None:
    """1,105.95 dollars over 7.3 million calls × 1,000 tokens = 7,300 million tokens: 0.1515 per million."""
    end = {"endpoint_name": "a", "tokens_in_per_call": 900, "tokens_out_per_call": 100}
    given_ = account_with(endpoints=[end], endpoint_traffic=traffic("a", [10_000.0] * 720))
    row = tokens_of_endpoints(simulate(given_, Scenario(), prices())).iloc[0]
    assert row["before_unit_billed_usd"] == pytest.approx(0.1515)


def test_business_numbers_split_the_bill_by_owner_and_leave_the_rest_unallocated() -> None:
    ends = [{"endpoint_name": "a", "owner": "x"}, {"endpoint_name": "b"}]
    result = simulate(account_with(endpoints=ends), Scenario(), prices())
    rows = business_units(result, pd.DataFrame({"owner": ["x"], "customers": [100]}))
    assert rows["before_cost_usd"].tolist() == pytest.approx([1105.95, 1105.95])
    assert rows["before_unit_usd"].iloc[0] == pytest.approx(11.0595)
    assert rows["owner"].tolist() == ["x", UNALLOCATED]
    whole = business_units(result, pd.DataFrame({"orders": [0]}))
    assert whole["before_unit_usd"].isna().all()


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"owner": ["x"]}, "column of numbers"),
        ({"orders": [1, 2]}, "column `owner`"),
        ({"owner": ["x", "x"], "orders": [1, 2]}, "two rows"),
        ({"orders": ["many"]}, "numbers from 0"),
        ({"orders": [-1]}, "numbers from 0"),
        ({"owner": ["nobody"], "orders": [1]}, "nobody"),
    ],
)
def test_business_numbers_that_cannot_be_used_are_refused(frame: dict[str, list[object]], said: str) -> None:
    result = simulate(account_with(endpoints=[{"owner": "x"}]), Scenario(), prices())
    with pytest.raises(ValueError, match=said):
        business_units(result, pd.DataFrame(frame))
