"""Collecting fills billed_rates from Cost Explorer by usage type, as an import of the same bill does."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from simulator import Account
from simulator.analysis.reconcile import reconcile
from simulator.sources.collect import collect
from tests.accounts import prices
from tests.sources.collect.accounts import cost, options
from tests.sources.collect.standin import Standin

SAGEMAKER, NEW = "Amazon SageMaker", "ml.z9.4xlarge"
HOST = "USW2-Host:ml.g5.2xlarge"


def rates(aws: Standin, *costs: Any) -> pd.DataFrame:
    aws.seed({"costs": list(costs)})
    return collect(options()).tables["billed_rates"]


def test_dollars_over_quantity_are_a_rate_and_discount_lines_make_it_contracted(aws: Standin) -> None:
    """100 h for $151.50 are $1.515; $15.15 off a bill of $151.50 is a tenth: $1.3635."""
    off = cost(SAGEMAKER, -15.15, RECORD_TYPE="Enterprise Discount Program Discount")
    (row,) = rates(aws, cost(SAGEMAKER, 151.5, HOST, quantity=100.0, unit="Hrs"), off).to_dict("records")
    assert (row["component"], row["item"], row["region"]) == ("hosting", "ml.g5.2xlarge", "us-west-2")
    assert row["list_unit_price_usd"] == pytest.approx(1.515)
    assert row["contracted_unit_price_usd"] == pytest.approx(1.3635)
    assert (row["unit"], row["quantity"], row["account_id"]) == ("instance_hour", 100.0, "123456789012")


def test_usage_that_a_savings_plan_covers_is_rated_at_its_on_demand_price(aws: Standin) -> None:
    """40 of 100 hours are covered: negated lines take $60.60 off again, yet the price is $1.515, not $0.909."""
    fee = cost("Machine Learning Savings Plans", 45.0, "ComputeSP", RECORD_TYPE="SavingsPlanRecurringFee")
    (row,) = rates(
        aws,
        cost(SAGEMAKER, 90.9, HOST, quantity=60.0, unit="Hrs"),
        cost(SAGEMAKER, 60.6, HOST, quantity=40.0, unit="Hrs", RECORD_TYPE="SavingsPlanCoveredUsage"),
        cost(SAGEMAKER, -60.6, HOST, RECORD_TYPE="SavingsPlanNegation"),
        fee,
    ).to_dict("records")
    assert row["list_unit_price_usd"] == pytest.approx(1.515)
    assert row["quantity"] == 100.0


def test_tokens_storage_and_requests_are_rated_in_the_units_of_the_book(aws: Standin) -> None:
    found = rates(
        aws,
        cost("Claude Sonnet 4.5 (Amazon Bedrock Edition)", 13.2, "USW2-MP:USW2_InputTokenCount-Units", quantity=4.0,
             unit="Units"),
        cost("Amazon Simple Storage Service", 2.3, "USW2-TimedStorage-ByteHrs", quantity=100.0, unit="GB-Mo"),
        cost("Amazon Simple Storage Service", 0.05, "USW2-Requests-Tier1", quantity=10_000.0, unit="Requests"),
    )  # fmt: skip
    got = {r["component"]: (r["unit"], r["list_unit_price_usd"]) for r in found.to_dict("records")}
    assert got["bedrock_input"] == ("token", pytest.approx(3.3e-6))
    assert got["storage"] == ("gb_month", pytest.approx(0.023))
    assert got["storage_put"] == ("request", pytest.approx(5e-6))


@pytest.mark.parametrize(
    "line",
    [
        cost(SAGEMAKER, 0.0, HOST, quantity=100.0, unit="Hrs"),
        cost(SAGEMAKER, 5.0, HOST, quantity=0.0, unit="Hrs"),
        cost(SAGEMAKER, 5.0, "USW2-Something-Nobody-Knows", quantity=3.0, unit="Hrs"),
        cost(SAGEMAKER, 5.0, "EUC1-Host:ml.g5.2xlarge", quantity=3.0, unit="Hrs"),
    ],
)
def test_free_unmetered_unknown_and_unread_usage_states_no_rate(aws: Standin, line: Any) -> None:
    assert rates(aws, line).empty


def test_the_rates_of_the_account_price_a_type_that_no_list_has(aws: Standin) -> None:
    """30 h at $4.10 on a type nobody knows: the baseline has a price for it."""
    aws.seed({"costs": [cost(SAGEMAKER, 123.0, f"USW2-Host:{NEW}", quantity=30.0, unit="Hrs")]})
    account = Account.open(collect(options()))
    assert account.book(prices()).price("hosting", NEW, "us-west-2").usd == pytest.approx(4.1)
    assert reconcile(account, prices())[0].billed_usd == pytest.approx(123.0)
